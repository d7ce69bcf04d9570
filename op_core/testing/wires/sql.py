"""A wire for adapters that speak SQL through SQLAlchemy: each statement, and each COMMIT, passes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import PoolProxiedConnection

from op_core.testing.wires.counting import Counting

__all__ = ["SqlWire"]


@attrs.define(eq=False)
class SqlWire(Counting):
    """
    Put it on the adapter's engine, of any database. `op_core.testing.commits` does the same over real sockets.

    - ``drop before``: the connection ends before the statement, or the COMMIT, reaches the database
    - ``drop after``: it is executed, and the connection ends without an answer. What was not committed is undone

    Args:
        engine: Of the adapter. A connection that it holds already passes the wire too.
    """

    kinds: ClassVar[tuple[str, ...]] = ("drop before", "drop after")

    engine: sa.Engine

    def __attrs_post_init__(self) -> None:
        """Listen."""
        self.watch(self.engine)

    def watch(self, engine: sa.Engine) -> None:
        """Listen to another engine too: of a second instance of the adapter."""
        sa.event.listen(engine, "before_cursor_execute", self._before)
        sa.event.listen(engine, "after_cursor_execute", self._after)
        dialect = engine.dialect
        dialect.do_commit = partial(self._commits, dialect, dialect.do_commit)  # type: ignore[method-assign]  # no event comes after a COMMIT

    def _before(self, connection: Any, _: Any, statement: str, *__: Any) -> None:
        kind = self.count()
        connection.info["op-core wire"] = kind
        if kind == "drop before":
            raise _lost(statement)

    def _after(self, connection: Any, _: Any, statement: str, *__: Any) -> None:
        if connection.info.pop("op-core wire", "") == "drop after":
            raise _lost(statement)

    def _commits(
        self, dialect: sa.Dialect, commit: Callable[[PoolProxiedConnection], None], connection: PoolProxiedConnection
    ) -> None:
        kind = self.count()
        if kind == "drop before":
            dialect.do_rollback(connection)  # as a database does whose client is gone
            raise _driver_error(dialect)
        commit(connection)
        if kind == "drop after":
            raise _driver_error(dialect)


def _driver_error(dialect: sa.Dialect) -> Exception:
    error: Exception = dialect.loaded_dbapi.OperationalError("server closed the connection unexpectedly")
    return error


def _lost(statement: str) -> OperationalError:
    return OperationalError(statement, None, ConnectionError("server closed the connection unexpectedly"))
