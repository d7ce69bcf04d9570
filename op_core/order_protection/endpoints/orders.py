"""Orders and fulfillments. Pages: ORD-C, ORD-U, ORD-G, ORD-L, FUL-C, FUL-U, FUL-G."""

from __future__ import annotations

from op_core.order_protection.answers import ReadFulfillment, ReadOrder
from op_core.order_protection.dialects.sending import spelled
from op_core.order_protection.dialects.switches import DOCUMENTED, Dialect
from op_core.order_protection.endpoints.paths import filled
from op_core.order_protection.endpoints.reading import Page, listed, one, paged, read_ok
from op_core.order_protection.messages import Call, Request
from op_core.order_protection.schema import CreateFulfillment, CreateOrder, UpdateFulfillment, UpdateOrder

__all__ = [
    "create_fulfillment",
    "create_order",
    "get_order",
    "list_fulfillments",
    "list_orders",
    "update_fulfillment",
    "update_order",
]

_ORDERS = "/v1/orders"
_ORDER = "/v1/orders/{sourceOrderId}"
_PARCELS = "/v1/orders/{sourceOrderId}/fulfillments"
_PARCEL = "/v1/orders/{sourceOrderId}/fulfillments/{sourceFulfillmentId}"


def _of(route: str, order_id: str) -> str:
    return filled(route, sourceOrderId=(order_id, "order id"))


def create_order(body: CreateOrder, dialect: Dialect = DOCUMENTED) -> Call[None]:
    """Make an order known (page ORD-C). A second one of the same id is not documented: never repeated blindly."""
    said = spelled("ORD-C", body.to_wire(), dialect)
    return Call(Request(method="POST", path=_ORDERS, body=said, page="ORD-C", route=_ORDERS), read_ok)


def update_order(order_id: str, body: UpdateOrder, dialect: Dialect = DOCUMENTED) -> Call[None]:
    """Change an order (page ORD-U); what the body leaves out is left as it is."""
    said = spelled("ORD-U", body.to_wire(), dialect)
    path = _of(_ORDER, order_id)
    return Call(Request(method="PUT", path=path, body=said, repeatable=True, page="ORD-U", route=_ORDER), read_ok)


def get_order(order_id: str) -> Call[ReadOrder]:
    """Ask for one order by the shop's id (page ORD-G)."""
    request = Request(method="GET", path=_of(_ORDER, order_id), repeatable=True, page="ORD-G", route=_ORDER)
    return Call(request, one(ReadOrder, "a sourceOrderId", lambda order: order.source_order_id))


def list_orders(size: int, cursor: str | None = None, buttons: int | None = None) -> Call[Page[ReadOrder]]:
    """
    Ask for a page of orders (page ORD-L).

    Args:
        size: Most orders in it; no page says how many are allowed.
        cursor: Where the page before says that this one starts.
        buttons: How many pages the block ``pageCursors`` names (``buttonNum``); of use to a pager for people only.
    """
    asked = (("size", size), ("cursor", cursor), ("buttonNum", buttons))
    query = tuple((name, str(value)) for name, value in asked if value is not None)
    return Call(
        Request(method="GET", path=_ORDERS, query=query, repeatable=True, page="ORD-L", route=_ORDERS), paged(ReadOrder)
    )


def create_fulfillment(order_id: str, body: CreateFulfillment, dialect: Dialect = DOCUMENTED) -> Call[None]:
    """Make a parcel known (page FUL-C)."""
    said = spelled("FUL-C", body.to_wire(), dialect)
    return Call(Request(method="POST", path=_of(_PARCELS, order_id), body=said, page="FUL-C", route=_PARCELS), read_ok)


def update_fulfillment(
    order_id: str, fulfillment_id: str, body: UpdateFulfillment, dialect: Dialect = DOCUMENTED
) -> Call[None]:
    """Change a parcel's status (page FUL-U)."""
    ids = {"sourceOrderId": (order_id, "order id"), "sourceFulfillmentId": (fulfillment_id, "fulfillment id")}
    said = spelled("FUL-U", body.to_wire(), dialect)
    path = filled(_PARCEL, **ids)
    return Call(Request(method="PUT", path=path, body=said, repeatable=True, page="FUL-U", route=_PARCEL), read_ok)


def list_fulfillments(order_id: str) -> Call[tuple[ReadFulfillment, ...]]:
    """Ask for the parcels of an order (page FUL-G)."""
    request = Request(method="GET", path=_of(_PARCELS, order_id), repeatable=True, page="FUL-G", route=_PARCELS)
    return Call(request, listed(ReadFulfillment))
