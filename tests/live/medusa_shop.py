"""
A Medusa v2 of our own for as long as a run lasts: its packages from npm, an empty PostgreSQL, orders by its own API.

The packages stay in a folder, so that only the first run fetches them; the database is new each time.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from medusa_seed import seed
from sqlalchemy.engine import make_url

from op_core.testing import postgres

__all__ = ["shop"]

_VERSION = "2.21.2"
_PACKAGES = ("admin-sdk", "cli", "dashboard", "framework", "medusa")
_CONFIG = """
const { defineConfig } = require("@medusajs/framework/utils")
const env = process.env
module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: env.DATABASE_URL,
    databaseDriverOptions: { connection: { ssl: false } },
    http: {
      storeCors: env.SHOP_ADDRESS, adminCors: env.SHOP_ADDRESS, authCors: env.SHOP_ADDRESS,
      jwtSecret: env.SHOP_SECRET, cookieSecret: env.SHOP_SECRET,
    },
  },
})
"""
_PATIENCE = 240  # seconds for the shop to start
_USER = ("admin@example.com", "not-a-real-password")


@contextmanager
def shop(folder: Path, orders: int) -> Iterator[Mapping[str, str]]:
    """
    Run a Medusa with *orders* orders, and yield SHOP_URL, SHOP_KEY and SHOP_RESHIP_OPTION.

    Args:
        folder: Where its packages are, or come to be: 680 MB.
        orders: How many orders are placed.

    Raises:
        SystemExit: A program is missing, or Medusa does not start; the text ends in its own log.
    """
    if missing := [name for name in ("node", "npm") if shutil.which(name) is None]:
        raise SystemExit(f"{' and '.join(missing)}: not installed; Debian's packages are nodejs and npm")
    _installed(folder)
    with postgres.server(port=_free_port()) as server, postgres.database(server) as database:
        address = f"http://127.0.0.1:{_free_port()}"
        environ = {
            **os.environ,
            "DATABASE_URL": make_url(database).set(drivername="postgres").render_as_string(hide_password=False),
            "SHOP_ADDRESS": address,
            "SHOP_SECRET": secrets.token_hex(16),
            "NODE_ENV": "production",
            "MEDUSA_DISABLE_TELEMETRY": "true",
        }
        _told("making the tables")
        _run(folder, environ, "db:migrate")
        _run(folder, environ, "user", "-e", _USER[0], "-p", _USER[1])
        with _serving(folder, environ, address):
            yield {"SHOP_URL": address, **seed(address, _USER, orders, _told)}


def _installed(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"private": True, "dependencies": {f"@medusajs/{name}": _VERSION for name in _PACKAGES}}
    (folder / "medusa-config.js").write_text(_CONFIG)
    said, done = folder / "package.json", folder / "node_modules" / ".package-lock.json"
    if done.exists() and said.exists() and json.loads(said.read_text())["dependencies"] == wanted["dependencies"]:
        return
    said.write_text(json.dumps(wanted))
    _told(f"installing Medusa {_VERSION} into {folder}, some minutes")
    _logged(folder, dict(os.environ), "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts")


def _run(folder: Path, environ: dict[str, str], *arguments: str) -> None:
    _logged(folder, environ, "node", "node_modules/@medusajs/cli/cli.js", *arguments)


def _logged(folder: Path, environ: dict[str, str], *command: str) -> None:
    with (folder / "log").open("wb") as log:
        ended = subprocess.run(command, cwd=folder, env=environ, stdout=log, stderr=log, check=False)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command[:3])}: {_end_of(folder)}")


@contextmanager
def _serving(folder: Path, environ: dict[str, str], address: str) -> Iterator[None]:
    port = address.rpartition(":")[2]
    command = ("node", "node_modules/@medusajs/cli/cli.js", "start", "--host", "127.0.0.1", "-p", port)
    _told("starting it")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)
        try:
            _await(process, address, folder)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], address: str, folder: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/health").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"Medusa does not start: {_end_of(folder)}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _end_of(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace")[-2000:]


def _told(text: str) -> None:
    print(text, file=sys.stderr)
