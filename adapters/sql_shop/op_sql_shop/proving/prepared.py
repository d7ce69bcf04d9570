"""Every statement of the mapping, prepared by the live database and never executed; and what is wrong, in words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.exc import DBAPIError
from sqlglot import exp

from op_core.errors import NotSent, Refused, ShopAway
from op_sql_shop.client import Session
from op_sql_shop.converters import Forms
from op_sql_shop.faults import meaning, of_a_statement, of_rights
from op_sql_shop.proving.catalog import Catalog, Table, nearest
from op_sql_shop.proving.touched import alias_of, name_of, tables, targets
from op_sql_shop.texts import Text

__all__ = ["refusal"]

_ZERO = Decimal(0)


def refusal(text: Text, session: Session, catalog: Catalog, forms: Forms) -> str | None:
    """
    Return why the database does not understand a statement; None where it does.

    SQLite and PostgreSQL explain it; MariaDB and MySQL prepare it. None of them executes it.

    Raises:
        ShopAway: The database is not well.
        NotSent: It is busy.
    """
    values: dict[str, Any] = dict.fromkeys(text.parsed.binds if text.parsed else ())
    values |= {name: value for name, value in _made_up(forms).items() if name in values}
    try:
        if session.dialect == "mysql":
            session.connection.exec_driver_sql(f"prepare op_proof from {_quoted(text.sql, values)}")
            session.connection.exec_driver_sql("deallocate prepare op_proof")
        elif session.dialect == "postgresql":
            with session.connection.begin_nested():
                session.connection.execute(_bound(f"explain {text.sql}", values), values)
        else:
            session.connection.execute(_bound(f"explain {text.sql}", values), values)
    except DBAPIError as error:
        if not of_a_statement(error):
            raise meaning(error, text.place) from None
        if of_rights(error):
            return "this user may not do that, see rights"
        tree = text.parsed.tree if text.parsed else None
        own = unknown(tree, catalog) if tree is not None else []
        return "; ".join(own) or _in_words(meaning(error, text.place), text.place)
    return None


def _made_up(forms: Forms) -> dict[str, Any]:
    """Return values of the kinds that a request gives; what is text there is NULL here, which fits any column."""
    amount = Decimal("1.00")
    in_form = 100 if forms.money == "minor_units" else str(amount) if forms.floats else amount
    free = 0 if forms.money == "minor_units" else "0" if forms.floats else _ZERO
    flags = {"take_stock": True, "notify": False}
    return {"amount": in_form, "unit_price": free, "tax": free, "quantity": 1, **flags}


def _bound(sql: str, values: dict[str, Any]) -> sa.TextClause:
    text = sa.text(sql)
    if "order_ids" in values:
        values["order_ids"] = [None]
        text = text.bindparams(sa.bindparam("order_ids", [None], expanding=True))
    return text


def _quoted(sql: str, values: dict[str, Any]) -> str:
    """Return a statement with ``?`` for its values, as a text within another statement."""
    compiled = _bound(sql, values).compile(
        dialect=MySQLDialect_pymysql(paramstyle="qmark"), compile_kwargs={"render_postcompile": True}
    )
    return "'" + str(compiled).replace("\\", "\\\\").replace("'", "''").replace("%", "%%") + "'"


def _in_words(error: ShopAway | NotSent | Refused | Exception, place: str) -> str:
    return str(error).removeprefix(f"{place}: ")


def unknown(tree: exp.Expr, catalog: Catalog) -> list[str]:
    """Return what the statement names and the schema does not have, each with the nearest name that it has."""
    found: dict[str, Table] = {}
    said = []
    for table in tables(tree):
        known = catalog.table(name_of(table))
        if known is None or not catalog.is_one_of(table.this, (known.name.rpartition(".")[2],)):
            said.append(f"there is no table {name_of(table)}{nearest(table.name, catalog.spelt(catalog.names()))}")
        else:
            found[alias_of(table)] = known
    if said:
        return list(dict.fromkeys(said))
    return list(dict.fromkeys((*_of_targets(tree, catalog), *_of_columns(tree, found, catalog))))


def _of_targets(tree: exp.Expr, catalog: Catalog) -> Iterator[str]:
    """Yield the columns that an INSERT names or an UPDATE sets."""
    for how, table in targets(tree):
        known = catalog.table(name_of(table))
        node = table.find_ancestor(exp.Insert, exp.Update)
        names: list[exp.Expr] = []
        if how == "insert" and isinstance(table.parent, exp.Schema):
            names = list(table.parent.expressions)
        elif how == "update" and isinstance(node, exp.Update):
            names = [
                each.this.this
                for each in node.expressions
                if isinstance(each, exp.EQ) and each.this.table.lower() in ("", alias_of(table))
            ]
        yield from (
            _no_column(name, known, catalog) for name in names if known and not catalog.is_one_of(name, known.names)
        )


def _of_columns(tree: exp.Expr, found: dict[str, Table], catalog: Catalog) -> Iterator[str]:
    made = {alias.alias.lower() for alias in tree.find_all(exp.Alias, exp.TableAlias)} | {"excluded"}
    made |= {column.name.lower() for each in tree.find_all(exp.TableAlias) for column in each.columns}
    everything = {name for table in found.values() for name in table.names}
    for column in tree.find_all(exp.Column):
        name, of = column.this, found.get(column.table.lower())
        if not column.name or isinstance(name, exp.Star):
            continue
        if of is not None and not catalog.is_one_of(name, of.names):
            yield _no_column(name, of, catalog)
        elif not column.table and found and column.name.lower() not in made and not catalog.is_one_of(name, everything):
            where = " or ".join(sorted({table.name for table in found.values()}))
            known = catalog.spelt(sorted(everything)) + sorted(made)
            yield f"there is no column {column.name} in {where}{nearest(column.name, known)}"
        elif column.table and of is None and column.table.lower() not in made | set(found):
            yield f"there is no table called {column.table} in this statement{nearest(column.table, found)}"


def _no_column(name: exp.Expr, table: Table, catalog: Catalog) -> str:
    return f"there is no column {name.name} in {table.name}{nearest(name.name, catalog.spelt(table.names))}"
