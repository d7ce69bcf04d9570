"""The sandbox as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from op_core.sandbox.answers import Document, Refusal
from op_core.sandbox.calls import UNSERVED, all_calls
from op_core.sandbox.faults import Faults
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.oauth import Clock, utc_now
from op_core.sandbox.openapi import description
from op_core.sandbox.sender import BACKOFF, Post, post
from op_core.sandbox.served import Asked, Kind, Served, routes_of
from op_core.sandbox.web import Answer, Door, refused, stray

__all__ = ["app_for", "create_app"]


def create_app(
    *,
    db: str | Path | None = None,
    token: str | None = None,
    backoff: Sequence[float] = BACKOFF,
    post: Post = post,
    clock: Clock = utc_now,
) -> ASGIApp:
    """
    Return a local Order Protection. Its end of life closes *db*; run it with the ASGI lifespan on.

    Args:
        db: A file that outlives the process, or None for memory.
        token: The only bearer token that is let in; None lets in any that is not empty.
        backoff: Seconds before the second and each further attempt to deliver a webhook.
        post: Sends one webhook.
        clock: Says when tokens end.
    """
    return app_for(LocalOrderProtection(db=db, backoff=backoff, post=post, clock=clock), token)


def app_for(local: LocalOrderProtection, token: str | None) -> ASGIApp:
    """Return the application in front of *local*, which it closes at the end."""

    async def about(_: Asked) -> Answer:
        """Say what this is; no token is needed."""
        kinds: tuple[Kind, ...] = ("documented", "assumed", "own")
        listed = {kind: [call.name for call in served if call.kind == kind] for kind in kinds}
        name = "op-core sandbox: a local stand-in for Order Protection, not the real one"
        return Answer({"name": name, **listed, "not served": dict(UNSERVED)})

    async def described(_: Asked) -> Answer:
        return Answer(description(served, local.switchboard.now.wire, guarded=token is not None))

    served = [
        Served(
            method="GET", path="/", kind="own", does="Say what this is.", act=about, answers={200: Document}, open=True
        ),
        Served(
            method="GET",
            path="/openapi.json",
            kind="own",
            does="Describe all calls as OpenAPI.",
            act=described,
            answers={200: Document},
            open=True,
        ),
        *all_calls(local),
    ]

    at_will = [call for call in served if call.open]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            local.close()

    app = Starlette(
        routes=routes_of(served, local.switchboard),
        middleware=[Middleware(Door, token, local.oauth.granted, routes_of(at_will, local.switchboard))],
        exception_handlers={Refusal: refused, HTTPException: stray},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Faults(app, local.switchboard)
