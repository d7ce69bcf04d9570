"""The scripted transport says what a server would."""

import asyncio
from decimal import Decimal

import pytest

from op_core.errors import AlreadyThere, MayHaveLanded, RequestNotSent
from op_core.http import Manners
from op_core.order_protection.async_client import AsyncClient
from op_core.order_protection.client import Client
from op_core.order_protection.messages import Request
from op_core.testing.transport import Answer, Exchange, Fault, Scripted

ONCE = Manners(attempts=1)


def sender(*steps, then=None):
    transport = Scripted(*steps, then=then)
    return Client("https://api.example", "fake-token", transport=transport, manners=ONCE), transport


def test_steps_are_taken_in_order_and_what_was_sent_is_kept():
    """One step for each request; path and exact amounts are there to look at."""
    client, transport = sender(Answer(201, {"status": "ok"}), Answer(409))

    client.send(Request(method="POST", path="/v1/orders/%23517AB", body={"total": Decimal("10.10")}))
    with pytest.raises(AlreadyThere):
        client.send(Request(method="POST", path="/v1/orders", body={}))

    assert ["/v1/orders/%23517AB", "/v1/orders"] == [sent.path for sent in transport.requests]
    assert Decimal("10.10") == transport.requests[0].body["total"]
    assert 0 == transport.left


@pytest.mark.parametrize(
    ("kind", "error", "acted"),
    [
        ("refuse", RequestNotSent, False),
        ("drop before", MayHaveLanded, False),
        ("drop after", MayHaveLanded, True),
        ("stall", MayHaveLanded, True),
    ],
)
def test_faults_tell_what_surely_did_not_land_from_what_may_have(kind, error, acted):
    """Only a refused connection is sure; the caller cannot tell a cut before acting from one after it."""
    client, transport = sender(Fault(kind))

    with pytest.raises(error):
        client.send(Request(method="POST", path="/v1/orders", body={}))

    assert acted is transport.requests[0].acted


def test_a_step_may_look_at_what_was_sent():
    """A callable answers by what it is asked."""
    client, _ = sender(then=lambda sent: Answer(200, {"path": sent.path}))

    assert b"/v1/orders/1" in client.send(Request(method="GET", path="/v1/orders/1")).body


def test_a_script_that_is_over_says_so():
    """A request that nobody expected fails the test that made it."""
    client, _ = sender()

    with pytest.raises(AssertionError, match="the script is over"):
        client.send(Request(method="GET", path="/v1/orders"))


def test_what_was_recorded_is_played_again_in_its_order():
    """Another request than the recorded one fails the test that made it."""
    client = Client(
        "https://api.example",
        "fake-token",
        transport=Scripted.replay(
            Exchange("GET", "/v1/orders/1", Answer(200, {"id": "1"})), Exchange("POST", "/v1/orders", Answer(201))
        ),
        manners=ONCE,
    )

    assert b'{"id":"1"}' == client.send(Request(method="GET", path="/v1/orders/1")).body.replace(b" ", b"")
    with pytest.raises(AssertionError, match="GET /v1/orders/2 was sent, expected POST /v1/orders"):
        client.send(Request(method="GET", path="/v1/orders/2"))


def test_an_answer_that_comes_twice_is_taken_for_the_next_one():
    """From then on every answer is that of the request before, until the connection ends."""
    client, transport = sender(
        Answer(200, {"n": 1}, twice=True), Answer(200, {"n": 2}), Fault("drop before"), Answer(200, {"n": 4})
    )

    def ask():
        return client.send(Request(method="GET", path="/v1/orders/1")).body

    first, second = ask(), ask()
    with pytest.raises(MayHaveLanded):
        ask()

    assert (b"1" in first, b"1" in second, b"4" in ask()) == (True, True, True)
    assert [True, True, False, True] == [sent.acted for sent in transport.requests]


async def _ask(transport):
    async with AsyncClient("https://api.example", "fake-token", transport=transport, manners=ONCE) as client:
        return await client.send(Request(method="GET", path="/v1/orders"))


def test_async_clients_take_the_same_script():
    """Both colours are served."""
    assert 204 == asyncio.run(_ask(Scripted(Answer(204)))).status
