"""A real Oscar's database as a subject of the kit: its own schema, and the orders that a test puts there."""

from __future__ import annotations

import functools
import gzip
import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
from oscar_order import Rows
from oscar_tables import Tables, stamp

from op_core.models import Fulfillment, LineQuantity, Order, Product
from op_core.money import Money
from op_core.testing.subject import Effected, Subject, Wire

__all__ = ["OscarSubject"]

FILLED = Path(__file__).parents[1] / "oscar-300-orders.sqlite3.gz"
KEPT = """address_country order_paymenteventtype order_shippingeventtype payment_sourcetype catalogue_productclass
    partner_partner django_site django_migrations sqlite_sequence""".split()

_LATEST = """select max(at) from (select max(date_placed) at from order_order
    union all select max(date_created) from order_orderstatuschange
    union all select max(date_created) from order_shippingevent
    union all select max(date_created) from order_paymentevent
    union all select max(date_updated) from order_ordernote)"""
_REFUNDS = """
with paid as (
    select t.*, s.currency, s.order_id, row_number() over (partition by s.order_id order by t.id) nth
    from payment_transaction t join payment_source s on s.id = t.source_id
    where t.txn_type = 'Refund' and t.reference like 'OP-%'),
told as (
    select e.*, row_number() over (partition by e.order_id order by e.id) nth
    from order_paymentevent e join order_paymenteventtype y on y.id = e.event_type_id
    where y.code = 'refunded' and (e.reference like 'OP-%' or e.reference like 'claim:%'))
select p.*, t.reference subject, (select json_group_object(q.line_id, q.quantity)
    from order_paymenteventquantity q where q.event_id = t.id) units
from paid p left join told t on t.order_id = p.order_id and t.nth = p.nth"""
_RESHIPS = """
select o.id, o.date_placed, o.number, o.currency, o.total_incl_tax,
    (select sum(amount_debited - amount_refunded) from payment_source where order_id = o.id) paid
from order_order o where o.number like 'RS-%'"""
_SENT = "select partner_line_notes, quantity from order_line where order_id = ? order by id"
_NOTES = """
select id, date_created, order_id, message from order_ordernote
where message like 'OP-%'
    and 'RS-' || substr(message, 4, instr(message, ':') - 4) not in (select number from order_order)"""
_MARK = re.compile(r"OP-\w+ sends line (\d+) of order (\d+) again")


@functools.cache
def _empty() -> bytes:
    """Return the database without its orders, customers and products, in pages so small that it is soon copied."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "oscar.sqlite3"
        file.write_bytes(gzip.decompress(FILLED.read_bytes()))
        with closing(sqlite3.connect(file, isolation_level=None)) as db:
            db.execute("pragma synchronous = off")
            for (name,) in db.execute("select name from sqlite_master where type = 'table'").fetchall():
                if name not in KEPT:
                    db.execute(f'delete from "{name}"')  # noqa: S608 - a name of the schema
            db.execute("pragma page_size = 512")
            db.execute("vacuum")
        return file.read_bytes()


@attrs.define(eq=False, repr=False)
class OscarSubject(Subject):
    """
    An adapter over Oscar's tables in a SQLite file.

    Args:
        file: Where the database is made.
        connect: Makes the adapter of the file and of a clock.
        wired: Puts an adapter on the wire, which is there but for the first one.
        settings: Those that the adapter would be made of.
    """

    file: Path
    connect: Callable[[Path, Callable[[], datetime]], Any]
    wired: Callable[[Any, Any], Wire]
    settings: Mapping[str, Any]
    secrets: Sequence[str] = ()
    adapter: Any = attrs.field(init=False)
    wire: Any = attrs.field(init=False, default=None)
    _open: list[Any] = attrs.field(init=False, factory=list)
    _db: sqlite3.Connection = attrs.field(init=False)
    _now: datetime | None = attrs.field(init=False, default=None)
    _kept: bytes = attrs.field(init=False, default=b"")  # what the file holds, while nobody wrote to it since
    _version: int = attrs.field(init=False, default=-1)

    def __attrs_post_init__(self) -> None:
        """Make the file and the adapter."""
        self.file.write_bytes(_empty())
        self._db = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma synchronous = off")
        self._db.execute("pragma journal_mode = memory")
        self.adapter = self.fresh()

    def fresh(self) -> Any:
        """Return another instance over the same file."""
        self._open.append(made := self.connect(self.file, self._clock))
        self.wire = self.wired(made, self.wire)
        return made

    def _clock(self) -> datetime:
        return self._now or datetime.now(UTC)

    def tick(self, now: datetime) -> None:
        """Take the time."""
        self._now = now

    def close(self) -> None:
        """Close every adapter, then the file."""
        for one in self._open:
            one.close()
        self._db.close()

    # --- The shop, by hand ---------------------------------------------------------------------------------------

    def put(self, order: Order, parcels: Sequence[Fulfillment] = ()) -> Order:
        """Write its rows as Oscar's checkout, its dashboard and its warehouse would."""
        with self._writing() as tables:
            return Rows(tables).put(order, parcels)

    def offer(self, products: Sequence[Product]) -> None:
        """Write them into the catalogue."""
        with self._writing() as tables:
            tables.offer(products)

    @contextmanager
    def _writing(self) -> Iterator[Tables]:
        self._version = -1
        self._db.execute("begin immediate")
        try:
            yield Tables(self._db)
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def change(self, order_id: str) -> None:
        """Move the order on, as the dashboard writes it."""
        self._version = -1
        (latest,) = self._db.execute(_LATEST).fetchone()
        at = stamp(datetime.fromisoformat(latest).replace(tzinfo=UTC) + timedelta(seconds=1))
        (old,) = self._db.execute("select status from order_order where id = ?", (order_id,)).fetchone()
        new = "Being processed" if old == "Pending" else "Pending"
        self._db.execute("update order_order set status = ? where id = ?", (new, order_id))
        self._db.execute(
            "insert into order_orderstatuschange (old_status, new_status, order_id, date_created) values (?, ?, ?, ?)",
            (old, new, order_id, at),
        )

    def spoil(self, order_id: str) -> None:
        """Write text for a number: SQLite takes it."""
        self._version = -1
        self._db.execute("update order_order set total_incl_tax = 'none' where id = ?", (order_id,))

    def stock(self, order: Order, line_id: str, available: int) -> None:
        """Count the stock record that the line was sold from."""
        self._version = -1
        self._db.execute(
            """update partner_stockrecord set num_in_stock = ? + coalesce(num_allocated, 0)
               where id = (select stockrecord_id from order_line where id = ?)""",
            (available, line_id),
        )

    # --- What it holds of ours -----------------------------------------------------------------------------------

    def effects(self) -> list[Effected]:
        """Return refunds, replacements and notes under a reference of ours."""
        found = [
            *((row["date_created"], _refund(row)) for row in self._db.execute(_REFUNDS)),
            *((row["date_placed"], self._reship(row)) for row in self._db.execute(_RESHIPS)),
            *((row["date_created"], _note(row)) for row in self._db.execute(_NOTES)),
        ]
        return [effect for _, effect in sorted(found, key=lambda one: one[0])]

    def _reship(self, row: sqlite3.Row) -> Effected:
        lines = [(_MARK.fullmatch(mark), quantity) for mark, quantity in self._db.execute(_SENT, (row["id"],))]
        paid = _money(row["paid"] or 0, row["currency"])
        return Effected(
            row["number"].replace("RS-", "OP-"),
            str(row["id"]),
            verb="reship",
            order_id=next((said[2] for said, _ in lines if said), ""),
            lines=tuple(LineQuantity(said[1] if said else "?", quantity) for said, quantity in lines),
            owed=_money(row["total_incl_tax"], row["currency"]) - paid,
            paid=paid,
        )

    # --- Time ----------------------------------------------------------------------------------------------------

    def save(self) -> bytes:
        """Return the file's bytes; the same ones while nobody wrote."""
        version = self._seen()
        if version != self._version:
            self._kept, self._version = self._db.serialize(), version
        return self._kept

    def load(self, saved: bytes) -> None:
        """Write the bytes through SQLite, so that every open connection sees that the file is another."""
        if saved is self._kept and self._seen() == self._version:
            return
        with closing(sqlite3.connect(":memory:")) as source:
            source.deserialize(saved)
            source.backup(self._db)
        self._kept, self._version = saved, self._seen()

    def _seen(self) -> int:
        return int(self._db.execute("pragma data_version").fetchone()[0])


def _money(amount: float, currency: str) -> Money:
    return Money(Decimal(str(amount)).quantize(Decimal("0.01")), currency).rounded()


def _refund(row: sqlite3.Row) -> Effected:
    units = json.loads(row["units"]).items()
    return Effected(
        row["reference"],
        str(row["id"]),
        _money(row["amount"], row["currency"]),
        verb="refund_protection" if row["subject"] == row["reference"] else "refund",
        order_id=str(row["order_id"]),
        payment_id=str(row["source_id"]),
        lines=tuple(LineQuantity(line, quantity) for line, quantity in units),
    )


def _note(row: sqlite3.Row) -> Effected:
    reference, _, text = row["message"].partition(": ")
    return Effected(reference, str(row["id"]), verb="note", order_id=str(row["order_id"]), text=text)
