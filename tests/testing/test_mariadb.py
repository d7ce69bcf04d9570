import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from op_core.testing import mariadb


@pytest.fixture
def connect():
    """Open connections, and close them at the end, whether or not the server still knows them."""
    opened = []

    def connect(url):
        opened.append(create_engine(url).connect())
        return opened[-1]

    yield connect
    for connection in opened:
        connection.invalidate()
        connection.close()


def test_every_test_has_an_empty_database(mariadb_url, connect):
    """What one test writes is in its own database, in tables with transactions, in any alphabet."""
    one, other = connect(mariadb_url), connect(mariadb_url)
    one.execute(text("CREATE TABLE mine (name TEXT)"))
    one.execute(text("INSERT INTO mine VALUES ('Zoë 🍓 東京')"))

    assert [("mine",)] == one.execute(text("SHOW TABLES")).all()
    assert [] == other.execute(text("SELECT name FROM mine")).all()
    one.commit()
    other.rollback()
    assert ["Zoë 🍓 東京"] == other.execute(text("SELECT name FROM mine")).scalars().all()


def test_a_database_is_dropped_with_whoever_is_still_connected(mariadb_server, connect):
    """A test that leaves a transaction open, with its locks, keeps neither its database alive nor the run."""
    with mariadb.database(mariadb_server) as url:
        left_open = connect(url)
        left_open.execute(text("CREATE TABLE mine (n INTEGER)"))
        left_open.execute(text("INSERT INTO mine VALUES (1)"))

    names = connect(mariadb_server).execute(text("SHOW DATABASES")).scalars().all()
    assert make_url(url).database not in names
    with pytest.raises(OperationalError):
        left_open.execute(text("SELECT 1"))


def test_the_server_says_what_it_is(mariadb_server):
    """CI prints which MariaDB it ran on."""
    assert "MariaDB" in mariadb.version(mariadb_server)


@pytest.mark.skipif(shutil.which("mariadbd", path=mariadb._PATH) is None, reason="mariadbd is not on this machine")
def test_a_server_leaves_nothing_behind(connect):
    """No process and no folder outlives the context; it has a socket alone, and waits for the disk if asked."""
    with mariadb.server(durable=True) as url:
        socket = Path(make_url(url).query["unix_socket"])
        pid = int((socket.parent / "pid").read_text())
        settings = "SELECT @@innodb_flush_log_at_trx_commit, @@skip_networking"

        assert (1, 1) == connect(url).execute(text(settings)).one()
        assert 0o700 == socket.parent.stat().st_mode & 0o777

    assert not socket.parent.parent.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_without_the_programs_the_way_out_is_named(monkeypatch):
    """A machine without MariaDB is told what to install or to set."""
    monkeypatch.setattr(mariadb, "_SERVER", ("no-such-program",))

    with pytest.raises(RuntimeError, match=r"package mariadb-server .*, or name a server in OP_TEST_MARIADB"):
        mariadb.server().__enter__()
