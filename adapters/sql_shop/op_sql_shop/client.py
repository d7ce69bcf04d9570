"""The way into the shop's database: transactions with their limits, and what their failures mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from op_core.errors import HookError, NotSent, Refused, ShopAway
from op_sql_shop.as_written import as_written
from op_sql_shop.engines import engine
from op_sql_shop.faults import meaning, undone
from op_sql_shop.settings import SqlShopSettings

__all__ = ["Client", "Found", "Session", "Unanswered", "connect"]

_IDLE = 60  # seconds that a transaction may wait for us, before the database gives its locks back
_STRICT = "concat_ws(',', nullif(@@sql_mode, ''), 'STRICT_ALL_TABLES')"  # nothing is cut off to fit, and called stored


class Unanswered(Exception):
    """A COMMIT was sent, and nobody knows what became of it."""


@attrs.frozen
class Found:
    """
    What a statement has found.

    Attributes:
        keys: The names of its columns.
        rows: Their values, as the driver gives them.
    """

    keys: tuple[str, ...]
    rows: Sequence[Sequence[Any]] = attrs.field(repr=False)


@attrs.define(eq=False)
class Session:
    """
    One transaction.

    Attributes:
        connection: SQLAlchemy's.
        dialect: ``sqlite``, ``postgresql`` or ``mysql``.
    """

    connection: sa.Connection
    dialect: str

    def run(self, statement: sa.Executable, values: Any, place: str) -> sa.CursorResult[Any]:
        """
        Execute a statement.

        Args:
            statement: The statement.
            values: What is bound.
            place: Where it stands, for the error.

        Raises:
            ShopAway: The database is not well.
            NotSent: Nothing was done; again later.
            Refused: The database refuses it, or its driver one of the values.
        """
        try:
            return self.connection.execute(statement, values)
        except DBAPIError as error:
            raise meaning(error, place) from None
        except (StatementError, ValueError, TypeError, OverflowError):  # the driver's, before anything was sent
            raise Refused(f"{place}: a value is missing, or is none that the database can hold") from None

    def commit(self, place: str) -> None:
        """
        Commit.

        Raises:
            ShopAway, NotSent, Refused: The database answered that everything is undone.
            Unanswered: It did not answer that.
        """
        try:
            self.connection.commit()
        except DBAPIError as error:
            if undone(error):
                raise meaning(error, place) from None
            raise Unanswered(
                f"{place}: the database did not say whether it took the commit ({meaning(error, 'commit')})"
            ) from None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Undo what fails inside alone: without a savepoint PostgreSQL would refuse all that comes after."""
        with self.connection.begin_nested():
            yield

    def counted(self, place: str, rows: int) -> None:
        """Hear how many rows a step changed or returned; a rehearsal tells them."""

    def rows(self, statement: sa.Executable, values: Any, place: str) -> Found:
        """
        Execute a statement as `run` does, and return what it has found: the driver's own rows, which are cheap.

        The statement only reads: where a value is none that the driver knows, it is executed once more.
        """
        found = self.run(statement, values, place)
        try:
            return Found(tuple(found.keys()), found.cursor.fetchall())
        except self.connection.dialect.loaded_dbapi.Error as error:
            if not as_written(self.connection, error):
                raise meaning(DBAPIError(None, None, error), place) from None
        finally:
            found.close()
        return self.rows(statement, values, place)


@attrs.define(eq=False)
class Client:
    """
    A shop's database. Any number of threads may use it.

    Attributes:
        engine: SQLAlchemy's; its URL holds the password.
        dialect: ``sqlite``, ``postgresql`` or ``mysql``, which MariaDB is too.
        settings: The limits.
        place: The mapping file's name, for errors.
    """

    engine: sa.Engine = attrs.field(repr=False)
    dialect: str
    settings: SqlShopSettings = attrs.field(repr=False)
    place: str

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a transaction that sees one state of the shop, and may change nothing."""
        with self._transaction(self.settings.statement_timeout, write=False) as session:
            yield session

    @contextmanager
    def writing(self, left: timedelta | None = None) -> Iterator[Session]:
        """
        Yield a transaction that `Session.commit` commits or nobody: whatever is not committed never was.

        An error inside, or no commit, undoes everything. What a row lock lets through is seen (READ COMMITTED); a
        snapshot would hide it.

        Args:
            left: The time until its deadline; no statement is given more.

        Raises:
            NotSent: None is left.
        """
        longest = self.settings.statement_timeout
        if left is not None and left <= timedelta(0):
            raise NotSent("its time was over before it began; nothing was changed")
        with self._transaction(longest if left is None else min(left, longest), write=True) as session:
            yield session

    def close(self) -> None:
        """Close the connections that wait in the pool."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self, longest: timedelta, *, write: bool) -> Iterator[Session]:
        with self._connected() as connection:
            session = Session(connection, self.dialect)
            try:
                self._begin(session, longest, write=write)
                yield session
            except DBAPIError as error:  # of a statement that is not the mapping's
                raise meaning(error, self.place) from None
            finally:
                with suppress(DBAPIError):  # a connection that is gone has undone it already
                    connection.rollback()

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        try:
            connection = self.engine.connect()
        except DBAPIError as error:
            raise _away(meaning(error, self.place)) from None
        except PoolTimeout:
            raise NotSent(f"{self.place}: all {self.settings.connections} connections are in use") from None
        with connection:
            yield connection

    def _begin(self, session: Session, longest: timedelta, *, write: bool) -> None:
        """Begin, say what may be done, and set how long a statement and a lock may take."""
        session.connection.begin()
        whole = _milliseconds(longest)
        wait = min(_milliseconds(self.settings.lock_timeout), whole)
        try:
            for statement in getattr(self, f"_{self.dialect}")(wait, whole, write):
                session.run(sa.text(statement), {}, self.place)
        except NotSent as error:
            raise _away(error) from None

    def _sqlite(self, wait: int, whole: int, write: bool) -> tuple[str, ...]:  # noqa: ARG002, FBT001 - as its neighbours; a connection waits from its opening on
        return ("begin immediate",) if write else ("pragma query_only = on", "begin")

    def _postgresql(self, wait: int, whole: int, write: bool) -> tuple[str, ...]:  # noqa: FBT001 - asked by name above
        limits = f"set local lock_timeout = {wait}; set local statement_timeout = {whole}; set local timezone = 'UTC';"
        limits += f" set local idle_in_transaction_session_timeout = {_IDLE * 1000}"
        if not write:
            return (f"set transaction isolation level repeatable read, read only; {limits}",)
        # A shop may let its own commits be lost with the server's power; an effect that was told as done may not.
        durable = (
            "select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off'"
        )
        return (f"set transaction isolation level read committed; {limits}; {durable}",)

    def _mysql(self, wait: int, whole: int, write: bool) -> tuple[str, ...]:  # noqa: FBT001 - as above
        seconds = max(1, round(wait / 1000))
        limits = {"innodb_lock_wait_timeout": seconds, "lock_wait_timeout": seconds, "time_zone": "'+00:00'"}
        if getattr(self.engine.dialect, "is_mariadb", False):
            limits |= {"max_statement_time": f"{whole / 1000:.3f}", "idle_transaction_timeout": _IDLE}
        else:
            limits["max_execution_time"] = whole
        if write:
            limits["sql_mode"] = _STRICT
        level = "read committed" if write else "repeatable read"
        said = ", ".join(f"{name} = {value}" for name, value in limits.items())
        return (f"set session {said}", f"set transaction isolation level {level}")


def connect(settings: SqlShopSettings, directory: Path, place: str) -> Client:
    """
    Return the way into the database. Nothing is connected yet: the shop may be away.

    Raises:
        SettingsError: The URL is none, names a database that is not supported, or its driver is not installed.
    """
    made, dialect = engine(settings, directory)
    return Client(made, dialect, settings, place)


def _away(error: HookError) -> HookError:
    return ShopAway(error.reason) if type(error) is NotSent else error


def _milliseconds(time: timedelta) -> int:
    return max(1, round(time.total_seconds() * 1000))
