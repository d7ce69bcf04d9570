"""The tables that are written: whether they can take back, what watches them, and what keeps a reference unique."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlglot import exp

from op_core.proofs import Proof
from op_sql_shop.client import Session
from op_sql_shop.mapping import MoneyVerb, Verb
from op_sql_shop.parsed import parse
from op_sql_shop.proving.catalog import Catalog, asked, nearest
from op_sql_shop.proving.paging import traced
from op_sql_shop.proving.subject import Subject
from op_sql_shop.references import TABLE
from op_sql_shop.statements import chosen

__all__ = ["locked", "marks", "needs_ours", "triggers", "without_transactions"]

_TRIGGERS = {
    "sqlite": "select tbl_name, name, '' from sqlite_master where type = 'trigger' order by 1, 2",
    "postgresql": """select c.relname, t.tgname, p.proname from pg_trigger t join pg_class c on c.oid = t.tgrelid
        join pg_proc p on p.oid = t.tgfoid
        where not t.tgisinternal and t.tgenabled <> 'D' and pg_table_is_visible(c.oid) order by 1, 2""",
    "mysql": """select event_object_table, trigger_name, concat(action_timing, ' ', event_manipulation)
        from information_schema.triggers where event_object_schema = database() order by 1, 2""",
}
_ENGINES = """select table_name, engine from information_schema.tables t
    where table_schema = database() and engine is not null
    and not exists (select 1 from information_schema.engines e where e.engine = t.engine and e.transactions = 'YES')"""


def triggers(session: Session, written: Collection[str]) -> list[str]:
    """Return each trigger on the tables that are written, in words."""
    small = {name.rpartition(".")[2].lower() for name in written}
    found = asked(session, _TRIGGERS[session.dialect], "triggers")
    return [f"{name} on {table}{f' ({what})' if what else ''}" for table, name, what in found if table.lower() in small]


def without_transactions(session: Session, written: Collection[str]) -> dict[str, str]:
    """Return the tables that can take nothing back, and their engines."""
    if session.dialect != "mysql":
        return {}
    small = {name.rpartition(".")[2].lower() for name in written}
    found = asked(session, _ENGINES, "tables")
    return {table: engine for table, engine in found if table.lower() in small}


def needs_ours(verb: Verb) -> bool:
    """Tell whether our table is needed: for the mark of an effect, or of a call to a gateway."""
    return verb.unique is None or (isinstance(verb, MoneyVerb) and verb.moves == "moved")


def locked(subject: Subject, session: Session) -> Iterator[Proof]:
    """Yield whether the row that a write locks is there, and one, for a real order."""
    orders, lock = subject.mapping.orders, subject.mapping.orders.lock or ""
    place = f"{subject.client.place}: orders.lock"
    sql = chosen(orders.select, session.dialect, place)
    key = session.run(sa.text(f"select {orders.key} from ({sql}) op_rows limit 1"), {}, place).scalar()  # noqa: S608 - the mapping's own text and name
    if key is None:
        return
    table, _, column = lock.rpartition(".")
    schema, _, name = table.rpartition(".")
    if wrong := _no_place(Catalog(session.connection), table, column):
        yield Proof("orders.lock", "not well", f"{place}: {wrong}")
        return
    of_key = sa.column(column) == sa.bindparam("order_id")
    at = sa.table(name, schema=schema or None)
    found = session.run(sa.select(sa.func.count()).select_from(at).where(of_key), {"order_id": key}, place).scalar()
    if session.dialect == "postgresql":  # it explains a lock where it may not take one: some views let no row be locked
        none = sa.column(column) == sa.null()
        row: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(at).where(none).with_for_update()
        session.run(sa.text(f"explain {row.compile(dialect=session.connection.dialect)}"), {}, place)
    parsed = parse(sql, session.dialect, place)
    real = traced(parsed.tree, orders.key)
    if found != 1:
        said = f"{place}: {lock} has {found} rows with the key of an order; expected one, of the table of orders"
        yield Proof("orders.lock", "not well", said)
    elif real is not None and ".".join(real).lower() != lock.lower():
        said = (
            f"{place}: {lock} has one row with the key of an order, which is {'.'.join(real)}; is it of the same order?"
        )
        yield Proof("orders.lock", "look", said)
    else:
        yield Proof("orders.lock", "well", f"{lock} is one row of an order, which a write locks")


def _no_place(catalog: Catalog, table: str, column: str) -> str:
    """Return that a table or its column is not there, with the nearest that is; empty where both are."""
    known = catalog.table(table)
    short = table.rpartition(".")[2]
    if known is None or not catalog.is_one_of(exp.to_identifier(short, quoted=True), (known.name.rpartition(".")[2],)):
        return f"there is no table {table}{nearest(short, catalog.names())}"
    if known.columns and not catalog.is_one_of(exp.to_identifier(column, quoted=True), known.names):
        return f"there is no column {column} in {known.name}{nearest(column, known.names)}"
    return ""


def marks(catalog: Catalog, verbs: Mapping[str, Verb], store: str) -> Iterator[Proof]:
    """Yield whether what keeps an effect from being made twice is there."""
    ours = [name for name, verb in verbs.items() if needs_ours(verb)]
    if ours and catalog.table(TABLE.name) is None:
        said = f"the table {TABLE.name} is not there, so {', '.join(ours)} cannot be done: op-core db install {store}"
        yield Proof("references", "not well", said)
    elif ours:
        yield Proof("references", "well", f"{TABLE.name} is there, for {', '.join(ours)}")
    for name, verb in verbs.items():
        if verb.unique is None:
            continue
        place, _, column = verb.unique.rpartition(".")
        table = catalog.table(place)
        if table is None or column.lower() not in table.columns:
            near = nearest(column, table.names) if table is not None else nearest(place, catalog.names())
            yield Proof(f"{name}.unique", "not well", f"there is no column {verb.unique}{near}")
        elif table.is_unique(column):
            yield Proof(f"{name}.unique", "well", f"the database keeps {verb.unique} unique")
        else:
            index = catalog.written(f"{place.rpartition('.')[2]}_{column}_once".lower())
            said = (
                f"nothing keeps {verb.unique} unique, so two effects could have one reference; run: CREATE UNIQUE INDEX"
            )
            at = f"{catalog.written(table.name)} ({catalog.written(table.columns[column.lower()]['name'])})"
            yield Proof(f"{name}.unique", "not well", f"{said} {index} ON {at};")
