"""The rows of a shop's SQLite file in PostgreSQL, so that the same real data is tried on both."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

__all__ = ["fill"]

_TABLES = "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
_PLACES = """
select column_name, numeric_scale from information_schema.columns
where table_schema = 'public' and table_name = %s and numeric_scale > 0"""
_COUNTED = """
select table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
from information_schema.columns
where table_schema = 'public' and pg_get_serial_sequence(quote_ident(table_name), column_name) is not null"""


def fill(url: str, schema: str, source: Path) -> None:
    """
    Make the tables of *schema* in an empty PostgreSQL database, and copy the rows of an SQLite file into them.

    Each value becomes what its column is: a float a decimal, half-even to the column's places, as Python reads it; 0
    and 1 a boolean; a time without zone one in UTC. Then sequences stand after the rows, and every constraint has been
    checked.

    Args:
        url: The database, as SQLAlchemy has it.
        schema: Statements that make the tables. Foreign keys are deferrable.
        source: The file, which is only read.

    Raises:
        psycopg.Error: There is no such table or column, a value is none of its type, or a constraint does not hold.
    """
    target = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    file = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(file, uri=True)) as shop,
        closing(psycopg.connect(target, options="-c TimeZone=UTC")) as db,
        db.transaction(),
    ):
        db.execute(schema.encode())
        for (table,) in shop.execute(_TABLES).fetchall():
            _copy(shop, db, table)
        for table, column, sequence in db.execute(_COUNTED).fetchall():
            last = sql.SQL("select setval({}, max({})) from {} having max({}) is not null")
            names = sql.Identifier(column), sql.Identifier(table), sql.Identifier(column)
            db.execute(last.format(sql.Literal(sequence), *names))
        for (view,) in db.execute("select matviewname from pg_matviews where schemaname = 'public'").fetchall():
            db.execute(sql.SQL("refresh materialized view {}").format(sql.Identifier(view)))


def _copy(shop: sqlite3.Connection, db: psycopg.Connection, table: str) -> None:
    rows = shop.execute(f'select * from "{table}"')  # noqa: S608 - the name is the file's own
    names = [column[0] for column in rows.description]
    first = rows.fetchone()
    if first is None:
        return
    steps = {name: Decimal(1).scaleb(-places) for name, places in db.execute(_PLACES, (table,)).fetchall()}
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    with db.cursor().copy(sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), columns)) as copy:
        for row in (first, *rows):
            copy.write_row([_exact(value, step) for value, step in zip(row, map(steps.get, names), strict=True)])


def _exact(value: object, step: Decimal | None) -> object:
    if step is None or not isinstance(value, float):
        return value
    return Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_EVEN)
