"""
Send webhooks as fast as they are answered: raw HTTP/1.1 over so many connections, each with one request under way.

A process of its own: ``python load.py PORT PATH SECONDS CONNECTIONS FIRST`` prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

import attrs

try:
    from uvloop import run
except ImportError:
    from asyncio import run

__all__ = ["SECRET"]

SECRET = "bench-webhook-secret-not-a-secret"
_WARM = 0.3  # seconds at the start that do not count
_WIRE = Path(__file__).parents[1] / "data" / "wire" / "webhook.claim.approved.json"


@attrs.define
class _Load:
    """What all connections share."""

    path: str
    ids: count[int]
    begins: float
    ends: float
    answered: int = 0
    refused: int = 0
    times: list[float] = attrs.field(factory=list)
    _parts: list[bytes] = attrs.field(init=False)
    _head: bytes = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        body = json.dumps(json.loads(_WIRE.read_text(encoding="utf-8")) | {"id": "@"}).encode()
        self._parts = body.split(b'"@"')
        length = len(self.body(0))
        self._head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Webhook-Secret: {SECRET}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        ).encode()

    def body(self, n: int) -> bytes:
        """Return a body that was never sent before: equal ones are stored once, which would be cheaper."""
        return b'"evt-%012d"'.join(self._parts) % n

    def request(self) -> bytes:
        return self._head + self.body(next(self.ids))


@attrs.define(eq=False)
class _Connection(asyncio.Protocol):
    load: _Load
    closed: asyncio.Future[None]
    _transport: Any = None
    _held: bytes = b""
    _sent_at: float = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, blank, body = self._held.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return
        self._held = b""
        now = time.perf_counter()
        if head.startswith(b"HTTP/1.1 200"):
            self.load.answered += 1
        else:
            self.load.refused += 1
        if self.load.begins <= self._sent_at and now <= self.load.ends:
            self.load.times.append(now - self._sent_at)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self.closed.set_exception(exc)
        else:
            self.closed.set_result(None)

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        if self._sent_at >= self.load.ends:
            self._transport.close()
        else:
            self._transport.write(self.load.request())


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("the answer has no content-length")


async def _run(port: int, path: str, seconds: float, connections: int, first: int) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    begins = time.perf_counter() + _WARM
    load = _Load(path, count(first), begins, begins + seconds)
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    await asyncio.gather(
        *(loop.create_connection(lambda end=end: _Connection(load, end), "127.0.0.1", port) for end in ends)
    )
    await asyncio.gather(*ends)
    times = sorted(load.times)
    return {
        "rate": len(times) / seconds,
        "answered": load.answered,
        "refused": load.refused,
        "p50_ms": times[len(times) // 2] * 1e3,
        "p99_ms": times[len(times) * 99 // 100] * 1e3,
    }


if __name__ == "__main__":
    port, path, seconds, connections, first = sys.argv[1:]
    print(json.dumps(run(_run(int(port), path, float(seconds), int(connections), int(first)))))  # noqa: T201 - its answer
