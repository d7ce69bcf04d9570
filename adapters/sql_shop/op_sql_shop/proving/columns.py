"""The columns of what is read: those that are needed are there, and are of a kind that their field can be."""

# ruff: noqa: S608 - statements are made of the mapping's own texts and names; values are always bound
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from op_sql_shop.client import Session
from op_sql_shop.converters import Forms
from op_sql_shop.kinds import pick
from op_sql_shop.mapping import Column, GreatestOf, ShopMapping
from op_sql_shop.proving.catalog import nearest
from op_sql_shop.rows import FIELDS, REQUIRED
from op_sql_shop.texts import Text

__all__ = ["asking", "column_of", "columns_of", "faults", "unread"]

_KINDS: dict[str, dict[int, str]] = {  # what drivers tell of a column: PostgreSQL's oid, MariaDB's field type
    "postgresql": {
        700: "float", 701: "float", 1114: "naive", 1184: "aware", 1082: "date", 25: "text", 1042: "text", 1043: "text",
        20: "number", 21: "number", 23: "number", 1700: "number", 16: "flag",
    },
    "mysql": {
        4: "float", 5: "float", 7: "naive", 12: "naive", 10: "date", 252: "text", 253: "text", 254: "text",
        1: "number", 2: "number", 3: "number", 8: "number", 9: "number", 0: "number", 246: "number",
    },
}  # fmt: skip


def asking(text: Text, sql: str) -> sa.TextClause:
    """Make *sql*, which asks for rows of that statement, ready to be run; one that names its orders is given them."""
    if text.parsed is not None and "order_ids" in text.parsed.binds:
        return sa.text(sql).bindparams(sa.bindparam("order_ids", expanding=True))
    return sa.text(sql)


def columns_of(text: Text, session: Session) -> dict[str, str]:
    """Return name and kind of each column that a statement returns; the kind is empty where nobody tells."""
    given = {"order_ids": [None]} if text.parsed and "order_ids" in text.parsed.binds else {}
    found = session.run(asking(text, f"select * from ({text.sql}) op_rows where 1 = 0"), given, text.place)
    cursor: Any = found.cursor
    kinds = _KINDS.get(session.dialect, {})
    return {str(column[0]): kinds.get(column[1], "") for column in cursor.description}


def column_of(mapping: ShopMapping, table: str, field: str) -> str:
    """Return the name that a statement gives a field."""
    columns: dict[str, Column] = getattr(getattr(mapping, table, None), "columns", {})
    return columns.get(field, Column()).column or field


def faults(text: Text, columns: dict[str, str], mapping: ShopMapping, forms: Forms, dialect: str) -> Iterator[str]:
    """Yield what is wrong with the columns of one statement, each in words."""
    at = {name.lower(): kind for name, kind in columns.items()}
    if ".changed_at." in text.place:
        wanted = {"order_id": "the order's id", "changed_at": "the time"}
        yield from (_missing(name, why, columns) for name, why in wanted.items() if name not in at)
        yield from _hours_off("changed_at", "changed_at", at, forms)
        return
    table = text.place.removesuffix(".select")
    said: dict[str, Column] = getattr(getattr(mapping, table, None), "columns", {})
    for field in said:
        if field not in FIELDS[table]:
            yield f"columns names the field {field}, which there is none of{nearest(field, FIELDS[table])}"
    for field, sort in FIELDS[table].items():
        column = said.get(field, Column())
        name = column.column or field
        if name.lower() in at:
            wrong = _unfit(sort, at[name.lower()], column, forms, dialect)
            if wrong:
                yield f"column {name}: {wrong}"
        elif column.column or field in REQUIRED[table]:
            yield _missing(name, field, columns)
    for name, why in _named(mapping, table):
        if name.lower() not in at and name not in REQUIRED[table]:
            yield _missing(name, why, columns)
        yield from _hours_off(name, why, at, forms)


def _hours_off(name: str, what: str, at: dict[str, str], forms: Forms) -> Iterator[str]:
    """Yield what is wrong with a time of change that is compared with times of another kind."""
    if what.endswith("changed_at") and at.get(name.lower()) == "naive" and forms.times == "aware":
        yield f'column {name}: a time without zone, compared with times that have one; write times = "naive" in [shop]'


def unread(text: Text, columns: dict[str, str], mapping: ShopMapping) -> Iterator[str]:
    """Yield the columns that nothing reads, and whose name is nearly that of a field that is not there."""
    table = text.place.removesuffix(".select")
    if table not in FIELDS:
        return
    read = {column_of(mapping, table, field).lower() for field in FIELDS[table]}
    read |= {name.lower() for name, _ in _named(mapping, table)} | set(FIELDS[table])
    found = {name.lower() for name in columns}
    lacking = [field for field in FIELDS[table] if column_of(mapping, table, field).lower() not in found]
    for name in columns:
        if name.lower() not in read and (near := nearest(name, lacking)):
            yield f"nothing reads the column {name}{near}"


def _named(mapping: ShopMapping, table: str) -> Iterator[tuple[str, str]]:
    """Yield the columns by which pages go, and what they are."""
    if table not in ("orders", "products"):
        return
    said = getattr(mapping, table)
    yield said.key, f"{table}.key"
    if said.changed_at is not None and not isinstance(said.changed_at, GreatestOf):
        yield said.changed_at, f"{table}.changed_at"


def _missing(name: str, what: str, columns: dict[str, str]) -> str:
    is_what = f", which is {what}" if what != name else ""
    return f"there is no column {name}{is_what}{nearest(name, columns)}; found: {', '.join(columns)}"


def _unfit(sort: str, kind: str, column: Column, forms: Forms, dialect: str) -> str:
    """Return why a field cannot be read out of a column of that kind."""
    if sort == "money":
        return _unfit_money(kind, (pick(column.money, dialect) if column.money else None) or forms.money)
    if sort == "time":
        form = (pick(column.times, dialect) if column.times else None) or forms.times
        return _unfit_time(kind, form, zoned=(column.zone or forms.zone) is not None)
    return ""


def _unfit_money(kind: str, form: str) -> str:
    if kind == "float" and form != "real":
        return 'a float, which holds no exact amounts; write cast(… as decimal(12, 2)), or money = "real"'
    return f"{_WORDS[kind]}; expected an amount" if kind in _WORDS else ""


def _unfit_time(kind: str, form: str, *, zoned: bool) -> str:
    if kind == "naive" and not zoned:
        return 'a time without zone; say which one by shop.zone, such as zone = "UTC"'
    if kind == "date":
        return "a date without time; write cast(… as timestamp), or cast(… as datetime) in MariaDB"
    if kind in ("number", "float") and form not in ("unix", "unix_ms"):
        return 'a number; expected a time, or times = "unix" (seconds), or "unix_ms"'
    return f"{_WORDS[kind]}; expected a time" if kind == "flag" else ""


_WORDS = {"naive": "a time", "aware": "a time", "date": "a date", "flag": "true or false"}
