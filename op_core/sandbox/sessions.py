"""Session tokens of embedded apps: single use, 60 seconds, 30 checks a minute. Pages: DEV-REF, DEV-EMB."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections import deque
from datetime import datetime, timedelta

import attrs

from op_core.order_protection import jsonmoney
from op_core.sandbox.answers import Document, Refusal
from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.oauth import Clock, OAuth
from op_core.sandbox.oauth_bodies import OpenSession, VerifySession
from op_core.sandbox.orders import new_id
from op_core.sandbox.store import Store

__all__ = ["Sessions"]

_LIVES = timedelta(seconds=60)
_MINUTE = timedelta(minutes=1)
_MOST = 30  # in a minute, from one address


@attrs.frozen
class Sessions:
    """Sessions by their token."""

    _store: Store
    _oauth: OAuth
    _switchboard: Switchboard
    _clock: Clock
    _asked: dict[str, deque[datetime]] = attrs.field(factory=dict, init=False)

    def open(self, asked: OpenSession) -> str:
        """Return a session token, a JWT, for whoever opens the app on the store; 404 where it is not installed."""
        store_id = asked.store_id or self._switchboard.now.store_id
        with self._store.transaction():
            app = self._oauth.app(asked.client_id)
            installation = self._oauth.installation(asked.client_id, store_id)
            ends_at = self._clock() + _LIVES
            said = {
                "userId": new_id("user"),
                "email": asked.email,
                "firstName": asked.first_name,
                "lastName": asked.last_name,
                "storeId": store_id,
                "installationId": installation["id"],
                "applicationId": app["application_id"],
                "clientId": asked.client_id,
                "scopes": installation["scopes"],
            }
            claims = {"sub": said["userId"], "exp": int(ends_at.timestamp()), "jti": secrets.token_hex(8)}
            token = _jwt(claims, app["client_secret"])
            self._store.add("session", token, {"said": said, "ends_at": ends_at.isoformat()})
            return token

    def verify(self, asked: VerifySession, address: str) -> Document:
        """
        Say who a session token is about, once.

        Raises:
            Refusal: 401 for a token that is unknown, used or older than a minute (no page gives the status); 429 where
                *address* asks for the 31st time within a minute.
        """
        with self._store.transaction():
            self._count(address)
            session = self._store.get("session", asked.session_token)
            if session is not None:
                self._store.remove("session", asked.session_token)
            if session is None or self._clock() >= datetime.fromisoformat(session["ends_at"]):
                raise Refusal(401, "session_token: unknown, used or ended", "session_token")
            return dict(session["said"])

    def _count(self, address: str) -> None:
        now = self._clock()
        recent = self._asked.setdefault(address, deque())
        while recent and now - recent[0] >= _MINUTE:
            recent.popleft()
        if len(recent) >= _MOST:
            raise Refusal(429, f"more than {_MOST} checks of session tokens in a minute")
        recent.append(now)


def _jwt(claims: Document, secret: str) -> str:
    parts = [_part(jsonmoney.dumps({"alg": "HS256", "typ": "JWT"})), _part(jsonmoney.dumps(claims))]
    signature = hmac.digest(secret.encode(), ".".join(parts).encode(), hashlib.sha256)
    return ".".join([*parts, _part(signature)])


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
