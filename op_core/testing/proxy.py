"""
A proxy between an adapter and its shop, over real sockets: the shop acts, and its answer is lost, late, half or twice.

    with Proxy(shop_url, lambda request: "drop after" if request.method == "POST" else None) as proxy:
        adapter = … proxy.url …
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, Self, TypeAlias
from urllib.parse import urlsplit

import attrs

__all__ = ["Proxied", "Proxy", "ProxyFault"]

ProxyFault: TypeAlias = Literal["drop before", "drop after", "late", "half", "twice"]
"""
What becomes of one request.

- ``drop before``: the shop never sees it, and the connection ends
- ``drop after``: the shop acts, and the connection ends without an answer
- ``late``: the shop acts, and no answer comes before the proxy is closed, or `Proxy.release` is called
- ``half``: the shop acts, and the connection ends in the middle of the answer
- ``twice``: the shop acts once, and its answer comes two times on one connection
"""
_LONGEST = 60  # seconds that the shop may take


@attrs.frozen
class Proxied:
    """
    One request as it passed.

    Attributes:
        path: With its query, still percent-encoded.
    """

    method: str
    path: str
    body: bytes = attrs.field(repr=False)


@attrs.define(eq=False)
class Proxy:
    """
    Use it as a context; it listens on a free port of 127.0.0.1.

    Attributes:
        shop: The shop's address, ``http://`` alone.
        fault: Asked about each request; None: it passes.
        passed: Every request, with what became of it, in order.
    """

    shop: str
    fault: Callable[[Proxied], ProxyFault | None]
    passed: list[tuple[Proxied, ProxyFault | None]] = attrs.field(factory=list, init=False)
    _released: threading.Event = attrs.field(factory=threading.Event, init=False)
    _server: ThreadingHTTPServer = attrs.field(init=False)
    _thread: threading.Thread = attrs.field(init=False)

    @property
    def url(self) -> str:
        """Its own address."""
        return f"http://127.0.0.1:{self._server.server_port}{urlsplit(self.shop).path}"

    def release(self) -> None:
        """Let what is late answer."""
        self._released.set()

    def __enter__(self) -> Self:
        """Listen."""
        proxy = self

        class Handler(_Handler):
            pass

        Handler.proxy = proxy
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="op-core proxy", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End, and let what is late go."""
        self.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def forward(self, request: Proxied, headers: list[tuple[str, str]]) -> tuple[int, list[tuple[str, str]], bytes]:
        """Send a request on, and return status, headers and body of the shop's answer."""
        parts = urlsplit(self.shop)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_LONGEST)
        try:
            connection.request(request.method, request.path, request.body or None, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def wait(self) -> None:
        """Wait until `release`."""
        self._released.wait(_LONGEST)


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Proxied(self.command, self.path, body)
        fault = self.proxy.fault(request)
        self.proxy.passed.append((request, fault))
        self.close_connection = True
        if fault == "drop before":
            return
        kept = [(name, value) for name, value in self.headers.items() if name.lower() not in ("host", "connection")]
        answer = self._written(*self.proxy.forward(request, kept))
        if fault == "drop after":
            return
        if fault == "late":
            self.proxy.wait()
            return
        self.close_connection = False
        self.wfile.write(answer[: len(answer) - 2] if fault == "half" else answer * (2 if fault == "twice" else 1))
        self.close_connection = fault == "half"

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815 - the names that the library looks for

    @staticmethod
    def _written(status: int, headers: list[tuple[str, str]], body: bytes) -> bytes:
        named = {"content-length", "transfer-encoding", "connection", "keep-alive"}
        lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, '')}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers if name.lower() not in named]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""
