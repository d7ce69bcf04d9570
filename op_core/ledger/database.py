"""The ledger's database: opened by URL, upgraded, read, written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import attrs
import sqlalchemy as sa

from op_core.errors import LedgerError
from op_core.ledger.writer import Writer, named

__all__ = ["Clock", "Ledger", "system_clock"]

P = ParamSpec("P")
T = TypeVar("T")
Clock = Callable[[], datetime]
HEAD = "0003"  # the newest migration; a test compares it with the files
_SHORT = 500  # milliseconds to wait for readers, so that the log can be written back
_BUSY = 30  # seconds to wait for another process's write to a SQLite file


def system_clock() -> datetime:
    """Return the time of this machine, UTC."""
    return datetime.now(UTC)


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "postgresql":
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=8)
    memory = url.database in (None, "", ":memory:")
    options: dict[str, Any] = {"poolclass": sa.StaticPool} if memory else {}
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": _BUSY}, **options
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")  # what is taken out is overwritten, not only unlinked

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("op_core_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _driver(engine: sa.Engine) -> Any:
    """Return the driver's own connection to a database in memory, which has no other."""
    with engine.connect() as connection:
        return connection.connection.driver_connection


@cache
def _schema() -> str:
    """Return what the migrations make of an empty SQLite database: in memory it is copied, 20 times as quickly."""
    engine = _engine(sa.URL.create("sqlite"))
    Ledger(engine, Writer(engine)).upgrade()
    try:
        return "\n".join(_driver(engine).iterdump())
    finally:
        engine.dispose()


@attrs.define(eq=False)
class Ledger:
    """
    One ledger. Safe to share between threads; it opens again after a fork.

    Args:
        clock: Gives the time, UTC. Left out, PostgreSQL's own clock is used there and this machine's elsewhere.
    """

    engine: sa.Engine = attrs.field(repr=False)
    writer: Writer = attrs.field(repr=False)
    clock: Clock | None = attrs.field(default=None, repr=False)

    @classmethod
    def open(cls, url: str, *, clock: Clock | None = None, upgrade: bool | None = None) -> Ledger:
        """
        Open the ledger at *url*: ``sqlite:///file.db``, ``sqlite://`` (in memory) or ``postgresql+psycopg://…``.

        Args:
            url: Where it is.
            clock: See `Ledger`.
            upgrade: Whether to bring the schema up to date. Left out: SQLite yes, PostgreSQL no.

        Raises:
            LedgerError: It cannot be opened, or its schema is not the one of this version.
        """
        try:
            parsed = sa.make_url(url)
            if parsed.get_backend_name() not in ("sqlite", "postgresql"):
                raise LedgerError(f"a ledger is SQLite or PostgreSQL, found {parsed.get_backend_name()!r}")
            engine = _engine(parsed)
        except sa.exc.ArgumentError:
            raise LedgerError(
                "the ledger's url cannot be read; expected sqlite:///op.db or postgresql+psycopg://…"
            ) from None
        except ModuleNotFoundError as error:
            raise LedgerError(
                f'the driver {error.name!r} is missing: install op-core with its extra "postgres"'
            ) from None
        sqlite = parsed.get_backend_name() == "sqlite"
        memory = sqlite and parsed.database in (None, "", ":memory:")
        if sqlite and not memory and not Path(str(parsed.database)).absolute().parent.is_dir():
            raise LedgerError(f"the ledger's folder does not exist: {Path(str(parsed.database)).absolute().parent}")
        ledger = cls(engine=engine, writer=Writer(engine, inline=memory), clock=clock)
        try:
            if memory:
                _driver(engine).executescript(_schema())
            ledger._check_schema(upgrade=sqlite if upgrade is None else upgrade)
        except sa.exc.SQLAlchemyError as error:
            engine.dispose()
            raise named(error) from None
        except BaseException:
            engine.dispose()
            raise
        return ledger

    def _check_schema(self, *, upgrade: bool) -> None:
        version = self.schema_version()
        if version == HEAD:
            return
        if version is not None and version > HEAD:
            raise LedgerError(
                f"the ledger's schema is {version}, newer than this op-core knows ({HEAD}): upgrade op-core; or put "
                "the backup from before in its place, and run `op-core db recovering` before anything else"
            )
        if not upgrade:
            raise LedgerError(
                f"the ledger's schema is {version or 'missing'}, expected {HEAD}: run `op-core db upgrade`"
            )
        self.upgrade()

    def schema_version(self) -> str | None:
        """Return the version of the schema that the database holds, or None where it holds none."""
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()

    def upgrade(self) -> None:
        """Bring the schema up to date, in one transaction."""
        from alembic import command  # noqa: PLC0415 - its import costs more than most commands of the CLI
        from alembic.config import Config  # noqa: PLC0415 - as above

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.engine.connect().execution_options(op_core_write=True) as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def now(self, connection: sa.Connection | None = None) -> datetime:
        """Return the time that leases and limits go by, UTC."""
        if self.clock is not None:
            return self.clock()
        if self.engine.dialect.name != "postgresql":
            return system_clock()
        if connection is None:
            return self.read(self.now)
        at: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return at.astimezone(UTC)

    def write(self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run *work* in a transaction and return what it returns, after its COMMIT. Its errors come out here."""
        future: Future[T] = self.writer.submit(lambda connection: work(connection, *args, **kwargs))
        return future.result()

    async def awrite(self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what `write` does, without blocking the event loop."""
        future: Future[T] = self.writer.submit(lambda connection: work(connection, *args, **kwargs))
        return await asyncio.wrap_future(future)

    def read(self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run *work* on a snapshot and return what it returns."""
        try:
            with self.writer.reading(), self.engine.connect() as connection:
                return work(connection, *args, **kwargs)
        except sa.exc.SQLAlchemyError as error:
            raise named(error) from None

    def wipe(self) -> bool:
        """
        Leave nothing of what was taken out in the files of a SQLite ledger; PostgreSQL vacuums by itself.

        Returns:
            Whether it could be done now: not while somebody reads an older state. SQLite does it later by itself.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={_SHORT}")  # nobody can write while it waits
            try:
                busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                cursor.execute(f"PRAGMA busy_timeout={_BUSY * 1000}")
            return not busy
        finally:
            connection.close()

    def close(self) -> None:
        """Write what is queued and close every connection."""
        self.writer.close()
        self.engine.dispose()
