"""Apps and their tokens: the API's calls, and the sandbox's own for what people do on its pages."""

from __future__ import annotations

from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.oauth_bodies import (
    App,
    Authorize,
    Authorized,
    Installed,
    OpenSession,
    Registered,
    Revoke,
    SessionOpened,
    TokenGiven,
    TokenWish,
    Verified,
    VerifySession,
)
from op_core.sandbox.replies import Ok
from op_core.sandbox.served import Asked, Served
from op_core.sandbox.web import OK, Answer

__all__ = ["app_calls", "oauth_calls"]


def oauth_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the calls about tokens. They carry their credentials in the body, and no bearer token."""

    async def token(asked: Asked) -> Answer:
        return Answer(local.oauth.token(asked.body))

    async def revoke(asked: Asked) -> Answer:
        local.oauth.revoke(asked.body)
        return Answer(OK)

    async def verify(asked: Asked) -> Answer:
        client = asked.request.client
        return Answer(local.sessions.verify(asked.body, client.host if client else ""))

    return [
        Served(
            method="POST",
            path="/v1/oauth/token",
            kind="documented",
            page="DEV-REF",
            does="Give a token for a code, a refresh token, or an app's own credentials.",
            act=token,
            body=TokenWish,
            answers={200: TokenGiven},
            refuses=[401],
            open=True,
        ),
        Served(
            method="POST",
            path="/v1/oauth/revoke",
            kind="documented",
            page="DEV-REF",
            does="End a token.",
            act=revoke,
            body=Revoke,
            answers={200: Ok},
            refuses=[401],
            open=True,
        ),
        Served(
            method="POST",
            path="/v1/oauth/session/verify",
            kind="documented",
            page="DEV-REF",
            does="Say who sits in front of an embedded app, once for each session token.",
            act=verify,
            body=VerifySession,
            answers={200: Verified},
            refuses=[401, 429],
            open=True,
        ),
    ]


def app_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the calls that stand for an app's maker, for a merchant who installs it, and for who opens it."""

    async def register(asked: Asked) -> Answer:
        return Answer(local.oauth.register(asked.body))

    async def authorize(asked: Asked) -> Answer:
        return Answer(local.oauth.authorize(asked.body), 201)

    async def uninstall(asked: Asked) -> Answer:
        local.oauth.uninstall(asked.body)
        return Answer(OK)

    async def open_session(asked: Asked) -> Answer:
        return Answer({"session_token": local.sessions.open(asked.body)}, 201)

    return [
        Served(
            method="PUT",
            path="/sandbox/oauth/apps",
            kind="own",
            does="Register an app.",
            act=register,
            body=App,
            answers={200: Registered},
        ),
        Served(
            method="POST",
            path="/sandbox/oauth/authorize",
            kind="own",
            does="A merchant lets an app in: it is installed, and a code is made.",
            act=authorize,
            body=Authorize,
            answers={201: Authorized},
            refuses=[404],
        ),
        Served(
            method="DELETE",
            path="/sandbox/oauth/installations",
            kind="own",
            does="A merchant throws an app out: all its tokens for the store end.",
            act=uninstall,
            body=Installed,
            answers={200: Ok},
            refuses=[404],
        ),
        Served(
            method="POST",
            path="/sandbox/oauth/sessions",
            kind="own",
            does="Somebody opens an embedded app: a session token is made.",
            act=open_session,
            body=OpenSession,
            answers={201: SessionOpened},
            refuses=[404],
        ),
    ]
