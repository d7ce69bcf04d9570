"""The way into the shop's database: connections, transactions with their limits, and what its failures mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from op_core.errors import NotSent, SettingsError, ShopAway
from op_sql_shop.faults import meaning
from op_sql_shop.settings import SqlShopSettings

__all__ = ["Client", "Session", "connect"]

_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_EXTRAS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}
_CONNECT = 5  # seconds to reach the server


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
            Refused: The database refuses it.
        """
        try:
            return self.connection.execute(statement, values)
        except DBAPIError as error:
            raise meaning(error, place) from None

    def counted(self, place: str, rows: int) -> None:
        """Hear how many rows a step changed or returned; a rehearsal tells them."""


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
        """Yield a transaction that sees one state of the shop and changes nothing."""
        with self._connected() as connection:
            if self.dialect != "sqlite":
                connection.execution_options(isolation_level="REPEATABLE READ")
            session = self._begun(connection, "begin", self.settings.statement_timeout)
            if self.dialect == "postgresql":
                session.run(sa.text("set transaction read only"), {}, self.place)
            try:
                yield session
            finally:
                with suppress(DBAPIError):  # it has nothing to lose
                    connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """
        Yield a transaction that `Session.connection` commits or nobody: whatever is not committed never was.

        An error inside, or no commit, undoes everything.
        """
        with self._connected() as connection:
            if self.dialect != "sqlite":  # what a row lock lets through is seen; a snapshot would hide it
                connection.execution_options(isolation_level="READ COMMITTED")
            session = self._begun(connection, "begin immediate", self.settings.statement_timeout)
            try:
                yield session
            finally:
                with suppress(DBAPIError):  # a connection that is gone has undone it already
                    connection.rollback()

    def close(self) -> None:
        """Close the connections that wait in the pool."""
        self.engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        try:
            connection = self.engine.connect()
        except DBAPIError as error:
            raise _away(meaning(error, self.place)) from None
        with connection:
            yield connection

    def _begun(self, connection: sa.Connection, begin: str, longest: timedelta) -> Session:
        """Begin, and set how long a statement and a lock may take."""
        session = Session(connection, self.dialect)
        wait, whole = (_milliseconds(time) for time in (self.settings.lock_timeout, longest))
        try:
            connection.begin()
        except DBAPIError as error:
            raise _away(meaning(error, self.place)) from None
        if self.dialect == "sqlite":
            session.run(sa.text(begin), {}, f"{self.place}: {begin}")
        elif self.dialect == "postgresql":
            limits = (
                f"set local lock_timeout = {wait}; set local statement_timeout = {whole}; set local timezone = 'UTC'"
            )
            session.run(sa.text(limits), {}, self.place)
        else:
            longest_name = ("max_statement_time", f"{whole / 1000:.3f}")
            if not getattr(connection.dialect, "is_mariadb", False):
                longest_name = ("max_execution_time", str(whole))
            lock = max(1, round(wait / 1000))
            limits = f"set session innodb_lock_wait_timeout = {lock}, {longest_name[0]} = {longest_name[1]}"
            session.run(sa.text(f"{limits}, time_zone = '+00:00'"), {}, self.place)
        return session


def connect(settings: SqlShopSettings, directory: Path, place: str) -> Client:
    """
    Return the way into the database. Nothing is connected yet: the shop may be away.

    Raises:
        SettingsError: The URL is none, names a database that is not supported, or its driver is not installed.
    """
    url = _url(settings.url.get_secret_value(), directory)
    family = url.get_backend_name()
    dialect = "mysql" if family == "mariadb" else family
    options: dict[str, Any] = {"hide_parameters": True}
    if dialect == "sqlite":
        options |= {"creator": _opener(url, settings.lock_timeout), "poolclass": sa.NullPool}
    else:
        options |= {"pool_size": settings.connections, "max_overflow": 0, "pool_pre_ping": True}
        options |= {
            "pool_timeout": settings.lock_timeout.total_seconds(),
            "connect_args": {"connect_timeout": _CONNECT},
        }
    try:
        engine = sa.create_engine(url, **options)
    except (NoSuchModuleError, ModuleNotFoundError):
        extra = _EXTRAS.get(family, family)
        raise SettingsError(
            f"url: the driver {url.drivername} is not installed: pip install 'op-sql-shop[{extra}]'"
        ) from None
    if dialect == "sqlite":
        sa.event.listen(engine, "connect", _sqlite_connected)
    return Client(engine, dialect, settings, place)


def _url(said: str, directory: Path) -> URL:
    try:
        url = make_url(said)
    except (ArgumentError, ValueError):
        raise SettingsError("url: not a database URL, such as postgresql://user@host/shop") from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() not in ("sqlite", "postgresql", "mysql", "mariadb"):
        raise SettingsError(
            f"url: {url.get_backend_name()} is not supported; expected one of sqlite, postgresql, mysql, mariadb"
        )
    if url.get_backend_name() != "sqlite":
        return url
    if not url.database or url.database == ":memory:":
        raise SettingsError("url: expected the file of the shop's database, such as sqlite:///shop.db")
    return url.set(database=str((directory / url.database).absolute()))


def _opener(url: URL, wait: timedelta) -> Any:
    file = Path(str(url.database))

    def opened() -> sqlite3.Connection:
        if not file.is_file():  # said here, as SQLite says no more than that it is unable
            raise sqlite3.OperationalError("unable to open database: no such file")
        uri = f"{file.as_uri()}?mode=rw"  # never makes an empty file
        return sqlite3.connect(
            uri, uri=True, timeout=wait.total_seconds(), isolation_level=None, check_same_thread=False
        )

    return opened


def _sqlite_connected(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("pragma foreign_keys = on")


def _away(error: Exception) -> Exception:
    return ShopAway(error.reason) if type(error) is NotSent else error


def _milliseconds(time: timedelta) -> int:
    return max(1, round(time.total_seconds() * 1000))
