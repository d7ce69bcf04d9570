"""A receiver over a real socket, in both faces, and raw HTTP to talk to it."""

import socket
import threading
from contextlib import suppress
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
import uvicorn

from op_core.testing.scene import Scene
from op_core.webhooks.asgi import asgi_app
from op_core.webhooks.wsgi import wsgi_app


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def scene(sqlite_url):
    """Give a store whose ledger is a file, as a receiver's is."""
    scene = Scene.make(url=sqlite_url)
    yield scene
    scene.ledger.close()


def _asgi(app):
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=1))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()

    def stop():
        server.should_exit = True
        thread.join()
        listener.close()

    return listener.getsockname(), stop


def _wsgi(app):
    server = WSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()

    def stop():
        server.shutdown()
        thread.join()
        server.server_close()

    return server.server_address, stop


@pytest.fixture(params=["asgi", "wsgi"])
def face(request, scene):
    """Serve the receiver of `scene`; give its address. ``face.receiver`` may be changed."""
    receiver = scene.receiver
    make = {"asgi": (_asgi, asgi_app), "wsgi": (_wsgi, wsgi_app)}[request.param]
    address, stop = make[0](make[1](receiver))
    yield Face(address, receiver, request.param)
    stop()


class Face:
    """A running face: where it is, what is behind it, and requests to it, byte for byte."""

    def __init__(self, address, receiver, kind):
        self.address, self.receiver, self.kind = address, receiver, kind

    def raw(self, *parts):
        """Send these bytes as they are; return the status and the body of the first answer."""
        with socket.create_connection(self.address, timeout=10) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):  # who refuses a body need not read it to its end
                for part in parts:
                    connection.sendall(part)
            answer = b""
            while b"\r\n\r\n" not in answer or not _whole(answer):
                received = connection.recv(65536)
                if not received:
                    break
                answer += received
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()

    def post(self, body, *, store="main", secret="not-a-real-secret-0000", method="POST", **headers):
        """Send one webhook."""
        return self.raw(self.head(store, secret, method, {"Content-Length": len(body), **headers}) + body)

    def head(self, store="main", secret="not-a-real-secret-0000", method="POST", headers=()):
        """Return the head of a request."""
        said = {"Host": "shop", "Connection": "close", **dict(headers)}
        if secret is not None:
            said["X-Webhook-Secret"] = secret
        lines = [f"{method} /webhooks/{store} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _whole(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(lengths) and len(body) >= int(lengths[0].split(b":")[1])
