"""Five ways to go through a list, so that no row is skipped: also where rows move while it is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import attrs

from op_core.errors import ContractBroken
from op_rest_shop.expressions import WrongExpression
from op_rest_shop.landing import Answer
from op_rest_shop.mapping import Listing, Paging

__all__ = ["Ask", "Changed", "Page", "address", "packed", "unpacked", "walk"]

Ask = Callable[[Mapping[str, Any], "str | None"], tuple[Answer, Sequence[Any]]]
"""Makes the call with these names in its context, or at the address that the shop named; returns answer and items."""
Changed = Callable[[Any], tuple[str, str]]
"""The id of an item, and its time of change as the shop writes it."""
_LARGEST = 5000  # items that are asked for at once where as many share one time of change


@attrs.frozen
class Page:
    """
    One page.

    Attributes:
        items: As JSON.
        state: Where the next one begins.
        done: None is left after it for now.
    """

    items: Sequence[Any]
    state: Mapping[str, Any]
    done: bool


def walk(
    listing: Listing, ask: Ask, changed: Changed, since: str | None, state: Mapping[str, Any], limit: int, place: str
) -> Page:
    """
    Return the page that *state* leads to.

    Args:
        listing: How the list is read.
        ask: Makes the call.
        changed: Tells items and their versions apart.
        since: The time from which changes are wanted.
        state: What the page before returned; empty: the first page.
        limit: Most items.
        place: For errors.

    Raises:
        ContractBroken: The list cannot be walked as the manifest says.
    """
    size = min(limit, listing.limit or limit)
    paging = listing.paging
    if paging is None:
        return Page(ask({"since": since, "limit": size}, None)[1], {}, done=True)
    way = {"keyset": _keyset, "offset": _offset, "page": _numbered, "cursor": _cursor, "link": _link}[paging.by]
    return way(_Walk(paging, ask, changed, since, state, size, place))


@attrs.frozen
class _Walk:
    """What every way needs."""

    paging: Paging
    ask: Ask
    changed: Changed
    since: str | None
    state: Mapping[str, Any]
    size: int
    place: str

    def fresh(self, items: Sequence[Any]) -> list[Any]:
        """Return the items that the page before did not have in the same version."""
        seen = set(map(tuple, self.state.get("seen", ())))
        return [item for item in items if self.changed(item) not in seen]


def _keyset(walk: _Walk) -> Page:
    """Ask for what changed at or after the last time seen; where one time fills a page, for a larger page."""
    since, size = walk.state.get("since", walk.since), walk.size
    while True:
        _, items = walk.ask({"since": since, "limit": size}, None)
        done = len(items) < size
        last = walk.changed(items[-1])[1] if items else since
        if done or last != since or size >= _LARGEST:
            break
        size *= 2
    if not done and last == since:
        raise ContractBroken(f"{walk.place}: more than {size} items have one time of change; expected a finer field")
    seen = [walk.changed(item) for item in items if walk.changed(item)[1] == last]
    return Page(walk.fresh(items), {"since": last, "seen": seen}, done)


def _offset(walk: _Walk) -> Page:
    """
    Ask for the rows from an offset on, a few of them again.

    A row that changes moves to the end, and all behind it move up: so the first rows of a page must be last ones of the
    page before. Where they are not, too many moved, and the page begins earlier.
    """
    offset, seen = walk.state.get("offset", 0), set(map(tuple, walk.state.get("seen", ())))
    while True:
        _, items = walk.ask({"since": walk.since, "limit": walk.size, "offset": offset}, None)
        if not seen or not offset or (items and seen & set(map(walk.changed, items))):
            break
        offset = max(0, offset - walk.size)
    overlap = min(walk.paging.overlap, walk.size - 1)
    done = len(items) < walk.size
    tail = [walk.changed(item) for item in items[-overlap:]] if overlap else []
    return Page(walk.fresh(items), {"offset": offset + len(items) - len(tail), "seen": tail}, done)


def _numbered(walk: _Walk) -> Page:
    """Ask for the next page, and then for the one before it once more: what moved up in between is there now."""
    number = walk.state.get("page", walk.paging.first)
    _, items = walk.ask({"since": walk.since, "limit": walk.size, "page": number}, None)
    again: Sequence[Any] = ()
    if number > walk.paging.first and walk.paging.overlap:
        again = walk.ask({"since": walk.since, "limit": walk.size, "page": number - 1}, None)[1]
    found = {walk.changed(item): item for item in (*again, *items)}
    seen = [walk.changed(item) for item in items]
    return Page(walk.fresh(list(found.values())), {"page": number + 1, "seen": seen}, len(items) < walk.size)


def _cursor(walk: _Walk) -> Page:
    answer, items = walk.ask({"since": walk.since, "limit": walk.size, "cursor": walk.state.get("cursor")}, None)
    try:
        assert walk.paging.next is not None
        after = walk.paging.next.of(answer.body)
        more = walk.paging.more is None or bool(walk.paging.more.of(answer.body))
    except WrongExpression as error:
        raise ContractBroken(f"{walk.place}.paging: {error}") from None
    if after in (None, "") or not more:
        return Page(items, walk.state, done=True)
    if after == walk.state.get("cursor"):
        raise ContractBroken(f"{walk.place}.paging.next: the shop names the same cursor again and again")
    return Page(items, {"cursor": after}, done=False)


def _link(walk: _Walk) -> Page:
    answer, items = walk.ask({"since": walk.since, "limit": walk.size}, walk.state.get("link"))
    after = _next(answer.headers.get("link", ""))
    if after is None:
        return Page(items, walk.state, done=True)
    if after == walk.state.get("link"):
        raise ContractBroken(f"{walk.place}.paging: the shop's Link header names the same page again and again")
    return Page(items, {"link": after}, done=False)


def _next(header: str) -> str | None:
    for part in header.split(","):
        target, *parameters = part.split(";")
        named = [parameter.strip().replace('"', "").lower() for parameter in parameters]
        if "rel=next" in named and target.strip().startswith("<"):
            return target.strip().strip("<>")
    return None


def address(base: str, link: str, place: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """
    Return path and query of a link, below *base*.

    Raises:
        ContractBroken: It leads to another host: our secrets go to the shop alone.
    """
    whole, ours = urlsplit(urljoin(f"{base}/", link)), urlsplit(base)
    if (whole.scheme, whole.netloc) != (ours.scheme, ours.netloc) or not whole.path.startswith(ours.path):
        raise ContractBroken(f"{place}: the shop's next page is at another address, which is never followed")
    return whole.path.removeprefix(ours.path), tuple(parse_qsl(whole.query, keep_blank_values=True))


def packed(state: Mapping[str, Any]) -> str:
    """Write a state as a cursor."""
    return json.dumps(state, separators=(",", ":"))


def unpacked(cursor: str | None) -> dict[str, Any]:
    """
    Read a cursor.

    Raises:
        ContractBroken: It is none of ours.
    """
    try:
        state = json.loads(cursor) if cursor else {}
    except ValueError:
        state = None
    if not isinstance(state, dict):
        raise ContractBroken("the cursor is none that this adapter gave; begin anew with --full")
    return state
