"""
The demo shop: a small, honest shop on SQLite behind the stub interfaces.

It refuses what a shop refuses (a refund above what is left, units that are not in stock), and it does what it is
told as often as it is told: asked twice under one reference, it gives twice. `DemoShop.doubled` shows where.
"""

# ruff: noqa: ARG002 - the finds of the interface are given the order too; the reference alone is enough here
from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import attrs

from op_core.demo import reading, tables
from op_core.demo.tables import from_minor, stamp, to_minor
from op_core.demo.writing import (
    insert_order,
    insert_parcel,
    insert_product,
    ordered,
    replacement,
    take_stock,
    to_positive_minor,
    touch,
)
from op_core.errors import Refused, SettingsError
from op_core.models import Fulfillment, LineQuantity, Order, OrderPage, Product, ProductPage, Stock
from op_core.requests import (
    NoteRequest,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)
from op_core.stubs import Backend, GrantedRefund, OrderNote, ProtectionChange, ReplacementOrder, StoreCredit

__all__ = ["DemoShop"]


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.define(eq=False)
class DemoShop(Backend):
    """
    A shop in one SQLite file. Any number of threads and processes may use it at once.

    Attributes:
        database: The file; made if it is not there. A relative path is relative to *directory*.
        directory: The folder of op.toml; None: the current one.
        refund_money: What becomes of a refund's money: a pretended gateway answers (``moved``), `settle_refunds`
            pays later (``queued``), or a row is all there is (``booked``).
        clock: Gives the time, UTC.

    Raises:
        SettingsError: The file's folder does not exist, or the file is no database.
    """

    database: str | Path
    directory: Path | None = attrs.field(default=None, kw_only=True)
    refund_money: Literal["moved", "queued", "booked"] = attrs.field(
        default="moved", kw_only=True, validator=attrs.validators.in_(("moved", "queued", "booked"))
    )
    clock: Callable[[], datetime] = attrs.field(default=_now, kw_only=True)
    _path: Path = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make the tables where they are missing."""
        self._path = (self.directory or Path()) / self.database
        if not self._path.parent.is_dir():
            raise SettingsError(f"options.database is {str(self.database)!r}, whose folder does not exist")
        try:
            tables.create(self._path)
        except sqlite3.DatabaseError as error:
            raise SettingsError(
                f"options.database {str(self.database)!r} is no SQLite file that one can use"
            ) from error

    # --- Filling -------------------------------------------------------------------------------------------------

    def add_product(self, product: Product, *, updated_at: datetime) -> None:
        """Put a product, or a variant of one, into the catalogue. A quantity of None is never counted."""
        with tables.writing(self._path) as shop:
            insert_product(shop, product, updated_at)

    def add_order(self, order: Order, parcels: Sequence[Fulfillment] = ()) -> None:
        """Put a sale into the shop as it is, with its payments and parcels. What was refunded is not taken over."""
        with tables.writing(self._path) as shop:
            insert_order(shop, order)
            for parcel in parcels:
                insert_parcel(shop, parcel)

    # --- Reading -------------------------------------------------------------------------------------------------

    def changed_orders(self, since: datetime | None, cursor: str | None, limit: int) -> OrderPage:
        """Return the orders that changed, by time of change and id, after the place that *cursor* names."""
        with tables.reading(self._path) as shop:
            ids, place, done = reading.page(shop, "orders", since, cursor, limit)
            return OrderPage(reading.orders(shop, ids), place, done)

    def order(self, order_id: str) -> Order | None:
        """Return the order, or None."""
        with tables.reading(self._path) as shop:
            return next(iter(reading.orders(shop, [order_id])), None)

    def fulfillments(self, order_ids: Sequence[str]) -> Sequence[Fulfillment]:
        """Return the parcels of these orders."""
        with tables.reading(self._path) as shop:
            return reading.fulfillments(shop, order_ids)

    def stock(self, order: Order, lines: Sequence[LineQuantity]) -> Sequence[Stock]:
        """Return the stock of each line, by its SKU; None for what the catalogue does not have or count."""
        skus = {line.id: line.sku for line in order.lines}
        with tables.reading(self._path) as shop:
            counted = dict(shop.execute("SELECT sku, quantity FROM products").fetchall())
        return [Stock(line.line_id, counted.get(skus.get(line.line_id))) for line in lines]

    def products(self, since: datetime | None, cursor: str | None, limit: int) -> ProductPage:
        """Return one page of products, paged as `changed_orders` is. A sale changes no product's time of change."""
        with tables.reading(self._path) as shop:
            skus, place, done = reading.page(shop, "products", since, cursor, limit)
            return ProductPage(reading.products(shop, skus), place, done)

    # --- Changing ------------------------------------------------------------------------------------------------

    def create_replacement(self, request: ReshipRequest) -> ReplacementOrder:
        """Make an order at price 0 whose id and number are the original's and ``-R1``. Nobody is notified."""
        with tables.writing(self._path) as shop:
            original = ordered(shop, request)
            (nth,) = shop.execute("SELECT COUNT(*) + 1 FROM orders WHERE replaces = ?", (original.id,)).fetchone()
            made = replacement(original, request, nth, touch(shop, original.id, self.clock()))
            if request.take_stock:
                for line in made.lines:
                    take_stock(shop, line)
            insert_order(shop, made, reference=request.reference, method=request.shipping_method or "shop default")
        return ReplacementOrder(made.id, made.number, request.reference, original.id)

    def find_replacements(self, reference: str, order: Order) -> Sequence[ReplacementOrder]:
        """Return the replacements under the reference."""
        with tables.reading(self._path) as shop:
            rows = shop.execute("SELECT * FROM orders WHERE reference = ? ORDER BY created_at, id", (reference,))
            return [ReplacementOrder(row["id"], row["number"], reference, row["replaces"]) for row in rows]

    def grant_refund(self, request: RefundRequest) -> GrantedRefund:
        """Give back from one payment, never more than is left of it."""
        with tables.writing(self._path) as shop:
            order = ordered(shop, request)
            amount = to_positive_minor(request.amount, order)
            payment = next((one for one in order.payments if one.id == request.payment_id), None)
            if payment is None:
                raise Refused(f"order {order.id} has no payment {request.payment_id}")
            if payment.refundable < request.amount:
                raise Refused(f"{request.amount} is more than the {payment.refundable} left of payment {payment.id}")
            if any(order.line(line.line_id) is None for line in request.lines):
                raise Refused(f"the refund is for lines that order {order.id} does not have")
            now = touch(shop, order.id, self.clock())
            made = shop.execute(
                "INSERT INTO refunds (order_id, payment_id, amount, money, reason, reference, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (order.id, payment.id, amount, self.refund_money, request.reason, request.reference, stamp(now)),
            ).lastrowid
            items = [(made, line.line_id, line.quantity) for line in request.lines]
            shop.executemany("INSERT INTO refund_items VALUES (?, ?, ?)", items)
        return GrantedRefund(f"refund-{made}", request.amount, request.reference, self.refund_money)

    def find_refunds(self, reference: str, order: Order) -> Sequence[GrantedRefund]:
        """Return the refunds under the reference."""
        with tables.reading(self._path) as shop:
            rows = shop.execute(
                "SELECT refunds.*, currency FROM refunds JOIN orders ON orders.id = order_id"
                " WHERE refunds.reference = ? ORDER BY refunds.id",
                (reference,),
            ).fetchall()
        return [
            GrantedRefund(f"refund-{row['id']}", from_minor(row["amount"], row["currency"]), reference, row["money"])
            for row in rows
        ]

    def settle_refunds(self) -> int:
        """Pay every queued refund, as the shop's own job would; return how many."""
        with tables.writing(self._path) as shop:
            queued = "SELECT DISTINCT order_id FROM refunds WHERE money = 'queued'"
            for (order_id,) in shop.execute(queued).fetchall():
                touch(shop, order_id, self.clock())
            return shop.execute("UPDATE refunds SET money = 'moved' WHERE money = 'queued'").rowcount

    def issue_store_credit(self, request: StoreCreditRequest) -> StoreCredit:
        """Give the order's customer credit in the order's currency."""
        with tables.writing(self._path) as shop:
            order = ordered(shop, request)
            row = (order.id, order.customer.email, to_positive_minor(request.amount, order), request.reference)
            made = shop.execute(
                "INSERT INTO store_credits (order_id, email, amount, reference, created_at) VALUES (?, ?, ?, ?, ?)",
                (*row, stamp(touch(shop, order.id, self.clock()))),
            ).lastrowid
        return StoreCredit(f"credit-{made}", request.amount, request.reference)

    def find_store_credits(self, reference: str, order: Order) -> Sequence[StoreCredit]:
        """Return the credits under the reference."""
        found = [one for one in self.effects(reference) if one.kind == "store_credit"]
        return [StoreCredit(one.id, one.amount, reference) for one in found if one.amount]

    def charge_protection(self, request: ProtectionChangeRequest) -> ProtectionChange:
        """Bill the premium: a further payment on the order, whose premium and total grow by it."""
        with tables.writing(self._path) as shop:
            order = ordered(shop, request)
            amount = to_positive_minor(request.amount, order)
            payment_id = f"{order.id}-P{len(order.payments) + 1}"
            row = (payment_id, order.id, len(order.payments) + 1, "card", amount)
            shop.execute("INSERT INTO payments VALUES (?, ?, ?, ?, ?)", row)
            before = to_minor(order.premium_paid) if order.premium_paid else 0
            shop.execute(
                "UPDATE orders SET premium = ?, total = total + ? WHERE id = ?", (before + amount, amount, order.id)
            )
            return self._protection(shop, request, "charge", payment_id)

    def refund_protection(self, request: ProtectionChangeRequest) -> ProtectionChange:
        """Give the premium back from the first payment that has enough left, never more than the premium paid."""
        with tables.writing(self._path) as shop:
            order = ordered(shop, request)
            to_positive_minor(request.amount, order)
            given = "SELECT COALESCE(SUM(amount), 0) FROM protection_charges WHERE kind = 'refund' AND order_id = ?"
            (back,) = shop.execute(given, (order.id,)).fetchone()
            left = (order.premium_paid or from_minor(0, order.currency)) - from_minor(back, order.currency)
            if left < request.amount:
                raise Refused(f"{request.amount} is more than the {left} left of the premium")
            payment = next((one for one in order.payments if request.amount <= one.refundable), None)
            if payment is None:
                raise Refused(f"no payment of order {order.id} has {request.amount} left")
            return self._protection(shop, request, "refund", payment.id)

    def find_protection_changes(self, reference: str, order: Order) -> Sequence[ProtectionChange]:
        """Return the charges and give-backs under the reference."""
        found = [one for one in self.effects(reference) if one.kind.startswith("protection_")]
        return [ProtectionChange(one.id, one.amount, reference, "moved") for one in found if one.amount]

    def add_note(self, request: NoteRequest) -> OrderNote:
        """Put a note on the order."""
        with tables.writing(self._path) as shop:
            order = ordered(shop, request)
            row = (order.id, request.text.plain, request.reference, stamp(touch(shop, order.id, self.clock())))
            made = shop.execute(
                "INSERT INTO notes (order_id, text, reference, created_at) VALUES (?, ?, ?, ?)", row
            ).lastrowid
        return OrderNote(f"note-{made}", request.reference)

    def find_notes(self, reference: str, order: Order) -> Sequence[OrderNote]:
        """Return the notes under the reference."""
        return [OrderNote(one.id, reference) for one in self.effects(reference) if one.kind == "note"]

    def _protection(
        self, shop: sqlite3.Connection, request: ProtectionChangeRequest, kind: str, payment_id: str
    ) -> ProtectionChange:
        order_id = request.order.id
        row = (order_id, kind, payment_id, to_minor(request.amount), request.reference)
        made = shop.execute(
            "INSERT INTO protection_charges (order_id, kind, payment_id, amount, reference, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (*row, stamp(touch(shop, order_id, self.clock()))),
        ).lastrowid
        return ProtectionChange(f"protection-{made}", request.amount, request.reference, "moved")

    # --- Counting ------------------------------------------------------------------------------------------------

    def effects(self, reference: str | None = None) -> list[reading.ShopEffect]:
        """Return every effect in the shop's own tables, or those under one reference."""
        with tables.reading(self._path) as shop:
            return reading.effects(shop, reference)

    def count_effects(self) -> dict[str, int]:
        """Return how many effects there are of each kind."""
        return dict(Counter(effect.kind for effect in self.effects()))

    def doubled(self) -> dict[str, int]:
        """Return each reference under which there is more than one effect, and how many there are."""
        return {one: n for one, n in Counter(effect.reference for effect in self.effects()).items() if n > 1}
