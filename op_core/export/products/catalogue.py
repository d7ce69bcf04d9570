"""All products of a store, page by page, and then those that the shop gave no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import attrs
import sqlalchemy as sa

from op_core.errors import WireError
from op_core.export.at_once import at_once
from op_core.export.outcome import ExportedProducts, Progress
from op_core.export.paging import send_pages, stopped
from op_core.export.products.hashes import HeldProduct
from op_core.export.products.send import ProductTask, ProductTerms, SentProduct, send
from op_core.ledger import Ledger, exports, products
from op_core.ledger.exports import Cursor
from op_core.ledger.products import Key
from op_core.models import Product, ProductPage
from op_core.money import Money
from op_core.order_protection.client import Client
from op_core.order_protection.dialects.sending import product_address
from op_core.settings import StoreSettings
from op_core.storefront import Storefront

__all__ = ["Catalogue"]


@attrs.frozen
class _Sent:
    """What became of some products."""

    sent: Sequence[SentProduct]

    @property
    def failure(self) -> WireError | None:
        return next((one.failure for one in self.sent if one.failure is not None), None)

    @property
    def count(self) -> ExportedProducts:
        return sum((one.count for one in self.sent), ExportedProducts())


@attrs.define(eq=False)
class Catalogue:
    """
    Export of one store's products. Sending the same twice is harmless, so that any stop may be followed by another run.

    Every run reads all products: shops seldom date a change of stock. Hashes decide what is sent.

    Attributes:
        store: Its settings.
        ledger: Where the cursor, the hashes and the outcomes are.
        shop: Where products come from.
        api: Order Protection.
    """

    what: ClassVar[str] = "products"
    hook: ClassVar[str] = "op_export_products"

    store: StoreSettings
    ledger: Ledger = attrs.field(repr=False)
    shop: Storefront = attrs.field(repr=False)
    api: Client = attrs.field(repr=False)
    _again: bool = attrs.field(default=False, init=False)
    _seen: set[Key] = attrs.field(factory=set, init=False, repr=False)
    _currency: str | None = attrs.field(default=None, init=False)

    def run(
        self,
        *,
        full: bool = False,
        gone: bool = False,
        progress: Callable[[Progress[ExportedProducts]], None] | None = None,
    ) -> ExportedProducts:
        """
        Send every product that changed, or go on with the run that was stopped.

        A run that began with the first page ends by telling which products the shop gave no more. A run that goes on
        cannot know them; the next one does.

        Args:
            full: Begin with the first page in any case, and send again what was refused. Equal ones are still dropped.
            gone: Tell of products that are gone also where they are more than half of all.
            progress: Told after each page.

        Raises:
            WireError: Order Protection fails or takes nothing. What was sent is written down, the cursor stays.
            ShopUnavailable: The shop does not answer; likewise.
            ContractBroken: The adapter's pages would never end, or are no pages.
            NotSupported: The shop has no products to give.
        """
        place = Cursor() if full else self.ledger.read(exports.cursor, self.store.id, self.what)
        begun = self.ledger.now()
        self._again, self._seen = full, set()
        self._currency = self.store.export.product_currency or self.ledger.read(products.currency, self.store.id)
        total = send_pages(self, self.store, self.ledger, place, progress, ExportedProducts())
        return total if place.cursor is not None else total + self._tell_gone(begun, anyway=gone)

    # --- A page ------------------------------------------------------------------------------------------------------

    def read(self, place: Cursor) -> ProductPage:
        """Ask the shop for the page at *place*."""
        return self.shop.export_products(None, place.cursor, self.store.export.page_size)

    def send(self, page: ProductPage) -> _Sent:
        """Send what is new on it; of two records with the same ids the last counts."""
        newest = {(product.id, product.variant_id): product for product in page.products}
        self._seen |= newest.keys()
        prices = (product.price for product in page.products)
        self._currency = self._currency or next((one.currency for one in prices if isinstance(one, Money)), None)
        return self._send(newest)

    def newest(self, place: Cursor, page: ProductPage) -> datetime | None:  # noqa: ARG002 - products have no time of change
        """Return None: a run reads all products."""
        return None

    def after(self, place: Cursor, page: ProductPage, newest: datetime | None) -> Cursor:  # noqa: ARG002 - as above
        """Return where the export stands after a page; the next run begins anew."""
        return Cursor() if page.done else Cursor(page.cursor)

    def record(self, connection: sa.Connection, sent: _Sent) -> None:
        """Write down what became of a page."""
        for one in sent.sent:
            if one.row is not None:
                products.put(connection, self.store.id, one.key, **one.row)
        if self._currency and products.currency(connection, self.store.id) != self._currency:
            products.set_currency(connection, self.store.id, self._currency)

    def _send(self, found: Mapping[Key, Product | None]) -> _Sent:
        terms = ProductTerms(self.api, self._currency or "", self.store.wire, self.ledger.now(), self._again)
        return _Sent(at_once(self._tasks(found), lambda task: send(terms, task), self.store.export.in_flight))

    def _tasks(self, found: Mapping[Key, Product | None]) -> list[ProductTask]:
        """Return each with what the ledger knows of it, and whether its id is another's too."""
        wire = self.store.wire
        addresses = {key: product_address(*key, wire) for key in found}

        def look(connection: sa.Connection) -> tuple[dict[Key, sa.Row[Any]], dict[str, set[Key]]]:
            known = products.known(connection, self.store.id, {product_id for product_id, _ in found})
            return known, products.known_by(connection, self.store.id, filter(None, addresses.values()))

        def is_shared(key: Key) -> bool:
            if key[1] and wire.variant_address == "productId":
                return False  # variants share it, and the settings say so
            return bool(owners.get(addresses[key] or "", set()) - {key})

        known, owners = self.ledger.read(look)
        return [ProductTask(key, product, known.get(key), is_shared(key)) for key, product in found.items()]

    # --- What is gone ------------------------------------------------------------------------------------------------

    def _tell_gone(self, begun: datetime, *, anyway: bool) -> ExportedProducts:
        """
        Tell which products the shop gave no more.

        Not where it gave none at all, and not where more than half is missing unless a person says so: a shop that
        answers too little must not delete its catalogue.
        """
        there = [row for row in self.ledger.read(products.everything, self.store.id) if self._counts(row)]
        missing = [row for row in there if (row.product_id, row.variant_id) not in self._seen and row.at < begun]
        if missing and (not self._seen or (2 * len(missing) > len(there) and not anyway)):
            return ExportedProducts(missing=len(missing))
        total = ExportedProducts()
        for first in range(0, len(missing), self.store.export.page_size):
            some = missing[first : first + self.store.export.page_size]
            sent = self._send({(row.product_id, row.variant_id): None for row in some})
            self.ledger.write(self.record, sent)
            total += sent.count
            if sent.failure is not None:
                raise stopped(self.store, sent.failure)
        return total

    def _counts(self, row: sa.Row[Any]) -> bool:
        """Tell whether a row is of a product that was not gone before."""
        return not HeldProduct.read(row.hash).is_gone or (self._again and row.state == "refused")
