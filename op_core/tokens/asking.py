"""Asks the API for an app's token, and says what a refusal means: mend the settings, or install the app again."""

from __future__ import annotations

from typing import Literal, Protocol

from op_core.errors import (
    Answered,
    BadRequest,
    MayHaveLanded,
    NotFoundThere,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    TokenRevoked,
    Unauthorized,
    UnreadableAnswer,
)
from op_core.http import Manners
from op_core.order_protection.answers import ReadSession, ReadToken
from op_core.order_protection.dialects.authorization import refusal
from op_core.order_protection.schema import CodeGrant, Grant, RefreshGrant, RevokeToken, StoreGrant
from op_core.settings import StoreSettings

__all__ = ["MANNERS", "Asking", "Endpoint"]

# Two calls by these manners end well within the lease of whoever makes them.
MANNERS = Manners(read=10.0, whole=10.0, attempts=2, retry_for=10.0, longest_wait=5.0)
_NOT_GIVEN = (400, 403)
_NO_APP, _NOT_THERE = 401, 404
_OF_THE_APP = ("invalid_client", "unauthorized_client")
_OF_THE_REQUEST = ("invalid_request", "invalid_scope", "unsupported_grant_type")


class Endpoint(Protocol):
    """What is asked of the API's client. None of it carries a bearer token."""

    def token(self, grant: Grant) -> ReadToken:
        """Get a token."""

    def revoke_token(self, body: RevokeToken) -> None:
        """End a token."""

    def verify_session(self, session_token: str) -> ReadSession:
        """Return who a session token stands for."""


class Asking:
    """
    Asks for one store.

    Args:
        store: Its settings, with ``oauth``.
        endpoint: The API.
    """

    def __init__(self, store: StoreSettings, endpoint: Endpoint) -> None:
        """Set it up; nothing is asked yet."""
        assert store.oauth is not None
        self._name, self._app, self._op_store_id = store.name, store.oauth, store.op_store_id
        self._endpoint = endpoint

    @property
    def again(self) -> str:
        """What a person does where the app gets no token any more."""
        if self._app.grant == "client_credentials":
            return (
                f"see that the app is installed on store {self._op_store_id} in Order Protection, with the scopes"
                f" that stores.{self._name}.oauth asks for"
            )
        return f"install the app again: op-core app authorize {self._name}"

    def grants(self, refresh: str | None) -> list[Grant]:
        """
        Return what a token can be asked for with, the best first.

        Args:
            refresh: The newest refresh token that the ledger has.
        """
        me, secret = self._app.client_id, self._app.client_secret.get_secret_value()
        if self._app.grant == "client_credentials":
            assert self._op_store_id is not None
            scopes = self._app.scopes or None
            return [StoreGrant(client_id=me, client_secret=secret, store_id=self._op_store_id, scopes=scopes)]
        first = None if self._app.refresh_token is None else self._app.refresh_token.get_secret_value()
        known = [one for one in dict.fromkeys((refresh, first)) if one is not None]
        return [RefreshGrant(client_id=me, client_secret=secret, refresh_token=one) for one in known]

    def code_grant(self, code: str, redirect_uri: str, verifier: str) -> CodeGrant:
        """Return what a token is asked for with after an authorization."""
        me, secret = self._app.client_id, self._app.client_secret.get_secret_value()
        return CodeGrant(
            client_id=me, client_secret=secret, code=code, redirect_uri=redirect_uri, code_verifier=verifier
        )

    def token(self, grant: Grant) -> ReadToken:
        """
        Get a token. Where an answer is lost, the same is asked once more: no page says that it may not (G-19).

        Raises:
            RequestNotSent: There is no token right now.
            TokenRevoked: There is none any more.
            Unauthorized: The app is not the one that it says it is, or its request is not taken.
        """
        lost = ""
        for _ in range(2):
            try:
                return self._endpoint.token(grant)
            except (MayHaveLanded, ServerFailed) as error:
                lost = str(error)
            except (RequestNotSent, RateLimited) as error:
                raise self._not_now(error) from None
            except UnreadableAnswer as error:
                raise Unauthorized(f"no token for store {self._name}: {error}", status=200) from None
            except Answered as error:
                raise self._refusal(grant, error, lost) from None
        raise self._not_now(lost)

    def revoke(self, token: str, hint: Literal["access_token", "refresh_token"]) -> None:
        """
        End a token; one that the API does not know has ended already.

        Raises:
            WireError: The API could not be asked, or does not take the app's credentials.
        """
        me, secret = self._app.client_id, self._app.client_secret.get_secret_value()
        body = RevokeToken(token=token, client_id=me, client_secret=secret, token_type_hint=hint)
        try:
            self._endpoint.revoke_token(body)
        except (BadRequest, NotFoundThere):
            pass
        except Unauthorized as error:
            raise self._not_the_app(f"POST /v1/oauth/revoke: {error.status}", error.status) from None

    def session(self, session_token: str) -> ReadSession:
        """Return who a session token stands for; raises what the client raises, and says what a 401 means here."""
        try:
            return self._endpoint.verify_session(session_token)
        except Unauthorized as error:
            said = f"POST /v1/oauth/session/verify: {error.status}, the session token is unknown, used or ended"
            raise Unauthorized(f"{said}; have the page of the app opened again", status=error.status) from None

    def _not_the_app(self, said: str, status: int) -> Unauthorized:
        mend = f"mend client_id and client_secret of stores.{self._name}.oauth"
        return Unauthorized(f"{said}, the API does not take the app's credentials; {mend}", status=status)

    def _not_now(self, why: object) -> RequestNotSent:
        return RequestNotSent(f"no token for store {self._name} right now: {why}")

    def _refusal(self, grant: Grant, error: Answered, lost: str) -> Unauthorized:
        code = refusal(error.body)
        said = f"no token for store {self._name}: POST /v1/oauth/token: {error.status}{f' {code}' if code else ''}"
        if code in _OF_THE_APP or (error.status == _NO_APP and not code):
            return self._not_the_app(said, error.status)
        if code in _OF_THE_REQUEST:
            mend = f"mend grant and scopes of stores.{self._name}.oauth"
            return Unauthorized(f"{said}, the API does not take what is asked for; {mend}", status=error.status)
        gone = error.status == _NOT_THERE and isinstance(grant, StoreGrant)
        if not (code or gone or error.status in _NOT_GIVEN):
            return Unauthorized(f"no token for store {self._name}: {error}", status=error.status)
        twice = ", after an answer was lost on the way and with it, it seems, the newest refresh token" if lost else ""
        what = "the app's refresh token" if isinstance(grant, RefreshGrant) else "the app for this store"
        return TokenRevoked(f"{said}, the API does not take {what} any more{twice}; {self.again}", status=error.status)
