"""Old bodies go, and what came about a forgotten order goes too. Keys never do."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import sqlalchemy as sa

from op_core.errors import PersonError
from op_core.ledger import Ledger, exports
from op_core.ledger.erasure import drop_bodies, old_answers, old_bodies, prunable
from op_core.ledger.exports import Cursor
from op_core.ledger.traces import forgotten_again
from op_core.privacy.forget import forget
from op_core.settings import StoreSettings

__all__ = ["Kept", "tidy"]

_WHAT = "retention"  # whose place it is in the table of cursors
_EVERY = timedelta(hours=1)
_AT_ONCE = 200  # bodies of one transaction
_BATCHES = 10  # of one look; then webhooks and actions have their turn


@attrs.frozen
class Kept:
    """
    What one look took away.

    Attributes:
        bodies: How many were older than the store keeps them.
        forgotten: Orders that were forgotten before, and of which something came since.
    """

    bodies: int = 0
    forgotten: tuple[str, ...] = ()


def tidy(ledger: Ledger, store: StoreSettings) -> Kept:
    """
    Take away what is to be kept no longer: some of it, so that nothing else has to wait; the next call goes on.

    Once it has come to the end it begins anew after an hour, whichever process does.
    """
    now = ledger.now()
    place = ledger.read(exports.cursor, store.id, _WHAT)
    if place.cursor is None and place.newest is not None and now - place.newest < _EVERY:
        return Kept()
    gone = _forget_again(ledger, store.id, now) if place.cursor is None else ()
    count, after = 0, None
    if store.retention.bodies is not None:
        count, after = _prune(ledger, store.id, now - store.retention.bodies, int(place.cursor or 0))
    ledger.write(exports.put_cursor, store.id, _WHAT, Cursor(None if after is None else str(after), newest=now))
    if (count or gone) and after is None:
        ledger.wipe()
    return Kept(count, gone)


def _forget_again(ledger: Ledger, store_id: str, now: datetime) -> tuple[str, ...]:
    gone = []
    for order_id in ledger.read(forgotten_again, store_id):
        try:
            ledger.write(forget, store_id, order_id, now)
            gone.append(order_id)
        except PersonError:
            continue  # something of it is not over: after that
    return tuple(gone)


def _prune(ledger: Ledger, store_id: str, before: datetime, after: int) -> tuple[int, int | None]:
    """Return how many bodies went, and the webhook after which to go on; None at the end."""

    def write(connection: sa.Connection, hashes: list[str]) -> int:
        return drop_bodies(connection, store_id, prunable(connection, store_id, hashes, before))

    count = 0
    if after == 0 and (answers := ledger.read(old_answers, store_id, before)):
        count += ledger.write(write, answers)
    for _ in range(_BATCHES):
        found = ledger.read(old_bodies, store_id, before, after, _AT_ONCE)
        if not found:
            return count, None
        count += ledger.write(write, [sha for _, sha in found])
        after = found[-1][0]
    return count, after
