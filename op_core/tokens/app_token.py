"""
An app's token for one store: renewed before it ends, once for all threads and processes.

The ledger keeps it sealed, with a lease for whoever fetches the next one; the others go on with the token that they
have, or wait for the new one. What a refresh answers is used even if it comes late, for it may be the only token that
the API takes from then on.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from datetime import datetime, timedelta

from op_core.errors import RequestNotSent, TokenRevoked, Unauthorized, WireError
from op_core.ledger import Ledger, tokens
from op_core.ledger.database import system_clock
from op_core.ledger.tokens import TokenRow
from op_core.ledger.writer import Conflict
from op_core.order_protection.answers import ReadToken
from op_core.settings import StoreSettings
from op_core.testing.crash import crash_point
from op_core.tokens.asking import Asking, Endpoint
from op_core.tokens.held import Held, Keeping

__all__ = ["AppToken"]

log = logging.getLogger("op_core")

_LEASE = timedelta(seconds=90)  # longer than two token calls
_PAUSE = 0.2  # seconds between two looks at what another process fetches
_BACK_OFF = timedelta(minutes=5)  # before what was refused is tried again, in case the app was installed anew
_SOON = timedelta(seconds=30)  # before a renewal that failed is tried again while the token is still good


class AppToken:
    """
    Gives an app's token for one store; a `TokenProvider`.

    Args:
        store: Its settings, with ``oauth``.
        ledger: Where the tokens of all processes are.
        endpoint: Where they come from.
        wait: Sleeps for so many seconds; tests hand in another.
        lease: How long one process may fetch before another does.
    """

    def __init__(
        self,
        store: StoreSettings,
        ledger: Ledger,
        endpoint: Endpoint,
        *,
        wait: Callable[[float], None] = time.sleep,
        lease: timedelta = _LEASE,
    ) -> None:
        """Set it up; nothing is asked yet."""
        assert store.oauth is not None
        self._name, self._store_id, self._client_id = store.name, store.id, store.oauth.client_id
        self._ahead = store.oauth.ahead
        self._ledger, self._clock = ledger, ledger.clock or system_clock
        self._asking, self._keeping = Asking(store, endpoint), Keeping(store)
        self._wait, self._lease = wait, lease
        self._held: Held | None = None
        self._look_at: datetime | None = None  # when the token at hand is looked at again
        self._lock, self._round = threading.Lock(), 0
        self._failure: RequestNotSent | None = None  # of the last round
        forget = weakref.WeakMethod(self._after_fork)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())

    def _after_fork(self) -> None:
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """Show no token."""
        return f"<AppToken of store {self._name}>"

    def token(self) -> str:
        """
        Return the token, renewed if it ends soon.

        Raises:
            RequestNotSent: There is none right now, and later there may be.
            Unauthorized: The app is not installed yet, or its credentials are not taken.
            TokenRevoked: It was installed, and gets no token any more.
            LedgerError: The ledger cannot be used.
        """
        held, now = self._held, self._clock()
        if held is not None and self._look_at is not None:
            another_renews = self._lock.locked() and now < held.ends_at
            if now < self._look_at or another_renews:
                return held.access
        return self._obtained(None)

    def renewed(self, stale: str) -> str:
        """Return another token than *stale*; *stale* itself where that was got just now. Raises what `token` does."""
        return self._obtained(stale)

    def refused(self, request: str) -> Unauthorized:
        """Return the error for a *request* that was refused with a token that was got just now."""
        return TokenRevoked(f"{request}: 401 to a token that was got just now; {self._asking.again}", status=401)

    def forget(self) -> None:
        """Look into the ledger before the next request."""
        self._held = self._look_at = None

    def _obtained(self, stale: str | None) -> str:
        before = self._round
        with self._lock:
            held = self._held
            fresh = held is not None and held.access != stale and self._look_at is not None
            if held is not None and fresh and self._look_at is not None and self._clock() < self._look_at:
                return held.access  # another thread was first
            if self._round != before and self._failure is not None:
                raise RequestNotSent(str(self._failure))  # another thread was first, and in vain
            self._failure = None
            try:
                held = self._kept_or_fetched(stale)
            except RequestNotSent as error:
                self._failure = error
                raise
            finally:
                self._round += 1
            self._held = held
            self._look_at = max(held.renew_at(self._ahead), min(held.ends_at, self._clock() + _SOON))
            return held.access

    def _kept_or_fetched(self, stale: str | None) -> Held:
        """Return a token that is not *stale*, from the ledger or from the API, whoever fetches it."""
        waited = 0.0
        while True:
            now = self._ledger.now()
            row = self._ledger.read(tokens.get, self._store_id)
            held = self._keeping.held(row)
            good = None if held is None or held.access == stale or held.ends_at <= now else held
            if good is not None and now < good.renew_at(self._ahead):
                return good
            if held is not None and held.access == stale and held.is_young(now):
                return held
            self._check(row, now)
            if self._taken(row, now, now + self._lease):
                fetched = self._fetched(row, now + self._lease, good)
                if fetched is not None:
                    return fetched
            elif good is not None:
                return good
            elif waited > 2 * self._lease.total_seconds():
                raise RequestNotSent(f"no token for store {self._name}: another process has long been fetching one")
            else:
                self._wait(_PAUSE)
                waited += _PAUSE

    def _check(self, row: TokenRow | None, now: datetime) -> None:
        """Raise what is known of an app that gets no token any more, as long as it is not worth another try."""
        known = row is not None and row.reason is not None and self._keeping.is_ours(row)
        if row is not None and known and now - row.changed_at < _BACK_OFF:
            raise TokenRevoked(str(row.reason), status=401)

    def _taken(self, row: TokenRow | None, now: datetime, until: datetime) -> bool:
        version = None if row is None else row.version
        try:
            return self._ledger.write(tokens.take, self._store_id, self._client_id, version, now, until)
        except Conflict:  # another process writes the first row
            return False

    def _fetched(self, row: TokenRow | None, lease: datetime, good: Held | None) -> Held | None:
        """
        Fetch a token under our lease and write it down.

        Args:
            row: As it was when the lease was taken.
            lease: Its end, by which it is known.
            good: What is used for a while yet where it cannot be renewed.

        Returns:
            None where another process has written down a token meanwhile.
        """
        version = 0 if row is None else row.version
        crash_point("token:before")
        try:
            answer, refresh = self._asked(self._keeping.refresh(row))
        except WireError as error:
            newest = self._ledger.read(tokens.get, self._store_id)
            superseded = newest is not None and newest.version != version
            gone = str(error) if isinstance(error, TokenRevoked) and not superseded else None
            self._ledger.write(tokens.fail, self._store_id, lease, self._ledger.now(), gone)
            if superseded:
                return None
            if good is None or isinstance(error, TokenRevoked):
                raise
            log.warning("store %s: the app's token is not renewed yet: %s", self._name, error)
            return good
        crash_point("token:after")
        now = self._ledger.now()
        held = self._keeping.of(answer, refresh, now)
        is_ours = self._ledger.write(tokens.put, self._store_id, version, lease, now=now, **self._keeping.columns(held))
        return held if is_ours else None

    def _asked(self, kept: str | None) -> tuple[ReadToken, str | None]:
        """Return an answer, and the refresh token that it was got for."""
        refused: TokenRevoked | None = None
        for grant in self._asking.grants(kept):
            try:
                return self._asking.token(grant), getattr(grant, "refresh_token", None)
            except TokenRevoked as error:
                refused = refused or error
        if refused is not None:
            raise refused
        raise Unauthorized(
            f"store {self._name} has no token of the app that can be read: it is not installed yet, or its"
            f" client_secret was changed; {self._asking.again}",
            status=401,
        )
