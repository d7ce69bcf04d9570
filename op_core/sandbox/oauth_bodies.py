"""What the OAuth calls take, and what they answer. Pages: DEV-REF, DEV-AUTH, DEV-EMB."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from op_core.sandbox.answers import OwnBody

__all__ = [
    "App",
    "Authorize",
    "Authorized",
    "Installed",
    "OpenSession",
    "Registered",
    "Revoke",
    "SessionOpened",
    "TokenGiven",
    "TokenWish",
    "Verified",
    "VerifySession",
]

_Text = Annotated[str, Field(min_length=1)]
_Scope = Annotated[str, Field(pattern=r"^[a-z_]+$")]
_Redirect = Annotated[str, Field(pattern=r"^(https://[^/?#]|http://localhost([:/]|$))[^#]*$")]


class _Client(OwnBody):
    client_id: _Text
    client_secret: _Text


class TokenWish(_Client):
    """
    What a token is asked for with. Each grant has fields of its own, and takes none of another's.

    Attributes:
        redirect_uri: The one that the code was made for.
        code_verifier: What the challenge of the code was made from; needed where there was one.
        store_id: The store, for ``client_credentials``.
        scopes: Fewer scopes than were granted, for ``client_credentials``.
    """

    grant_type: Literal["authorization_code", "refresh_token", "client_credentials"]
    code: _Text | None = None
    redirect_uri: _Text | None = None
    code_verifier: _Text | None = None
    refresh_token: _Text | None = None
    store_id: _Text | None = None
    scopes: tuple[_Text, ...] | None = None


class TokenGiven(BaseModel):
    """
    A token.

    Attributes:
        expires_in: Seconds.
        refresh_token: Not given for ``client_credentials`` (an assumption, G-19).
        scope: Scopes, separated by spaces.
    """

    access_token: Annotated[str, Field(pattern="^op_at_")]
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: Annotated[str, Field(pattern="^op_rt_")] | None = None
    scope: str


class Revoke(_Client):
    """What a token is revoked with."""

    token: _Text
    token_type_hint: Literal["access_token", "refresh_token"] | None = None


class VerifySession(OwnBody):
    """A session token, as the frame of an embedded app is given it."""

    session_token: _Text


class Verified(BaseModel):
    """Who sits in front of an embedded app."""

    model_config = ConfigDict(alias_generator=to_camel)

    user_id: str
    email: str
    first_name: str
    last_name: str
    store_id: str
    installation_id: str
    application_id: str
    client_id: str
    scopes: list[str]


class App(OwnBody):
    """
    An app, as its maker registers it.

    Attributes:
        scopes: Those that it may ask for.
        redirect_uris: HTTPS, or ``http://localhost`` while it is being made.
    """

    client_id: Annotated[str, Field(pattern=r"^op_app_\w+$")]
    client_secret: Annotated[str, Field(pattern=r"^op_secret_\w+$")]
    redirect_uris: Annotated[tuple[_Redirect, ...], Field(min_length=1)]
    scopes: tuple[_Scope, ...] = ()


class Registered(BaseModel):
    """Which app was registered."""

    client_id: str
    application_id: str


class Authorize(OwnBody):
    """
    A merchant's consent, which installs the app on the store.

    Attributes:
        scopes: Those that are granted; None: all that the app may ask for.
        code_challenge: PKCE: the base64url SHA-256 of the verifier, without padding.
        store_id: The store; None: the one of the sandbox's behaviour.
    """

    client_id: _Text
    redirect_uri: _Text
    scopes: tuple[_Scope, ...] | None = None
    state: str | None = None
    code_challenge: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")] | None = None
    code_challenge_method: Literal["S256"] = "S256"
    store_id: _Text | None = None


class Authorized(BaseModel):
    """
    What the app is told.

    Attributes:
        redirect: The redirect URI with code and state (page DEV-AUTH). The other page has the app told by a POST of
            code, state and store id instead (DEV-MKT, C-24): post the other three fields to have that.
    """

    code: str
    state: str | None
    store_id: str
    redirect: str


class Installed(OwnBody):
    """An app on a store."""

    client_id: _Text
    store_id: _Text | None = None


class OpenSession(Installed):
    """Who opens an embedded app."""

    email: _Text = "staff@example.com"
    first_name: str = "Test"
    last_name: str = "Person"


class SessionOpened(BaseModel):
    """What the frame's URL holds."""

    session_token: str
