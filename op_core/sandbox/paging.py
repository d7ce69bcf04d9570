"""The cursor lists of pages ORD-L and CLM-L: ``edges``, ``pageInfo``; and ``pageCursors``, ``totalCount`` of ORD-L."""

from __future__ import annotations

import base64
import binascii
import bisect
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from op_core.sandbox.answers import Document, Refusal
from op_core.sandbox.store import Store

__all__ = ["OrderPaging", "Paging", "listing"]


_LONGEST = 18  # digits that SQLite holds


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"after:{position}".encode()).decode()


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if word == "after" and number.isascii() and number.isdigit() and len(number) <= _LONGEST:
            return int(number)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise Refusal(400, "cursor: not one of ours; take it from pageInfo.endCursor", "cursor")


def _whole(value: Any) -> Any:
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("expected a whole number")
    return value


class Paging(BaseModel):
    """
    Which page of a list is asked for.

    Attributes:
        size: Most records in it; neither the figure without one nor the largest is documented.
        cursor: What follows it is listed.
    """

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, hide_input_in_errors=True)

    size: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=250)] = 20
    cursor: str | None = None


class OrderPaging(Paging):
    """
    The same of orders (page ORD-L).

    Attributes:
        button_num: How many pages the block ``pageCursors`` names.
    """

    button_num: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=250)] = 5


def listing(store: Store, kind: str, asked: Paging, node: Callable[[Document], Document]) -> Document:
    """
    Return one page of a kind, oldest first: as page ORD-L shows a list where buttons are asked for, else as CLM-L does.

    Args:
        store: Where the documents are.
        kind: What is listed.
        asked: Which page.
        node: Turns a document into what is shown of it.
    """
    after = _position(asked.cursor)
    positions = store.positions(kind)
    rows = store.page(kind, after, asked.size)
    before = bisect.bisect_right(positions, after)
    info = {
        "startCursor": _cursor(rows[0][0]) if rows else None,
        "endCursor": _cursor(rows[-1][0]) if rows else None,
        "hasNextPage": before + len(rows) < len(positions),
        "hasPreviousPage": before > 0,
    }
    edges = [{"node": node(document)} for _, document in rows]
    if not isinstance(asked, OrderPaging):
        return {"edges": edges, "pageInfo": info}
    return {
        "edges": edges,
        "pageInfo": info,
        "pageCursors": {"around": _around(positions, before, asked)},
        "totalCount": len(positions),
    }


def _around(positions: list[int], before: int, asked: OrderPaging) -> list[Document]:
    """Return the buttons of the pages around the one that begins after so many documents."""
    size, buttons = asked.size, asked.button_num
    here = before // size + 1
    pages = range(1, max(1, -(-len(positions) // size)) + 1)
    first = max(1, min(here - buttons // 2, len(pages) - buttons + 1))
    return [
        {
            "cursor": _cursor(positions[(page - 1) * size - 1] if page > 1 else 0),
            "page": page,
            "isCurrent": page == here,
        }
        for page in pages
        if first <= page < first + buttons
    ]
