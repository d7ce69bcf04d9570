"""
A private MariaDB server for tests, from the programs of Debian's package ``mariadb-server``, and fresh databases on it.

The programs are started as who owns the data, never with ``--user``: run by root, ``mariadb-install-db --user`` also
changes the owner of files of the system.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

__all__ = ["database", "server", "version"]

_SERVER = ("mariadbd", "mysqld")
_INSTALL = ("mariadb-install-db", "mysql_install_db")
_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
_INSTALLED = ("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
_SMALL = ("--innodb-log-file-size=16M", "--innodb-buffer-pool-size=64M")
_FAST = ("--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--loose-innodb-flush-method=nosync")
_PATIENCE = 60  # seconds for the server to start


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """
    Run a server for as long as the context lasts, and yield the URL of its database ``mysql``.

    It listens on a Unix socket that nobody else may reach, in a folder of its own that is removed at the end. Run by
    root it becomes ``nobody``. Its zone is UTC, its other settings that matter to a shop are MariaDB's own.

    Args:
        durable: Wait for the disk at each commit. Only a measurement needs it.

    Raises:
        RuntimeError: The programs are missing, or the server does not start; the text ends in the server's own log.
    """
    install, mariadbd = _program(_INSTALL), _program(_SERVER)
    with tempfile.TemporaryDirectory(prefix="op-maria-") as name:
        home = Path(name)
        data, log = home / "data", home / "log"
        data.mkdir(mode=0o700)
        log.touch()
        owner = "nobody" if os.geteuid() == 0 else None
        if owner:
            home.chmod(0o755)
            for path in (data, log):
                os.chown(path, pwd.getpwnam(owner).pw_uid, -1)
        where = ["--no-defaults", f"--datadir={data}", f"--tmpdir={data}", *_SMALL]
        socket, pid = data / "socket", data / "pid"
        options = [f"--socket={socket}", f"--pid-file={pid}", "--skip-networking", "--default-time-zone=+00:00"]
        url = URL.create("mariadb+pymysql", "root", database="mysql", query={"unix_socket": str(socket)})
        with log.open("ab") as output:
            start = partial(subprocess.Popen, user=owner, cwd="/", stdout=output, stderr=output, start_new_session=True)
            with start([install, *where, *_INSTALLED]) as installing:
                pass
            if installing.returncode:
                raise RuntimeError(f"mariadb-install-db failed: {_end_of(log)}")
            with start([mariadbd, *where, *options, *(() if durable else _FAST)]) as process:
                try:
                    _await(process, pid, log)
                    yield url.render_as_string(hide_password=False)
                finally:
                    process.kill()  # at once; nobody will read the data again


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """
    Make an empty database, yield its URL, and drop it at the end with whatever connections are left.

    Args:
        server_url: Any database of the server, as a user who may create more.
    """
    name = f"op_{secrets.token_hex(8)}"
    _execute(server_url, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:  # a transaction that is still open would make DROP wait for its locks
        for (left_open,) in _execute(server_url, f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"):  # noqa: S608 - our own name, of hex digits
            with suppress(OperationalError):  # it has ended by itself
                _execute(server_url, f"KILL {left_open}")
        _execute(server_url, f"DROP DATABASE {name}")


def version(server_url: str) -> str:
    """Return what the server says that it is, such as ``10.11.6-MariaDB``."""
    return str(_execute(server_url, "SELECT version()")[0][0])


def _execute(server_url: str | URL, statement: str) -> Sequence[Any]:
    engine = create_engine(server_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        return result.all() if result.returns_rows else ()


def _program(names: Sequence[str]) -> str:
    for name in names:
        if found := shutil.which(name, path=_PATH):
            return found
    raise RuntimeError(
        f"{names[0]} is not on this machine: install Debian's package mariadb-server (or mariadb-server-core with "
        "mariadb-client-core, which start no server of their own), or name a server in OP_TEST_MARIADB"
    )


def _await(process: subprocess.Popen[Any], listening: Path, log: Path) -> None:
    """Wait for the file that the server writes when it listens; the driver leaves a socket open where none does."""
    until = time.monotonic() + _PATIENCE
    while not (listening.exists() and listening.stat().st_size):  # it is made first, and written then
        if time.monotonic() > until:
            raise RuntimeError(f"MariaDB is not ready after {_PATIENCE} seconds: {_end_of(log)}")
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            raise RuntimeError(f"MariaDB ended while it started: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
