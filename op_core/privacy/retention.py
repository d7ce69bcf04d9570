"""Old bodies go, and what came about a forgotten order goes too. Keys never do."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import sqlalchemy as sa

from op_core.errors import PersonError
from op_core.ledger import Ledger, exports
from op_core.ledger.erasure import drop_bodies, prunable
from op_core.ledger.exports import Cursor
from op_core.ledger.traces import forgotten_again
from op_core.privacy.forget import forget
from op_core.settings import StoreSettings

__all__ = ["Kept", "tidy"]

_WHAT = "retention"  # whose place it is in the table of cursors
_EVERY = timedelta(hours=1)
_AT_ONCE = 500  # bodies of one transaction


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
    """Take away what is to be kept no longer; at most once an hour, whichever process looks."""
    now = ledger.now()
    last = ledger.read(exports.cursor, store.id, _WHAT).newest
    if last is not None and now - last < _EVERY:
        return Kept()
    count = 0 if store.retention.bodies is None else _prune(ledger, store.id, now - store.retention.bodies)
    gone = []
    for order_id in ledger.read(forgotten_again, store.id):
        try:
            ledger.write(forget, store.id, order_id, now)
            gone.append(order_id)
        except PersonError:
            continue  # something of it is not over: after that
    if gone:
        ledger.wipe()
    ledger.write(exports.put_cursor, store.id, _WHAT, Cursor(newest=now))
    return Kept(count, tuple(gone))


def _prune(ledger: Ledger, store_id: str, before: datetime) -> int:
    def write(connection: sa.Connection) -> int:
        return drop_bodies(connection, store_id, prunable(connection, store_id, before, _AT_ONCE))

    total = 0
    while count := ledger.write(write):
        total += count
    return total
