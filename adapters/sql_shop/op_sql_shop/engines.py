"""SQLAlchemy's engine for a shop's URL: which driver, which database, and how it waits."""

from __future__ import annotations

import os
import sqlite3
import weakref
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from op_core.errors import SettingsError
from op_sql_shop.settings import SqlShopSettings

__all__ = ["engine"]

_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_EXTRAS = {"postgresql": "postgres", "mysql": "mysql"}
_CONNECT = 5  # seconds to reach the server


def engine(settings: SqlShopSettings, directory: Path) -> tuple[sa.Engine, str]:
    """
    Return the engine, and the dialect: ``sqlite``, ``postgresql`` or ``mysql``. Nothing is connected yet.

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
        wait = settings.lock_timeout.total_seconds()
        options |= {"pool_size": settings.connections, "max_overflow": 0, "pool_timeout": wait, "pool_pre_ping": True}
        ours = _waiting(dialect, settings.statement_timeout)
        options["connect_args"] = {key: value for key, value in ours.items() if key not in url.query}
        options["connect_args"]["autocommit"] = False  # whatever the URL says: a step alone is half an effect
    try:
        made = sa.create_engine(url, **options)
    except (NoSuchModuleError, ModuleNotFoundError):
        extra = _EXTRAS[dialect]
        said = f'url: the driver {url.drivername} is not installed; it comes with the extra "{extra}" of op-sql-shop'
        raise SettingsError(f"{said}, whose README says how") from None
    if dialect == "sqlite":
        sa.event.listen(made, "connect", _sqlite_connected)
    _forget_in_a_child(made)
    return made, dialect


def _waiting(dialect: str, longest: timedelta) -> dict[str, Any]:
    """Return what lets a call end where a server is gone without a word, at the latest after a statement's time."""
    if dialect == "postgresql":
        longest += timedelta(seconds=_CONNECT)
        keeping = {"keepalives_idle": _CONNECT, "keepalives_interval": _CONNECT, "keepalives_count": 3}
        # Statements that the server has prepared break where a pooler stands between, or a column's type changes.
        patience = {"tcp_user_timeout": round(longest.total_seconds() * 1000), "prepare_threshold": None}
        return {"connect_timeout": _CONNECT, **keeping, **patience}
    read = longest.total_seconds() + _CONNECT
    return {"connect_timeout": _CONNECT, "read_timeout": read, "write_timeout": read}


def _forget_in_a_child(made: sa.Engine) -> None:
    """Leave connections to the parent after a fork: two processes on one would read each other's answers."""
    if hasattr(os, "register_at_fork"):
        known = weakref.ref(made)

        def forget() -> None:
            if (left := known()) is not None:
                left.dispose(close=False)

        os.register_at_fork(after_in_child=forget)


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
            raise sqlite3.OperationalError(
                f"unable to open database: {'a folder' if file.is_dir() else 'no such file'}"
            )
        uri = f"{file.as_uri()}?mode=rw"  # never makes an empty file
        return sqlite3.connect(
            uri, uri=True, timeout=wait.total_seconds(), isolation_level=None, check_same_thread=False
        )

    return opened


def _sqlite_connected(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = full")  # a commit that is answered outlives a loss of power
