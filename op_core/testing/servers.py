"""
Fixtures with real database servers, for the core's tests and for those of every adapter.

A pytest plugin: ``addopts = ["-p", "op_core.testing.servers"]``. PostgreSQL starts by itself where none is given.
MariaDB is used where ``OP_TEST_MARIADB`` names a server; without it each test that needs one is skipped, and the last
lines of a run say how many were. A test that asks for MariaDB has the mark ``mariadb``; one that does so by a parameter
is given it by hand: ``pytest.param("mariadb", marks=pytest.mark.mariadb)``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import pytest

from op_core.testing import mariadb, postgres

__all__ = [
    "mariadb_server",
    "mariadb_url",
    "postgres_server",
    "postgres_url",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_terminal_summary",
]

_MARIADB = "OP_TEST_MARIADB"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the URL of a server: that of ``OP_TEST_POSTGRES``, else a private one that lives as long as the session."""
    given = os.environ.get("OP_TEST_POSTGRES")
    if given:
        yield given
        return
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give an empty PostgreSQL database of this test's own."""
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_server() -> str:
    """Give the URL of the server that ``OP_TEST_MARIADB`` names; all processes of a run share it."""
    given = os.environ.get(_MARIADB)
    if not given:
        pytest.skip(f"{_MARIADB} names no server")
    return given


@pytest.fixture
def mariadb_url(mariadb_server: str) -> Iterator[str]:
    """Give an empty MariaDB database of this test's own."""
    with mariadb.database(mariadb_server) as url:
        yield url


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line("markers", f"mariadb: needs the server that {_MARIADB} names")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark whatever asks for the server."""
    for item in items:
        if mariadb_server.__name__ in getattr(item, "fixturenames", ()):
            item.add_marker("mariadb")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what became of the tests that need MariaDB."""
    ended = {
        state: sum("mariadb" in getattr(each, "keywords", ()) for each in terminalreporter.getreports(state))
        for state in ("passed", "failed", "error", "skipped")
    }
    if any(ended.values()):
        terminalreporter.line(f"MariaDB: {', '.join(f'{n} {state}' for state, n in ended.items() if n)}")
    if ended["skipped"] and not os.environ.get(_MARIADB):
        terminalreporter.line(f"MariaDB: set {_MARIADB} to the URL of a server to run those that were skipped")
