"""
The way to Order Protection, and the one place that imports httpx.

One table says of every failure whether the request may have landed; who sends, who waits and who repeats follows from
it. The token is put into one header of the request that goes out: it is in no repr, no error and no log of ours. A 401
says that nothing was done, so that any request may be sent once more with a token that was renewed.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from typing import ParamSpec, Self, TypeVar
from urllib.parse import urlencode

import attrs
import httpx
import stamina

from op_core.errors import (
    MayHaveLanded,
    NotSendable,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    SettingsError,
    UnreadableAnswer,
    WireError,
)
from op_core.order_protection.bearer import FixedToken, TokenProvider
from op_core.order_protection.jsonmoney import dumps
from op_core.order_protection.messages import Request, Response, checked
from op_core.pace import Pace
from op_core.testing.crash import crash_point

__all__ = ["AsyncSession", "Manners", "Session"]

# What httpx raises before a byte of the request is out. Of everything else nobody can say that it did not land.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_MAY_HAVE_LANDED = (httpx.HTTPError, httpx.StreamError, httpx.CookieConflict)


for _name in ("httpx", "httpcore"):  # they log every address with its query, and cookies: a token may be in either
    if logging.getLogger(_name).level == logging.NOTSET:
        logging.getLogger(_name).setLevel(logging.WARNING)


@attrs.frozen(kw_only=True)
class Manners:
    """
    How a session behaves. All times are seconds.

    Attributes:
        connect: Longest time to connect, and to wait for a free connection.
        read: Longest silence of the API, and longest time to hand it a piece of the request.
        whole: Longest time for one whole answer, however many pieces it comes in.
        connections: Most connections at once.
        attempts: Most tries of one request; more than one only where that cannot do it twice.
        retry_for: No further try is begun after this time.
        longest_wait: Longest pause between two tries. A `Retry-After` beyond it is raised as `RateLimited`.
        largest_answer: Bytes, unpacked.
        per_second: Most requests a second, evenly spread; None: as they come.
        keep: Whether a connection serves further requests. What is left on it, because a server or a proxy answered
            twice, is then read as the answer to the next one.
    """

    connect: float = 5
    read: float = 30
    whole: float = 120
    connections: int = 20
    attempts: int = 4
    retry_for: float = 60
    longest_wait: float = 20
    largest_answer: int = 16 * 1024 * 1024
    per_second: float | None = None
    keep: bool = True


def _utc_now() -> datetime:
    return datetime.now(UTC)


@cache
def _trusted() -> ssl.SSLContext:
    """Return what every session trusts, read once: it is 30 ms of work, and a store has three sessions."""
    return httpx.create_ssl_context()


_C = TypeVar("_C", httpx.Client, httpx.AsyncClient)
P = ParamSpec("P")
_REFUSED = 401  # nothing was done
_LONGEST_PAUSE = 5.0  # seconds, where the API asks for none


class _Rules:
    """What both colours of a session share: everything but the sending."""

    def __init__(
        self, base_url: str, token: str | TokenProvider | None, manners: Manners, now: Callable[[], datetime]
    ) -> None:
        self._tokens = FixedToken(token) if isinstance(token, str) else token
        if "@" in base_url:
            raise SettingsError(
                "api_url: expected scheme, host and path; it holds an @, as if for a user and a password"
            )
        self._base_url = base_url.rstrip("/")
        self._manners = manners
        self._pace = Pace(manners.per_second)
        self._now = now

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _client(self, kind: type[_C], transport: object) -> _C:
        manners = self._manners
        kept = manners.connections if manners.keep else 0
        return kind(
            headers={"Accept": "application/json", "User-Agent": "op-core"},
            timeout=httpx.Timeout(manners.read, connect=manners.connect, pool=manners.connect),
            limits=httpx.Limits(max_connections=manners.connections, max_keepalive_connections=kept),
            follow_redirects=False,
            verify=_trusted(),
            transport=transport,  # type: ignore[arg-type]  # the caller hands the one that fits the colour
        )

    def _of(self, request: Request) -> TokenProvider | None:
        """Return what gives the token of a request; None where it carries none."""
        if request.authorized and self._tokens is None:
            raise NotSendable(f"{request.name} needs a token, and this session has none")
        return self._tokens if request.authorized else None

    def _built(self, client: httpx.Client | httpx.AsyncClient, request: Request, token: str | None) -> httpx.Request:
        query = f"?{urlencode(request.query)}" if request.query else ""
        try:
            raw = request.body is None or isinstance(request.body, bytes)
            content = request.body if raw else dumps(request.body)
        except (TypeError, ValueError) as error:
            raise NotSendable(f"{request.name}: {error}") from None
        headers = dict(request.headers)
        if not raw:
            headers["Content-Type"] = "application/json"
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return client.build_request(
            request.method, self._base_url + request.path + query, content=content, headers=headers
        )

    def _again(self, request: Request) -> Callable[[BaseException], bool | float]:
        def rule(error: BaseException) -> bool | float:
            if isinstance(error, RateLimited | ServerFailed) and error.retry_after is not None:
                may = error.retry_after <= self._manners.longest_wait
                return error.retry_after if may and (request.repeatable or isinstance(error, RateLimited)) else False
            if isinstance(error, RequestNotSent | RateLimited):
                return True
            return request.repeatable and isinstance(error, MayHaveLanded | ServerFailed)

        return rule

    def _attempts(self, request: Request) -> stamina._core._RetryContextIterator:
        return stamina.retry_context(
            on=self._again(request),
            attempts=self._manners.attempts,
            timeout=self._manners.retry_for,
            wait_max=min(_LONGEST_PAUSE, self._manners.longest_wait),
        )

    def _answered(
        self, request: Request, tokens: TokenProvider | None, answer: httpx.Response, body: _Body
    ) -> Response:
        response = Response(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=bytes(body.held),
        )
        if tokens is not None and response.status == _REFUSED:
            refused = tokens.refused(request.name)
            if refused is not None:
                raise refused
        checked(request, response, self._now())
        if body.cut:
            limit = self._manners.largest_answer
            raise UnreadableAnswer(f"{request.name}: the answer is longer than {limit} bytes", response.body)
        return response


class _Body:
    """An answer as far as it is taken: no more bytes, and no more time, than the manners allow."""

    def __init__(self, manners: Manners) -> None:
        self.held = bytearray()
        self.cut = False
        self._largest = manners.largest_answer
        self._ends = time.monotonic() + manners.whole

    def take(self, piece: bytes) -> bool:
        """Keep *piece*; tell whether to go on."""
        self.held += piece
        self.cut = len(self.held) > self._largest
        if self.cut:
            del self.held[self._largest :]
        elif time.monotonic() > self._ends:
            raise httpx.ReadTimeout("the whole answer took too long")
        return not self.cut


def _translated(request: Request, error: Exception) -> WireError:
    """Say whether the request may have landed. httpx's own text is left out: it may show a header, and so the token."""
    reason = type(error).__name__
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            reason += f": {cause.strerror}"
            break
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, _NEVER_SENT):
        return RequestNotSent(f"{request.name} was never sent ({reason}); it is safe to send it again")
    return MayHaveLanded(
        f"{request.name} went out and no whole answer came back ({reason}); read before sending it again"
    )


async def _aside(tokens: TokenProvider, give: Callable[P, str], *args: P.args, **kwargs: P.kwargs) -> str:
    """Ask for a token in a thread, for that may read the ledger and fetch one; not where it is at hand."""
    if isinstance(tokens, FixedToken):
        return give(*args, **kwargs)
    return await asyncio.to_thread(give, *args, **kwargs)


class Session(_Rules):
    """
    A thread-safe way to one store's API.

    Args:
        base_url: Scheme and host, and a path before ``/v1`` if there is one.
        token: The bearer token, or what gives it; None: the session is for what carries none.
        manners: Time-outs, limits and the rule of repeating.
        transport: An httpx transport, for tests.
        now: The time, UTC; a ``Retry-After`` may be a date.
    """

    def __init__(
        self,
        base_url: str,
        token: str | TokenProvider | None,
        *,
        manners: Manners = Manners(),
        transport: httpx.BaseTransport | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Set it up; nothing is sent yet."""
        super().__init__(base_url, token, manners, now)
        self._http = self._client(httpx.Client, transport)

    def send(self, request: Request) -> Response:
        """
        Send *request*, again where that cannot do it twice, and return the answer of a success.

        Raises:
            RequestNotSent: It never reached the API.
            MayHaveLanded: It went out, and no whole answer came.
            UnreadableAnswer: A success whose body is too long.
            Answered: Or one of its kinds: the API said something else than success.
        """
        for attempt in self._attempts(request):
            with attempt:
                return self._once(request)
        raise AssertionError("stamina ends by a return or by raising")

    def _once(self, request: Request) -> Response:
        tokens = self._of(request)
        token = None if tokens is None else tokens.token()
        answer, body = self._exchange(request, token)
        if tokens is not None and token is not None and answer.status_code == _REFUSED:
            fresh = tokens.renewed(token)
            if fresh != token:
                answer, body = self._exchange(request, fresh)
        return self._answered(request, tokens, answer, body)

    def _exchange(self, request: Request, token: str | None) -> tuple[httpx.Response, _Body]:
        body = _Body(self._manners)
        built = self._built(self._http, request, token)
        if (wait := self._pace.turn()) > 0:
            time.sleep(wait)
        crash_point("wire:before")
        try:
            answer = self._http.send(built, stream=True)
            try:
                any(not body.take(piece) for piece in answer.iter_bytes())
            finally:
                answer.close()
        except (*_NEVER_SENT, *_MAY_HAVE_LANDED) as error:
            raise _translated(request, error) from None
        crash_point("wire:after")
        return answer, body

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        self.close()


class AsyncSession(_Rules):
    """The same for asyncio; see `Session` for the arguments and for what `send` raises."""

    def __init__(
        self,
        base_url: str,
        token: str | TokenProvider | None,
        *,
        manners: Manners = Manners(),
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Set it up; nothing is sent yet."""
        super().__init__(base_url, token, manners, now)
        self._http = self._client(httpx.AsyncClient, transport)

    async def send(self, request: Request) -> Response:
        """Send *request* as `Session.send` does."""
        async for attempt in self._attempts(request):
            with attempt:
                return await self._once(request)
        raise AssertionError("stamina ends by a return or by raising")

    async def _once(self, request: Request) -> Response:
        tokens = self._of(request)
        token = None if tokens is None else await _aside(tokens, tokens.token)
        answer, body = await self._exchange(request, token)
        if tokens is not None and token is not None and answer.status_code == _REFUSED:
            fresh = await _aside(tokens, tokens.renewed, token)
            if fresh != token:
                answer, body = await self._exchange(request, fresh)
        return self._answered(request, tokens, answer, body)

    async def _exchange(self, request: Request, token: str | None) -> tuple[httpx.Response, _Body]:
        body = _Body(self._manners)
        built = self._built(self._http, request, token)
        if (wait := self._pace.turn()) > 0:
            await asyncio.sleep(wait)
        crash_point("wire:before")
        try:
            answer = await self._http.send(built, stream=True)
            try:
                async for piece in answer.aiter_bytes():
                    if not body.take(piece):
                        break
            finally:
                await answer.aclose()
        except (*_NEVER_SENT, *_MAY_HAVE_LANDED) as error:
            raise _translated(request, error) from None
        crash_point("wire:after")
        return answer, body

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.close()
