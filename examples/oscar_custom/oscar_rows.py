"""
Rows of Oscar's tables into op-core's values: one statement for a page, then one for each kind of rows of that page.

What the columns mean to op-core, where it is not plain:

- Amounts are stored as REAL. They become Decimals of two places, as Oscar's own reader makes them, and are never summed
  as floats.
- ``total`` is ``total_incl_tax``; ``subtotal`` and ``discount`` are Oscar's ``basket_total_before_discounts_excl_tax``
  and ``total_discount_excl_tax`` (sums over the lines, the premium's among them); ``tax`` is Oscar's ``total_tax``,
  which holds the shipping's; ``shipping`` is without its tax. On some discounted orders Oscar's own are a cent apart.
- The premium is a line of the SKU ``PROTECT-STD`` or a surcharge of the code ``order-protection``, with its tax.
- No column says when an order changed: the newest row about it does.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from op_core import models
from op_core.errors import ContractBroken
from op_core.halving import readable
from op_core.models import (
    Address,
    Customer,
    Fulfillment,
    Line,
    Order,
    OrderPage,
    Payment,
    Product,
    ProductPage,
    UnreadableOrder,
)
from op_core.money import Money, total
from op_core.parcels import ShippingEvent, parcels

# fmt: off
__all__ = ["CENT", "REFERENCE", "REPLACES", "address", "free", "fulfillments", "money", "order_page", "orders",
           "payments", "product_page", "shelf", "stamp", "words"]
# fmt: on

CENT = Decimal("0.01")
REFERENCE = re.compile(r"OP-[A-Za-z0-9]{1,29}(?![A-Za-z0-9])")
REPLACES = re.compile(r"OP-[A-Za-z0-9]{1,29} sends line \d+ of order (\d+) again")
_STATUSES = {
    "label-created": models.FulfillmentStatus.LABEL_PRINTED,
    "shipped": models.FulfillmentStatus.IN_TRANSIT,
    "out-for-delivery": models.FulfillmentStatus.OUT_FOR_DELIVERY,
    "delivered": models.FulfillmentStatus.DELIVERED,
    "lost-in-transit": models.FulfillmentStatus.FAILURE,  # NOT_DELIVERED is in one copy of the API's pages only (C-13)
    "returned": models.FulfillmentStatus.FAILURE,
}

_CHANGED = """
with changed as (select id, max(date_placed,
    coalesce((select max(date_created) from order_orderstatuschange where order_id = o.id), ''),
    coalesce((select max(date_created) from order_shippingevent where order_id = o.id), ''),
    coalesce((select max(date_created) from order_paymentevent where order_id = o.id), ''),
    coalesce((select max(date_updated) from order_ordernote where order_id = o.id), '')) at from order_order o)
"""
_ORDERS = """
select c.at, o.*, u.email, u.first_name, u.last_name, (select max(date_created) from order_orderstatuschange s
    where s.order_id = o.id and s.new_status = 'Cancelled' and o.status = 'Cancelled') cancelled_at
from order_order o join changed c on c.id = o.id left join auth_user u on u.id = o.user_id
where o.id in (select value from json_each(:ids)) order by c.at, o.id"""
_SOURCES = """
select s.*, t.code from payment_source s join payment_sourcetype t on t.id = s.source_type_id
where s.order_id in (select value from json_each(:ids)) order by s.id"""
_PARTS = {
    "lines": """
        select l.*, p.parent_id, coalesce(l.unit_price_excl_tax,
            1.0 * l.line_price_before_discounts_excl_tax / max(l.quantity, 1)) unit_price,
            (select sum(q.quantity) from order_paymenteventquantity q
            join order_paymentevent e on e.id = q.event_id join order_paymenteventtype t on t.id = e.event_type_id
            where q.line_id = l.id and t.code = 'refunded') refunded
        from order_line l left join catalogue_product p on p.id = l.product_id
        where l.order_id in (select value from json_each(:ids)) order by l.id""",
    "premiums": """
        select order_id, incl_tax from order_surcharge
        where code = 'order-protection' and order_id in (select value from json_each(:ids))
        union all select order_id, line_price_incl_tax from order_line
        where partner_sku = 'PROTECT-STD' and order_id in (select value from json_each(:ids))""",
    "sources": _SOURCES,
    "ship_to": """
        select a.*, o.id order_id from order_order o join order_shippingaddress a on a.id = o.shipping_address_id
        where o.id in (select value from json_each(:ids))""",
    "bill_to": """
        select a.*, '' phone_number, o.id order_id from order_order o
        join order_billingaddress a on a.id = o.billing_address_id where o.id in (select value from json_each(:ids))""",
    "marks": """
        select order_id, message mark from order_ordernote
        where message like 'OP-%' and order_id in (select value from json_each(:ids))
        union all select order_id, partner_line_notes from order_line
        where partner_line_notes like 'OP-%' and order_id in (select value from json_each(:ids))
        union all select s.order_id, t.reference from payment_source s join payment_transaction t on t.source_id = s.id
        where t.reference like 'OP-%' and s.order_id in (select value from json_each(:ids))""",
}
_EVENTS = """
select e.id, e.order_id, e.notes, e.date_created, t.code, json_group_object(q.line_id, q.quantity) lines
from order_shippingevent e join order_shippingeventtype t on t.id = e.event_type_id
join order_shippingeventquantity q on q.event_id = e.id and q.quantity > 0
where e.order_id in (select value from json_each(:ids)) and t.code in (select value from json_each(:codes))
group by e.id order by e.date_created, e.id"""
_SHELF = """
select l.id, l.quantity, l.stockrecord_id, k.track_stock,
    coalesce(s.num_in_stock, 0) - coalesce(s.num_allocated, 0) free
from order_line l left join partner_stockrecord s on s.id = l.stockrecord_id
left join catalogue_product p on p.id = l.product_id left join catalogue_product parent on parent.id = p.parent_id
left join catalogue_productclass k on k.id = coalesce(p.product_class_id, parent.product_class_id)
where l.order_id = ?"""
_PRODUCTS = """
with changed as (select p.id, p.parent_id, s.id stockrecord_id, s.partner_sku, s.price, s.price_currency, k.track_stock,
    coalesce(nullif(p.title, ''), parent.title) title, coalesce(nullif(p.description, ''), parent.description, '') text,
    p.is_public and coalesce(parent.is_public, 1) public,
    coalesce(s.num_in_stock, 0) - coalesce(s.num_allocated, 0) free,
    max(p.date_updated, s.date_updated, coalesce(parent.date_updated, '')) at
    from catalogue_product p join partner_stockrecord s on s.price is not null
        and s.id = (select min(id) from partner_stockrecord where product_id = p.id)
    left join catalogue_product parent on parent.id = p.parent_id
    left join catalogue_productclass k on k.id = coalesce(p.product_class_id, parent.product_class_id))
"""
_PAGE = "select * from changed where at >= :since and (at, id) > (:at, :id) order by at, id limit :limit"


def money(value: float, currency: str) -> Money:
    """Return what Oscar holds, with the digits of its currency where those are enough."""
    held = Money(Decimal(str(value)).quantize(CENT), currency)
    return held.rounded() if held.is_exact else held


def stamp(time: datetime) -> str:
    """Return the time as Oscar writes it: UTC without saying so."""
    return str(time.astimezone(UTC).replace(tzinfo=None))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def words(*said: str | None) -> str:
    """Join what is not empty."""
    return " ".join(filter(None, said))


def address(row: sqlite3.Row) -> Address:
    """Return a shipping or billing address. Oscar's ``line4`` is the city."""
    return Address(
        first_name=row["first_name"],
        last_name=row["last_name"],
        street_address_1=row["line1"],
        street_address_2=", ".join(filter(None, (row["line2"], row["line3"]))),
        city=row["line4"],
        country_area=row["state"],
        postal_code=row["postcode"],
        country=row["country_id"],
        phone=row["phone_number"],
    )


def _page(
    db: sqlite3.Connection, view: str, since: datetime | None, cursor: str | None, limit: int
) -> tuple[list[sqlite3.Row], str | None, bool]:
    at, _, last = (cursor or "|0").rpartition("|")
    where = {"since": stamp(since) if since else "", "at": at, "id": int(last), "limit": limit + 1}
    found = db.execute(view + _PAGE, where).fetchall()
    page = found[:limit]
    return page, f"{page[-1]['at']}|{page[-1]['id']}" if page else cursor, len(found) <= limit


def _grouped(rows: Iterable[sqlite3.Row]) -> dict[int, list[sqlite3.Row]]:
    grouped: dict[int, list[sqlite3.Row]] = {}
    for row in rows:
        grouped.setdefault(row["order_id"], []).append(row)
    return grouped


# --- Orders ----------------------------------------------------------------------------------------------------------


def order_page(db: sqlite3.Connection, since: datetime | None, cursor: str | None, limit: int) -> OrderPage:
    """Return a page of orders; the cursor is the last one's time of change and id. A broken one stops no other."""
    page, after, done = _page(db, _CHANGED, since, cursor, limit)
    found, wrong = readable([row["id"] for row in page], lambda ids: orders(db, ids))
    unreadable = tuple(UnreadableOrder(one, str(why)) for one, why in wrong)
    return OrderPage(tuple(order for some in found for order in some), after, done, unreadable)


def orders(db: sqlite3.Connection, ids: Sequence[int | str]) -> tuple[Order, ...]:
    """Return the orders of these ids, oldest change first."""
    wanted = {"ids": json.dumps(ids)}
    parts = {name: _grouped(db.execute(statement, wanted)) for name, statement in _PARTS.items()}
    rows = db.execute(_CHANGED + _ORDERS, wanted)
    return tuple(_whole(row, {name: found.get(row["id"], []) for name, found in parts.items()}) for row in rows)


def payments(db: sqlite3.Connection, order_id: str) -> list[Payment]:
    """Return the order's payment sources."""
    return [_payment(row) for row in db.execute(_SOURCES, {"ids": json.dumps([order_id])})]


def _whole(row: sqlite3.Row, parts: dict[str, list[sqlite3.Row]]) -> Order:
    try:
        return _order(row, parts)
    except (ArithmeticError, TypeError, ValueError) as error:
        why = "a column holds no amount, number or time where Oscar has one"
        raise ContractBroken(f"order {row['number']}: {why} ({type(error).__name__})") from None


def _order(row: sqlite3.Row, parts: dict[str, list[sqlite3.Row]]) -> Order:
    currency = row["currency"]
    incl, excl = money(row["total_incl_tax"], currency), money(row["total_excl_tax"], currency)
    shipping_incl, shipping = (money(row[f"shipping_{side}_tax"], currency) for side in ("incl", "excl"))
    before = (money(line["line_price_before_discounts_excl_tax"], currency) for line in parts["lines"])
    premiums = [money(premium["incl_tax"], currency) for premium in parts["premiums"]]
    lines = tuple(_line(line, currency) for line in parts["lines"])
    ship_to, bill_to = (next(map(address, parts[side]), None) for side in ("ship_to", "bill_to"))
    home = ship_to or bill_to or Address()
    marks = [mark["mark"] for mark in parts["marks"]]
    return Order(
        id=row["id"],
        number=row["number"],
        created_at=_time(row["date_placed"]),
        updated_at=_time(row["at"]),
        currency=currency,
        total=incl,
        subtotal=total(before, currency),
        lines=lines,
        payments=tuple(map(_payment, parts["sources"])),
        customer=Customer(
            email=row["email"] or row["guest_email"],
            name=words(row["first_name"], row["last_name"]) or words(home.first_name, home.last_name),
            phone=home.phone,
        ),
        shipping_address=ship_to,
        billing_address=bill_to,
        status=row["status"],
        cancelled_at=_time(row["cancelled_at"]) if row["cancelled_at"] else None,
        shipping=shipping,
        shipping_tax=shipping_incl - shipping,
        tax=incl - excl,
        discount=total((line.discount for line in lines if line.discount), currency),
        premium=total(premiums, currency) if premiums else None,
        replaces=next((found[1] for found in map(REPLACES.fullmatch, marks) if found), None),
        references=frozenset(found[0] for found in map(REFERENCE.match, marks) if found),
    )


def _line(row: sqlite3.Row, currency: str) -> Line:
    before, excl, incl = (
        money(row[f"line_price_{column}_tax"], currency) for column in ("before_discounts_excl", "excl", "incl")
    )
    return Line(
        id=row["id"],
        name=row["title"],
        quantity=row["quantity"],
        unit_price=money(row["unit_price"], currency),
        sku=row["partner_sku"],
        product_id=str(row["parent_id"] or row["product_id"] or ""),
        variant_id=str(row["product_id"]) if row["parent_id"] else "",
        discount=before - excl,
        tax=incl - excl,
        refunded_quantity=row["refunded"] or 0,
        is_protection=row["partner_sku"] == "PROTECT-STD",
    )


def _payment(row: sqlite3.Row) -> Payment:
    captured, refunded = (money(row[f"amount_{what}"], row["currency"]) for what in ("debited", "refunded"))
    return Payment(row["id"], captured, refunded, row["code"])


# --- Parcels, stock, products ----------------------------------------------------------------------------------------


def fulfillments(db: sqlite3.Connection, ids: Sequence[str]) -> list[Fulfillment]:
    """Return the parcels of these orders. Event types that the shop added itself say nothing of a parcel here."""
    rows = db.execute(_EVENTS, {"ids": json.dumps(list(ids)), "codes": json.dumps(list(_STATUSES))})
    return [parcel for events in _grouped(rows).values() for parcel in parcels(map(_event, events), _STATUSES)]


def _event(row: sqlite3.Row) -> ShippingEvent:
    lines = Counter[str](json.loads(row["lines"]))
    return ShippingEvent(row["id"], row["order_id"], row["code"], _time(row["date_created"]), row["notes"], lines)


def shelf(db: sqlite3.Connection, order_id: str) -> dict[str, sqlite3.Row]:
    """Return, by line of the order, the stock record that it was sold from."""
    return {str(row["id"]): row for row in db.execute(_SHELF, (order_id,))}


def free(row: sqlite3.Row | None) -> int | None:
    """Return what is in stock and not allocated; None where the product's class does not track stock."""
    if row is not None and row["track_stock"] == 0:
        return None
    return max(0, row["free"]) if row is not None and row["stockrecord_id"] else 0


def product_page(db: sqlite3.Connection, since: datetime | None, cursor: str | None, limit: int) -> ProductPage:
    """Return a page of what is sold: a product, or a variant of one, at the price of its first stock record."""
    page, after, done = _page(db, _PRODUCTS, since, cursor, limit)
    return ProductPage(tuple(map(_product, page)), after, done)


def _product(row: sqlite3.Row) -> Product:
    return Product(
        id=row["parent_id"] or row["id"],
        name=row["title"],
        price=money(row["price"], row["price_currency"]),
        quantity=free(row),
        variant_id=str(row["id"]) if row["parent_id"] else "",
        sku=row["partner_sku"],
        description=row["text"],
        status="ACTIVE" if row["public"] else "DRAFT",
    )
