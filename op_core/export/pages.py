"""Reads the shop page by page and writes each page down once: what became of its orders, and the cursor after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

import attrs
import sqlalchemy as sa

from op_core.errors import OrderNotFound
from op_core.export.batches import Batch, Batches
from op_core.export.marks import Marks
from op_core.export.outcome import Exported, Progress
from op_core.export.paging import send_pages
from op_core.export.products import Catalogue
from op_core.ledger import Ledger, exports
from op_core.ledger.exports import Cursor
from op_core.models import OrderPage
from op_core.order_protection.client import Client
from op_core.settings import StoreSettings
from op_core.storefront import Storefront

__all__ = ["Exporter"]


@attrs.define(eq=False)
class Exporter:
    """
    Export of one store. Sending the same twice is harmless, so that any stop may be followed by another run.

    Attributes:
        store: Its settings.
        ledger: Where the cursor, the hashes and the outcomes are.
        shop: Where orders come from.
        api: Order Protection.
    """

    store: StoreSettings
    ledger: Ledger = attrs.field(repr=False)
    shop: Storefront = attrs.field(repr=False)
    api: Client = attrs.field(repr=False)

    def run(self, *, full: bool = False, progress: Callable[[Progress[Exported]], None] | None = None) -> Exported:
        """
        Send what has changed since the last finished run, or go on with the run that was stopped.

        Args:
            full: Begin with the shop's first order, and send again what was refused. Equal orders are still dropped. A
                full run that was stopped is resumed by a run that is not full.
            progress: Told after each page.

        Raises:
            WireError: Order Protection fails or takes nothing. What was sent is written down, the cursor stays.
            ShopUnavailable: The shop does not answer; likewise.
            ContractBroken: The adapter's pages would never end, or are no pages.
            NotSupported: The shop cannot be exported from.
        """
        place = Cursor() if full else self.ledger.read(exports.cursor, self.store.id, _Orders.what)
        return send_pages(_Orders(self._batches, full), self.store, self.ledger, place, progress, Exported())

    def orders(self, order_ids: Sequence[str]) -> Exported:
        """
        Send these orders and their parcels now, also what was refused before. One that the shop has not is ``failed``.

        Raises:
            WireError: As `run` does.
            ShopUnavailable: As `run` does.
            ContractBroken: As `run` does.
        """
        total = Exported()
        wanted, size = list(dict.fromkeys(order_ids)), self.store.export.page_size
        for first in range(0, len(wanted), size):
            found = []
            for order_id in wanted[first : first + size]:
                try:
                    found.append(self.shop.get_order(order_id))
                except OrderNotFound:
                    total += Exported(failed=1)
            batch = self._batches.send(found, again=True)
            self.ledger.write(self._batches.record, batch)
            total += batch.count
            if batch.failure is not None:
                raise batch.failure
        return total

    def marked(self) -> Exported:
        """
        Send the orders that the shop marked as changed, and those with a parcel that has waited long enough.

        At most a page of them. What fails is ``failed``, logged, and tried later, ever more rarely; nothing is raised
        but `LedgerError`.
        """
        return Marks(self._batches).send()

    def products(self) -> Catalogue:
        """Return what sends the store's products."""
        return Catalogue(self.store, self.ledger, self.shop, self.api)

    @property
    def _batches(self) -> Batches:
        return Batches(self.store, self.ledger, self.shop, self.api)


@attrs.frozen
class _Orders:
    """What is done with a page of orders; *again*: also with what was refused before."""

    what: ClassVar[str] = "orders"
    hook: ClassVar[str] = "op_export_orders"

    batches: Batches
    again: bool

    def read(self, place: Cursor) -> OrderPage:
        return self.batches.shop.export_orders(place.since, place.cursor, self.batches.store.export.page_size)

    def send(self, page: OrderPage) -> Batch:
        return self.batches.send(page.orders, page.unreadable, again=self.again)

    def newest(self, place: Cursor, page: OrderPage) -> datetime | None:
        now = self.batches.ledger.now()
        seen = [min(order.updated_at, now) for order in page.orders]  # a change of tomorrow must not hide today's
        return max([*seen, *([place.newest] if place.newest else [])], default=None)

    def after(self, place: Cursor, page: OrderPage, newest: datetime | None) -> Cursor:
        if not page.done:
            return Cursor(page.cursor, place.since, newest)
        since = newest - self.batches.store.export.overlap if newest else None
        return Cursor(since=max(filter(None, (since, place.since)), default=None))

    def record(self, connection: sa.Connection, sent: Batch) -> None:
        self.batches.record(connection, sent)
