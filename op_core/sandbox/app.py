"""The sandbox as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from op_core.sandbox.answers import Refusal
from op_core.sandbox.documented import documented_routes
from op_core.sandbox.faults import Faults
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.own import own_routes
from op_core.sandbox.sender import BACKOFF, Post, post
from op_core.sandbox.web import Answer, Door, refused, stray

__all__ = ["app_for", "create_app"]


def create_app(
    *,
    db: str | Path | None = None,
    token: str | None = None,
    backoff: Sequence[float] = BACKOFF,
    post: Post = post,
) -> ASGIApp:
    """
    Return a local Order Protection. Its end of life closes *db*; run it with the ASGI lifespan on.

    Args:
        db: A file that outlives the process, or None for memory.
        token: The only bearer token that is let in; None lets in any that is not empty.
        backoff: Seconds before the second and each further attempt to deliver a webhook.
        post: Sends one webhook.
    """
    return app_for(LocalOrderProtection(db=db, backoff=backoff, post=post), token)


def app_for(local: LocalOrderProtection, token: str | None) -> ASGIApp:
    """Return the application in front of *local*, which it closes at the end."""
    documented, own = documented_routes(local), own_routes(local)

    async def about(_: Request) -> Answer:
        """Say what this is; no token is needed."""
        return Answer(
            {
                "name": "op-core sandbox: a local stand-in for Order Protection, not the real one",
                "documented": _listed(documented[:-1]),
                "assumed": _listed(documented[-1:]),
                "own": _listed(own),
            }
        )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            local.close()

    app = Starlette(
        routes=[Route("/", about, methods=["GET"]), *documented, *own],
        middleware=[Middleware(Door, token)],
        exception_handlers={Refusal: refused, HTTPException: stray},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Faults(app, local.switchboard)


def _listed(routes: list[Route]) -> list[str]:
    return [f"{method} {route.path}" for route in routes for method in sorted(route.methods or ()) if method != "HEAD"]
