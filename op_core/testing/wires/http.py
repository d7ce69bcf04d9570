"""A wire for adapters that speak HTTP through httpx: a transport around the shop's own."""

from __future__ import annotations

from typing import ClassVar

import attrs
import httpx

from op_core.testing.wires.counting import Counting

__all__ = ["HttpWire"]

_NEVER_SENT: dict[str, type[httpx.TransportError]] = {  # or not yet
    "refuse": httpx.ConnectError,
    "drop before": httpx.WriteError,
    "late": httpx.ReadTimeout,
}
_NEVER_HEARD: dict[str, type[httpx.TransportError]] = {
    "drop after": httpx.RemoteProtocolError,
    "stall": httpx.ReadTimeout,
}
_PAGE = b"<!DOCTYPE html><html><head><title>One moment</title></head><body>Please wait.</body></html>"
_IN_PLACE = {  # status, type and content of an answer that is not the shop's own
    "429": (429, "application/json", b'{"error": "too many requests"}'),
    "500": (500, "application/json", b'{"error": "internal error"}'),
    "HTML": (200, "text/html", _PAGE),
    "empty": (200, "application/json", b""),
}


@attrs.define(eq=False)
class HttpWire(Counting, httpx.BaseTransport, httpx.AsyncBaseTransport):
    """
    Give it to the adapter's client as its transport.

    - ``refuse``: no connection; ``drop before``: it ends while the request is sent. The shop sees nothing of either
    - ``drop after``: the shop acts, and the connection ends without an answer; ``stall``: none comes in time
    - ``late``: no answer comes in time, and the shop acts once its caller has called once more: what has looked in
      between, and found nothing, must not do it again
    - ``429``, ``500 before``, ``HTML before``, ``empty before``: something in front of the shop answers, and the shop
      sees nothing: a brake, a broken proxy, a page that asks for patience with status 200, nothing with status 200
    - ``500 after``, ``HTML after``, ``empty after``: the shop acts, and that answer takes the place of its own
    - ``half``: the shop acts, and half of its answer comes

    Nothing waits: a time-out is raised at once. An answer that comes twice is not among them: httpx ends a connection
    on which something is left over, so that its caller sees the first answer alone; `op_core.testing.proxy` says it
    over a real socket.

    Args:
        shop: The transport behind it: `httpx.WSGITransport`, `httpx.MockTransport`, or one over a real network.
    """

    kinds: ClassVar[tuple[str, ...]] = (
        "refuse", "drop before", "drop after", "stall", "late", "429", "500 before", "500 after", "HTML before",
        "HTML after", "empty before", "empty after", "half",
    )  # fmt: skip

    shop: httpx.BaseTransport | httpx.AsyncBaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, or not."""
        assert isinstance(self.shop, httpx.BaseTransport), "a client without async needs a transport without it"
        kind, shop = self.count(), self.shop
        if (late := self.landing()) is not None:
            late()
        if kind == "late":
            request.read()
            self.delay(lambda: shop.handle_request(request).read())
        if (answer := _before(kind, request)) is not None:
            return answer
        answer = shop.handle_request(request)
        answer.read()
        return _after(kind, request, answer)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, or not."""
        assert isinstance(self.shop, httpx.AsyncBaseTransport), "a client with async needs a transport with it"
        kind, shop = self.count(), self.shop
        if (late := self.landing()) is not None:
            await late()
        if kind == "late":
            await request.aread()
            self.delay(lambda: shop.handle_async_request(request))
        if (answer := _before(kind, request)) is not None:
            return answer
        answer = await shop.handle_async_request(request)
        await answer.aread()
        return _after(kind, request, answer)

    def close(self) -> None:
        """Close the transport behind it."""
        if isinstance(self.shop, httpx.BaseTransport):
            self.shop.close()

    async def aclose(self) -> None:
        """Close the transport behind it."""
        if isinstance(self.shop, httpx.AsyncBaseTransport):
            await self.shop.aclose()


def _before(kind: str, request: httpx.Request) -> httpx.Response | None:
    """Say what comes back before the shop sees anything; None: the request passes."""
    if kind in _NEVER_SENT:
        raise _NEVER_SENT[kind](kind, request=request)
    what, _, when = kind.partition(" ")
    return _said(what, request) if kind == "429" or when == "before" else None


def _after(kind: str, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """Say what comes back once the shop has acted."""
    if kind in _NEVER_HEARD:
        raise _NEVER_HEARD[kind](kind, request=request)
    if kind == "half":
        kept = {name: value for name, value in answer.headers.items() if name == "content-type"}
        half = answer.content[: len(answer.content) // 2]
        return httpx.Response(answer.status_code, headers=kept, content=half, request=request)
    return _said(kind.partition(" ")[0], request) if kind else answer


def _said(what: str, request: httpx.Request) -> httpx.Response:
    status, kind, content = _IN_PLACE[what]
    headers = {"content-type": kind} | ({"retry-after": "0"} if what == "429" else {})
    return httpx.Response(status, headers=headers, content=content, request=request)
