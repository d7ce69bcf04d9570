"""
The sweeper: asks for the claims of the orders of the last days, one order after the other, several at once.

The list of all claims has no filter that a page documents (G-13), so claims are asked for by order: those that the
shop changed in that time, and those that the ledger exported or acted upon.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import attrs

from op_core.claims import sweep
from op_core.claims.desk import Desk
from op_core.claims.sweep import Swept
from op_core.errors import ContractBroken, NotSupported, WireError
from op_core.ledger import differences, exports
from op_core.ledger.exports import Cursor

__all__ = ["Sweeper"]

_WHAT = "sweep"  # whose time it is in the table of cursors
Told = Callable[[Swept], None]


@attrs.frozen(eq=False)
class Sweeper:
    """
    Sweeps one store. What it wrote down stays, wherever it is stopped; the next sweep looks again.

    Attributes:
        desk: The store's, with a client whose limits are those of bulk work.
    """

    desk: Desk

    def run(self, *, days: int | None = None, progress: Told | None = None) -> Swept:
        """
        Sweep once.

        Args:
            days: How far back; None: as `sweep.days` of the store says.
            progress: Told after each page of orders.

        Raises:
            WireError: Order Protection fails or takes no more calls. What was found so far is written down.
            ShopUnavailable: The shop does not say which orders changed; likewise.
        """
        store, ledger = self.desk.store, self.desk.ledger
        begun = ledger.now()
        since = begun - timedelta(days=store.sweep.days if days is None else days)
        total = Swept()
        for orders in self._orders(since):
            total += self._look(orders)
            if progress is not None:
                progress(total)
        ledger.write(exports.put_cursor, store.id, _WHAT, Cursor(since=since, newest=begun))
        return total

    def last(self) -> datetime | None:
        """Return when the last whole sweep began, UTC; None before the first."""
        return self.desk.ledger.read(exports.cursor, self.desk.store.id, _WHAT).newest

    def due(self) -> float:
        """Return the seconds until the next sweep by the store's ``sweep.every``; 0 or less: now."""
        last = self.last()
        if last is None:
            return 0.0
        return (last + self.desk.store.sweep.every - self.desk.ledger.now()).total_seconds()

    def _orders(self, since: datetime) -> Iterator[list[str]]:
        """Yield ids, a page at a time, none twice."""
        seen: set[str] = set()
        for page in self._pages(since):
            new = [order_id for order_id in dict.fromkeys(page) if order_id not in seen]
            seen.update(new)
            if new:
                yield new

    def _pages(self, since: datetime) -> Iterator[Sequence[str]]:
        desk, size = self.desk, self.desk.store.export.page_size
        known = desk.ledger.read(differences.orders_since, desk.store.id, since)
        yield from (known[first : first + size] for first in range(0, len(known), size))
        cursor: str | None = None
        before: set[str | None] = {None}
        while True:
            try:
                page = desk.shop.export_orders(since, cursor, size)
            except NotSupported:
                return  # what the ledger knows is all that can be known
            yield [order.id for order in page.orders if not order.replaces]
            if page.done:
                return
            if page.cursor in before:
                raise ContractBroken("op_export_orders answered a cursor twice: the sweep would never end")
            before.add(page.cursor)
            cursor = page.cursor

    def _look(self, orders: Sequence[str]) -> Swept:
        """Look at some orders at once; the first failure of the API begins no further one."""
        stop = threading.Event()
        failures: list[WireError] = []

        def one(order_id: str) -> Swept:
            if stop.is_set():
                return Swept()
            try:
                return sweep.look(self.desk, order_id)
            except WireError as error:
                failures.append(error)
                stop.set()
                return Swept()

        with ThreadPoolExecutor(self.desk.store.export.in_flight, thread_name_prefix="op-core sweep") as pool:
            total = sum(pool.map(one, orders), Swept())
        if failures:
            failures[0].add_note(f"The sweep of store {self.desk.store.name} stopped here; what it found is kept.")
            raise failures[0]
        return total
