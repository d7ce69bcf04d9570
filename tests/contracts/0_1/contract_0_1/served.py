"""The ways to a Corner Shop: in memory, and over a socket of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import attrs
import httpx

from contract_0_1.shop import CornerShop

__all__ = ["InMemory", "listening"]


@attrs.define(eq=False)
class InMemory(httpx.BaseTransport):
    """httpx's way to a shop in this process."""

    shop: CornerShop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Hand it to the shop."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        status, body = self.shop.answer(request.method, request.url.raw_path.decode(), headers, request.read())
        return httpx.Response(status, content=body, request=request)


@contextmanager
def listening(shop: CornerShop) -> Iterator[str]:
    """Serve a shop on a free port of the loopback, and yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said = shop.answer(self.command, self.path, headers, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _answer  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
