"""Databases for the ledger: every test that asks for `ledger_url` runs on SQLite and on PostgreSQL."""

import shutil
from contextlib import ExitStack

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from op_core.ledger import Ledger, schema
from op_core.testing import postgres

# What a test may do to a database and that emptying does not undo: another version, other columns or other indexes.
_SHAPE = """
    SELECT (SELECT string_agg(version_num, ' ') FROM alembic_version),
        md5(string_agg(concat_ws(' ', attrelid, attname, atttypid, attnotnull), ',' ORDER BY attrelid, attnum))
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
"""
_LEAVE = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_COUNT_ANEW = """
    SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL
"""
_EMPTY = "; ".join([*(str(table.delete()) for table in reversed(schema.metadata.sorted_tables)), _COUNT_ANEW])

_DIALECTS, _COMPILED = {}, {}


@sa.event.listens_for(sa.Engine, "engine_connect")
def _compile_once(connection):
    """Compile a statement once per process, as for one ledger that stays open, and not once for each test's ledger."""
    if connection.dialect.name in ("sqlite", "postgresql"):
        key = type(connection.dialect), connection.dialect.server_version_info
        connection.dialect = _DIALECTS.setdefault(key, connection.dialect)  # a statement is compiled for one of them
        connection.execution_options(compiled_cache=_COMPILED)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """Give a SQLite file with the schema and nothing in it: a copy is made sooner than the schema."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    Ledger.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(tmp_path, sqlite_template):
    """Give a SQLite file of this test's own that has the schema and nothing in it."""
    shutil.copy(sqlite_template, tmp_path / "ledger.db")
    return f"sqlite:///{tmp_path}/ledger.db"


class _Lender:
    """Lends a PostgreSQL database with the schema and nothing in it: the same one, emptied, while its shape lasts."""

    def __init__(self, server):
        self._server, self._kept, self._url = server, ExitStack(), None

    def lend(self):
        if self._url is None:
            self._url = self._kept.enter_context(postgres.database(self._server))
            Ledger.open(self._url, upgrade=True).close()
            plain = make_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False)
            self._own = self._kept.enter_context(psycopg.connect(plain, autocommit=True))
            self._shape = self._seen()
        return self._url

    def take_back(self):
        """Make all others leave, and empty it; throw it away where it is no longer what it was."""
        self._own.execute(_LEAVE)
        if self._seen() == self._shape:
            self._own.execute(_EMPTY)
        else:
            self.close()

    def close(self):
        self._kept.close()
        self._url = None

    def _seen(self):
        try:
            return self._own.execute(_SHAPE).fetchone()
        except psycopg.errors.UndefinedTable:
            return None


@pytest.fixture(scope="session")
def postgres_lender(postgres_server):
    """Give what lends databases: to make one for each test takes longer than most tests."""
    lender = _Lender(postgres_server)
    yield lender
    lender.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request):
    """Give a database that has the schema and nothing in it, and that nobody else uses, once of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    lender = request.getfixturevalue("postgres_lender")
    yield lender.lend()
    lender.take_back()
