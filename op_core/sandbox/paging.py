"""The cursor list of page ORD-L: ``edges``, ``pageInfo``, ``pageCursors``, ``totalCount``."""

from __future__ import annotations

import base64
import binascii
import bisect
from collections.abc import Callable, Mapping

from op_core.sandbox.answers import Document, Refusal
from op_core.sandbox.store import Store

__all__ = ["listing"]

_SIZE = 20  # where the request names none; the page shows no figure
_LARGEST = 250  # an assumption too
_BUTTONS = 5


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"after:{position}".encode()).decode()


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if word == "after" and number.isascii() and number.isdigit():
            return int(number)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise Refusal(400, "cursor: not one of ours; take it from pageInfo.endCursor", "cursor")


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _LARGEST):
        raise Refusal(400, f"{name}: expected a whole number from 1 to {_LARGEST}", name)
    return int(text)


def listing(store: Store, kind: str, query: Mapping[str, str], node: Callable[[Document], Document]) -> Document:
    """
    Return one page of a kind, oldest first, as page ORD-L shows a list.

    Args:
        store: Where the documents are.
        kind: What is listed.
        query: ``size``, ``cursor`` (what follows it is listed) and ``buttonNum``.
        node: Turns a document into what is shown of it.
    """
    size, buttons = _whole(query, "size", _SIZE), _whole(query, "buttonNum", _BUTTONS)
    after = _position(query.get("cursor"))
    positions = store.positions(kind)
    rows = store.page(kind, after, size)
    before = bisect.bisect_right(positions, after)
    here = before // size + 1
    pages = range(1, max(1, -(-len(positions) // size)) + 1)
    first = max(1, min(here - buttons // 2, len(pages) - buttons + 1))
    around = [page for page in pages if first <= page < first + buttons]
    return {
        "edges": [{"cursor": _cursor(seq), "node": node(document)} for seq, document in rows],
        "pageInfo": {
            "startCursor": _cursor(rows[0][0]) if rows else None,
            "endCursor": _cursor(rows[-1][0]) if rows else None,
            "hasNextPage": before + len(rows) < len(positions),
            "hasPreviousPage": before > 0,
        },
        "pageCursors": {
            "around": [
                {
                    "cursor": _cursor(positions[(page - 1) * size - 1] if page > 1 else 0),
                    "page": page,
                    "isCurrent": page == here,
                }
                for page in around
            ]
        },
        "totalCount": len(positions),
    }
