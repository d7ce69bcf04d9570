"""The Oscar example, over a fresh copy of a real shop's database."""

import gzip
import importlib
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "oscar_custom"
PACKED = ROOT / "tests" / "data" / "oscar-300-orders.sqlite3.gz"
NOW = datetime(2026, 12, 1, 12, 0, 0, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def oscar_example():
    """Import a module of the example by name, as op-core finds it: its folder is on the path."""
    sys.path.append(str(EXAMPLE))
    yield importlib.import_module
    sys.path.remove(str(EXAMPLE))


@pytest.fixture(scope="session")
def oscar_unpacked():
    """The database that Oscar's own code filled: 300 orders."""
    return gzip.decompress(PACKED.read_bytes())


@pytest.fixture
def oscar_file(tmp_path, oscar_unpacked):
    """A fresh copy of that database."""
    path = tmp_path / "oscar.sqlite3"
    path.write_bytes(oscar_unpacked)
    return path


@pytest.fixture
def shop(oscar_example, oscar_file):
    """The example's backend over the copy, under a clock that stands still."""
    backend = oscar_example("oscar_op").OscarShop
    return backend(oscar_file.name, directory=oscar_file.parent, wait=20.0, clock=lambda: NOW)


@pytest.fixture
def sql(oscar_file):
    """Ask the database itself, past the example."""

    def ask(statement, *values):
        with closing(sqlite3.connect(oscar_file)) as db, db:
            return db.execute(statement, values).fetchall()

    return ask
