"""The way through a shop's pages, whatever is on them: each is written down once, with the cursor after it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

import sqlalchemy as sa

from op_core.errors import ContractBroken, WireError
from op_core.export.outcome import Counts, Progress
from op_core.ledger import Ledger, exports
from op_core.ledger.exports import Cursor
from op_core.settings import StoreSettings
from op_core.testing.crash import crash_point

__all__ = ["PageLike", "Sender", "SentPage", "send_pages", "stopped"]


class PageLike(Protocol):
    """A page of a shop; see `op_core.models.OrderPage`."""

    @property
    def cursor(self) -> str | None:
        """Where the next page begins."""

    @property
    def done(self) -> bool:
        """Tell whether it is the last page."""


C = TypeVar("C", bound=Counts)
C_co = TypeVar("C_co", bound=Counts, covariant=True)
P = TypeVar("P", bound=PageLike)
S = TypeVar("S", bound="SentPage[Any]")


class SentPage(Protocol[C_co]):
    """What became of a page."""

    @property
    def failure(self) -> WireError | None:
        """Why the run cannot go on."""

    @property
    def count(self) -> C_co:
        """What became of it, in numbers."""


class Sender(Protocol[P, S]):
    """
    What is done with each page of one kind.

    Attributes:
        what: Whose cursor it is, in the ledger.
        hook: Where the pages come from.
    """

    what: ClassVar[str]
    hook: ClassVar[str]

    def read(self, place: Cursor) -> P:
        """Ask the shop for the page at *place*."""

    def send(self, page: P) -> S:
        """Send what is new on it. A failure of the API is handed back, not raised."""

    def newest(self, place: Cursor, page: P) -> datetime | None:
        """Return the latest change seen so far in this run."""

    def after(self, place: Cursor, page: P, newest: datetime | None) -> Cursor:
        """Return where the export stands after the page; after the last one, where the next run begins."""

    def record(self, connection: sa.Connection, sent: S) -> None:
        """Write down what became of it."""


def send_pages(
    sender: Sender[P, S],
    store: StoreSettings,
    ledger: Ledger,
    place: Cursor,
    progress: Callable[[Progress[C]], None] | None,
    nothing: C,
) -> C:
    """
    Send page after page from *place* on, and return what became of them.

    Raises:
        WireError: Order Protection fails or takes nothing. What was sent is written down, the cursor stays.
        ShopUnavailable: The shop does not answer; likewise.
        ContractBroken: The adapter's pages would never end, or are no pages.
        NotSupported: The shop cannot be exported from.
    """

    def write(connection: sa.Connection, sent: S, place: Cursor) -> None:
        sender.record(connection, sent)
        exports.put_cursor(connection, store.id, sender.what, place)

    before = {place.cursor}
    total, pages = nothing, 0
    while True:
        page = sender.read(place)
        _check(sender.hook, page, before)
        sent = sender.send(page)
        if sent.failure is not None:
            ledger.write(write, sent, place)
            raise stopped(store, sent.failure)
        newest = sender.newest(place, page)
        place = sender.after(place, page, newest)
        crash_point("page:before")
        ledger.write(write, sent, place)
        crash_point("page:after")
        total, pages = total + sent.count, pages + 1
        if progress is not None:
            progress(Progress(pages, total, newest))
        if page.done:
            return total
        before.add(page.cursor)


def stopped(store: StoreSettings, failure: WireError) -> WireError:
    """Return the failure, with what it means for the export."""
    failure.add_note(f"The export of store {store.name} stopped here; the next run goes on.")
    return failure


def _check(hook: str, page: PageLike, before: Collection[str | None]) -> None:
    if not page.done and page.cursor in before:
        raise ContractBroken(
            f"{hook} is not done and answered a cursor that it gave before in this run: it would never end; "
            "expected a cursor that moves, or done=True"
        )
