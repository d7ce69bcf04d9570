"""Databases for the ledger: every test that asks for `ledger_url` runs on SQLite and on PostgreSQL."""

import shutil

import pytest

from op_core.ledger import Ledger
from op_core.testing import postgres


@pytest.fixture
def sqlite_url(tmp_path):
    """Give a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """Give a SQLite file with the schema and nothing in it: a copy is made sooner than the schema."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    Ledger.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server):
    """Give a PostgreSQL database with the schema and nothing in it, likewise."""
    with postgres.database(postgres_server) as url:
        Ledger.open(url, upgrade=True).close()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request, tmp_path):
    """Give a database of this test's own that has the schema and nothing in it, once of each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "ledger.db")
        yield f"sqlite:///{tmp_path}/ledger.db"
        return
    server, template = (request.getfixturevalue(f"postgres_{name}") for name in ("server", "template"))
    with postgres.database(server, template) as url:
        yield url
