"""
How an app gets, ends and checks credentials. Pages: DEV-AUTH, DEV-REF, DEV-EMB.

None of these calls carries a bearer token: the app says who it is in the body. An answer that cannot be read is told
without its body, for that may hold a token.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from op_core.errors import UnreadableAnswer
from op_core.order_protection.answers import ReadSession, ReadToken
from op_core.order_protection.endpoints.reading import one, unknown
from op_core.order_protection.messages import Call, Request, Response
from op_core.order_protection.schema import Grant, RevokeToken, StoreGrant, VerifySession

__all__ = ["authorize_url", "new_state", "new_verifier", "revoke_token", "token", "verify_session"]

_TOKEN = "/v1/oauth/token"  # noqa: S105 - a route
_REVOKE = "/v1/oauth/revoke"
_VERIFY = "/v1/oauth/session/verify"
T = TypeVar("T")


def new_state() -> str:
    """Make what a redirect must bring back, so that nobody else's code is taken."""
    return secrets.token_urlsafe(32)


def new_verifier() -> str:
    """Make what the code challenge is made from, and what only who began the authorization knows (RFC 7636)."""
    return secrets.token_urlsafe(64)


def authorize_url(
    authorize_endpoint: str, client_id: str, redirect_uri: str, scopes: Sequence[str], state: str, verifier: str
) -> str:
    """
    Return the address where a merchant lets the app in (page DEV-AUTH), with a code challenge of S256.

    Args:
        authorize_endpoint: Where; no page says it (G-19). What its query holds is kept.
        client_id: Of the app.
        redirect_uri: Where the merchant comes back to, with the code.
        scopes: What the app asks for.
        state: Comes back with the code.
        verifier: Stays here; only its hash goes out.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    parts = urlsplit(authorize_endpoint)
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        *([("scope", " ".join(scopes))] if scopes else []),
        ("state", state),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def token(grant: Grant) -> Call[ReadToken]:
    """Ask for a token (page DEV-AUTH). A code is good for once, and perhaps a refresh token too (G-19)."""
    request = _post(_TOKEN, "DEV-AUTH", grant.to_wire(), repeatable=isinstance(grant, StoreGrant))
    return Call(request, _silent(_read_token))


def revoke_token(body: RevokeToken) -> Call[None]:
    """End a token (page DEV-REF). The page knows no body of the answer, so none is looked at."""
    return Call(_post(_REVOKE, "DEV-REF", body.to_wire(), repeatable=True), lambda _: None)


def verify_session(body: VerifySession) -> Call[ReadSession]:
    """Ask who a session token stands for (page DEV-EMB): once for each, and at most 30 times a minute."""
    read = one(ReadSession, "a userId and a storeId", lambda session: session.user_id and session.store_id)
    return Call(_post(_VERIFY, "DEV-EMB", body.to_wire()), _silent(read))


def _post(route: str, page: str, body: object, *, repeatable: bool = False) -> Request:
    return Request(
        method="POST", path=route, body=body, page=page, route=route, authorized=False, repeatable=repeatable
    )


def _read_token(response: Response) -> ReadToken:
    found = one(ReadToken, "an access_token", lambda token: token.access_token)(response)
    if (found.token_type or "Bearer").lower() != "bearer":
        raise unknown(response, "a token_type of Bearer")
    for given in (found.access_token, found.refresh_token):
        if given is not None and not (given.isascii() and given.isprintable() and " " not in given):
            raise unknown(response, "tokens of printable ASCII without spaces")
    return found


def _silent(read: Callable[[Response], T]) -> Callable[[Response], T]:
    """Return what reads likewise, and keeps no body of an answer that it cannot read."""

    def reading(response: Response) -> T:
        try:
            return read(response)
        except UnreadableAnswer as error:
            said = str(error)
        raise UnreadableAnswer(said)

    return reading
