"""The demo shop's rows, read as the values that cross a hook."""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from op_core.demo.tables import from_minor, stamp
from op_core.models import (
    Address,
    Customer,
    Fulfillment,
    FulfillmentStatus,
    Line,
    LineQuantity,
    Order,
    Payment,
    Product,
)
from op_core.money import Money

__all__ = ["ShopEffect", "effects", "fulfillments", "orders", "page", "products"]

_LINES = """
SELECT lines.*, COALESCE(SUM(refund_items.quantity), 0) AS refunded
FROM lines LEFT JOIN refund_items ON refund_items.line_id = lines.id
WHERE order_id IN (SELECT value FROM json_each(?)) GROUP BY lines.id ORDER BY position
"""
_PAYMENTS = """
SELECT payments.*, COALESCE(SUM(given_back.amount), 0) AS refunded
FROM payments LEFT JOIN given_back ON given_back.payment_id = payments.id
WHERE order_id IN (SELECT value FROM json_each(?)) GROUP BY payments.id ORDER BY position
"""
_REFERENCES = """
SELECT CASE kind WHEN 'replacement' THEN id ELSE order_id END AS order_id, reference FROM effects
WHERE CASE kind WHEN 'replacement' THEN id ELSE order_id END IN (SELECT value FROM json_each(?))
"""
_PARCELS = "SELECT * FROM parcels WHERE order_id IN (SELECT value FROM json_each(?)) ORDER BY created_at, id"
_ITEMS = "SELECT * FROM parcel_items WHERE parcel_id IN (SELECT value FROM json_each(?)) ORDER BY rowid"

_PAGE = {
    "orders": (
        "SELECT id, updated_at FROM orders WHERE updated_at >= ? AND (updated_at, id) > (?, ?)"
        " ORDER BY updated_at, id LIMIT ?"
    ),
    "products": (
        "SELECT sku AS id, updated_at FROM products WHERE updated_at >= ? AND (updated_at, sku) > (?, ?)"
        " ORDER BY updated_at, sku LIMIT ?"
    ),
}


def page(
    connection: sqlite3.Connection, table: str, since: datetime | None, cursor: str | None, limit: int
) -> tuple[list[str], str | None, bool]:
    """
    Return the ids of one page of *table* (SKUs of products), the cursor of its last one, and whether none is left.

    Raises:
        ValueError: The cursor is none of this shop's.
    """
    after = ("", "") if cursor is None else _place(cursor)
    rows = connection.execute(_PAGE[table], (stamp(since) if since else "", *after, limit + 1)).fetchall()
    ids = [row["id"] for row in rows[:limit]]
    if ids:
        last = rows[len(ids) - 1]
        cursor = base64.urlsafe_b64encode(json.dumps([last["updated_at"], last["id"]]).encode()).decode()
    return ids, cursor, len(rows) <= limit


def _place(cursor: str) -> tuple[str, str]:
    try:
        changed, one = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError, TypeError):
        raise ValueError("the cursor is none that this shop gave") from None
    return str(changed), str(one)


def products(connection: sqlite3.Connection, skus: Sequence[str]) -> tuple[Product, ...]:
    """Return the products of these SKUs, in this order."""
    rows = {row["sku"]: row for row in connection.execute("SELECT * FROM products")}
    return tuple(
        Product(
            id=row["id"],
            name=row["name"],
            price=from_minor(row["price"], row["currency"]),
            quantity=row["quantity"],
            variant_id=row["variant_id"],
            sku=row["sku"],
            description=row["description"],
            image_url=row["image_url"],
            status=row["status"],
        )
        for row in (rows[one] for one in skus)
    )


@attrs.frozen
class ShopEffect:
    """
    One effect, as the shop's own tables have it.

    Attributes:
        kind: ``refund``, ``replacement``, ``store_credit``, ``protection_charge``, ``protection_refund`` or ``note``.
        id: The shop's id of it.
        order_id: The order it is about; for a replacement the original one.
        amount: None for a replacement and a note.
    """

    kind: str
    id: str
    order_id: str
    reference: str
    amount: Money | None


def _by(column: str, rows: Iterable[sqlite3.Row]) -> dict[str, list[sqlite3.Row]]:
    result = defaultdict(list)
    for row in rows:
        result[row[column]].append(row)
    return result


def orders(connection: sqlite3.Connection, ids: Sequence[str]) -> tuple[Order, ...]:
    """Return the orders of these ids, in this order; an unknown id is left out."""
    wanted = json.dumps(list(ids))
    heads = {
        row["id"]: row
        for row in connection.execute("SELECT * FROM orders WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    }
    lines = _by("order_id", connection.execute(_LINES, (wanted,)))
    payments = _by("order_id", connection.execute(_PAYMENTS, (wanted,)))
    references = _by("order_id", connection.execute(_REFERENCES, (wanted,)))
    return tuple(
        _order(heads[one], lines.get(one, []), payments.get(one, []), references.get(one, []))
        for one in ids
        if one in heads
    )


def _order(
    row: sqlite3.Row, lines: list[sqlite3.Row], payments: list[sqlite3.Row], references: list[sqlite3.Row]
) -> Order:
    currency = row["currency"]
    return Order(
        id=row["id"],
        number=row["number"],
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        currency=currency,
        total=from_minor(row["total"], currency),
        subtotal=from_minor(row["subtotal"], currency),
        lines=tuple(_line(line, currency) for line in lines),
        payments=tuple(
            Payment(
                id=payment["id"],
                captured=from_minor(payment["captured"], currency),
                refunded=from_minor(payment["refunded"], currency),
                method=payment["method"],
            )
            for payment in payments
        ),
        customer=Customer(email=row["email"], name=row["name"], phone=row["phone"]),
        shipping_address=_address(row["shipping_address"]),
        billing_address=_address(row["billing_address"]),
        status=row["status"],
        shipping=from_minor(row["shipping"], currency),
        shipping_tax=from_minor(row["shipping_tax"], currency),
        tax=from_minor(row["tax"], currency),
        discount=from_minor(row["discount"], currency),
        premium=None if row["premium"] is None else from_minor(row["premium"], currency),
        replaces=row["replaces"],
        references=frozenset(one["reference"] for one in references),
    )


def _line(row: sqlite3.Row, currency: str) -> Line:
    return Line(
        id=row["id"],
        name=row["name"],
        quantity=row["quantity"],
        unit_price=from_minor(row["unit_price"], currency),
        sku=row["sku"],
        product_id=row["product_id"],
        variant_id=row["variant_id"],
        discount=from_minor(row["discount"], currency),
        tax=from_minor(row["tax"], currency),
        refunded_quantity=row["refunded"],
        is_protection=bool(row["is_protection"]),
    )


def _address(text: str | None) -> Address | None:
    return None if text is None else Address(**json.loads(text))


def fulfillments(connection: sqlite3.Connection, order_ids: Sequence[str]) -> tuple[Fulfillment, ...]:
    """Return the parcels of these orders, oldest first."""
    rows = connection.execute(_PARCELS, (json.dumps(list(order_ids)),)).fetchall()
    items = _by("parcel_id", connection.execute(_ITEMS, (json.dumps([row["id"] for row in rows]),)))
    return tuple(
        Fulfillment(
            id=row["id"],
            order_id=row["order_id"],
            status=FulfillmentStatus(row["status"]),
            lines=tuple(LineQuantity(item["line_id"], item["quantity"]) for item in items.get(row["id"], [])),
            created_at=datetime.fromisoformat(row["created_at"]),
            updated_at=datetime.fromisoformat(row["updated_at"]),
            tracking_company=row["company"],
            tracking_numbers=(row["number"],) if row["number"] else (),
            tracking_urls=(row["url"],) if row["url"] else (),
        )
        for row in rows
    )


def effects(connection: sqlite3.Connection, reference: str | None) -> list[ShopEffect]:
    """Return every effect, or those under one reference."""
    rows = connection.execute(
        "SELECT effects.*, currency FROM effects JOIN orders ON orders.id = effects.order_id"
        " WHERE ?1 IS NULL OR effects.reference = ?1 ORDER BY kind, LENGTH(effects.id), effects.id",
        (reference,),
    )
    return [
        ShopEffect(
            kind=row["kind"],
            id=row["id"],
            order_id=row["order_id"],
            reference=row["reference"],
            amount=None if row["amount"] is None else from_minor(row["amount"], row["currency"]),
        )
        for row in rows
    ]
