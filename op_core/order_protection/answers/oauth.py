"""Tokens of an app, and who sits in front of an embedded one. Pages: DEV-AUTH, DEV-REF, DEV-EMB."""

from __future__ import annotations

from op_core.order_protection.answers.reading import Read, ReadText, ReadTexts, ReadWhole

__all__ = ["ReadSession", "ReadToken"]


class ReadToken(Read):
    """
    A token (page DEV-AUTH). Nothing of it is shown by ``repr``.

    Attributes:
        expires_in: Seconds from the answer on; the page says 3600.
        refresh_token: None where the answer has none: the earlier one then stays (G-19).
        scope: Scopes, separated by spaces.
    """

    access_token: ReadText = None
    token_type: ReadText = None
    expires_in: ReadWhole = None
    refresh_token: ReadText = None
    scope: ReadText = None

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """The scopes one by one; None where the answer does not say them."""
        return None if self.scope is None else tuple(self.scope.split())


class ReadSession(Read):
    """Who sits in front of an embedded app (page DEV-EMB). Personal data; ``repr`` shows none."""

    user_id: ReadText = None
    email: ReadText = None
    first_name: ReadText = None
    last_name: ReadText = None
    store_id: ReadText = None
    installation_id: ReadText = None
    application_id: ReadText = None
    client_id: ReadText = None
    scopes: ReadTexts = ()
