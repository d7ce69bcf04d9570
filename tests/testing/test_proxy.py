"""The proxy does to an answer what it is told, and the shop has acted by then, or has not."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from op_core.testing.proxy import Proxy


@pytest.fixture
def shop():
    """Count what is asked of it."""
    asked = []

    class Shop(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(201)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"made")

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def post(url, body=b"{}"):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=1)
    try:
        connection.request("POST", "/orders", body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("fault", [None, "twice"])
def test_an_answer_comes(shop, fault):
    """Whole, and the shop has acted once; what comes after it is for whoever keeps the connection."""
    url, asked = shop
    with Proxy(url, lambda _: fault) as proxy:
        assert (201, b"made") == post(proxy.url)
    assert [b"{}"] == asked
    assert [("POST", "/orders", fault)] == [(one.method, one.path, said) for one, said in proxy.passed]


@pytest.mark.parametrize(("fault", "acted"), [("drop before", 0), ("drop after", 1), ("half", 1), ("late", 1)])
def test_no_whole_answer_comes(shop, fault, acted):
    """Whether the shop has acted cannot be told from outside."""
    url, asked = shop
    with Proxy(url, lambda _: fault) as proxy, pytest.raises((http.client.HTTPException, OSError)):
        post(proxy.url)
    assert acted == len(asked)
