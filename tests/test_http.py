"""Every failure on the way says whether the request may have landed, and what cannot be done twice is done once."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import inspect
import logging
import socket
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import stamina

from op_core.errors import (
    BadRequest,
    MayHaveLanded,
    NotSendable,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    SettingsError,
    UnreadableAnswer,
)
from op_core.http import AsyncSession, Manners, Session
from op_core.order_protection.messages import Request
from op_core.testing.crash import SimulatedCrash, armed

TOKEN = "not-a-real-token"
API = "https://api.example.com/base/"
NOW = datetime(2025, 1, 31, 9, tzinfo=UTC)
GET = Request(method="GET", path="/v1/orders/%231", repeatable=True)
POST = Request(method="POST", path="/v1/orders", body={"total": Decimal("15.40")})


@pytest.fixture(autouse=True)
def _no_waiting():
    stamina.set_testing(True, attempts=4, cap=True)
    yield
    stamina.set_testing(False)


class Script:
    """A transport's handler that says one thing after the other (an error, or a function that makes the answer)."""

    def __init__(self, *steps):
        self.steps = list(steps)
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return step()


def session(handler, **manners):
    """Return a session over a scripted transport."""
    return Session(API, TOKEN, manners=Manners(**manners), transport=httpx.MockTransport(handler), now=lambda: NOW)


def send_async(handler, request):
    """Send over an asynchronous session and a scripted transport."""

    async def sent():
        async with AsyncSession(API, TOKEN, transport=httpx.MockTransport(handler), now=lambda: NOW) as one:
            return await one.send(request)

    return asyncio.run(sent())


def send_sync(handler, request):
    """Send over a session and a scripted transport."""
    return session(handler).send(request)


both = pytest.mark.parametrize("send", [send_sync, send_async])


@both
def test_what_goes_out(send):
    """The request carries the token, JSON with exact numbers, and a path whose escapes stay as they are."""
    script = Script(lambda: httpx.Response(201, content=b"{}", headers={"X-Id": "7"}))
    response = send(script, Request(method="PUT", path="/v1/orders/%23517%2FAB", query=(("a", "b c"),), body=POST.body))
    (request,) = script.requests
    assert "https://api.example.com/base/v1/orders/%23517%2FAB?a=b+c" == str(request.url)
    assert b'{"total":15.40}' == request.content
    assert (f"Bearer {TOKEN}", "application/json") == (
        request.headers["authorization"],
        request.headers["content-type"],
    )
    assert (201, "7", b"{}") == (response.status, response.headers["x-id"], response.body)


def test_time_outs_are_explicit():
    """Connecting and waiting have their own limits, which can be changed."""
    script = Script(FINE)
    session(script).send(GET)
    session(script, connect=1, read=2).send(GET)
    assert [
        {"connect": 5, "read": 30, "write": 30, "pool": 5},
        {"connect": 1, "read": 2, "write": 2, "pool": 1},
    ] == [request.extensions["timeout"] for request in script.requests]


EXCEPTIONS = sorted(
    {kind for kind in vars(httpx).values() if inspect.isclass(kind) and issubclass(kind, Exception)},
    key=lambda kind: kind.__name__,
)
NEVER_SENT = {"ConnectError", "ConnectTimeout", "InvalidURL", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}


def made(kind):
    """Make an exception of httpx, which take different arguments."""
    if issubclass(kind, httpx.HTTPStatusError):
        return kind("x", request=None, response=None)
    return (
        kind()
        if kind in (httpx.StreamConsumed, httpx.StreamClosed, httpx.ResponseNotRead, httpx.RequestNotRead)
        else kind("x")
    )


@both
@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_every_exception_of_httpx_is_ours(kind, send):
    """Only what fails before the first byte was never sent; everything else may have landed."""
    expected = RequestNotSent if kind.__name__ in NEVER_SENT else MayHaveLanded
    with pytest.raises(expected, match=rf"^POST /v1/orders .*\({kind.__name__}\)") as caught:
        send(Script(made(kind)), POST)
    assert expected is type(caught.value)


def test_no_text_of_httpx_comes_through():
    """The text of httpx may show a header and so the token: only the kind of failure is told."""
    with pytest.raises(MayHaveLanded) as caught:
        session(Script(httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'"))).send(POST)
    assert TOKEN not in str(caught.value)
    assert (None, True) == (caught.value.__cause__, caught.value.__suppress_context__)


LOST = httpx.ReadTimeout("x")


def status(number, **headers):
    """Return a function that answers with that status."""
    return lambda: httpx.Response(number, headers={name.replace("_", "-"): value for name, value in headers.items()})


FINE = status(200)
FAILED = status(502)
BUSY = status(429, retry_after="3")


@both
@pytest.mark.parametrize(
    ("request_", "step", "calls"),
    [
        (GET, LOST, 2),
        (GET, FAILED, 2),
        (GET, httpx.ConnectError("x"), 2),
        (GET, BUSY, 2),
        (POST, httpx.ConnectError("x"), 2),
        (POST, BUSY, 2),
        (POST, LOST, 1),
        (POST, FAILED, 1),
        (POST, status(503, retry_after="3"), 1),
        (GET, status(503, retry_after="3"), 2),
        (GET, status(400), 1),
        (GET, status(429, retry_after="3600"), 1),
    ],
)
def test_only_what_cannot_act_twice_is_repeated(request_, step, calls, send):
    """A write is repeated where it surely did not act; a read also where its answer was lost; a long wait is raised."""
    script = Script(step, FINE)
    with contextlib.suppress(MayHaveLanded, ServerFailed, BadRequest, RateLimited):
        send(script, request_)
    assert calls == len(script.requests)


def test_tries_end():
    """The last failure is raised when the tries are used up."""
    script = Script(httpx.ConnectError("x"))
    with pytest.raises(RequestNotSent):
        session(script, attempts=3).send(GET)
    assert 3 == len(script.requests)


@pytest.mark.parametrize(
    ("header", "rule"),
    [("3", 3.0), ("Fri, 31 Jan 2025 09:00:05 GMT", 5.0), ("20", 20.0), ("21", False), ("soon", True)],
)
def test_retry_after_is_honoured_up_to_a_bound(header, rule):
    """The API's own wait is taken for the pause before the next try, unless it is too long to wait here."""
    one = session(Script(status(429, retry_after=header)), attempts=1)
    with pytest.raises(RateLimited) as caught:
        one.send(POST)
    assert rule == one._again(POST)(caught.value)


@both
def test_large_answers_are_cut(send):
    """An answer beyond the limit is unreadable, whatever it unpacks to, and is not held in memory."""
    packed = gzip.compress(b"x" * (17 * 1024 * 1024))
    with pytest.raises(UnreadableAnswer, match="longer than 16777216 bytes") as caught:
        send(Script(lambda: httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"})), GET)
    assert 16 * 1024 * 1024 == len(caught.value.body)


def test_a_dripping_answer_ends():
    """One whole answer has its own time limit, however often a piece of it comes."""

    def pieces():
        while True:
            yield b"x"

    with pytest.raises(MayHaveLanded, match="ReadTimeout"):
        session(lambda _: httpx.Response(200, content=pieces()), whole=0).send(POST)


@pytest.mark.parametrize("body", [{"total": 1.5}, {"total": Decimal("NaN")}, {"name": "\ud800"}])
def test_what_has_no_json_form_is_not_sendable(body):
    """A float, NaN and a lone surrogate never go out."""
    script = Script(FINE)
    with pytest.raises(NotSendable, match="POST /v1/orders"):
        session(script).send(Request(method="POST", path="/v1/orders", body=body))
    assert [] == script.requests


@pytest.mark.parametrize("token", ["", "two words", "line\n", "café", "tab\t"])
def test_tokens_that_no_header_can_hold(token):
    """A token with a line break or a space is refused before it is used, and not shown."""
    with pytest.raises(SettingsError, match="api_token") as caught:
        Session(API, token)
    assert not token or token not in str(caught.value)


def test_no_password_in_an_address():
    """An address with a password would stand in the logs of httpx: it is refused, and not shown."""
    with pytest.raises(SettingsError, match="api_url") as caught:
        Session("https://user:not-a-real-password@api.example.com", TOKEN)
    assert "not-a-real-password" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "api.example.com", "ftp://api.example.com", "http://[", "http://a b"])
def test_bad_addresses_are_never_sent(url):
    """A wrong address fails as never sent, for nothing went out."""
    with Session(url, TOKEN) as one, pytest.raises(RequestNotSent, match="never sent"):
        one.send(POST)


def test_redirects_are_not_followed():
    """The token is never carried to another place."""
    script = Script(status(307, location="https://elsewhere.example.com/"))
    with pytest.raises(Exception, match="mend the store's api_url"):
        session(script).send(GET)
    assert 1 == len(script.requests)


@both
def test_crash_points(send):
    """The process can die before a call and after it, and the call is made in between."""
    passed = []
    script = Script(FINE)
    with armed(lambda name: passed.append((name, len(script.requests)))):
        send(script, POST)
    assert [("wire:before", 0), ("wire:after", 1)] == passed


@both
def test_a_crash_is_not_caught(send):
    """Nothing on the way takes a crash for a failure to be repeated."""

    def die(name):
        raise SimulatedCrash(name)

    script = Script(FINE)
    with armed(die), pytest.raises(SimulatedCrash):
        send(script, GET)
    assert [] == script.requests


def test_token_is_in_no_log(caplog):
    """Not even the loudest log shows the token."""
    caplog.set_level(logging.DEBUG)
    one = session(Script(httpx.ConnectError("x"), FINE))
    one.send(GET)
    assert TOKEN not in repr(one) + repr(vars(one)) + caplog.text


def test_no_address_is_in_a_log(caplog):
    """Nor does one show an address with its query, in which some shops take their token."""
    caplog.set_level(logging.DEBUG)
    asked = Request(method="GET", path="/orders", query=(("key", "not-a-real-key"),), repeatable=True)
    session(Script(FINE)).send(asked)
    assert "not-a-real-key" not in caplog.text


def test_threads_share_a_session():
    """Many threads send over one session at once."""
    script = Script(FINE)
    one = session(script)
    threads = [threading.Thread(target=one.send, args=(GET,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 20 == len(script.requests)


# --- Over a real socket ------------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    """Behaves as the first part of the path says, and notes what reached it."""

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, body))
        manner = self.path.split("/")[1]
        if manner == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif manner == "slow":
            self.server.released.wait(10)
            self.close_connection = True
        elif manner == "busy" and len(self.server.seen) == 1:
            self.answer(429, b"", {"Retry-After": "0"})
        else:
            self.answer(200, b'{"status":"ok"}', {})

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for

    def answer(self, status, body, headers):
        """Answer with a length, so that the connection can end cleanly."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep quiet."""


@pytest.fixture
def server():
    """Give a server on a loopback port."""
    one = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.seen = []
    one.released = threading.Event()
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield one
    one.released.set()
    one.shutdown()
    thread.join()
    one.server_close()


def over(server, manner, request, **manners):
    """Send over a real socket; a transport of its own keeps the environment's proxies out."""
    url = f"http://127.0.0.1:{server.server_port}/{manner}"
    with Session(url, TOKEN, manners=Manners(**manners), transport=httpx.HTTPTransport()) as one:
        return one.send(request)


def test_refused_connection():
    """A refused connection is told as such and was never sent."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: it refuses, and nobody else can take the port
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with (
            Session(url, TOKEN, transport=httpx.HTTPTransport()) as one,
            pytest.raises(RequestNotSent, match="refused"),
        ):
            one.send(POST)


def test_dropped_connection(server):
    """A connection that drops after the request leaves a write in doubt, and the write is not repeated."""
    with pytest.raises(MayHaveLanded, match=r"RemoteProtocolError|ReadError"):
        over(server, "drop", POST)
    assert [("POST", "/drop/v1/orders", b'{"total":15.40}')] == server.seen


def test_slow_answer(server):
    """An answer that does not come in time leaves a write in doubt, and the write is not repeated."""
    start = time.monotonic()
    with pytest.raises(MayHaveLanded, match="ReadTimeout"):
        over(server, "slow", POST, read=0.1)
    assert time.monotonic() - start < 5
    assert 1 == len(server.seen)


def test_busy_server(server):
    """A write that was turned away for now is sent again after the wait."""
    assert 200 == over(server, "busy", POST).status
    assert 2 == len(server.seen)


def test_escapes_reach_the_server(server):
    """An id with a number sign and a slash arrives as one escaped segment."""
    over(server, "plain", Request(method="GET", path="/v1/orders/%23517%2FAB"))
    assert [("GET", "/plain/v1/orders/%23517%2FAB", b"")] == server.seen
