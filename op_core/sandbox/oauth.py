"""
Apps, their codes and their tokens. Pages: DEV-REF, DEV-AUTH, DEV-APP.

The sandbox is one store's Order Protection: a token names a store, and every store sees the same orders.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from urllib.parse import urlencode

import attrs

from op_core.sandbox.answers import Document, Refusal
from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.oauth_bodies import App, Authorize, Installed, Revoke, TokenWish
from op_core.sandbox.orders import new_id
from op_core.sandbox.store import Store

__all__ = ["Clock", "OAuth", "utc_now"]

Clock: TypeAlias = Callable[[], datetime]

_CODE_LIVES = timedelta(minutes=10)  # no page says how long
_NEEDS = {
    "authorization_code": ("code", "redirect_uri"),
    "refresh_token": ("refresh_token",),
    "client_credentials": ("store_id",),
}
_MAY = {"authorization_code": ("code_verifier",), "refresh_token": (), "client_credentials": ("scopes",)}
_OF_GRANTS = ("code", "redirect_uri", "code_verifier", "refresh_token", "store_id", "scopes")


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@attrs.frozen
class OAuth:
    """Apps by client id, installations by app and store, codes and tokens by their value."""

    _store: Store
    _switchboard: Switchboard
    _clock: Clock

    def register(self, app: App) -> Document:
        """Keep an app, in the place of the one that has its client id; tokens keep the scopes that they have."""
        with self._store.transaction():
            known = self._store.get("app", app.client_id) or {"application_id": new_id("application")}
            self._store.put("app", app.client_id, known | app.model_dump())
            return {"client_id": app.client_id, "application_id": known["application_id"]}

    def authorize(self, asked: Authorize) -> Document:
        """Install the app on the store and make a code; see `Authorized`."""
        with self._store.transaction():
            app = self.app(asked.client_id)
            if asked.redirect_uri not in app["redirect_uris"]:
                raise Refusal(400, "redirect_uri: not one that the app registered", "redirect_uri")
            scopes = list(asked.scopes) if asked.scopes is not None else app["scopes"]
            if not set(scopes) <= set(app["scopes"]):
                raise Refusal(400, "scopes: the app may not ask for all of them", "scopes")
            store_id = asked.store_id or self._switchboard.now.store_id
            known = self._store.get("installation", store_id, asked.client_id) or {"id": new_id("installation")}
            self._store.put("installation", store_id, known | {"scopes": scopes}, parent=asked.client_id)
            code = f"code_{secrets.token_urlsafe(24)}"
            kept = {
                "client_id": asked.client_id,
                "store_id": store_id,
                "scopes": scopes,
                "redirect_uri": asked.redirect_uri,
                "challenge": asked.code_challenge,
                "ends_at": (self._clock() + _CODE_LIVES).isoformat(),
            }
            self._store.add("code", code, kept)
        query = {"code": code} | ({} if asked.state is None else {"state": asked.state})
        glue = "&" if "?" in asked.redirect_uri else "?"
        return {
            "code": code,
            "state": asked.state,
            "store_id": store_id,
            "redirect": f"{asked.redirect_uri}{glue}{urlencode(query)}",
        }

    def uninstall(self, asked: Installed) -> None:
        """Take the app off the store, and end all tokens that it has for it; 404 where it is not on it."""
        store_id = asked.store_id or self._switchboard.now.store_id
        with self._store.transaction():
            self.installation(asked.client_id, store_id)
            self._store.remove("installation", store_id, asked.client_id)
            self._end(lambda token: (token["client_id"], token["store_id"]) == (asked.client_id, store_id))

    def token(self, wish: TokenWish) -> Document:
        """
        Give a token (page DEV-REF).

        Raises:
            Refusal: 401 for an unknown app or a wrong secret; 400 for a code or refresh token that was never given,
                is used up or has ended, and for fields that do not go with the grant.
        """
        with self._store.transaction():
            self._authenticated(wish.client_id, wish.client_secret)
            for name in _OF_GRANTS:
                given = getattr(wish, name) is not None
                if not given and name in _NEEDS[wish.grant_type]:
                    raise Refusal(400, f"{name}: needed for this grant_type", name)
                if given and name not in _NEEDS[wish.grant_type] + _MAY[wish.grant_type]:
                    raise Refusal(400, f"{name}: not a field of this grant_type", name)
            if wish.grant_type == "authorization_code":
                return self._by_code(wish)
            if wish.grant_type == "refresh_token":
                return self._by_refresh(wish)
            return self._by_installation(wish)

    def _by_code(self, wish: TokenWish) -> Document:
        code = self._store.get("code", wish.code or "")
        if code is None or code["client_id"] != wish.client_id or self._ended(code):
            raise Refusal(400, "code: not one of this app that may still be used", "code")
        if code["redirect_uri"] != wish.redirect_uri:
            raise Refusal(400, "redirect_uri: not the one that the code was made for", "redirect_uri")
        if code["challenge"] != (wish.code_verifier and _challenge(wish.code_verifier)):
            raise Refusal(400, "code_verifier: it does not answer the code's challenge", "code_verifier")
        self._store.remove("code", wish.code or "")
        return self._given(code, new_id("grant"), refresh=True)

    def _by_refresh(self, wish: TokenWish) -> Document:
        known = self._living(wish.refresh_token or "", "refresh")
        if known is None or known["client_id"] != wish.client_id:
            raise Refusal(400, "refresh_token: not one of this app that may still be used", "refresh_token")
        if not self._switchboard.now.rotate_refresh:
            return self._given(known, known["grant"], refresh=False) | {"refresh_token": wish.refresh_token}
        self._store.put("token", wish.refresh_token or "", known | {"revoked": True})
        return self._given(known, known["grant"], refresh=True)

    def _by_installation(self, wish: TokenWish) -> Document:
        store_id = wish.store_id or ""
        installation = self._store.get("installation", store_id, wish.client_id)
        if installation is None:
            raise Refusal(400, "store_id: the app is not installed on this store", "store_id")
        scopes = installation["scopes"] if wish.scopes is None else list(wish.scopes)
        if not set(scopes) <= set(installation["scopes"]):
            raise Refusal(400, "scopes: not all of them were granted", "scopes")
        owner = {"client_id": wish.client_id, "store_id": store_id, "scopes": scopes}
        return self._given(owner, new_id("grant"), refresh=False)

    def _given(self, owner: Document, grant: str, *, refresh: bool) -> Document:
        switches = self._switchboard.now
        shared = {name: owner[name] for name in ("client_id", "store_id", "scopes")} | {"grant": grant}
        access = self._kept("access", "op_at_", shared, switches.token_seconds)
        given = {"access_token": access, "token_type": "Bearer", "expires_in": switches.token_seconds}
        if refresh:
            given["refresh_token"] = self._kept("refresh", "op_rt_", shared, None)
        return given | {"scope": " ".join(owner["scopes"])}

    def _kept(self, kind: str, prefix: str, shared: Document, seconds: int | None) -> str:
        token = prefix + secrets.token_urlsafe(24)
        ends_at = None if seconds is None else (self._clock() + timedelta(seconds=seconds)).isoformat()
        self._store.add("token", token, shared | {"kind": kind, "ends_at": ends_at, "revoked": False})
        return token

    def revoke(self, asked: Revoke) -> None:
        """
        End a token of the app (page DEV-REF); a refresh token takes its access tokens with it.

        A token that the app does not have is passed over, as RFC 7009 has it; the page is silent.
        """
        with self._store.transaction():
            self._authenticated(asked.client_id, asked.client_secret)
            known = self._store.get("token", asked.token)
            if known is None or known["client_id"] != asked.client_id:
                return
            if known["kind"] == "refresh":
                self._end(lambda token: token["grant"] == known["grant"])
            else:
                self._store.put("token", asked.token, known | {"revoked": True})

    def granted(self, access_token: str) -> Document | None:
        """Return what an access token that may still be used is for: client, store and scopes; else None."""
        return self._living(access_token, "access")

    def app(self, client_id: str) -> Document:
        """Return the app, or refuse with 404."""
        app = self._store.get("app", client_id)
        if app is None:
            raise Refusal(404, "no app of this client_id; register it with PUT /sandbox/oauth/apps", "client_id")
        return app

    def installation(self, client_id: str, store_id: str) -> Document:
        """Return the app's installation on the store, or refuse with 404."""
        found = self._store.get("installation", store_id, client_id)
        if found is None:
            message = "the app is not installed on this store; install it with POST /sandbox/oauth/authorize"
            raise Refusal(404, message, "client_id")
        return found

    def _authenticated(self, client_id: str, client_secret: str) -> None:
        app = self._store.get("app", client_id)
        if app is None or not hmac.compare_digest(app["client_secret"].encode(), client_secret.encode()):
            raise Refusal(401, "client_id or client_secret: not those of an app", "client_secret")

    def _living(self, token: str, kind: str) -> Document | None:
        known = self._store.get("token", token)
        if known is None or known["kind"] != kind or known["revoked"] or self._ended(known):
            return None
        return known

    def _ended(self, known: Document) -> bool:
        return known["ends_at"] is not None and self._clock() >= datetime.fromisoformat(known["ends_at"])

    def _end(self, which: Callable[[Document], bool]) -> None:
        for token, known in self._store.items("token"):
            if which(known):
                self._store.put("token", token, known | {"revoked": True})


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
