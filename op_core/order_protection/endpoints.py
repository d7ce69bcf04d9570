"""
Every call of the API as a pair of pure functions: one makes the request, one reads the answer.

Paths as on the pages ORD-C, ORD-U, ORD-G, ORD-L, FUL-C, FUL-U, FUL-G and CLM-O. Products, quotes, OAuth and the
filing of claims belong here and are not built yet.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import attrs

from op_core.errors import NotSendable, SettingsError, Unreadable, UnreadableAnswer
from op_core.order_protection.answers import ReadClaim, ReadFulfillment, ReadOrder
from op_core.order_protection.jsonmoney import loads
from op_core.order_protection.messages import Request, Response
from op_core.order_protection.schema import (
    CreateFulfillment,
    CreateOrder,
    UpdateFulfillment,
    UpdateOrder,
    WireModel,
)

__all__ = [
    "PLACEHOLDERS",
    "OrdersPage",
    "Route",
    "claims_of_order",
    "create_fulfillment",
    "create_order",
    "get_order",
    "list_fulfillments",
    "list_orders",
    "parse_claims",
    "parse_fulfillments",
    "parse_ok",
    "parse_order",
    "parse_orders",
    "report",
    "update_fulfillment",
    "update_order",
]


def _id(value: str, what: str) -> str:
    # "." and ".." mean a place in a path, percent-encoded or not: such an id cannot be said.
    if value in ("", ".", ".."):
        raise NotSendable(f"{what} {value!r} cannot stand in a path; expected an id of other characters")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise NotSendable(f"{what} holds a lone surrogate, which no path can hold") from None


# --- Requests ----------------------------------------------------------------------------------------------------


def create_order(body: CreateOrder) -> Request:
    """Make an order known (page ORD-C). A second one of the same id is not documented: never repeated blindly."""
    return Request(method="POST", path="/v1/orders", body=body.to_wire())


def update_order(order_id: str, body: UpdateOrder) -> Request:
    """Change an order (page ORD-U); what the body leaves out is left as it is."""
    return Request(method="PUT", path=_order(order_id), body=body.to_wire(), repeatable=True)


def get_order(order_id: str) -> Request:
    """Ask for one order by the shop's id (page ORD-G)."""
    return Request(method="GET", path=_order(order_id), repeatable=True)


def list_orders(size: int, cursor: str | None = None) -> Request:
    """Ask for a page of *size* orders, from the cursor of the page before (page ORD-L)."""
    query = (("size", str(size)), *((("cursor", cursor),) if cursor is not None else ()))
    return Request(method="GET", path="/v1/orders", query=query, repeatable=True)


def create_fulfillment(order_id: str, body: CreateFulfillment) -> Request:
    """Make a parcel known (page FUL-C)."""
    return Request(method="POST", path=f"{_order(order_id)}/fulfillments", body=body.to_wire())


def update_fulfillment(order_id: str, fulfillment_id: str, body: UpdateFulfillment) -> Request:
    """Change a parcel's status (page FUL-U)."""
    path = f"{_order(order_id)}/fulfillments/{_id(fulfillment_id, 'fulfillment id')}"
    return Request(method="PUT", path=path, body=body.to_wire(), repeatable=True)


def list_fulfillments(order_id: str) -> Request:
    """Ask for the parcels of an order (page FUL-G)."""
    return Request(method="GET", path=f"{_order(order_id)}/fulfillments", repeatable=True)


def claims_of_order(order_id: str) -> Request:
    """Ask for the claims of an order (page CLM-O)."""
    return Request(method="GET", path=f"{_order(order_id)}/claims", repeatable=True)


def _order(order_id: str) -> str:
    return f"/v1/orders/{_id(order_id, 'order id')}"


# --- Answers -----------------------------------------------------------------------------------------------------


@attrs.frozen
class OrdersPage:
    """
    One page of the list of orders.

    Attributes:
        cursor: Where the next page starts; None after the last one.
    """

    orders: tuple[ReadOrder, ...]
    cursor: str | None


def _json(response: Response) -> Any:
    try:
        return loads(response.body)
    except Unreadable as error:
        raise UnreadableAnswer(f"the API answered {response.status}, {error}", response.body) from None


def _unknown(response: Response, expected: str) -> UnreadableAnswer:
    return UnreadableAnswer(
        f"the API answered {response.status} in an unknown form; expected {expected}", response.body
    )


def parse_ok(response: Response) -> None:
    """Check the answer to a write, ``{"status": "ok"}`` on every page. `UnreadableAnswer` for any other."""
    answer = _json(response)
    if not (isinstance(answer, dict) and answer.get("status") == "ok"):
        raise _unknown(response, 'an object with "status": "ok"')


def parse_order(response: Response) -> ReadOrder:
    """Read one order (page ORD-G)."""
    answer = _json(response)
    order = ReadOrder.model_validate(answer) if isinstance(answer, dict) else None
    if order is None or order.source_order_id is None:
        raise _unknown(response, "an order with a sourceOrderId")
    return order


def parse_orders(response: Response) -> OrdersPage:
    """Read a page of orders (page ORD-L)."""
    answer = _json(response)
    match answer:
        case {"edges": [*edges], "pageInfo": {"hasNextPage": False}}:
            cursor = None
        case {"edges": [*edges], "pageInfo": {"hasNextPage": True, "endCursor": str(cursor)}} if cursor:
            pass
        case _:
            raise _unknown(
                response, "an object with edges, pageInfo.hasNextPage, and endCursor if there is a next page"
            )
    nodes = [edge.get("node") if isinstance(edge, dict) else None for edge in edges]
    return OrdersPage(_all(ReadOrder, nodes, response), cursor)


def parse_fulfillments(response: Response) -> tuple[ReadFulfillment, ...]:
    """Read the parcels of an order (page FUL-G)."""
    return _all(ReadFulfillment, _json(response), response)


def parse_claims(response: Response) -> tuple[ReadClaim, ...]:
    """Read the claims of an order (page CLM-O)."""
    return _all(ReadClaim, _json(response), response)


_M = TypeVar("_M", bound=WireModel)


def _all(model: type[_M], answer: Any, response: Response) -> tuple[_M, ...]:
    if not (isinstance(answer, list) and all(isinstance(part, dict) for part in answer)):
        raise _unknown(response, "a list of objects")
    return tuple(model.model_validate(part) for part in answer)


# --- Reports, which the pages do not document (G-1) ----------------------------------------------------------------

PLACEHOLDERS = (
    "claim_id",
    "order_id",
    "op_order_id",
    "shop_id",
    "verb",
    "amount",
    "currency",
    "reference",
    "outcome",
    "money",
)
_HOLE = re.compile(r"\{([^{}]*)\}")


class Route(Protocol):
    """A configured report route: ``POST``, ``/v1/…/{claim_id}``, and a body with placeholders in its texts."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def path(self) -> str:
        """The path after the host; what fills its placeholders is percent-encoded."""

    @property
    def body(self) -> Any:
        """What becomes JSON, or None."""


def report(route: Route, facts: Mapping[str, Any]) -> Request:
    """
    Fill a configured route with the facts of an outcome.

    A text that is one placeholder and no more becomes the fact itself: a number for ``{amount}``, null where there
    is none. It is never repeated blindly, for nobody knows what the route does.

    Args:
        route: Anything with a method, a path and a body.
        facts: Values by the names in `PLACEHOLDERS`; amounts are Decimals in major units.

    Raises:
        SettingsError: For a placeholder that nobody knows.
        NotSendable: Where a path or a longer text needs a fact that this outcome has not.
    """
    path = _HOLE.sub(lambda hole: _id(_said(facts, hole[1]), hole[1]), route.path)
    return Request(method=route.method.upper(), path=path, body=_filled(route.body, facts))


def _filled(template: Any, facts: Mapping[str, Any]) -> Any:
    match template:
        case str():
            whole = _HOLE.fullmatch(template)
            if whole:
                return _fact(facts, whole[1])
            return _HOLE.sub(lambda hole: _said(facts, hole[1]), template)
        case Mapping():
            return {key: _filled(value, facts) for key, value in template.items()}
        case list() | tuple():
            return [_filled(value, facts) for value in template]
        case _:
            return template


def _fact(facts: Mapping[str, Any], name: str) -> Any:
    if name not in PLACEHOLDERS:
        near = difflib.get_close_matches(name, PLACEHOLDERS, n=1)
        nearest = f"; the nearest is {{{near[0]}}}" if near else f"; there are {', '.join(PLACEHOLDERS)}"
        raise SettingsError(f"report: {{{name}}} is no placeholder{nearest}")
    return facts.get(name)


def _said(facts: Mapping[str, Any], name: str) -> str:
    value = _fact(facts, name)
    if value is None:
        raise NotSendable(f"report: the route needs {{{name}}}, and this outcome has none")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
