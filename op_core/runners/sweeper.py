"""
The sweeper: asks for the claims of the orders of the last days, one order after the other, several at once.

The list of all claims has no filter that a page documents (G-13), so claims are asked for by order: those that the
shop changed in that time, and those that the ledger exported or heard of. Of a run only the ids are kept; what is
found is written down order by order, and the place after each page, so that a run that was stopped goes on there.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Self

import attrs

from op_core.claims import sweep
from op_core.claims.desk import Desk
from op_core.claims.sweep import Swept
from op_core.errors import (
    ContractBroken,
    MayHaveLanded,
    NotSupported,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    Unauthorized,
    WireError,
)
from op_core.ledger import differences, exports
from op_core.ledger.exports import Cursor

__all__ = ["Sweeper"]

log = logging.getLogger("op_core")
_WHAT = "sweep"  # whose place it is in the table of cursors
_PAUSE = timedelta(minutes=15)  # after a failure; a place that moved within it is of a run that may still go on
_STALE = timedelta(days=1)  # after it, a run that was stopped begins anew
_UNDECIDED = timedelta(days=90)  # 45 days to file a claim in, and as long again until it is decided
_UNREADABLE = 20  # orders of which no answer can be read, and none could: then it is the API, not the orders
_OF_THE_API = (RequestNotSent, MayHaveLanded, RateLimited, ServerFailed, Unauthorized)  # no other order fares better
Told = Callable[[Swept], None]


@attrs.frozen
class _Place:
    """
    Where a run stands.

    Attributes:
        begun: When the run began.
        moved: When it came here, or failed here.
        of_shop: It is in the shop's pages; before, in the orders that the ledger knows.
        after: The order id, or the shop's cursor, after which it goes on.
        wait: Seconds that the API asked to wait.
    """

    begun: datetime
    moved: datetime
    of_shop: bool = False
    after: str | None = None
    wait: float = 0.0

    def written(self) -> str:
        said = attrs.asdict(self) | {"begun": self.begun.isoformat(), "moved": self.moved.isoformat()}
        return json.dumps(said)

    @classmethod
    def read(cls, text: str) -> Self:
        said: dict[str, Any] = json.loads(text)
        times = {name: datetime.fromisoformat(said[name]) for name in ("begun", "moved")}
        return cls(**(said | times))


@attrs.frozen(eq=False)
class Sweeper:
    """
    Sweeps one store.

    Attributes:
        desk: The store's, with a client whose limits are those of bulk work.
    """

    desk: Desk

    def run(self, *, days: int | None = None, progress: Told | None = None) -> Swept:
        """
        Sweep once, or go on with a sweep of as many days that was stopped within the last day.

        Args:
            days: How far back; None: as `sweep.days` of the store says.
            progress: Told after each page of orders.

        Returns:
            What was found from where it began, or went on.

        Raises:
            WireError: Order Protection fails or takes no more calls. What was found so far is written down.
            ShopUnavailable: The shop does not say which orders changed; likewise.
            ContractBroken: The shop's pages would never end; likewise.
        """
        store, now = self.desk.store, self.desk.ledger.now()
        since = now - timedelta(days=store.sweep.days if days is None else days)
        place, since = self._begin(since, now)
        total = Swept()
        try:
            for orders, after in self._orders(place, since):
                total += self._look(orders, total)
                place = attrs.evolve(after, moved=self.desk.ledger.now())
                self._put(place, since)
                if progress is not None:
                    progress(total)
        except Exception as error:
            wait = getattr(error, "retry_after", None) or 0.0
            self._put(attrs.evolve(place, moved=self.desk.ledger.now(), wait=wait), since)
            raise
        whole = Cursor(since=since, newest=place.begun)
        self.desk.ledger.write(exports.put_cursor, store.id, _WHAT, whole)
        return total

    def last(self) -> datetime | None:
        """Return when the last whole sweep began, UTC; None before the first."""
        return self._known()[0].newest

    def due(self) -> float:
        """
        Return the seconds until the next sweep by the store's ``sweep.every``; 0 or less: now.

        One that was stopped, or that another process may be at, is gone on with after a quarter of an hour, or after
        as long as the API asked to wait.
        """
        known, place = self._known()
        now = self.desk.ledger.now()
        if place is not None:
            return (place.moved + max(_PAUSE, timedelta(seconds=place.wait)) - now).total_seconds()
        if known.newest is None:
            return 0.0
        return (known.newest + self.desk.store.sweep.every - now).total_seconds()

    def stopped(self) -> datetime | None:
        """Return since when a sweep has stood still, UTC; None where none was stopped."""
        place = self._known()[1]
        return None if place is None else place.moved

    def _known(self) -> tuple[Cursor, _Place | None]:
        row = self.desk.ledger.read(exports.cursor, self.desk.store.id, _WHAT)
        return row, None if row.cursor is None else _Place.read(row.cursor)

    def _begin(self, since: datetime, now: datetime) -> tuple[_Place, datetime]:
        """Return where to begin, and how far back: a run that was stopped reaches back as far as it did then."""
        known, place = self._known()
        if place is not None and known.since is not None:
            reaches = since - _STALE <= known.since <= since
            if reaches and now - place.begun < _STALE:
                return place, known.since
        return _Place(now, now), since

    def _put(self, place: _Place, since: datetime) -> None:
        newest = self._known()[0].newest
        where = Cursor(place.written(), since, newest)
        self.desk.ledger.write(exports.put_cursor, self.desk.store.id, _WHAT, where)

    def _orders(self, place: _Place, since: datetime) -> Iterator[tuple[list[str], _Place]]:
        """Yield ids, a page at a time, none twice, each with the place after it."""
        desk, size = self.desk, self.desk.store.export.page_size
        known = desk.ledger.read(differences.orders_since, desk.store.id, since, desk.ledger.now() - _UNDECIDED)
        if not place.of_shop:
            left = [one for one in known if place.after is None or one > place.after]
            for first in range(0, len(left), size):
                page = left[first : first + size]
                yield page, attrs.evolve(place, after=page[-1])
            place = attrs.evolve(place, of_shop=True, after=None)
        seen = set(known)
        for orders, after in self._of_shop(place, since):
            new = [one for one in dict.fromkeys(orders) if one not in seen]
            seen.update(new)
            yield new, after

    def _of_shop(self, place: _Place, since: datetime) -> Iterator[tuple[list[str], _Place]]:
        desk, size = self.desk, self.desk.store.export.page_size
        before = {place.after}
        while True:
            try:
                orders = desk.shop.export_orders(since, place.after, size)
            except NotSupported:
                return  # what the ledger knows is all that can be known
            if not orders.done and orders.cursor in before:
                raise ContractBroken(
                    "op_export_orders is not done and answered a cursor that it gave before in this sweep: it would"
                    " never end; expected a cursor that moves, or done=True"
                )
            place = attrs.evolve(place, after=orders.cursor)
            yield [order.id for order in orders.orders], place
            if orders.done:
                return
            before.add(orders.cursor)

    def _look(self, orders: Sequence[str], before: Swept) -> Swept:
        """Look at some orders at once; the first failure of the API begins no further one."""
        stop = threading.Event()
        failures: list[WireError] = []
        unreadable: list[WireError] = []

        def one(order_id: str) -> Swept:
            if stop.is_set():
                return Swept()
            try:
                return sweep.look(self.desk, order_id)
            except _OF_THE_API as error:
                failures.append(error)
                stop.set()
                return Swept()
            except WireError as error:
                unreadable.append(error)
                log.warning(
                    "store %s: the claims of order %s are passed over: %s", self.desk.store.name, order_id, error
                )
                return Swept(orders=1, unreadable=1)

        with ThreadPoolExecutor(self.desk.store.export.in_flight, thread_name_prefix="op-core sweep") as pool:
            total = sum(pool.map(one, orders), Swept())
        whole = before + total
        if not failures and unreadable and whole.unreadable == whole.orders >= _UNREADABLE:
            failures = unreadable
        if failures:
            failures[0].add_note(f"The sweep of store {self.desk.store.name} stopped here; the next one goes on.")
            raise failures[0]
        return total
