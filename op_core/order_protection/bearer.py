"""Where the bearer token of a request comes from: one that stays, or one that somebody renews."""

from __future__ import annotations

from typing import Protocol

from op_core.errors import SettingsError, Unauthorized

__all__ = ["FixedToken", "TokenProvider"]


class TokenProvider(Protocol):
    """
    Gives the token of one store. Safe to share between threads; each method may take a while, and blocks meanwhile.

    What these methods raise says that the request was not sent: `RequestNotSent`, or a kind of `Unauthorized` where
    waiting does not help.
    """

    def token(self) -> str:
        """Return the token for a request that begins now."""

    def renewed(self, stale: str) -> str:
        """Return a token in the place of *stale*, which the API has just refused; *stale* itself if there is none."""

    def refused(self, request: str) -> Unauthorized | None:
        """Return the error for a *request* whose token was refused, and renewed in vain if at all; None: the usual."""


class FixedToken:
    """A store's API token: it has no end, and nothing stands in its place."""

    def __init__(self, token: str) -> None:
        """Take it if a header can carry it."""
        if not (token and token.isascii() and token.isprintable() and " " not in token):
            raise SettingsError(
                "api_token: expected printable ASCII without spaces; it is empty or holds other characters"
            )
        self._token = token

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "<FixedToken>"

    def token(self) -> str:
        """Return it."""
        return self._token

    def renewed(self, stale: str) -> str:
        """Return what was refused: there is no other."""
        return stale

    def refused(self, request: str) -> None:
        """Leave it to what a 401 usually says."""
