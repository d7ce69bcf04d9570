"""
The demo shop's tables, and the way to them.

Money is whole minor units (cents) of the order's currency; times are text in UTC that sorts by time. No constraint
keeps an effect from being made twice under one reference: the demo counts doubles, so the shop must be able to double.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from op_core.errors import NotSent, Refused, ShopUnavailable
from op_core.money import Money, exponent

__all__ = ["create", "from_minor", "reading", "stamp", "to_minor", "writing"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS products (
    id TEXT NOT NULL, variant_id TEXT NOT NULL, sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL,
    image_url TEXT NOT NULL, status TEXT NOT NULL, currency TEXT NOT NULL, price INTEGER NOT NULL,
    quantity INTEGER CHECK (quantity >= 0), updated_at TEXT NOT NULL, PRIMARY KEY (id, variant_id)
);
CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE, status TEXT NOT NULL, currency TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    subtotal INTEGER NOT NULL, discount INTEGER NOT NULL, shipping INTEGER NOT NULL, shipping_tax INTEGER NOT NULL,
    tax INTEGER NOT NULL, premium INTEGER, total INTEGER NOT NULL,
    email TEXT NOT NULL, name TEXT NOT NULL, phone TEXT NOT NULL,
    shipping_address TEXT, billing_address TEXT, shipping_method TEXT NOT NULL DEFAULT '',
    replaces TEXT REFERENCES orders (id), reference TEXT
);
CREATE INDEX IF NOT EXISTS orders_by_change ON orders (updated_at, id);
CREATE TABLE IF NOT EXISTS lines (
    id TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders (id), position INTEGER NOT NULL,
    product_id TEXT NOT NULL, variant_id TEXT NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL,
    quantity INTEGER NOT NULL, unit_price INTEGER NOT NULL, discount INTEGER NOT NULL, tax INTEGER NOT NULL,
    is_protection INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS lines_of_order ON lines (order_id);
CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders (id), position INTEGER NOT NULL,
    method TEXT NOT NULL, captured INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS payments_of_order ON payments (order_id);
CREATE TABLE IF NOT EXISTS parcels (
    id TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders (id), status TEXT NOT NULL,
    company TEXT NOT NULL, number TEXT NOT NULL, url TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS parcels_of_order ON parcels (order_id);
CREATE TABLE IF NOT EXISTS parcel_items (
    parcel_id TEXT NOT NULL REFERENCES parcels (id), line_id TEXT NOT NULL REFERENCES lines (id),
    quantity INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS items_of_parcel ON parcel_items (parcel_id);
CREATE TABLE IF NOT EXISTS refunds (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL REFERENCES orders (id),
    payment_id TEXT NOT NULL REFERENCES payments (id), amount INTEGER NOT NULL, money TEXT NOT NULL,
    reason TEXT NOT NULL, reference TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS refund_items (
    refund_id INTEGER NOT NULL REFERENCES refunds (id), line_id TEXT NOT NULL REFERENCES lines (id),
    quantity INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS protection_charges (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund')), payment_id TEXT NOT NULL REFERENCES payments (id),
    amount INTEGER NOT NULL, reference TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS store_credits (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL REFERENCES orders (id), email TEXT NOT NULL,
    amount INTEGER NOT NULL, reference TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL REFERENCES orders (id), text TEXT NOT NULL,
    reference TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE VIEW IF NOT EXISTS given_back AS
    SELECT payment_id, amount FROM refunds
    UNION ALL SELECT payment_id, amount FROM protection_charges WHERE kind = 'refund';
CREATE VIEW IF NOT EXISTS effects AS
    SELECT 'refund' AS kind, 'refund-' || id AS id, order_id, reference, amount FROM refunds
    UNION ALL SELECT 'replacement', id, replaces, reference, NULL FROM orders WHERE reference IS NOT NULL
    UNION ALL SELECT 'store_credit', 'credit-' || id, order_id, reference, amount FROM store_credits
    UNION ALL SELECT 'protection_' || kind, 'protection-' || id, order_id, reference, amount FROM protection_charges
    UNION ALL SELECT 'note', 'note-' || id, order_id, reference, NULL FROM notes;
"""


def create(path: Path) -> None:
    """Make the tables where they are not there yet."""
    with closing(_connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """
    Give a connection that sees one state of the shop throughout.

    Raises:
        ShopUnavailable: The database does not answer.
    """
    try:
        with closing(_connect(path)) as connection:
            connection.execute("BEGIN")
            yield connection
    except sqlite3.OperationalError as error:
        raise ShopUnavailable("the demo shop's database does not answer") from error


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """
    Give the only connection that may write now; commit at the end, or undo everything where something is raised.

    Raises:
        NotSent: Nobody else stopped writing within five seconds, or the file cannot be opened. Nothing was done.
    """
    try:
        connection = _connect(path)
    except sqlite3.OperationalError as error:
        raise NotSent("the demo shop's database cannot be opened") from error
    with closing(connection):
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise NotSent("the demo shop's database is busy") from error
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def stamp(time: datetime) -> str:
    """Return *time* as text in UTC that sorts by time."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def to_minor(amount: Money) -> int:
    """Return *amount* in minor units. `Refused` where it has more digits than its currency."""
    if not amount.is_exact:
        raise Refused(f"{amount} has more digits than {amount.currency} has")
    return int(amount.amount.scaleb(exponent(amount.currency)))


def from_minor(minor: int, currency: str) -> Money:
    """Return so many minor units as `Money`."""
    return Money(Decimal(minor).scaleb(-exponent(currency)), currency)
