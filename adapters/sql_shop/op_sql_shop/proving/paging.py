"""Pages of what changed: their order is total, and an index stands behind it."""

# ruff: noqa: S608 - statements are made of the mapping's own texts and names; values are always bound
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlglot import exp

from op_core.proofs import Proof
from op_sql_shop.client import Session
from op_sql_shop.mapping import GreatestOf, ShopMapping
from op_sql_shop.proving.catalog import Catalog
from op_sql_shop.proving.touched import alias_of, name_of
from op_sql_shop.texts import Text

__all__ = ["pages"]


def pages(session: Session, mapping: ShopMapping, stated: Iterable[Text]) -> Iterator[Proof]:
    """Yield, of orders and products, whether the key makes the order total, and what finds the next page."""
    catalog = Catalog(session.connection)
    texts = {text.place: text for text in stated if text.verb is None}
    for table in ("orders", "products"):
        said: Any = getattr(mapping, table)
        text = texts.get(f"{table}.select")
        if said is None or text is None:
            continue
        yield _total(catalog, text, table, said.key)
        if isinstance(said.changed_at, GreatestOf):
            parts = [texts.get(f"{table}.changed_at.greatest_of[{n}]") for n in range(len(said.changed_at.greatest_of))]
            yield from _indexed(session, catalog, table, [(part, "changed_at", "order_id") for part in parts if part])
        elif said.changed_at is not None:
            yield from _indexed(session, catalog, table, [(text, said.changed_at, said.key)])


def _total(catalog: Catalog, text: Text, table: str, key: str) -> Proof:
    at = traced(text.parsed.tree if text.parsed else None, key)
    known = catalog.table(at[0]) if at else None
    if at and known and known.is_unique(at[1]):
        return Proof(f"key of {table}", "well", f"{key} is {known.name}.{at[1]}, which the database keeps unique")
    why = "nothing keeps it unique" if at and known else "it is no plain column, so only its values could be looked at"
    return Proof(f"key of {table}", "look", f"{key} must be there once for each of {table}: {why}")


def _indexed(session: Session, catalog: Catalog, table: str, parts: list[tuple[Text, str, str]]) -> Iterator[Proof]:
    without = []
    for text, time, key in parts:
        tree = text.parsed.tree if text.parsed else None
        at, key_at = traced(tree, time), traced(tree, key)
        known = catalog.table(at[0]) if at else None
        if (known and at and known.begins_an_index(at[1])) or _plan_has_index(session, text, time):
            continue
        if known and at:
            columns = [at[1]] + ([key_at[1]] if key_at and key_at[0] == at[0] else [])
            names = ", ".join(catalog.written(known.columns[column]["name"]) for column in columns)
            index = catalog.written(f"op_{known.name.rpartition('.')[2]}_{at[1]}".lower())
            without.append(f"CREATE INDEX {index} ON {catalog.written(known.name)} ({names});")
        else:
            without.append(f"-- {text.place}: {time} is no plain column; an index on what it is made of may serve")
    check = f"index behind {table}"
    if without:
        said = "these times have none, so each page reads their tables whole; where they are large, run:\n" + "\n".join(
            without
        )
        yield Proof(check, "look", said)
    else:
        yield Proof(check, "well", "each time of change has an index in its order")


def traced(tree: exp.Expr | None, column: str) -> tuple[str, str] | None:
    """Return table and column of a plain column that a SELECT returns; None where it is none, or nobody can tell."""
    if not isinstance(tree, exp.Select):
        return None
    found = next((each for each in tree.selects if each.alias_or_name.lower() == column.lower()), None)
    plain = found.unalias() if found is not None else None
    if not isinstance(plain, exp.Column):
        return None
    sources = [tree.args["from_"].this, *(join.this for join in tree.args.get("joins") or ())]
    real = {alias_of(each): each for each in sources if isinstance(each, exp.Table)}
    if plain.table:
        table = real.get(plain.table.lower())
    else:
        table = next(iter(real.values())) if len(sources) == 1 and real else None
    return (name_of(table), plain.name.lower()) if table is not None else None


def _plan_has_index(session: Session, text: Text, time: str) -> bool:
    """Tell whether the database would find the next rows in the order of an index, by its own plan."""
    asked = f"select * from ({text.sql}) op_rows order by {time} limit 1"
    if text.parsed is not None and text.parsed.binds:
        return False
    if session.dialect == "postgresql":
        session.run(sa.text("set local enable_seqscan = off"), {}, text.place)  # or a small table hides its index
        rows: Any = session.run(sa.text(f"explain (format json) {asked}"), {}, text.place).scalar()
        session.run(sa.text("set local enable_seqscan = on"), {}, text.place)
        plan = json.dumps(rows)
        return '"Index Name"' in plan and 'Sort"' not in plan
    if session.dialect == "sqlite":
        plan = str(session.run(sa.text(f"explain query plan {asked}"), {}, text.place).fetchall())
        return "INDEX" in plan and "TEMP B-TREE FOR ORDER BY" not in plan
    found = session.run(sa.text(f"explain {asked}"), {}, text.place).mappings().fetchall()
    return all(row["key"] for row in found) and not any("filesort" in (row["Extra"] or "") for row in found)
