"""
The servers that are measured, each in a process of its own: ``python servers.py core|empty|bare|sink [FILE]``.

``core``   op-core's webhooks, on uvicorn
``empty``  the same uvicorn, with an app that reads the body and answers as op-core does, and stores nothing
``bare``   the same again, with the least that makes a body durable: one table, raw sqlite3, group commit
``sink``   answers every request with ``{"status":"ok"}``; no framework

Each prints its port, and runs until it is terminated.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import uvicorn

import op_core

try:
    from uvloop import run
except ImportError:
    from asyncio import run

__all__ = ["Server", "serving"]

_OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'
_STORED = b"stored"


@attrs.frozen
class Server:
    """One that runs."""

    port: int
    pid: int


@contextmanager
def serving(kind: str, *arguments: str) -> Iterator[Server]:
    """Start a server and end it."""
    process = subprocess.Popen([sys.executable, __file__, kind, *arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Server(int(process.stdout.readline()), process.pid)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


# --- The three ---------------------------------------------------------------------------------------------------


async def _empty(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body", False):
        pass
    await _say_stored(send)


async def _say_stored(send: Any) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"6")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _STORED})


@attrs.define(eq=False)
class _Bare:
    """What durability costs by itself: a thread that commits all that has come since its last commit."""

    path: str
    _queue: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]]] = attrs.field(factory=queue.SimpleQueue)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = message["body"]
        while message.get("more_body", False):
            message = await receive()
            body += message["body"]
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put((body, kept))
        await kept
        await _say_stored(send)

    def write(self) -> None:
        """Run as the thread."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE arrived (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        while True:
            batch = [self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get())
            values = ", ".join(["(?)"] * len(batch))
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"INSERT INTO arrived (body) VALUES {values}", [body for body, _ in batch])  # noqa: S608 - marks only
            connection.execute("COMMIT")
            batch[0][1].get_loop().call_soon_threadsafe(_done, [kept for _, kept in batch])


def _done(waiting: list[asyncio.Future[None]]) -> None:
    for kept in waiting:
        kept.set_result(None)


class _Sink(asyncio.Protocol):
    def __init__(self) -> None:
        self._held = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._held) < end + 4 + length:
                return
            self._held = self._held[end + 4 + length :]
            self._transport.write(_OK)


async def _sink(listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Sink, sock=listener)
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    server.close()


def _uvicorn(app: Any, listener: socket.socket) -> None:
    """Serve as `op-core serve` does."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", ws="none", server_header=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    uvicorn.Server(config).run([listener])


def _main(kind: str, *arguments: str) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - its answer
    if kind == "core":
        logging.getLogger("op_core").setLevel(logging.ERROR)  # its only store is parked: it receives, and does not work
        with op_core.load(Path(arguments[0])) as core:
            _uvicorn(core.asgi, listener)
    elif kind == "bare":
        app = _Bare(arguments[0])
        threading.Thread(target=app.write, daemon=True).start()
        _uvicorn(app, listener)
    elif kind == "empty":
        _uvicorn(_empty, listener)
    else:
        run(_sink(listener))


if __name__ == "__main__":
    _main(*sys.argv[1:])
    os._exit(0)
