"""What people do with an app: let it in, look at it, throw it out, and say who sits in front of it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from op_core.errors import InstallFailed, SettingsError, TokenRevoked, Unauthorized
from op_core.ledger import Ledger, tokens
from op_core.order_protection.answers import ReadSession
from op_core.order_protection.dialects.authorization import read_authorization
from op_core.order_protection.endpoints.oauth import authorize_url, new_state, new_verifier
from op_core.settings import StoreSettings
from op_core.tokens.app_token import AppToken
from op_core.tokens.asking import Asking, Endpoint
from op_core.tokens.held import Keeping

__all__ = ["App", "AppStatus"]

_PATIENCE = timedelta(hours=1)  # between the address and what comes back from it


@attrs.frozen
class AppStatus:
    """
    How it stands with an app's token. No token is in it.

    Attributes:
        is_usable: Whether there is a token that has not ended.
        scopes: What it may do; None where the API did not say.
        since: When it was got.
        ends_at: When it ends; it is renewed before that.
        renewable: Whether it can be renewed without a person.
        reason: Why there is none.
        awaited_since: Since when an authorization is under way.
    """

    grant: str
    client_id: str
    is_usable: bool
    scopes: tuple[str, ...] | None
    since: datetime | None
    ends_at: datetime | None
    renewable: bool
    reason: str | None
    awaited_since: datetime | None


class App:
    """
    The app of one store.

    Args:
        store: Its settings, with ``oauth``.
        ledger: Where its tokens are.
        endpoint: The API.
        token: Who gives its token to the sessions of this process.
    """

    def __init__(self, store: StoreSettings, ledger: Ledger, endpoint: Endpoint, token: AppToken) -> None:
        """Set it up; nothing is asked yet."""
        assert store.oauth is not None
        self._store, self._app, self._ledger = store, store.oauth, ledger
        self._token, self._keeping, self._asking = token, Keeping(store), Asking(store, endpoint)

    def __repr__(self) -> str:
        """Show no secret."""
        return f"<App of store {self._store.name}>"

    def authorize(self) -> str:
        """
        Begin an installation, and return the address where the merchant lets the app in; it is good for an hour.

        Raises:
            SettingsError: The settings lack what an address is made of.
        """
        authorize_endpoint, redirect_uri = self._addresses()
        state, verifier = new_state(), new_verifier()
        close = self._keeping.seal.close
        self._ledger.write(tokens.begin, self._store.id, close(state), close(verifier), self._ledger.now())
        return authorize_url(authorize_endpoint, self._app.client_id, redirect_uri, self._app.scopes, state, verifier)

    def _addresses(self) -> tuple[str, str]:
        table = f"stores.{self._store.name}.oauth"
        if self._app.grant != "authorization_code":
            raise SettingsError(
                f"{table}.grant is client_credentials, which needs no authorization: install the app in Order"
                ' Protection; or set grant = "authorization_code"'
            )
        endpoint, redirect_uri = self._app.authorize_url, self._app.redirect_uri
        if endpoint is None or redirect_uri is None:
            lacks = [name for name in ("authorize_url", "redirect_uri") if getattr(self._app, name) is None]
            raise SettingsError(
                f"{table}: {' and '.join(lacks)} missing; no page says where an app is authorised (G-19)"
            )
        return endpoint, redirect_uri

    def authorized(self, said: str | bytes | Mapping[str, Any]) -> AppStatus:
        """
        End an installation: take what came to the redirect address, and keep the token that it is good for.

        Args:
            said: The whole address or its query, or the JSON that was posted there (C-24), as text or already read.

        Raises:
            SettingsError: As `authorize`.
            InstallFailed: It cannot be read, it is not what `authorize` began, or its code is not taken.
            WireError: The API does not answer, or does not take the app's credentials. The code may be used up.
        """
        _, redirect_uri = self._addresses()
        found = read_authorization(said)
        now = self._ledger.now()
        begun = self._ledger.read(tokens.pending, self._store.id)
        state = None if begun is None else self._keeping.seal.open(begun.state)
        verifier = None if begun is None else self._keeping.seal.open(begun.verifier)
        if begun is None or state is None or verifier is None or now - begun.begun_at > _PATIENCE:
            raise self._failed("no authorization of the last hour is under way")
        if not hmac.compare_digest(state.encode(), found.state.encode("utf-8", "replace")):
            raise self._failed("state is not the one that was sent out: somebody else began this authorization")
        if found.store_id is not None and self._store.op_store_id not in (None, found.store_id):
            raise self._failed("it is for another store than op_store_id names")
        try:
            answer = self._asking.token(self._asking.code_grant(found.code, redirect_uri, verifier))
        except TokenRevoked as error:
            raise self._failed(f"the API does not take the code ({error.status}): it was used, or is too old") from None
        held = self._keeping.of(answer, None, self._ledger.now())
        self._ledger.write(tokens.replace, self._store.id, now=held.since, **self._keeping.columns(held))
        self._token.forget()
        return self.status()

    def _failed(self, why: str) -> InstallFailed:
        return InstallFailed(f"{why}; begin again: op-core app authorize {self._store.name}")

    def status(self) -> AppStatus:
        """Return how it stands with the token, by the ledger alone: the API is not asked."""
        row = self._ledger.read(tokens.get, self._store.id)
        begun = self._ledger.read(tokens.pending, self._store.id)
        held = self._keeping.held(row)
        ours = row is not None and self._keeping.is_ours(row)
        return AppStatus(
            grant=self._app.grant,
            client_id=self._app.client_id,
            is_usable=held is not None and self._ledger.now() < held.ends_at,
            scopes=None if held is None else held.scopes,
            since=None if held is None else held.since,
            ends_at=None if held is None else held.ends_at,
            renewable=bool(self._asking.grants(self._keeping.refresh(row))),
            reason=row.reason if row is not None and ours else None,
            awaited_since=None if begun is None else begun.begun_at,
        )

    def revoke(self) -> int:
        """
        End the app's tokens at the API, then forget them, and return how many there were.

        Where the settings have a `refresh_token` or say ``client_credentials``, the next request gets a new token, as
        long as the app is installed.

        Raises:
            WireError: The API could not be asked, or does not take the app's credentials. Nothing is forgotten.
        """
        row = self._ledger.read(tokens.get, self._store.id)
        held, refresh = self._keeping.held(row), self._keeping.refresh(row)
        if refresh is not None:
            self._asking.revoke(refresh, "refresh_token")
        if held is not None:
            self._asking.revoke(held.access, "access_token")
        self._ledger.write(tokens.forget, self._store.id)
        self._token.forget()
        return (refresh is not None) + (held is not None)

    def verify_session(self, session_token: str) -> ReadSession:
        """
        Return who sits in front of the embedded app.

        Call it from the server, never from the browser, and once for each page: a session token is good for 60 seconds
        and for one check, and the API allows 30 checks a minute from one address.

        Args:
            session_token: The JWT of the frame's address, ``?session_token=``.

        Raises:
            Unauthorized: It is unknown, used or ended; or it is for another app or another store than the settings say.
            RateLimited: More than 30 checks in a minute.
            WireError: The API does not answer as its pages say.
        """
        session = self._asking.session(session_token)
        for what, said, ours in (
            ("app", session.client_id, self._app.client_id),
            ("store", session.store_id, self._store.op_store_id),
        ):
            if ours is not None and said != ours:
                raise Unauthorized(f"the session token is good, and for another {what} than store"
                                   f" {self._store.name}'s; nobody is let in", status=200)  # fmt: skip
        return session
