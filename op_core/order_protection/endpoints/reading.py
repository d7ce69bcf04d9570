"""How the answer to a success is read: in the documented form, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from op_core.errors import Unreadable, UnreadableAnswer
from op_core.order_protection.jsonmoney import loads
from op_core.order_protection.messages import Response
from op_core.order_protection.schema.fields import WireModel

__all__ = ["Page", "json_of", "listed", "one", "paged", "read_ok", "unknown"]

M = TypeVar("M", bound=WireModel)


@attrs.frozen
class Page(Generic[M]):
    """
    One page of a cursor list.

    Attributes:
        cursor: Where the next page starts; None after the last one.
        total: How many there are in all; None where the page does not say (CLM-L).
    """

    nodes: tuple[M, ...]
    cursor: str | None
    total: int | None = None


def json_of(response: Response) -> Any:
    """Return the JSON that was answered; `UnreadableAnswer` where it is none."""
    try:
        return loads(response.body)
    except Unreadable as error:
        raise UnreadableAnswer(f"the API answered {response.status}, {error}", response.body) from None


def unknown(response: Response, expected: str) -> UnreadableAnswer:
    """Return the error of an answer in an unknown form."""
    return UnreadableAnswer(
        f"the API answered {response.status} in an unknown form; expected {expected}", response.body
    )


def read_ok(response: Response) -> None:
    """Check the answer to a write, ``{"status": "ok"}`` on every page. `UnreadableAnswer` for any other."""
    answer = json_of(response)
    if not (isinstance(answer, dict) and answer.get("status") == "ok"):
        raise unknown(response, 'an object with "status": "ok"')


def one(model: type[M], needs: str, field: Callable[[M], object]) -> Callable[[Response], M]:
    """Return what reads one object that has at least the field *needs*."""

    def read(response: Response) -> M:
        answer = json_of(response)
        found = model.model_validate(answer) if isinstance(answer, dict) else None
        if found is None or field(found) is None:
            raise unknown(response, f"an object with {needs}")
        return found

    return read


def listed(model: type[M]) -> Callable[[Response], tuple[M, ...]]:
    """Return what reads a list of objects."""
    return lambda response: _all(model, json_of(response), response)


def paged(model: type[M]) -> Callable[[Response], Page[M]]:
    """Return what reads a page of a cursor list: edges, nodes and pageInfo (pages ORD-L, CLM-L)."""

    def read(response: Response) -> Page[M]:
        answer = json_of(response)
        match answer:
            case {"edges": [*edges], "pageInfo": {"hasNextPage": False}}:
                cursor = None
            case {"edges": [*edges], "pageInfo": {"hasNextPage": True, "endCursor": str(cursor)}} if cursor:
                pass
            case _:
                raise unknown(
                    response, "an object with edges, pageInfo.hasNextPage, and endCursor if there is a next page"
                )
        nodes = [edge.get("node") if isinstance(edge, Mapping) else None for edge in edges]
        total = answer.get("totalCount")
        whole = total if isinstance(total, int) and not isinstance(total, bool) else None
        return Page(_all(model, nodes, response), cursor, whole)

    return read


def _all(model: type[M], answer: Any, response: Response) -> tuple[M, ...]:
    if not (isinstance(answer, list) and all(isinstance(part, dict) for part in answer)):
        raise unknown(response, "a list of objects")
    return tuple(model.model_validate(part) for part in answer)
