"""The demo shop's changes, each inside a transaction that the caller began with `op_core.demo.tables.writing`."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta

import attrs

from op_core.demo import reading
from op_core.demo.tables import stamp, to_minor
from op_core.errors import Refused
from op_core.models import Address, Fulfillment, Line, LineQuantity, Order, Product
from op_core.money import Money
from op_core.requests import Effect, ReshipRequest

__all__ = [
    "insert_order",
    "insert_parcel",
    "insert_product",
    "ordered",
    "replacement",
    "take_stock",
    "to_positive_minor",
    "touch",
]


def insert_order(shop: sqlite3.Connection, order: Order, *, reference: str | None = None, method: str = "") -> None:
    """Write an order with its lines and payments; *method* is how it is shipped."""
    row = {
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "currency": order.currency,
        "created_at": stamp(order.created_at),
        "updated_at": stamp(order.updated_at),
        "subtotal": to_minor(order.subtotal),
        "discount": _minor(order.discount),
        "shipping": _minor(order.shipping),
        "shipping_tax": _minor(order.shipping_tax),
        "tax": _minor(order.tax),
        "premium": None if order.premium is None else to_minor(order.premium),
        "total": to_minor(order.total),
        "email": order.customer.email,
        "name": order.customer.name,
        "phone": order.customer.phone,
        "shipping_address": _address(order.shipping_address),
        "billing_address": _address(order.billing_address),
        "shipping_method": method,
        "replaces": order.replaces,
        "reference": reference,
    }
    shop.execute(
        "INSERT INTO orders VALUES (:id, :number, :status, :currency, :created_at, :updated_at, :subtotal, :discount,"
        " :shipping, :shipping_tax, :tax, :premium, :total, :email, :name, :phone, :shipping_address,"
        " :billing_address, :shipping_method, :replaces, :reference)",
        row,
    )
    shop.executemany(
        "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_line(order.id, position, line) for position, line in enumerate(order.lines, 1)],
    )
    shop.executemany(
        "INSERT INTO payments VALUES (?, ?, ?, ?, ?)",
        [(one.id, order.id, n, one.method, to_minor(one.captured)) for n, one in enumerate(order.payments, 1)],
    )


def _line(order_id: str, position: int, line: Line) -> tuple[object, ...]:
    amounts = (to_minor(line.unit_price), _minor(line.discount), _minor(line.tax))
    names = (line.id, order_id, position, line.product_id, line.variant_id, line.sku, line.name)
    return (*names, line.quantity, *amounts, line.is_protection)


def _minor(amount: Money | None) -> int:
    return 0 if amount is None else to_minor(amount)


def _address(address: Address | None) -> str | None:
    return None if address is None else json.dumps(attrs.asdict(address))


def insert_product(shop: sqlite3.Connection, product: Product, updated_at: datetime) -> None:
    """Write a product or a variant."""
    words = (product.sku, product.name, product.description, product.image_url, product.status.value)
    price = (product.price.currency, to_minor(product.price))
    row = (product.id, product.variant_id, *words, *price, product.quantity, stamp(updated_at))
    shop.execute("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def insert_parcel(shop: sqlite3.Connection, parcel: Fulfillment) -> None:
    """Write a parcel with what is in it. It has one tracking number or none."""
    number, url = next(iter(parcel.tracking_numbers), ""), next(iter(parcel.tracking_urls), "")
    times = (stamp(parcel.created_at), stamp(parcel.updated_at or parcel.created_at))
    row = (parcel.id, parcel.order_id, parcel.status.value, parcel.tracking_company, number, url, *times)
    shop.execute("INSERT INTO parcels VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    items = [(parcel.id, item.line_id, item.quantity) for item in parcel.lines]
    shop.executemany("INSERT INTO parcel_items VALUES (?, ?, ?)", items)


def touch(shop: sqlite3.Connection, order_id: str, now: datetime) -> datetime:
    """
    Move the order's time of change to *now*, or a little later, and return it.

    Times of change only grow, even under a clock that stands still: a reader that pages by them would else skip
    an order which changes at the very time that was read last.
    """
    (last,) = shop.execute("SELECT MAX(updated_at) FROM orders").fetchone()
    time = max(now, datetime.fromisoformat(last) + timedelta(microseconds=1))
    shop.execute("UPDATE orders SET updated_at = ? WHERE id = ?", (stamp(time), order_id))
    return time


def ordered(shop: sqlite3.Connection, request: Effect) -> Order:
    """Return the order as the shop holds it now, whatever the request's snapshot says; `Refused` without one."""
    for order in reading.orders(shop, [request.order.id]):
        return order
    raise Refused(f"the shop has no order {request.order.id!r}")


def to_positive_minor(amount: Money, order: Order) -> int:
    """Return *amount* in minor units; `Refused` where it is not above zero or not in the order's currency."""
    if amount.currency != order.currency:
        raise Refused(f"{amount} is not in the currency of order {order.id}, {order.currency}")
    if amount.amount <= 0:
        raise Refused(f"{amount} is not above zero")
    return to_minor(amount)


def take_stock(shop: sqlite3.Connection, line: Line) -> None:
    """Take the line's units from stock where the catalogue counts them; `Refused` where they are not there."""
    taken = "UPDATE products SET quantity = quantity - ?1 WHERE sku = ?2 AND (quantity IS NULL OR quantity >= ?1)"
    if shop.execute(taken, (line.quantity, line.sku)).rowcount:
        return
    found = shop.execute("SELECT quantity FROM products WHERE sku = ?", (line.sku,)).fetchone()
    if found:
        raise Refused(f"{line.quantity} of {line.sku} are wanted, {found['quantity']} are in stock")


def replacement(original: Order, request: ReshipRequest, nth: int, now: datetime) -> Order:
    """Return the order at price 0 that sends the request's units again; `Refused` for units that were not sold."""
    if request.unit_price or request.tax:
        raise Refused("a replacement costs nothing: price and tax are 0")
    if not request.lines:
        raise Refused("a replacement needs a line")
    nothing = original.total - original.total
    lines = [_again(original, wanted, nothing, f"R{nth}-{n}") for n, wanted in enumerate(request.lines, 1)]
    return Order(
        id=f"{original.id}-R{nth}",
        number=f"{original.number}-R{nth}",
        created_at=now,
        updated_at=now,
        currency=original.currency,
        total=nothing,
        subtotal=nothing,
        lines=tuple(lines),
        customer=original.customer,
        shipping_address=request.address,
        billing_address=original.billing_address,
        status="open",
        replaces=original.id,
    )


def _again(original: Order, wanted: LineQuantity, nothing: Money, suffix: str) -> Line:
    line = original.line(wanted.line_id)
    if line is None or line.is_protection or not 0 < wanted.quantity <= line.quantity:
        sold = "no such goods were sold" if line is None or line.is_protection else f"{line.quantity} were sold"
        raise Refused(f"{wanted.quantity} units of line {wanted.line_id} are wanted; {sold}")
    return Line(
        id=f"{line.id}-{suffix}",
        name=line.name,
        quantity=wanted.quantity,
        unit_price=nothing,
        sku=line.sku,
        product_id=line.product_id,
    )
