"""The way to a shop in a trial: faults at the place where they shall happen, and a count of what the shop did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import attrs
import httpx

from op_core.http import Manners, Session
from op_core.order_protection.messages import Request, Response
from op_rest_shop.calls import Call, Rule
from op_rest_shop.client import Client
from op_rest_shop.landing import Answer, landed
from op_rest_shop.mapping import Manifest
from op_rest_shop.trials.faults import LARGEST, Fault

__all__ = ["Answering", "TriedClient", "Way", "Wire"]

Way = httpx.BaseTransport
"""A way to a shop, as httpx has it."""
_PLACE = "op_place"  # of a request, in httpx's extensions
_MANNERS = Manners(read=5, whole=5, attempts=2, retry_for=5, longest_wait=0, largest_answer=LARGEST)


_CUT: dict[str, type[httpx.TransportError]] = {
    "refused": httpx.ConnectError,
    "sending": httpx.WriteError,
    "answering": httpx.RemoteProtocolError,
    "waiting": httpx.ReadTimeout,
}


@attrs.define(eq=False)
class Answering(httpx.BaseTransport):
    """
    The way to a shop that is a function.

    Attributes:
        answer: The place of a call in the manifest to the body and the headers that the shop answers with.
    """

    answer: Callable[[str], tuple[bytes, Mapping[str, str]]]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        body, headers = self.answer(request.extensions[_PLACE])
        return httpx.Response(200, content=body, headers=dict(headers), request=request)


@attrs.define(eq=False)
class Wire(httpx.BaseTransport):
    """
    Passes requests on to a shop, but for the faults.

    Attributes:
        shop: The shop: one that is derived from the manifest, a recorded one, or httpx's way to a real one.
        rules: The landing rules of every call.
        faults: Place to what goes wrong there, as often as it is called.
        acted: Place to how often the shop did what it was asked there.
        met: The places where a fault happened.
    """

    shop: Way
    rules: tuple[Rule, ...]
    faults: Mapping[str, Fault] = attrs.field(factory=dict)
    acted: Counter[str] = attrs.field(factory=Counter)
    met: set[str] = attrs.field(factory=set)
    _now: tuple[str, Call | None, str] = ("", None, "")

    def ahead(self, place: str, call: Call | None, reference: str) -> None:
        """Say which call comes next."""
        self._now = (place, call, reference)

    @contextmanager
    def aside(self, place: str) -> Iterator[None]:
        """Let another call go first, which no rule of the manifest is about."""
        now, self._now = self._now, (place, None, "")
        try:
            yield
        finally:
            self._now = now

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on, or fail."""
        place = self._now[0]
        fault = self.faults.get(place)
        if fault is not None:
            self.met.add(place)
        if fault is not None and not fault.acts:
            return _happened(fault, request)
        request.extensions = {**request.extensions, _PLACE: place}
        response = self.shop.handle_request(request)
        response.read()
        response.close()
        self._count(response)
        return response if fault is None else _happened(fault, request)

    def close(self) -> None:
        """Close the way to the shop."""
        self.shop.close()

    def _count(self, response: httpx.Response) -> None:
        place, call, reference = self._now
        if call is None:
            return
        said = Response(status=response.status_code, body=response.content)
        self.acted[place] += landed(said, call, self.rules, "", reference).means == "done"


def _happened(fault: Fault, request: httpx.Request) -> httpx.Response:
    if fault.cut is not None:
        raise _CUT[fault.cut](fault.name, request=request)
    return httpx.Response(fault.status, content=fault.body, request=request)


@attrs.define(eq=False)
class TriedClient(Client):
    """A client that tells its wire which call comes next, and waits for nothing before it calls again."""

    wire: Wire = attrs.field(kw_only=True)

    @classmethod
    def over(cls, wire: Wire, url: str, place: str, manifest: Manifest) -> TriedClient:
        """Return one for a manifest."""
        session = Session(url, None, manners=_MANNERS, transport=wire)
        return cls(url, session, place, manifest.shop.rules, manifest.auth, wire=wire)

    def send(self, request: Request, call: Call, place: str, reference: str = "") -> Answer:
        """Send as `Client` does."""
        self.wire.ahead(place, call, reference)
        return super().send(request, call, place, reference)

    def _fetch(self) -> str:
        with self.wire.aside("auth"):
            return super()._fetch()
