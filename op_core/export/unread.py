"""Orders and parcels that are there and cannot be read: listed with the reason, and asked for again until they can."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from op_core.export.hashes import Held, text_hash
from op_core.export.task import Sent, Task
from op_core.models import UnreadableOrder

__all__ = ["ALL_PARCELS", "found_again", "parcels_left_out", "unreadable"]

ALL_PARCELS = "(all)"
"""Stands for the parcels of an order where a parcel's id stands else: none of them can be read."""


def unreadable(order: UnreadableOrder, row: sa.Row[Any] | None, now: datetime) -> Sent:
    """
    List an order that cannot be read, once for each reason.

    Args:
        order: The order.
        row: Its row in ``exported_orders``.
        now: The time, UTC.
    """
    sent = Sent(order.id)
    if row is not None and row.state == "replacement":
        sent.counted("replacements")
        return sent
    sent.look_again = True
    # What is sent once it can be read again is not what was sent last, even where it is the same.
    held = str(Held(text_hash(order.reason), Held.read(row.order_hash if row else None).parts))
    if row is not None and (row.state, row.reason, row.order_hash) == ("not_exportable", order.reason, held):
        sent.counted("unchanged")
        return sent
    sent.counted("not_exportable")
    sent.row = {"state": "not_exportable", "reason": order.reason, "at": now, "order_hash": held}
    return sent


def parcels_left_out(sent: Sent, task: Task, reason: str, now: datetime) -> None:
    """List that the parcels of an order, which was sent itself, cannot be read."""
    sent.look_again = True
    row = task.rows.get(ALL_PARCELS)
    if row is None or row.reason != reason:
        sent.counted("not_exportable")
        sent.parcels[ALL_PARCELS] = {"state": "not_exportable", "reason": reason, "at": now, "hash": text_hash(reason)}


def found_again(sent: Sent, task: Task) -> None:
    """Take the parcels of an order off the list, where they can be read again."""
    if ALL_PARCELS in task.rows and task.parcels is not None:
        sent.parcels[ALL_PARCELS] = None
