"""What all routes share: who may enter, how a body is read, how an answer is written."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from urllib.parse import unquote

import attrs
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from op_core.errors import Unreadable
from op_core.order_protection import jsonmoney
from op_core.sandbox.answers import Document, Refusal

__all__ = ["GRANTED", "OK", "Answer", "Door", "body_of", "named", "refused", "stray"]

OK = {"status": "ok"}  # what every write answers
GRANTED = "op_core.granted"  # where the door puts what an app's token is for; None for a store's token


class Answer(Response):
    """A JSON answer with exact amounts."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Write *content*."""
        return jsonmoney.dumps(content)


def refused(_: Request, error: Exception) -> Answer:
    """Answer a `Refusal`; the shape is an assumption (G-9)."""
    assert isinstance(error, Refusal)
    return Answer({"status": "error", "message": error.message, "field": error.field}, error.status, error.headers)


def stray(request: Request, error: Exception) -> Answer:
    """Answer an unknown route or method."""
    assert isinstance(error, HTTPException)
    message = f"no route {request.method} of this path; GET / lists them"
    return Answer({"status": "error", "message": message, "field": None}, error.status_code, error.headers)


def named(request: Request, name: str) -> str:
    """Return a part of the path, percent-decoded: ``%23517AB`` is ``#517AB``, and ``%2F`` belongs to the id."""
    return unquote(str(request.path_params[name]), errors="replace")


async def body_of(request: Request) -> Document:
    """
    Return the JSON object that the request brings.

    Raises:
        Refusal: 400 for a missing content type, unreadable JSON, or anything that is no object; and for a client that
            went away, such as one that was killed, whom it does not reach.
    """
    try:
        body = await request.body()
    except ClientDisconnect:
        raise Refusal(400, "the client went away before the end of its body") from None
    if not body and request.url.path.startswith("/sandbox/"):
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, "content-type: expected application/json", "content-type")
    try:
        value = jsonmoney.loads(body)
    except Unreadable as error:
        raise Refusal(400, f"the body is {error}") from None
    if not isinstance(value, dict):
        raise Refusal(400, "the body is no JSON object")
    return value


@attrs.frozen
class Door:
    """
    Check the bearer token, and route by the path as it was sent, so that an id may hold a slash.

    ``/v1`` and ``/v2`` take *token*, or any where that is None, and an app's token as long as *granted* knows it;
    ``/sandbox`` asks only where there is a *token*. Nobody asks at *open* routes.
    """

    _app: ASGIApp
    _token: str | None = attrs.field(repr=False)
    _granted: Callable[[str], Document | None]
    _open: Iterable[Route]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer 401."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "path": scope["raw_path"].decode("latin-1"), GRANTED: None}
        if self._guarded(scope):
            token = _bearer(dict(scope["headers"]).get(b"authorization", b""))
            if token.startswith("op_at_"):
                scope[GRANTED] = self._granted(token)
            known = self._token is None or hmac.compare_digest(token.encode("latin-1"), self._token.encode())
            if not token or (scope[GRANTED] is None and (token.startswith("op_at_") or not known)):
                said = {"status": "error", "message": "expected authorization: Bearer <token>", "field": None}
                await Answer(said, 401, {"www-authenticate": "Bearer"})(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _guarded(self, scope: Scope) -> bool:
        if any(route.matches(scope)[0] is Match.FULL for route in self._open):
            return False
        return self._token is not None or scope["path"].startswith(("/v1/", "/v2/"))


def _bearer(header: bytes) -> str:
    scheme, _, token = header.partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""
