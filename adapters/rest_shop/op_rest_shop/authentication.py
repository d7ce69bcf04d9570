"""How a shop knows us: what a manifest says of it, and the headers that come of it."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import attrs
from pydantic import Field, SecretStr

from op_core.settings import expected
from op_rest_shop.calls import Table
from op_rest_shop.kinds import Credential, Path, UrlPath

__all__ = ["ApiKey", "Authentication", "Basic", "Bearer", "ClientCredentials", "Login", "Nobody", "Tokens"]

_HEADER = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
_NOTHING: Mapping[str, Any] = {}


class Nobody(Table):
    """No authentication: for a shop behind a gate of its own."""

    kind: Literal["none"]


class Bearer(Table):
    """``Authorization: Bearer``, with a token that does not change."""

    kind: Literal["bearer"]
    token: Credential


class ApiKey(Table):
    """A key in a header of the shop's own."""

    kind: Literal["header"]
    header: _HEADER
    value: Credential


class Basic(Table):
    """User and password in each call; either may be all that there is."""

    kind: Literal["basic"]
    user: Credential | str
    password: Credential | None = None

    def model_post_init(self, _: Any) -> None:
        """Refuse a user that is all there is, and so a key, in the open."""
        if self.password is None and not isinstance(self.user, SecretStr):
            raise expected('{ env = "NAME" } of a user without password: a manifest is shared, and holds no secret')


class Login(Table):
    """
    A call that gives a token, which is asked for anew after a 401.

    Attributes:
        post: Its path.
        json: Its body: names to texts or ``{ env = … }``; a table inside is allowed, as for GraphQL.
        token: Path to the token in the answer.
        token_header: The header of the answer that holds it, where the body does not.
        header: The header in which it is sent; ``Authorization`` sends it as ``Bearer``.
    """

    kind: Literal["login"]
    post: UrlPath
    body: dict[str, Any] = Field(alias="json")
    token: Path | None = None
    token_header: _HEADER | None = None
    header: _HEADER = "Authorization"

    def model_post_init(self, _: Any) -> None:
        """Refuse a login whose token is nowhere, or in two places."""
        if (self.token is None) == (self.token_header is None):
            raise expected("either token (a path in the body) or token_header")
        if not _holds_secret(self.body):
            raise expected('{ env = "NAME" } for the secret in json: a manifest is shared, and holds none')


class ClientCredentials(Table):
    """OAuth 2 client credentials (RFC 6749, 4.4), sent in the body; the token is asked for anew after a 401."""

    kind: Literal["client_credentials"]
    post: UrlPath
    client_id: Credential | str
    client_secret: Credential
    scope: str | None = None


Authentication = Nobody | Bearer | ApiKey | Basic | Login | ClientCredentials


def shown(value: Any) -> Any:
    """Return *value* with its secrets in the open, to be sent."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {key: shown(inner) for key, inner in value.items()}
    return [shown(inner) for inner in value] if isinstance(value, list) else value


def _holds_secret(value: Any) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return isinstance(value, SecretStr) or any(map(_holds_secret, inner))


@attrs.define(eq=False)
class Tokens:
    """
    The headers by which the shop knows us.

    Attributes:
        auth: What the manifest says.
        fetch: Makes the call that gives a token, and returns it.
    """

    auth: Authentication
    fetch: Callable[[], str] = attrs.field(repr=False)
    _lock: threading.Lock = attrs.field(init=False, repr=False, factory=threading.Lock)
    _token: str | None = attrs.field(init=False, repr=False, default=None)

    @property
    def renewable(self) -> bool:
        """Whether a new token can be asked for."""
        return isinstance(self.auth, Login | ClientCredentials)

    def headers(self, refused: Mapping[str, str] | None = None) -> dict[str, str]:
        """
        Return the headers of a call.

        Args:
            refused: Those that the shop has just answered with 401; None: there were none.

        Raises:
            NotSent: The shop gives no token.
        """
        auth = self.auth
        match auth:
            case Bearer():
                return {"Authorization": f"Bearer {auth.token.get_secret_value()}"}
            case ApiKey():
                return {auth.header: auth.value.get_secret_value()}
            case Basic():
                pair = f"{shown(auth.user)}:{shown(auth.password) or ''}"
                return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
            case Login() | ClientCredentials():
                return self._written(self._current(refused))
            case _:
                return {}

    def _written(self, token: str) -> dict[str, str]:
        header = self.auth.header if isinstance(self.auth, Login) else "Authorization"
        return {header: f"Bearer {token}" if header == "Authorization" else token}

    def _current(self, refused: Mapping[str, str] | None) -> str:
        with self._lock:  # one of many threads that were refused asks for a new one
            if self._token is None or (refused is not None and self._written(self._token) == refused):
                self._token = None
                self._token = self.fetch()
            return self._token
