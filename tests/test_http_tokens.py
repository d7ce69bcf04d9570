"""A refused request goes out once more with a renewed token, in both colours; the token shows nowhere on the way."""

from __future__ import annotations

import asyncio
import logging
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import stamina

from op_core.errors import MayHaveLanded, NotSendable, RequestNotSent, TokenRevoked, Unauthorized
from op_core.http import AsyncSession, Manners, Session
from op_core.order_protection.messages import Request
from op_core.testing.crash import armed

API = "https://api.example.com"
GET = Request(method="GET", path="/v1/orders/1", repeatable=True)
POST = Request(method="POST", path="/v1/orders", body={"total": Decimal("15.40")})
PUBLIC = Request(method="GET", path="/v1/quote/insurance", authorized=False)


@pytest.fixture(autouse=True)
def _no_waiting():
    stamina.set_testing(True, attempts=4, cap=True)
    yield
    stamina.set_testing(False)


class Tokens:
    """Gives tokens by number, and says which thread asked."""

    def __init__(self, *, renewable=True, error=None):
        self.n, self.renewable, self.error = 1, renewable, error
        self.asked, self.threads = [], set()

    def token(self):
        self.threads.add(threading.get_ident())
        self.asked.append("token")
        if self.error:
            raise self.error
        return f"op_at_not_real_{self.n}"

    def renewed(self, stale):
        self.threads.add(threading.get_ident())
        self.asked.append(f"instead of {stale}")
        self.n += self.renewable
        return f"op_at_not_real_{self.n}"

    def refused(self, request):
        return TokenRevoked(f"{request}: install again", status=401)


class Api:
    """Takes one token, and answers by a script after that."""

    def __init__(self, good, *steps):
        self.good, self.steps, self.requests = good, list(steps), []

    def __call__(self, request):
        self.requests.append(request)
        if request.headers.get("authorization") != f"Bearer {self.good}":
            return httpx.Response(401, content=b'{"message": "no"}')
        step = self.steps.pop(0) if self.steps else httpx.Response(200, content=b"{}")
        if isinstance(step, Exception):
            raise step
        return step

    @property
    def tokens(self):
        return [request.headers.get("authorization", "")[-1:] for request in self.requests]


def send_sync(api, tokens, request):
    """Send over a session."""
    with Session(API, tokens, transport=httpx.MockTransport(api)) as one:
        return one.send(request)


def send_async(api, tokens, request):
    """Send over an asynchronous session, in an event loop of its own."""

    async def sent():
        async with AsyncSession(API, tokens, transport=httpx.MockTransport(api)) as one:
            return await one.send(request)

    return asyncio.run(sent())


both = pytest.mark.parametrize("send", [send_sync, send_async])


@both
@pytest.mark.parametrize("request_", [GET, POST])
def test_a_refused_token_is_renewed_and_the_request_sent_again(send, request_):
    """A 401 says that nothing was done: also a POST goes out again, the same, once."""
    api, tokens = Api("op_at_not_real_2"), Tokens()

    assert 200 == send(api, tokens, request_).status
    assert ["1", "2"] == api.tokens
    assert 1 == len({(one.method, str(one.url), one.content) for one in api.requests})
    assert ["token", "instead of op_at_not_real_1"] == tokens.asked


@both
def test_a_renewed_token_that_is_refused_is_the_end(send):
    """It is not renewed a second time; the provider says what it means."""
    api, tokens = Api("another"), Tokens()
    with pytest.raises(TokenRevoked, match=r"^POST /v1/orders: install again$"):
        send(api, tokens, POST)

    assert ["1", "2"] == api.tokens


@both
def test_where_there_is_no_other_token_nothing_is_sent_again(send):
    """The provider gives back the token that was refused."""
    api, tokens = Api("another"), Tokens(renewable=False)
    with pytest.raises(TokenRevoked):
        send(api, tokens, POST)

    assert ["1"] == api.tokens


@both
def test_a_static_token_is_refused_as_ever(send):
    """A 401 to a store's own token names the setting, and nothing is sent again."""
    api = Api("another")
    with pytest.raises(Unauthorized, match="set the store's api_token") as caught:
        send(api, "not-a-real-token", POST)

    assert (Unauthorized, 1) == (type(caught.value), len(api.requests))


@both
def test_a_403_renews_nothing(send):
    """The token is good, and may not do this: another one would not either."""
    api, tokens = Api("op_at_not_real_1", httpx.Response(403)), Tokens()
    with pytest.raises(Unauthorized, match="403") as caught:
        send(api, tokens, POST)

    assert (Unauthorized, ["token"]) == (type(caught.value), tokens.asked)


@both
def test_an_answer_that_is_lost_after_the_renewal_may_have_landed(send):
    """The second sending fails as any other does."""
    api = Api("op_at_not_real_2", httpx.ReadTimeout("x"))
    with pytest.raises(MayHaveLanded):
        send(api, Tokens(), POST)

    assert ["1", "2"] == api.tokens


@both
def test_without_a_token_nothing_is_sent(send):
    """What the provider raises comes out, and is repeated by the rule for what was never sent."""
    api, tokens = Api("x"), Tokens(error=RequestNotSent("no token right now"))
    with pytest.raises(RequestNotSent, match="no token right now"):
        send(api, tokens, POST)
    assert ([], 4) == (api.requests, len(tokens.asked))

    tokens = Tokens(error=TokenRevoked("gone", status=401))
    with pytest.raises(TokenRevoked):
        send(api, tokens, GET)
    assert ([], 1) == (api.requests, len(tokens.asked))


@both
def test_what_is_public_carries_no_token(send):
    """The provider is not asked, and there may be none."""
    api, tokens = Api(None), Tokens()
    for given in (tokens, None):
        with pytest.raises(Unauthorized, match="401"):
            send(api, given, PUBLIC)

    assert ([], ["", ""]) == (tokens.asked, api.tokens)


@both
def test_a_session_without_a_token_sends_only_what_is_public(send):
    """What needs one is refused before it goes out."""
    api = Api(None)
    with pytest.raises(NotSendable, match="POST /v1/orders needs a token"):
        send(api, None, POST)
    assert [] == api.requests


def test_the_event_loop_is_not_blocked():
    """A provider reads the ledger and may fetch a token: it is asked in another thread."""
    tokens = Tokens()
    send_async(Api("op_at_not_real_2"), tokens, GET)

    assert threading.get_ident() not in tokens.threads


@both
def test_each_sending_has_its_crash_points(send):
    """The process can die between the two sendings."""
    passed, api = [], Api("op_at_not_real_2")
    with armed(lambda name: passed.append((name, len(api.requests)))):
        send(api, Tokens(), POST)

    assert [("wire:before", 0), ("wire:after", 1), ("wire:before", 1), ("wire:after", 2)] == passed


def test_a_long_refusal_is_cut():
    """What is read of a 401 has the same bound as any other answer."""

    class Endless(httpx.SyncByteStream):
        taken = 0

        def __iter__(self):
            while True:
                self.taken += 1000
                yield b"x" * 1000

    endless = Endless()
    api = Api("op_at_not_real_2", httpx.Response(200, content=b"{}"))

    def answer(request):
        found = api(request)
        return httpx.Response(401, stream=endless) if found.status_code == 401 else found

    with Session(API, Tokens(), manners=Manners(largest_answer=5000), transport=httpx.MockTransport(answer)) as one:
        assert 200 == one.send(POST).status
    assert endless.taken <= 6000


def test_no_token_is_in_any_log_of_a_real_connection(caplog):
    """Neither httpx nor what is below it shows either token, at the loudest."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            good = self.headers["authorization"] == "Bearer op_at_not_real_2"
            self.send_response(200 if good else 401)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    for logger in (None, "httpx", "httpcore"):  # the last two are quiet, unless somebody asks them to speak
        caplog.set_level(logging.DEBUG, logger)
    try:
        with Session(f"http://127.0.0.1:{server.server_port}", Tokens()) as one:
            assert 200 == one.send(GET).status
            assert "op_at" not in repr(one) + caplog.text
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "httpcore" in caplog.text
