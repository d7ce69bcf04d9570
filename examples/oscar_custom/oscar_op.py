"""
A stock django-oscar 4.2 shop on SQLite as an op-core backend: plain ``sqlite3``, no Django.

A refund is ``booked``: rows are written as Oscar would write them, no money moves, and the shop pays it elsewhere.
Store credit and a later charge are not offered: Oscar keeps no balance of a customer and has no way to bill one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import attrs
import oscar_rows as rows
import oscar_writes as writes

from op_core.capabilities import Capability, Support
from op_core.errors import NotSent, SettingsError
from op_core.models import Fulfillment, LineQuantity, Order, OrderPage, ProductPage, Stock
from op_core.requests import NoteRequest, ProtectionChangeRequest, RefundRequest, ReshipRequest
from op_core.stubs import Backend, GrantedRefund, OrderNote, ProtectionChange, ReplacementOrder

__all__ = ["OscarShop"]

_NO_CREDIT = Capability(Support.UNSUPPORTED, "Oscar keeps no balance of a customer")
_BOOKED = Capability(Support.SUPPORTED, "SQL reaches no gateway: the shop pays what is booked", money="booked")
_NO_BILL = Capability(Support.UNSUPPORTED, "Oscar has no way to bill a customer after the sale")


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.define(eq=False)
class OscarShop(Backend):
    """
    An Oscar shop in one SQLite file. Any number of threads may use it: each call has a connection of its own.

    Each effect is one transaction together with its mark. Asked again under a reference that is there already, it does
    nothing and returns the first result.

    Attributes:
        database: The file, which must be there. A relative path is relative to *directory*.
        directory: The folder of op.toml; None: the current one.
        wait: Seconds for which a call waits for another writer of the file.
        clock: Gives the time, UTC.

    Raises:
        SettingsError: There is no such file, or it is not Oscar's.
    """

    capabilities: ClassVar[dict[str, Capability]] = {
        "op_issue_store_credit": _NO_CREDIT,
        "op_find_store_credit": _NO_CREDIT,
        "op_charge_protection": _NO_BILL,
        "op_issue_refund": _BOOKED,
        "op_refund_protection": _BOOKED,
    }

    database: str
    directory: Path | None = None
    wait: float = 5.0
    clock: Callable[[], datetime] = attrs.field(default=_now, kw_only=True)
    _file: Path = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Find the file and look for Oscar's tables."""
        self._file = (self.directory or Path()).absolute() / self.database
        if not self._file.is_file():
            raise SettingsError(f"options.database: {self._file} is no file; expected Oscar's SQLite database")
        try:
            with self._reading() as db:
                db.execute("select number, analytics_tracked from order_order limit 1")
        except sqlite3.DatabaseError as error:
            raise SettingsError(f"options.database: {self._file} is no database of Oscar 4.2: {error}") from None

    def _open(self) -> sqlite3.Connection:
        uri = f"{self._file.as_uri()}?mode=rw"  # never makes an empty file
        db = sqlite3.connect(uri, uri=True, timeout=self.wait, isolation_level=None)
        db.row_factory = sqlite3.Row
        return db

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with closing(self._open()) as db:
            db.execute("begin")  # all statements see the same shop
            yield db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(self._open()) as db:
            db.execute("pragma foreign_keys = on")
            try:
                db.execute("begin immediate")
            except sqlite3.OperationalError:
                raise NotSent(f"another writer held the shop's database for {self.wait:g} seconds") from None
            yield db  # an error closes the connection, which undoes everything
            db.execute("commit")

    # --- Reading -----------------------------------------------------------------------------------------------------

    def changed_orders(self, since: datetime | None, cursor: str | None, limit: int) -> OrderPage:
        """Return one page of orders, oldest change first."""
        with self._reading() as db:
            return rows.order_page(db, since, cursor, limit)

    def order(self, order_id: str) -> Order | None:
        """Return the order with its payments."""
        with self._reading() as db:
            return next((order for order in rows.orders(db, [order_id]) if order.id == order_id), None)

    def fulfillments(self, order_ids: Sequence[str]) -> list[Fulfillment]:
        """Return the parcels of these orders, as their shipping events tell them."""
        with self._reading() as db:
            return rows.fulfillments(db, order_ids)

    def stock(self, order: Order, lines: Sequence[LineQuantity]) -> list[Stock]:
        """Return what is in stock and not allocated."""
        with self._reading() as db:
            shelf = rows.shelf(db, order.id)
        return [Stock(line.line_id, rows.free(shelf.get(line.line_id))) for line in lines]

    def products(self, since: datetime | None, cursor: str | None, limit: int) -> ProductPage:
        """Return one page of what the shop sells."""
        with self._reading() as db:
            return rows.product_page(db, since, cursor, limit)

    # --- Changing ----------------------------------------------------------------------------------------------------

    def create_replacement(self, request: ReshipRequest) -> ReplacementOrder:
        """
        Make an order ``RS-…`` of these units at price 0, and allocate their stock.

        Its number is the reference's, and unique in Oscar; its lines say what they replace; both orders get a note.
        Refused: too few units in stock, units that the order does not have, a country that Oscar does not know.
        """
        with self._writing() as db:
            if not writes.replacements(db, request.reference):
                writes.replace(db, request, rows.stamp(self.clock()))
            return writes.replacements(db, request.reference)[0]

    def find_replacements(self, reference: str, order: Order) -> list[ReplacementOrder]:  # noqa: ARG002 - numbers are unique
        """Return the order of the reference's number, if it is there."""
        with self._reading() as db:
            return writes.replacements(db, reference)

    def grant_refund(self, request: RefundRequest) -> GrantedRefund:
        """Book a refund on the payment source, never above what it was debited. No money moves (``booked``)."""
        with self._writing() as db:
            if not writes.refunds(db, request.reference, request.order):
                event = writes.book(db, request, request.amount, request.payment_id, rows.stamp(self.clock()))
                writes.count_units(db, request, event)
            return GrantedRefund(*writes.refunds(db, request.reference, request.order)[0])

    def find_refunds(self, reference: str, order: Order) -> list[GrantedRefund]:
        """Return the order's refund transactions under the reference."""
        with self._reading() as db:
            return [GrantedRefund(*found) for found in writes.refunds(db, reference, order)]

    def refund_protection(self, request: ProtectionChangeRequest) -> ProtectionChange:
        """Book the premium's give-back on the first source that has enough left. No money moves (``booked``)."""
        with self._writing() as db:
            if not writes.refunds(db, request.reference, request.order):
                writes.book(db, request, request.amount, None, rows.stamp(self.clock()))
            return ProtectionChange(*writes.refunds(db, request.reference, request.order)[0])

    def find_protection_changes(self, reference: str, order: Order) -> list[ProtectionChange]:
        """Return the give-backs of the premium under the reference."""
        with self._reading() as db:
            return [ProtectionChange(*found) for found in writes.refunds(db, reference, order)]

    def add_note(self, request: NoteRequest) -> OrderNote:
        """Put a note on the order that begins with the reference."""
        with self._writing() as db:
            if not writes.notes(db, request.reference, request.order):
                writes.note(
                    db, request.order.id, f"{request.reference}: {request.text.plain}", rows.stamp(self.clock())
                )
            return writes.notes(db, request.reference, request.order)[0]

    def find_notes(self, reference: str, order: Order) -> list[OrderNote]:
        """Return the order's notes that begin with the reference."""
        with self._reading() as db:
            return writes.notes(db, reference, order)
