"""Connections to ``op-core serve`` that bring nothing: they stop no delivery, and are not kept."""

import resource
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
import uvicorn

from op_core.cli.connections import MOST_OPEN, impatient, open_many
from op_core.testing import bodies

IDLE = 1000
HALF_A_HEAD = b"POST /webhooks/main HTTP/1.1\r\nHost: shop\r\nX-Slow: "
A_HEAD = b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\n"


@pytest.fixture
def limit():
    """Give the limit of open files, and put it back."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_thousand_idle_connections_do_not_stop_a_delivery(cli, home, limit):
    """Half are silent, half send a head that never ends; the server began with fewer files than there are of them."""
    open_many()  # this process holds the other ends
    home.settings()
    command = [sys.executable, "-m", "op_core", "serve", "--port", "0", "--export-every", "0", "--products-every", "0"]
    few = ["sh", "-c", 'ulimit -S -n 512 && exec "$@"', "sh", *command]
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(few, cwd=home.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )
        stack.callback(process.kill)
        line = process.stdout.readline()
        assert line.startswith("listening on ")
        url = line.removeprefix("listening on ").strip()
        address = urlsplit(url).hostname, urlsplit(url).port
        for number in range(IDLE):
            idle = stack.enter_context(socket.create_connection(address, timeout=10))
            if number % 2:
                idle.sendall(HALF_A_HEAD)
        answer = cli(
            "webhook", "send", home.body("approved", bodies.approved().decode()), "--url", f"{url}/webhooks/main"
        )

        assert "200 stored\n" == answer.out
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        assert 0 == process.returncode
    assert "Too many open files" not in err


def test_the_limit_of_open_files_is_raised_never_lowered(limit):
    """Up to what the process may have; a higher one stays."""
    _, hard = limit
    most = MOST_OPEN if hard == resource.RLIM_INFINITY else min(MOST_OPEN, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    open_many()
    assert (most, hard) == resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > MOST_OPEN:
        resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_OPEN + 1, hard))
        open_many()
        assert (MOST_OPEN + 1, hard) == resource.getrlimit(resource.RLIMIT_NOFILE)


async def _app(scope, receive, send):
    """Wait for the body of a request to /body; answer any other at once, unread."""
    while scope["path"] == "/body" and (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@contextmanager
def served():
    """Serve `_app` with a patience of a fifth of a second; keep answered connections for long."""
    settings = uvicorn.Config(
        _app, http=impatient(0.2), log_config=None, lifespan="off", timeout_keep_alive=60, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(settings)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize("sent", [b"", HALF_A_HEAD, A_HEAD, A_HEAD + b"x" * 100 + HALF_A_HEAD])
def test_a_connection_without_a_whole_head_is_ended(sent):
    """Silent, half a head, the body of a refused request that never ends, half a head after an answer."""
    with served() as address, socket.create_connection(address, timeout=10) as connection:
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65536):
            received += part

    assert sent.count(b"\r\n\r\n") == received.count(b"HTTP/1.1 401")


def test_a_request_under_way_is_not_ended():
    """A body that was let in has a limit of its own: it outlives a silent connection that came after it."""
    with served() as address, socket.create_connection(address, timeout=10) as slow:
        slow.sendall(b"POST /body HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\n1")
        for _ in range(2):
            with socket.create_connection(address, timeout=10) as silent:
                assert b"" == silent.recv(1)
        slow.sendall(b"2")

        assert slow.recv(65536).startswith(b"HTTP/1.1 401")
