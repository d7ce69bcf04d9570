"""Stands for the shop that you have already: orders and refunds in a database. Nothing in it knows of op-core."""

import sqlite3
from contextlib import closing
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, changed_at TEXT, email TEXT, street TEXT, city TEXT, zip TEXT, country TEXT,
    sku TEXT, title TEXT, quantity INTEGER, price TEXT, premium TEXT
);
CREATE TABLE IF NOT EXISTS refunds (id INTEGER PRIMARY KEY, order_id INTEGER, amount TEXT, reference TEXT UNIQUE);
"""
_TO = ("1 Example Road", "Provo", "84601", "US")
_SOLD = [
    (1, "2026-01-05T09:00:00+00:00", "one@example.com", *_TO, "MUG", "Mug", 2, "12.00", "1.50"),
    (2, "2026-01-06T09:00:00+00:00", "two@example.com", *_TO, "LAMP", "Lamp", 1, "40.00", "2.50"),
    (3, "2026-01-07T09:00:00+00:00", "three@example.com", *_TO, "SOFA", "Sofa", 1, "900.00", "9.00"),
]


class Database:
    """One SQLite file, with three orders in it from the start."""

    def __init__(self, path: Path) -> None:
        """Make the file if it is not there."""
        self._path = path
        with closing(self._open()) as db, db:
            db.executescript(_TABLES)
            db.executemany("INSERT OR IGNORE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _SOLD)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=20)
        db.row_factory = sqlite3.Row
        return db

    def ask(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Return the rows of a query."""
        with closing(self._open()) as db:
            return db.execute(query, values).fetchall()

    def refund(self, order_id: str, amount: str, reference: str) -> int:
        """Give money back and return the refund's id. Your shop calls its payment gateway here."""
        with closing(self._open()) as db, db:
            refund = "INSERT INTO refunds (order_id, amount, reference) VALUES (?, ?, ?)"
            return db.execute(refund, (order_id, amount, reference)).lastrowid or 0
