"""
Values that a driver cannot read, as the database wrote them: then only their row cannot be read, with its column named.

Drivers give up a whole page for one of them: psycopg for a time such as ``infinity``, SQLite's for text of another
encoding.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

__all__ = ["as_written"]

_DONE = "op_as_written"


def as_written(connection: sa.Connection, error: Exception) -> bool:
    """
    Let a connection give what its driver cannot read as text, or as bytes: rows are fetched more slowly from then on.

    Args:
        connection: To read from again.
        error: What the driver raised while it fetched rows.

    Returns:
        Whether to try again: that was what is wrong, and the connection did not do so before.
    """
    driver: Any = connection.connection.driver_connection
    if connection.info.get(_DONE):
        return False
    if connection.dialect.name == "postgresql" and getattr(error, "sqlstate", "") is None:  # no answer of the server
        _times_as_written(driver)
    elif connection.dialect.name == "sqlite" and str(error).startswith("Could not decode"):
        driver.text_factory = _decoded
    else:
        return False
    connection.info[_DONE] = True
    return True


def _times_as_written(driver: Any) -> None:
    from psycopg import DataError  # noqa: PLC0415 - part of an extra
    from psycopg.types import datetime as types  # noqa: PLC0415 - as above

    def lenient(loader: Any) -> type:
        class Lenient(loader):  # type: ignore[misc]  # one of psycopg's
            def load(self, data: Any) -> Any:
                try:
                    return super().load(data)
                except DataError:
                    return bytes(data).decode()

        return Lenient

    for name, loader in (
        ("date", types.DateLoader),
        ("timestamp", types.TimestampLoader),
        ("timestamptz", types.TimestamptzLoader),
    ):
        driver.adapters.register_loader(name, lenient(loader))


def _decoded(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
