"""A token as it is used, and as the ledger keeps it: sealed with a key that is made from the app's own secret."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs

from op_core.ledger.tokens import TokenRow
from op_core.order_protection.answers import ReadToken
from op_core.settings import StoreSettings
from op_core.tokens.sealing import Seal

__all__ = ["Held", "Keeping"]

_LIFE = 3600  # seconds, where an answer does not say (page DEV-AUTH)
_YOUNG = timedelta(minutes=1)
_LONGEST = 10 * 365 * 86400


@attrs.frozen
class Held:
    """
    A token as it is used.

    Attributes:
        refresh: What the next one is got for; None where there is none.
        scopes: None where the API did not say them.
        since: When it was got.
        ends_at: When it ends.
    """

    access: str = attrs.field(repr=False)
    refresh: str | None = attrs.field(repr=False)
    scopes: tuple[str, ...] | None
    since: datetime
    ends_at: datetime

    def renew_at(self, ahead: timedelta) -> datetime:
        """Return when it is to be renewed: ahead of its end, and not before half its life."""
        return self.ends_at - min(ahead, (self.ends_at - self.since) / 2)

    def is_young(self, now: datetime) -> bool:
        """Tell whether it was got so short a time ago that it is not refused for its age."""
        return now - self.since < min(_YOUNG, (self.ends_at - self.since) / 2)


class Keeping:
    """
    How one store's app is kept in the ledger.

    Attributes:
        seal: What its tokens are sealed with.
    """

    def __init__(self, store: StoreSettings) -> None:
        """Make the key; `SettingsError` where the extra ``oauth`` is not installed."""
        assert store.oauth is not None
        self._client_id = store.oauth.client_id
        purpose = f"tokens of store {store.id} for app {self._client_id}"
        self.seal = Seal(store.oauth.client_secret.get_secret_value(), purpose)

    def is_ours(self, row: TokenRow) -> bool:
        """Tell whether a row is about this app, and not about one that the settings named before."""
        return row.client_id == self._client_id

    def held(self, row: TokenRow | None) -> Held | None:
        """Return the token of a row; None where it holds none that this app's secret opens."""
        if row is None or not self.is_ours(row) or row.ends_at is None:
            return None
        access = self.seal.open(row.access_token)
        scopes = None if row.scopes is None else tuple(row.scopes.split())
        return None if access is None else Held(access, self.refresh(row), scopes, row.changed_at, row.ends_at)

    def refresh(self, row: TokenRow | None) -> str | None:
        """Return the refresh token of a row, also where its token is gone."""
        return self.seal.open(row.refresh_token) if row is not None and self.is_ours(row) else None

    def columns(self, held: Held) -> dict[str, Any]:
        """Return what is written down of a token."""
        return {
            "client_id": self._client_id,
            "access_token": self.seal.close(held.access),
            "refresh_token": None if held.refresh is None else self.seal.close(held.refresh),
            "scopes": None if held.scopes is None else " ".join(held.scopes),
            "ends_at": held.ends_at,
        }

    def of(self, answer: ReadToken, before: str | None, now: datetime) -> Held:
        """
        Return the token of an answer.

        Args:
            answer: Of the token call.
            before: The refresh token that it was got for; it stays where the answer has none.
            now: When it was got.
        """
        assert answer.access_token is not None
        said = answer.expires_in
        life = timedelta(seconds=min(said, _LONGEST) if said is not None and said > 0 else _LIFE)
        return Held(answer.access_token, answer.refresh_token or before, answer.scopes, now, now + life)
