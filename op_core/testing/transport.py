"""
A scripted HTTP transport: what a server says, and how a connection fails, without a network.

    transport = Scripted(Answer(201, {"status": "ok"}), Fault("drop after"), Answer(409))
    client = Client("https://api.example", "fake-token", transport=transport)

Or what was recorded is played again: ``Scripted.replay(Exchange("GET", "/v1/orders/1", Answer(200, …)))``.

Steps are taken in order, one for each request; `requests` keeps what was sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

import attrs
import httpx

from op_core.order_protection import jsonmoney

__all__ = ["Answer", "Exchange", "Fault", "Scripted", "Sent", "Step"]


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
    """
    The server acts and answers.

    Attributes:
        body: It is sent as JSON; bytes are sent as they are.
        twice: The answer comes two times on its connection, so that from then on each request is answered with what
            belongs to the one before it. httpx ends such a connection over a real socket (`op_core.testing.proxy`
            shows it); a script that has one asks whether an adapter looks at whose answer it got.
    """

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    twice: bool = False


@attrs.frozen
class Exchange:
    """One request as it was recorded, with its answer. *path* is percent-encoded, with its query."""

    method: str
    path: str
    answer: Answer


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
        self._coming: deque[Answer] = deque()  # answers that are on the connection, oldest first

    @classmethod
    def replay(cls, *recorded: Exchange) -> Self:
        """Answer as it was recorded, and see that the same is asked, in the same order."""
        return cls(*map(_replayed, recorded))

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
            self._coming.clear()  # with the connection
            raise _ERRORS[step.kind](step.kind, request=request)
        self._coming.extend([step, step] if step.twice else [step])
        heard = self._coming.popleft()
        answer = heard.body if isinstance(heard.body, bytes) else jsonmoney.dumps(heard.body)
        return httpx.Response(heard.status, content=answer, headers=dict(heard.headers), request=request)


def _replayed(recorded: Exchange) -> Step:
    def step(sent: Sent) -> Answer:
        if (sent.method, sent.path) != (recorded.method, recorded.path):
            raise AssertionError(f"{sent.method} {sent.path} was sent, expected {recorded.method} {recorded.path}")
        return recorded.answer

    return step
