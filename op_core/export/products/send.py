"""
The calls of one product. Knows no ledger: what it finds out is handed back as a row, as `op_core.export.send` does.

No page says how one variant is updated (G-18): by its own id, by its product's, or not at all, as the store's settings
say. Nothing reads a product either, so a POST of unknown outcome is followed by PUT, which may be repeated.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.errors import NotFoundThere, NotSendable, WireError
from op_core.export.encode import NotExportable
from op_core.export.hashes import text_hash
from op_core.export.known import Unclear, is_refusal, make_known
from op_core.export.outcome import ExportedProducts
from op_core.export.products.encode import GONE, to_create_product, update_product_of
from op_core.export.products.hashes import HeldProduct, product_update_hash
from op_core.export.task import encoded
from op_core.ledger.products import Key
from op_core.models import Product, ProductStatus
from op_core.order_protection.client import Client
from op_core.order_protection.dialects.sending import product_address
from op_core.order_protection.dialects.switches import Dialect
from op_core.order_protection.schema import CreateProduct, UpdateProduct

__all__ = ["ProductTask", "ProductTerms", "SentProduct", "send"]

_NOWHERE = "no update reaches one variant alone (wire.variant_address, G-18)"
_EITHER = "its id is also that of another product or variant, which an update could reach (G-18)"
_UNTOLD = text_hash("nobody knows what is there")


@attrs.frozen
class ProductTerms:
    """
    How products are sent.

    Attributes:
        api: Order Protection.
        currency: Of all prices.
        dialect: How this store's API is spoken to.
        now: The time, UTC.
        again: Send also what was refused before and has not changed.
    """

    api: Client
    currency: str
    dialect: Dialect
    now: datetime
    again: bool = False


@attrs.frozen
class ProductTask:
    """
    One product and what the ledger knows of it.

    Attributes:
        key: Ids of the product and of the variant.
        product: As the shop holds it now; None: it has it no more.
        row: Its row in ``exported_products``.
        is_shared: The id under which it is updated is also that of another product or variant.
    """

    key: Key
    product: Product | None
    row: sa.Row[Any] | None = None
    is_shared: bool = False

    @property
    def is_there(self) -> bool:
        """Tell whether Order Protection has the product, in whatever form."""
        return self.row is not None and self.row.update_hash is not None


@attrs.define
class SentProduct:
    """
    What became of one product.

    Attributes:
        row: Columns to write; None where nothing is new.
        count: In numbers.
        failure: Why its calls ended early. Then it must be sent again.
    """

    key: Key
    row: dict[str, Any] | None = None
    count: ExportedProducts = attrs.field(factory=ExportedProducts)
    failure: WireError | None = None


def send(terms: ProductTerms, task: ProductTask) -> SentProduct:
    """Send what is new of one product. A failure of the API is in `SentProduct.failure`, never raised."""
    sent = SentProduct(task.key, count=ExportedProducts(seen=int(task.product is not None)))
    sending = _Sending(terms, task, sent, HeldProduct.read(task.row.hash if task.row else None))
    try:
        if task.product is None:
            sending.gone()
        else:
            sending.product(task.product)
    except WireError as error:
        sent.failure = error
    return sent


@attrs.define
class _Sending:
    """One product on its way."""

    terms: ProductTerms
    task: ProductTask
    sent: SentProduct
    held: HeldProduct

    def product(self, product: Product) -> None:
        """Make the product known, or what is new of it."""
        try:
            create = encoded(lambda: to_create_product(product, self.terms.currency))
        except (NotExportable, NotSendable) as error:
            self._left_out("not_exportable" if isinstance(error, NotExportable) else "refused", str(error))
            return
        now = HeldProduct.of(create)
        update = update_product_of(create, self.held.texts)
        never_there = not self.task.is_there and create.status is ProductStatus.DELETED
        if never_there or self._is_known(now, product_update_hash(update)):
            self._count("unchanged")
            return
        try:
            if self.task.is_there:
                self._tell(create, update, now)
            else:
                self._make(create, update, now)
        except WireError as error:
            self._refused(error, now)

    def gone(self) -> None:
        """Say of a product that the shop has no more that it is deleted, and sells nothing."""
        now = self.held.gone()
        if not self.task.is_there:
            self._write("gone", hash=now)
            return
        siblings = self.task.key[1] and self.terms.dialect.variant_address == "productId"
        reason = _NOWHERE if siblings else self._unreachable
        if reason is not None:
            self._count("not_sendable")
            self._write("not_sendable", f"the shop has it no more, and {reason}", hash=now)
            return
        try:
            self._put(GONE)
        except NotFoundThere:
            pass  # so it is gone there too
        except WireError as error:
            self._refused(error, now)
            return
        self._count("gone")
        self._write("gone", hash=now, update_hash=product_update_hash(GONE))

    def _is_known(self, now: HeldProduct, update_hash: str) -> bool:
        """Tell whether the shop says nothing new, and nothing waits that could be told by now."""
        row = self.task.row
        if row is None or self.held.seen != now.seen or (self.terms.again and row.state == "refused"):
            return False
        return row.state != "not_sendable" or row.update_hash == update_hash or self._unreachable is not None

    def _tell(self, create: CreateProduct, update: UpdateProduct, now: HeldProduct) -> None:
        """Tell what is new of a product that is there."""
        assert self.task.row is not None
        lost = self.held.lacks(now)
        if product_update_hash(update) == self.task.row.update_hash:
            self._told("" if lost else "unchanged", update, now, lost)
        elif self._unreachable is not None:
            self._count("not_sendable")
            self._write("not_sendable", self._unreachable, hash=HeldProduct(now.seen, self.held.parts))
        else:
            try:
                self._put(update)
            except NotFoundThere:
                self._make(create, update, now)
            else:
                self._told("updated", update, now, lost)

    def _told(self, how: str, update: UpdateProduct, now: HeldProduct, lost: list[str]) -> None:
        reason = f"an update cannot carry what changed: {', '.join(lost)} (PRD-U)" if lost else None
        for what in (how, "not_sendable" if lost else ""):
            if what:
                self._count(what)
        self._write(
            "not_sendable" if lost else "sent",
            reason,
            hash=self.held.updated(now),
            update_hash=product_update_hash(update),
        )

    def _make(self, create: CreateProduct, update: UpdateProduct, now: HeldProduct) -> None:
        """Make it known; of one that is there and that no update reaches nobody knows what is there."""
        how = self._create(create, update)
        if how == "untold":
            self._count("not_sendable")
            self._write("not_sendable", f"it is there already, and {self._unreachable}", hash=now, update_hash=_UNTOLD)
            return
        self._count(how)
        self._write("sent", hash=now, update_hash=product_update_hash(update))

    def _create(self, create: CreateProduct, update: UpdateProduct) -> str:
        """POST, then PUT where it may be there; return ``created``, ``updated``, or ``untold`` where none can."""
        is_told = False

        def tell() -> bool:
            nonlocal is_told
            if self._unreachable is None:
                try:
                    self._put(update)
                except NotFoundThere:
                    return False
                is_told = True
            return is_told

        def put() -> None:
            if not is_told and not tell() and self._unreachable is None:
                by = " by this id (wire.variant_address, G-18)" if self.task.key[1] else ""
                raise Unclear(f"the API answers that it has this product already, and that it does not know it{by}")

        how = make_known(lambda: self.terms.api.create_product(create), tell, put)
        return how if how == "created" or is_told else "untold"

    @property
    def _unreachable(self) -> str | None:
        """Why no update may be sent; None where one may."""
        if product_address(*self.task.key, self.terms.dialect) is None:
            return _NOWHERE
        return _EITHER if self.task.is_shared else None

    def _put(self, update: UpdateProduct) -> None:
        address = product_address(*self.task.key, self.terms.dialect)
        assert address is not None
        self.terms.api.update_product(address, update)

    def _refused(self, error: WireError, now: HeldProduct) -> None:
        """List it as refused; raise what is no refusal."""
        if not is_refusal(error):
            raise error
        self._count("refused")
        self._write("refused", str(error), hash=HeldProduct(now.seen, self.held.parts))

    def _left_out(self, state: str, reason: str) -> None:
        """List the product with the reason, once for each."""
        row, held = self.task.row, HeldProduct(text_hash(reason), self.held.parts)
        if row is not None and (row.state, row.reason, row.hash) == (state, reason, str(held)):
            self._count("unchanged")
            return
        self._count(state)
        self._write(state, reason, hash=held)

    def _count(self, what: str) -> None:
        self.sent.count += ExportedProducts(**{what: 1})

    def _write(self, state: str, reason: str | None = None, *, hash: HeldProduct, **more: str) -> None:  # noqa: A002 - the column's name
        self.sent.row = {"state": state, "reason": reason, "at": self.terms.now, "hash": str(hash), **more}
