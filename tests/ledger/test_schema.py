"""The schema: one head, the same as the tables say, on both databases; opened, upgraded or refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from op_core.errors import LedgerError
from op_core.ledger import Ledger, database, schema, stores

MIGRATIONS = Path(database.__file__).parent / "migrations"


@pytest.fixture
def ledger(ledger_url):
    """Give an empty ledger, once on each database."""
    ledger = Ledger.open(ledger_url, upgrade=True)
    yield ledger
    ledger.close()


def test_the_migrations_make_what_the_tables_say(ledger):
    """Autogenerate finds no difference between the upgraded database and the schema."""
    with ledger.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})

        assert [] == compare_metadata(context, schema.metadata)


def test_the_head_is_the_newest_migration(ledger):
    """One head, which the code expects, and which an upgrade reaches."""
    assert [database.HEAD] == ScriptDirectory(str(MIGRATIONS)).get_heads()
    assert database.HEAD == ledger.schema_version()


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(ledger, ledger_url):
    """Opened a second time, by anybody, nothing happens."""
    ledger.upgrade()
    second = Ledger.open(ledger_url)

    assert database.HEAD == second.schema_version()
    second.close()


def test_a_newer_schema_is_refused(ledger, ledger_url):
    """An older op-core does not touch what a newer one has made."""
    with ledger.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(LedgerError, match=r"newer than this op-core knows .* upgrade op-core; or put the backup"):
        Ledger.open(ledger_url, upgrade=True)


def test_postgresql_asks_for_an_upgrade(postgres_url):
    """On a server others may be at work: the schema is made only when it is asked for."""
    with pytest.raises(LedgerError, match="op-core db upgrade"):
        Ledger.open(postgres_url)


def test_a_sqlite_ledger_is_made_on_first_use(tmp_path):
    """It waits for the disk at each commit and for other writers, and overwrites what is taken out."""
    ledger = Ledger.open(f"sqlite:///{tmp_path}/new.db")
    with ledger.engine.connect() as connection:
        names = ("journal_mode", "synchronous", "secure_delete", "busy_timeout")
        modes = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert database.HEAD == ledger.schema_version()
    assert ["wal", 2, 1, 30_000] == modes
    ledger.close()


def test_a_ledger_in_memory_has_the_same_schema(tmp_path):
    """It is copied from what the migrations make, and comes out no different; what one writes no other has."""
    ledgers = [Ledger.open(url) for url in (f"sqlite:///{tmp_path}/new.db", "sqlite://", "sqlite://")]
    ledgers[1].write(stores.set_fact, "name", "value")
    of_file, written, empty = (ledger.read(_held) for ledger in ledgers)

    assert of_file == empty
    assert written != empty
    for ledger in ledgers:
        ledger.close()


def _held(connection):
    return list(connection.connection.driver_connection.iterdump())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u:hunter2@h/d", "SQLite or PostgreSQL, found 'mysql'"),
        ("nonsense", "cannot be read"),
        ("sqlite:////no/such/folder/op.db", "folder does not exist"),
        ("postgresql+psycopg://u:hunter2@127.0.0.1:1/d?connect_timeout=1", "could not be used"),
    ],
)
def test_a_ledger_that_cannot_be_opened_says_why_without_its_password(url, words):
    """The text names what was expected, and never shows what the url holds."""
    with pytest.raises(LedgerError, match=words) as raised:
        Ledger.open(url)

    assert "hunter2" not in str(raised.value)


def test_naive_times_do_not_enter(ledger):
    """Every time is aware UTC: a naive one would be somebody's local time."""
    with pytest.raises(LedgerError):
        ledger.write(stores.introduce, "id", "main", datetime(2025, 1, 1))  # noqa: DTZ001 - that is the point
    at = datetime(2025, 6, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    ledger.write(stores.introduce, "id", "main", at)
    found = ledger.read(lambda connection: connection.execute(sa.select(schema.stores.c.first_used_at)).scalar())

    assert (at, UTC) == (found, found.tzinfo)


def test_an_error_of_the_database_shows_no_data(ledger_url):
    """What a statement was given may be a person's: the error names the statement and nothing of that."""
    ledger = Ledger.open(ledger_url)
    with ledger.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
        connection.execute(sa.text("SELECT * FROM nowhere WHERE email = :email"), {"email": "customer@example.com"})

    assert "nowhere" in str(caught.value)
    assert "customer@example.com" not in str(caught.value)
    ledger.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_ledger_in_memory_is_one_for_all_threads(url):
    """However it is spelled; a connection of its own would be a database of its own, with nothing in it."""
    ledger = Ledger.open(url)
    ledger.write(stores.set_fact, "name", "value")
    with ThreadPoolExecutor(1) as other:
        assert "value" == other.submit(ledger.read, stores.fact, "name").result()
    ledger.close()


def test_whoever_reads_a_file_has_a_connection_of_his_own(sqlite_url):
    """A snapshot is not disturbed by what another thread writes meanwhile."""
    ledger = Ledger.open(sqlite_url)
    with ledger.engine.connect() as one, ledger.engine.connect() as other:
        assert one.connection.driver_connection is not other.connection.driver_connection
    ledger.close()
