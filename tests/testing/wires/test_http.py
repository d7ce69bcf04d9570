"""The HTTP wire: what the shop sees of a broken call, and what its caller hears."""

import asyncio

import httpx
import pytest

from op_core.testing.wires import HttpWire

NEVER_SEEN = ("refuse", "drop before", "429", "500 before", "HTML before", "empty before")
RAISED = {
    "refuse": httpx.ConnectError,
    "drop before": httpx.WriteError,
    "drop after": httpx.RemoteProtocolError,
    "stall": httpx.ReadTimeout,
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
