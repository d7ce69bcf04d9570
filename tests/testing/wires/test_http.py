"""The HTTP wire: what the shop sees of a broken call, and what its caller hears."""

import asyncio

import httpx
import pytest

from op_core.testing.wires import HttpWire

NEVER_SEEN = ("refuse", "drop before", "late", "429", "500 before", "HTML before", "empty before")
RAISED = {
    "refuse": httpx.ConnectError,
    "drop before": httpx.WriteError,
    "drop after": httpx.RemoteProtocolError,
    "stall": httpx.ReadTimeout,
    "late": httpx.ReadTimeout,
}
STATUS = {"429": 429, "500 before": 500, "500 after": 500}


@pytest.fixture
def seen():
    """What the shop saw."""
    return []


@pytest.fixture
def wire(seen):
    """A wire to a shop that makes what it is asked for."""

    def shop(request):
        seen.append(request.url.path)
        return httpx.Response(201, json={"id": "refund-1"})

    return HttpWire(httpx.MockTransport(shop))


def plain(wire):
    with httpx.Client(transport=wire) as client:
        return client.post("https://shop.example/refunds")


def awaited(wire):
    async def ask():
        async with httpx.AsyncClient(transport=wire) as client:
            return await client.post("https://shop.example/refunds")

    return asyncio.run(ask())


@pytest.mark.parametrize("ask", [plain, awaited])
@pytest.mark.parametrize("kind", HttpWire.kinds)
def test_each_kind_says_whether_the_shop_acted_and_what_is_heard(wire, seen, ask, kind):
    """A caller cannot tell the ones before from the ones after; the shop can."""
    wire.cut(2, kind)
    assert ask(wire).json() == {"id": "refund-1"}
    if kind in RAISED:
        with pytest.raises(RAISED[kind]):
            ask(wire)
    else:
        answer = ask(wire)
        assert STATUS.get(kind, 201 if kind == "half" else 200) == answer.status_code
        assert b"refund-1" not in answer.content
    assert ask(wire).json() == {"id": "refund-1"}

    assert (2 if kind in NEVER_SEEN else 3) == len(seen)
    assert 3 == wire.passed


@pytest.mark.parametrize("ask", [plain, awaited])
def test_what_is_late_reaches_the_shop_after_the_next_call(wire, seen, ask):
    """Its caller was told that no answer came, has looked once, and found nothing yet."""
    wire.cut(1, "late")
    with pytest.raises(httpx.ReadTimeout):
        ask(wire)
    assert [] == seen
    ask(wire)
    assert 1 == len(seen)
    ask(wire)
    assert 3 == len(seen)


def test_what_is_late_is_forgotten_with_the_next_cut(wire, seen):
    """So that it does not reach another test's shop."""
    wire.cut(1, "late")
    with pytest.raises(httpx.ReadTimeout):
        plain(wire)
    wire.mend()
    plain(wire)
    plain(wire)
    assert 2 == len(seen)
