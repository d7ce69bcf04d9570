"""What is written into Oscar's tables for one effect, and how it is found again; the caller holds the transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import oscar_rows as rows

from op_core.errors import Refused
from op_core.models import Address, LineQuantity, Order
from op_core.money import Money
from op_core.requests import Effect, RefundRequest, ReshipRequest
from op_core.stubs import OrderNote, ReplacementOrder

__all__ = ["book", "count_units", "note", "notes", "refunds", "replace", "replacements"]

_RESHIP = "op-reship"  # the shipping code of our replacements

_REPLACEMENTS = """
select o.id, o.number, l.partner_line_notes mark from order_order o join order_line l on l.order_id = o.id
where o.number = ? and o.shipping_code = ? order by l.id limit 1"""
_REFUNDS = """
select t.id, t.amount, s.currency from payment_transaction t join payment_source s on s.id = t.source_id
where t.txn_type = 'Refund' and t.reference = ? and s.order_id = ? order by t.id"""
_NOTES = "select id from order_ordernote where instr(message, ?) = 1 and order_id = ? order by id"
_COPY_LINE = """
insert into order_line (order_id, partner_id, partner_name, partner_sku, partner_line_reference, partner_line_notes,
    stockrecord_id, product_id, title, upc, quantity, line_price_incl_tax, line_price_excl_tax,
    line_price_before_discounts_incl_tax, line_price_before_discounts_excl_tax, unit_price_incl_tax,
    unit_price_excl_tax, status, num_allocated, allocation_cancelled)
select :order, partner_id, partner_name, partner_sku, '', :mark, stockrecord_id, product_id, title, upc, :quantity,
    0, 0, 0, 0, 0, 0, 'Pending', :allocated, 0 from order_line where id = :line"""
_ALLOCATE = """
update partner_stockrecord set num_allocated = coalesce(num_allocated, 0) + :quantity, date_updated = :now
where id = :id and coalesce(num_in_stock, 0) - coalesce(num_allocated, 0) >= :quantity"""
_REFUNDED_UNITS = """
select l.quantity - coalesce(sum(q.quantity), 0) rest, coalesce(max(e.reference = :subject), 0) counted
from order_line l left join (order_paymenteventquantity q join order_paymentevent e on e.id = q.event_id
    join order_paymenteventtype t on t.id = e.event_type_id and t.code = 'refunded') on q.line_id = l.id
where l.id = :line and l.order_id = :order group by l.id"""


def _insert(db: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> int:
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    made = db.execute(f"insert into {table} ({names}) values ({marks})", values)  # noqa: S608 - the names are this file's own
    assert made.lastrowid is not None
    return made.lastrowid


def _units(lines: Iterable[LineQuantity]) -> Counter[str]:
    units = Counter[str]()
    for line in lines:
        units[line.line_id] += line.quantity
    return +units


def notes(db: sqlite3.Connection, reference: str, order: Order) -> list[OrderNote]:
    """Return the order's notes that begin with the reference."""
    return [OrderNote(str(row["id"]), reference) for row in db.execute(_NOTES, (f"{reference}:", order.id))]


def note(db: sqlite3.Connection, order_id: str | int, message: str, now: str) -> None:
    """Put a note on the order that staff cannot edit."""
    values = {"order_id": order_id, "message": message, "date_created": now, "date_updated": now}
    _insert(db, "order_ordernote", values | {"note_type": "System"})


# --- Replacements ----------------------------------------------------------------------------------------------------


def replace(db: sqlite3.Connection, request: ReshipRequest, now: str) -> None:
    """Make the replacement order, its lines at price 0 and a note on both orders; allocate the stock."""
    source = db.execute("select * from order_order where id = ?", (request.order.id,)).fetchone()
    if source is None:
        raise Refused(f"this shop has no order {request.order.id}")
    number = _number(request.reference)
    free = dict.fromkeys(("total_incl_tax", "total_excl_tax", "shipping_incl_tax", "shipping_excl_tax"), 0)
    copied = {name: source[name] for name in ("currency", "guest_email", "site_id", "user_id")}
    own = {
        "number": number,
        "status": "Pending",
        "date_placed": now,
        "shipping_address_id": _ship_to(db, source["shipping_address_id"], request.address),
        "shipping_method": request.shipping_method or "Replacement",
        "shipping_code": _RESHIP,
        "analytics_tracked": 0,
    }
    order = _insert(db, "order_order", free | copied | own)
    _copy_lines(db, request, order, now)
    claim = f" (claim {request.claim_id})" if request.claim_id else ""
    note(db, order, f"{request.reference}: replaces order {source['number']}{claim}", now)
    note(db, source["id"], f"{request.reference}: replaced by order {number}{claim}", now)


def _ship_to(db: sqlite3.Connection, address_id: int | None, address: Address) -> int:
    row = db.execute("select * from order_shippingaddress where id = ?", (address_id,)).fetchone()
    if row is not None and rows.address(row) == address:
        same = {name: row[name] for name in row.keys() if name not in ("id", "code")}  # noqa: SIM118 - a Row iterates over values
        return _insert(db, "order_shippingaddress", same)
    country = db.execute("select name from address_country where iso_3166_1_a2 = ?", (address.country,)).fetchone()
    if country is None:
        raise Refused(f"this shop's address_country has no {address.country!r}")
    said = {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "line1": address.street_address_1,
        "line2": address.street_address_2,
        "line3": address.company_name,
        "line4": address.city,
        "state": address.country_area,
        "postcode": address.postal_code,
    }
    rest = {"title": "", "notes": "", "phone_number": address.phone, "country_id": address.country}
    search = {"search_text": rows.words(*said.values(), country["name"])}
    return _insert(db, "order_shippingaddress", said | rest | search)


def _copy_lines(db: sqlite3.Connection, request: ReshipRequest, order: int, now: str) -> None:
    shelf = rows.shelf(db, request.order.id)
    units = _units(request.lines)
    if not units:
        raise Refused("a replacement of no units")
    for line, quantity in units.items():
        row = shelf.get(line)
        if row is None or quantity > row["quantity"]:
            raise Refused(f"order {request.order.id} has no {quantity} units on line {line}")
        if request.take_stock and row["track_stock"] != 0:
            stock = {"id": row["stockrecord_id"], "quantity": quantity, "now": now}
            if not db.execute(_ALLOCATE, stock).rowcount:
                raise Refused(f"line {line}: {quantity} needed, {rows.free(row)} in stock and not allocated")
        mark = f"{request.reference} sends line {line} of order {request.order.id} again"
        values = {"order": order, "line": line, "quantity": quantity, "mark": mark}
        db.execute(_COPY_LINE, values | {"allocated": quantity if request.take_stock else 0})


def replacements(db: sqlite3.Connection, reference: str) -> list[ReplacementOrder]:
    """Return the order of the reference's number: one, or none."""
    made = db.execute(_REPLACEMENTS, (_number(reference), _RESHIP)).fetchall()
    replaced = [rows.REPLACES.fullmatch(row["mark"]) for row in made]
    return [
        ReplacementOrder(str(row["id"]), row["number"], reference, original[1] if original else "")
        for row, original in zip(made, replaced, strict=True)
    ]


def _number(reference: str) -> str:
    return f"RS-{reference.removeprefix('OP-')}"


# --- Refunds ---------------------------------------------------------------------------------------------------------


def refunds(db: sqlite3.Connection, reference: str, order: Order) -> list[tuple[str, Money, str, Literal["booked"]]]:
    """Return id, amount, reference and what became of the money of each refund of the order under the reference."""
    made = db.execute(_REFUNDS, (reference, order.id))
    return [(str(row["id"]), rows.money(row["amount"], row["currency"]), reference, "booked") for row in made]


def book(db: sqlite3.Connection, request: Effect, amount: Money, payment_id: str | None, now: str) -> int:
    """Write the transaction, the source's new sum and the payment event; return the event's id."""
    if amount.amount <= 0 or amount.amount != amount.amount.quantize(rows.CENT):
        raise Refused(f"{amount} cannot be booked: Oscar takes positive amounts of two places")
    sources = [one for one in rows.payments(db, request.order.id) if one.captured.currency == amount.currency]
    enough = [one for one in sources if payment_id in (one.id, None) and amount <= one.refundable]
    if not enough:
        which = "no payment source" if payment_id is None else f"no payment source {payment_id}"
        raise Refused(f"order {request.order.id} has {which} with {amount} left to give back")
    source, text = enough[0], str(amount.amount)
    _insert(
        db,
        "payment_transaction",
        {"source_id": source.id, "txn_type": "Refund", "amount": text}
        | {"reference": request.reference, "status": "booked", "date_created": now},
    )
    refunded = str((source.refunded + amount).amount)
    db.execute("update payment_source set amount_refunded = ? where id = ?", (refunded, source.id))
    db.execute("insert or ignore into order_paymenteventtype (name, code) values ('Refunded', 'refunded')")
    kind = db.execute("select id from order_paymenteventtype where code = 'refunded'").fetchone()["id"]
    event = {"order_id": request.order.id, "event_type_id": kind, "amount": text}
    return _insert(db, "order_paymentevent", event | {"reference": _subject(request), "date_created": now})


def _subject(request: Effect) -> str:
    return f"claim:{request.claim_id}"[:128] if request.claim_id else request.reference


def count_units(db: sqlite3.Connection, request: RefundRequest, event: int) -> None:
    """
    Write down which units the refund is for.

    Refunds over two payments name the same units each, so they count once for a claim; and never more than were
    ordered, as Oscar has it.
    """
    for line, quantity in _units(request.lines).items():
        asked = {"line": line, "order": request.order.id, "subject": _subject(request)}
        row = db.execute(_REFUNDED_UNITS, asked).fetchone()
        if row is None:
            raise Refused(f"order {request.order.id} has no line {line}")
        if not row["counted"] and row["rest"] > 0:
            values = {"event_id": event, "line_id": line, "quantity": min(quantity, row["rest"])}
            _insert(db, "order_paymenteventquantity", values)
