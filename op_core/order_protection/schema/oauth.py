"""
What an app sends to get, to end and to check credentials.

Pages: DEV-AUTH (tokens), DEV-REF (revoke), DEV-EMB (sessions). Their names are snake_case, and their bodies JSON. No
``repr`` shows a value of them.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field

from op_core.order_protection.schema.fields import Id, Many, Sent

__all__ = [
    "REDIRECT_URI",
    "SCOPE",
    "CodeGrant",
    "Grant",
    "RefreshGrant",
    "RevokeToken",
    "StoreGrant",
    "VerifySession",
]

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
SCOPE = re.compile(r"[!#-\[\]-~]+", re.ASCII)
REDIRECT_URI = re.compile(r"(https://[^\s/?#@]+|http://localhost(:\d+)?)([/?][^\s#]*)?", re.ASCII)


def _verifier(value: str) -> str:
    if not _VERIFIER.fullmatch(value):
        raise ValueError("expected 43 to 128 letters, digits, dots, dashes, tildes and underscores (RFC 7636)")
    return value


def _scope(value: str) -> str:
    if not SCOPE.fullmatch(value):
        raise ValueError("expected one scope such as read_orders, without blanks")
    return value


def _redirect(value: str) -> str:
    if not REDIRECT_URI.fullmatch(value):
        raise ValueError("expected an https:// address without fragment; http://localhost only in development")
    return value


class _AsApp(Sent):
    """
    What only the app itself may ask for.

    Attributes:
        client_secret: The one secret that all others hang on.
    """

    model_config = ConfigDict(alias_generator=None)
    client_id: Id
    client_secret: Id


class CodeGrant(_AsApp):
    """
    ``POST /v1/oauth/token`` for the code of an authorization (page DEV-AUTH).

    Attributes:
        redirect_uri: The one of the authorization.
        code_verifier: What the code challenge was made from; required where there was one (PKCE).
    """

    page = "DEV-AUTH"
    grant_type: Literal["authorization_code"] = "authorization_code"
    code: Id
    redirect_uri: Annotated[Id, AfterValidator(_redirect)]
    code_verifier: Annotated[Id, AfterValidator(_verifier)] | None = None


class RefreshGrant(_AsApp):
    """``POST /v1/oauth/token`` for a refresh token (page DEV-AUTH)."""

    page = "DEV-AUTH"
    grant_type: Literal["refresh_token"] = "refresh_token"
    refresh_token: Id


class StoreGrant(_AsApp):
    """
    ``POST /v1/oauth/token`` for a store that has the app installed (pages DEV-AUTH, DEV-REF).

    Attributes:
        store_id: Order Protection's own id of the store.
        scopes: Fewer than were granted; None: all of them.
    """

    page = "DEV-AUTH"
    grant_type: Literal["client_credentials"] = "client_credentials"
    store_id: Id
    scopes: Many[Annotated[Id, AfterValidator(_scope)]] | None = None


Grant: TypeAlias = CodeGrant | RefreshGrant | StoreGrant


class RevokeToken(_AsApp):
    """``POST /v1/oauth/revoke`` (page DEV-REF)."""

    page = "DEV-REF"
    token: Id
    token_type_hint: Literal["access_token", "refresh_token"] | None = None


class VerifySession(Sent):
    """``POST /v1/oauth/session/verify`` (pages DEV-REF, DEV-EMB): a JWT out of the address of the app's frame."""

    page = "DEV-EMB"
    model_config = ConfigDict(alias_generator=None)
    session_token: Id = Field(max_length=8192)
