"""A row that is there is changed, one that is not is made."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["put_row"]


@lru_cache  # to build a statement anew takes longer than to execute it
def _upsert(dialect: str, table: sa.Table, key: tuple[str, ...], names: tuple[str, ...]) -> sa.Insert:
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    said = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=list(key), set_=said)


def put_row(connection: sa.Connection, table: sa.Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Insert a row, or change these columns of the one that is there, in one statement: no other write gets between."""
    connection.execute(_upsert(connection.dialect.name, table, tuple(key), tuple(values)), {**key, **values})
