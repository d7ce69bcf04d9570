"""The live schema: which tables and columns there are, what is unique, and what has an index."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SAWarning
from sqlglot import exp

from op_sql_shop.client import Session
from op_sql_shop.faults import meaning, of_rights

__all__ = ["Catalog", "Table", "asked", "nearest"]


def asked(session: Session, sql: str, place: str) -> list[Any]:
    """Return the rows of a question of our own to the database's catalog."""
    return list(session.run(sa.text(sql), {}, place).fetchall())


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean …?``, or nothing where nothing is near. A name may be known with its quotes."""
    small = {each.strip('"').lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), small, n=1, cutoff=0.6)
    if not near:
        return ""
    found = small[near[0]]
    return f"; did you mean {found}?" if found != f'"{name}"' else f"; did you mean {found}, with its quotes?"


@attrs.frozen
class Table:
    """
    One table or view.

    Attributes:
        name: As the database holds it.
        columns: Name in small letters to what SQLAlchemy tells of the column.
        unique: Sets of columns of which each value is there once, in small letters: the first is the primary key.
        indexed: The columns of each index, in their order.
    """

    name: str
    columns: dict[str, Any] = attrs.field(repr=False)
    unique: tuple[tuple[str, ...], ...]
    indexed: tuple[tuple[str, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, as the database holds them."""
        return tuple(str(column["name"]) for column in self.columns.values())

    def is_unique(self, column: str) -> bool:
        """Tell whether the database allows each value of the column once."""
        return (column.lower(),) in self.unique

    def begins_an_index(self, column: str) -> bool:
        """Tell whether an index is in the order of that column."""
        return any(columns[0] == column.lower() for columns in (*self.indexed, *self.unique) if columns)


class Catalog:
    """
    What the database says of its tables. Each is asked for once.

    Args:
        connection: Of the shop's database, while it is used.
    """

    def __init__(self, connection: sa.Connection) -> None:
        """Ask nothing yet."""
        self._inspector = sa.inspect(connection)
        self._quoting = connection.dialect.identifier_preparer
        self._exact = connection.dialect.name == "postgresql"
        self._known: dict[str, Table | None] = {}
        self._names: tuple[str, ...] | None = None

    def names(self) -> tuple[str, ...]:
        """Return the tables and views that need no schema before their names."""
        if self._names is None:
            self._names = (*self._inspector.get_table_names(), *self._inspector.get_view_names())
        return self._names

    def written(self, name: str) -> str:
        """Return a name, ``orders`` or ``shop.orders``, as a statement has it: in quotes where it needs them."""
        return ".".join(self._quoting.quote(part) for part in name.split("."))

    def spelt(self, names: Iterable[str]) -> list[str]:
        """Return names as a statement must have them: PostgreSQL alone takes ``createdAt`` for another one."""
        return [self._quoting.quote(name) if self._exact else name for name in names]

    def is_one_of(self, name: exp.Expr, names: Iterable[str]) -> bool:
        """Tell whether an identifier of a statement is one of those names."""
        if self._exact:
            return (name.name if name.args.get("quoted") else name.name.lower()) in names
        return name.name.lower() in {each.lower() for each in names}

    def table(self, name: str) -> Table | None:
        """Return a table by its name in a statement, ``orders`` or ``shop.orders``; None: there is none."""
        key = name.lower()
        if key not in self._known:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # of indexes on expressions, which it cannot tell of
                self._known[key] = self._asked(name)
        return self._known[key]

    def _asked(self, name: str) -> Table | None:
        schema, _, short = name.rpartition(".")
        if not schema:
            short = next((known for known in self.names() if known.lower() == short.lower()), short)
        at: dict[str, Any] = {"table_name": short, "schema": schema or None}
        try:
            columns = self._inspector.get_columns(**at)
        except NoSuchTableError:
            return None
        except DBAPIError as error:
            if of_rights(error):  # MariaDB tells nothing of a table on which this user has no right
                return Table(f"{schema}.{short}" if schema else short, {}, (), ())
            raise meaning(error, short) from None
        key = self._inspector.get_pk_constraint(**at)["constrained_columns"]
        unique: list[list[Any]] = [key] if key else []
        indexed: list[list[Any]] = []
        for index in self._inspector.get_indexes(**at):
            if None in index["column_names"] or any("where" in option for option in index.get("dialect_options", {})):
                continue  # of an expression, or of some rows
            indexed.append(index["column_names"])
            if index.get("unique"):
                unique.append(index["column_names"])
        unique += [each["column_names"] for each in self._inspector.get_unique_constraints(**at)]
        return Table(
            f"{schema}.{short}" if schema else short,
            {column["name"].lower(): column for column in columns},
            tuple(tuple(str(one).lower() for one in each) for each in unique),
            tuple(tuple(str(one).lower() for one in each) for each in indexed),
        )
