"""One call that the sandbox serves: what checks it, what describes it and what answers it, in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, TypeAlias

import attrs
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from op_core.order_protection.schema import Sent
from op_core.sandbox.answers import Document, Refusal, check_own, check_wire
from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.web import GRANTED, body_of, named

__all__ = ["Act", "Asked", "Kind", "Served", "routes_of"]

Kind = Literal["documented", "assumed", "own"]
Act: TypeAlias = Callable[["Asked"], Awaitable[Response]]


@attrs.frozen
class Asked:
    """
    A request that passed its checks.

    Attributes:
        said: The body as it was sent, under the names of our models; empty where the call takes none.
        body: The same as the sandbox's own model; None for a call of the API and where the call takes none.
        query: The query parameters as their model.
        headers: The headers that the call knows, as their model.
    """

    request: Request
    said: Document
    body: Any = None
    query: Any = None
    headers: Any = None

    @property
    def granted(self) -> Document | None:
        """What the app's token is for; None where a store's own token came, or none."""
        granted: Document | None = self.request.scope[GRANTED]
        return granted

    def id(self, name: str) -> str:
        """Return an id of the path, decoded."""
        return named(self.request, name)


@attrs.frozen(kw_only=True)
class Served:
    """
    One call.

    Attributes:
        method: In capitals.
        path: With its placeholders.
        kind: Whether a page documents it, whether we assume it, or whether it is the sandbox's own.
        page: Short name of its page, the gap behind an assumption, or nothing.
        does: What it does, in one sentence.
        act: Answers it.
        body: What checks the body and describes it; None: the call takes none.
        query: The same for query parameters; unknown ones are passed over.
        headers: The same for headers.
        answers: What it answers when all is well: each status with the type of its body.
        refuses: Statuses of its refusals, beyond those that follow from the rest: see `statuses`.
        open: Nobody needs a token.
        scope: What an app's token must hold, where scopes are enforced; empty: no page names one.
        makes: What later calls are named by: a placeholder, and the OpenAPI expression that finds its value.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    kind: Kind
    page: str = ""
    does: str
    act: Act
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    headers: type[BaseModel] | None = None
    answers: Mapping[int, Any]
    refuses: Sequence[int] = ()
    open: bool = False
    scope: str = ""
    makes: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @property
    def statuses(self) -> set[int]:
        """Every status that it may answer."""
        checked = any((self.body, self.query, self.headers))
        implied = {400} if checked else set()
        implied |= set() if self.open else {401}
        implied |= {403} if self._for_apps else set()
        implied |= {404} if "{" in self.path else set()
        return implied | {*self.answers, *self.refuses}

    @property
    def _for_apps(self) -> bool:
        return self.kind != "own" and not self.open

    async def answer(self, request: Request, switchboard: Switchboard) -> Response:
        """Check a request and act on it; `Refusal` where it is not what it must be."""
        self._admit(request, switchboard)
        said = await body_of(request) if self.body else {}
        body = None
        if self.body and issubclass(self.body, Sent):
            said = check_wire(self.body, said, switchboard.now.wire)
        elif self.body:
            body = check_own(self.body, said)
        query = check_own(self.query, dict(request.query_params)) if self.query else None
        headers = check_own(self.headers, dict(request.headers)) if self.headers else None
        return await self.act(Asked(request, said, body, query, headers))

    def _admit(self, request: Request, switchboard: Switchboard) -> None:
        granted, switches = request.scope[GRANTED], switchboard.now
        if granted is None or not self._for_apps:
            return
        if switches.app_tokens == "v2" and not self.path.startswith("/v2/"):
            raise Refusal(403, "an app's token is for /v2 only")
        if switches.enforce_scopes and self.scope and self.scope not in granted["scopes"]:
            raise Refusal(403, f"the token lacks the scope {self.scope}")


def routes_of(served: Iterable[Served], switchboard: Switchboard) -> list[Route]:
    """Return one route for each path, in the order in which they stand."""
    return [_route(path, list(calls), switchboard) for path, calls in groupby(served, lambda call: call.path)]


def _route(path: str, calls: list[Served], switchboard: Switchboard) -> Route:
    by_method = {call.method: call for call in calls}

    async def endpoint(request: Request) -> Response:
        method: Any = "GET" if request.method == "HEAD" else request.method
        return await by_method[method].answer(request, switchboard)

    return Route(path, endpoint, methods=list(by_method))
