"""Databases for the ledger: every test that asks for `ledger_url` runs on SQLite and on PostgreSQL."""

import os

import pytest

from op_core.testing import postgres


@pytest.fixture(scope="session")
def postgres_server():
    """Give the URL of a server: that of ``OP_TEST_POSTGRES``, else a private one that lives as long as the session."""
    given = os.environ.get("OP_TEST_POSTGRES")
    if given:
        yield given
        return
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server):
    """Give an empty PostgreSQL database of this test's own."""
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path):
    """Give a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request):
    """Give an empty database, once of each kind."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
