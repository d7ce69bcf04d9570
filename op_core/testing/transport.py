"""
A scripted HTTP transport: what a server says, and how a connection fails, without a network.

    transport = Scripted(Answer(201, {"status": "ok"}), Fault("drop after"), Answer(409))
    client = Client("https://api.example", "fake-token", transport=transport)

Steps are taken in order, one for each request; `requests` keeps what was sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs
import httpx

from op_core.order_protection import jsonmoney

__all__ = ["Answer", "Fault", "Scripted", "Sent", "Step"]


@attrs.frozen
class Sent:
    """
    One request as the server saw it.

    Attributes:
        path: Still percent-encoded, with its query.
        acted: Whether the server got as far as acting on it.
    """

    method: str
    path: str
    body: Any = attrs.field(repr=False)
    acted: bool


@attrs.frozen
class Answer:
    """The server acts and answers. *body* is sent as JSON; bytes are sent as they are."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Fault:
    """
    The connection fails.

    Attributes:
        kind: ``refuse`` (never connected), ``drop before`` (cut while sending: nothing was done), ``drop after`` (done,
            and the answer is lost) or ``stall`` (done, and no answer in time).
    """

    kind: Literal["refuse", "drop before", "drop after", "stall"]


Step = Answer | Fault | Callable[[Sent], Answer | Fault]
_ERRORS: dict[str, type[httpx.TransportError]] = {
    "refuse": httpx.ConnectError,
    "drop before": httpx.WriteError,
    "drop after": httpx.RemoteProtocolError,
    "stall": httpx.ReadTimeout,
}


class Scripted(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """
    Answers requests by a script, in both colours.

    Args:
        steps: One for each request, in order. A callable is asked with what was sent.
        then: What every further request gets; None: an error that says the script is over.
    """

    def __init__(self, *steps: Step, then: Step | None = None) -> None:
        self.requests: list[Sent] = []
        self._steps = deque(steps)
        self._then = then

    @property
    def left(self) -> int:
        """How many steps were not asked for."""
        return len(self._steps)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Take the next step."""
        return self._take(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Take the next step."""
        return self._take(request, await request.aread())

    def _take(self, request: httpx.Request, content: bytes) -> httpx.Response:
        if not self._steps and self._then is None:
            raise AssertionError(f"the script is over, and {request.method} {request.url.path} was sent")
        step = self._steps.popleft() if self._steps else self._then
        body = jsonmoney.loads(content) if content else None
        sent = Sent(request.method, request.url.raw_path.decode(), body, acted=True)
        if not isinstance(step, Answer | Fault):
            assert step is not None
            step = step(sent)
        acted = isinstance(step, Answer) or step.kind in ("drop after", "stall")
        self.requests.append(attrs.evolve(sent, acted=acted))
        if isinstance(step, Fault):
            raise _ERRORS[step.kind](step.kind, request=request)
        answer = step.body if isinstance(step.body, bytes) else jsonmoney.dumps(step.body)
        return httpx.Response(step.status, content=answer, headers=dict(step.headers), request=request)
