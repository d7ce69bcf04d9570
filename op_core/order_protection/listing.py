"""
Cursor lists as iterators that resume: a page is asked for when it is reached.

    listing = client.list_orders()
    for order in listing:
        ...                                 # stopped here, in whatever way
    client.list_orders(cursor=listing.cursor)   # begins with the page that was being read: nothing is left out
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from op_core.errors import UnreadableAnswer
from op_core.order_protection.endpoints.reading import Page
from op_core.order_protection.schema.fields import WireModel

__all__ = ["AsyncListing", "Listing"]

M = TypeVar("M", bound=WireModel)


class _Place(Generic[M]):
    """
    Where a listing stands.

    Attributes:
        cursor: Of the page that is being read; None for the first one.
        total: How many there are in all, as the last page said; None where it does not say.
        done: Every page was read.
    """

    def __init__(self, cursor: str | None) -> None:
        self.cursor = cursor
        self.total: int | None = None
        self.done = False

    def _seen(self, page: Page[M]) -> None:
        self.total = page.total

    def _go_on(self, page: Page[M], before: set[str | None]) -> bool:
        if page.cursor is None:
            self.done = True
            return False
        before.add(self.cursor)
        if page.cursor in before:
            raise UnreadableAnswer("a list names the same cursor twice; it would never end")
        self.cursor = page.cursor
        return True


class Listing(_Place[M]):
    """
    Iterate over all that a list holds; each iteration begins at *cursor*.

    Attributes:
        cursor: Of the page that is being read; None for the first one. Hand it to the next listing after a stop.
        total: How many there are in all, as the last page said; None where it does not say.
        done: Every page was read.
    """

    def __init__(self, ask: Callable[[str | None], Page[M]], cursor: str | None = None) -> None:
        """Ask for pages by *ask*, which is given their cursor."""
        super().__init__(cursor)
        self._ask = ask

    def __iter__(self) -> Iterator[M]:
        """Yield what the pages hold; raises what their calls raise, and `UnreadableAnswer` where there is no end."""
        before: set[str | None] = set()
        while True:
            page = self._ask(self.cursor)
            self._seen(page)
            yield from page.nodes
            if not self._go_on(page, before):
                return


class AsyncListing(_Place[M]):
    """The same for asyncio; see `Listing`."""

    def __init__(self, ask: Callable[[str | None], Awaitable[Page[M]]], cursor: str | None = None) -> None:
        """Ask for pages by *ask*, which is given their cursor."""
        super().__init__(cursor)
        self._ask = ask

    async def __aiter__(self) -> AsyncIterator[M]:
        """Yield what the pages hold."""
        before: set[str | None] = set()
        while True:
            page = await self._ask(self.cursor)
            self._seen(page)
            for node in page.nodes:
                yield node
            if not self._go_on(page, before):
                return
