"""Rows of what was exported: one for every order and fulfillment, the place of the cursor, and orders to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.ledger.schema import actions, changes, cursors, exported_fulfillments, exported_orders
from op_core.ledger.traces import FORGOTTEN
from op_core.ledger.upsert import put_row

__all__ = [
    "Cursor",
    "PremiumSeen",
    "changed",
    "cursor",
    "forget",
    "forget_change",
    "forget_fulfillment",
    "forgotten",
    "fulfillment_states",
    "fulfillments_due",
    "give_up_waiting",
    "known_fulfillments",
    "known_orders",
    "look_again",
    "mark_changed",
    "postpone_change",
    "postpone_fulfillments",
    "premium_seen",
    "put_cursor",
    "put_fulfillment",
    "put_order",
    "replacements",
    "see_premium",
    "states",
]


@attrs.frozen
class Cursor:
    """Where an export stands: *cursor* inside a run, *since* where the run began, *newest* the latest change seen."""

    cursor: str | None = None
    since: datetime | None = None
    newest: datetime | None = None


@attrs.frozen
class PremiumSeen:
    """Whether the shop's order had a premium when the export last looked at it, and when that was."""

    has_premium: bool
    at: datetime


def cursor(connection: sa.Connection, store_id: str, what: str) -> Cursor:
    """Return where the export of *what* stands."""
    row = connection.execute(sa.select(cursors).where(cursors.c.store_id == store_id, cursors.c.what == what)).first()
    return Cursor(row.cursor, row.since, row.newest) if row else Cursor()


def put_cursor(connection: sa.Connection, store_id: str, what: str, place: Cursor) -> None:
    """Write down where the export of *what* stands."""
    put_row(connection, cursors, {"store_id": store_id, "what": what}, attrs.asdict(place))


def known_orders(connection: sa.Connection, store_id: str, order_ids: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """Return what was exported of these orders, by id."""
    rows = connection.execute(
        sa.select(exported_orders).where(
            exported_orders.c.store_id == store_id, exported_orders.c.order_id.in_(list(order_ids))
        )
    )
    return {row.order_id: row for row in rows}


def replacements(connection: sa.Connection, store_id: str, order_ids: Iterable[str]) -> set[str]:
    """Return those of these orders that a reship of ours made, whether or not the shop keeps references."""
    return set(
        connection.execute(
            sa.select(actions.c.shop_order_id).where(
                actions.c.store_id == store_id,
                actions.c.verb == "reship",
                actions.c.shop_order_id.in_(list(order_ids)),
                actions.c.shop_order_id != actions.c.order_id,
            )
        ).scalars()
    )


def forgotten(connection: sa.Connection, store_id: str, order_ids: Iterable[str]) -> set[str]:
    """Return those of these orders whose customer was forgotten: nothing of them is sent or written down any more."""
    known = known_orders(connection, store_id, order_ids)
    return {order_id for order_id, row in known.items() if row.state == FORGOTTEN}


def put_order(connection: sa.Connection, store_id: str, order_id: str, **values: Any) -> None:
    """Write down what became of the export of one order."""
    put_row(connection, exported_orders, {"store_id": store_id, "order_id": order_id}, values)


def premium_seen(connection: sa.Connection, store_id: str, order_id: str) -> PremiumSeen | None:
    """Return what was last seen of an order's premium; None where it was never exported."""
    row = known_orders(connection, store_id, [order_id]).get(order_id)
    return None if row is None or row.premium_at is None else PremiumSeen(row.has_premium, row.premium_at)


def see_premium(connection: sa.Connection, store_id: str, order_id: str, *, has_premium: bool, at: datetime) -> None:
    """Write down what is seen of the premium of an order that was exported."""
    connection.execute(
        exported_orders.update()
        .where(exported_orders.c.store_id == store_id, exported_orders.c.order_id == order_id)
        .values(has_premium=has_premium, premium_at=at)
    )


def known_fulfillments(
    connection: sa.Connection, store_id: str, order_ids: Iterable[str]
) -> dict[tuple[str, str], sa.Row[Any]]:
    """Return what was exported of these orders' fulfillments, by order and fulfillment id."""
    rows = connection.execute(
        sa.select(exported_fulfillments).where(
            exported_fulfillments.c.store_id == store_id, exported_fulfillments.c.order_id.in_(list(order_ids))
        )
    )
    return {(row.order_id, row.fulfillment_id): row for row in rows}


def put_fulfillment(
    connection: sa.Connection, store_id: str, order_id: str, fulfillment_id: str, **values: Any
) -> None:
    """Write down what became of the export of one fulfillment."""
    key = {"store_id": store_id, "order_id": order_id, "fulfillment_id": fulfillment_id}
    put_row(connection, exported_fulfillments, key, values)


def forget_fulfillment(connection: sa.Connection, store_id: str, order_id: str, fulfillment_id: str) -> None:
    """Take the row of a fulfillment away."""
    connection.execute(
        exported_fulfillments.delete().where(
            exported_fulfillments.c.store_id == store_id,
            exported_fulfillments.c.order_id == order_id,
            exported_fulfillments.c.fulfillment_id == fulfillment_id,
        )
    )


def fulfillments_due(connection: sa.Connection, store_id: str, now: datetime) -> list[str]:
    """Return the orders with a fulfillment that has waited long enough for its tracking."""
    return list(
        connection.execute(
            sa.select(exported_fulfillments.c.order_id)
            .where(
                exported_fulfillments.c.store_id == store_id,
                exported_fulfillments.c.state == "waiting",
                exported_fulfillments.c.due_at <= now,
            )
            .distinct()
        ).scalars()
    )


def postpone_fulfillments(
    connection: sa.Connection, store_id: str, order_ids: Iterable[str], now: datetime, due_at: datetime
) -> None:
    """Look at these orders' fulfillments later, as far as they are due and still wait."""
    connection.execute(
        exported_fulfillments.update()
        .where(
            exported_fulfillments.c.store_id == store_id,
            exported_fulfillments.c.order_id.in_(list(order_ids)),
            exported_fulfillments.c.state == "waiting",
            exported_fulfillments.c.due_at <= now,
        )
        .values(due_at=due_at)
    )


def give_up_waiting(connection: sa.Connection, store_id: str, order_id: str, reason: str, now: datetime) -> None:
    """Wait no longer for the tracking of an order's fulfillments, and say why."""
    connection.execute(
        exported_fulfillments.update()
        .where(
            exported_fulfillments.c.store_id == store_id,
            exported_fulfillments.c.order_id == order_id,
            exported_fulfillments.c.state == "waiting",
        )
        .values(state="not_exportable", reason=reason, at=now)
    )


def forget(connection: sa.Connection, store_id: str) -> None:
    """
    Forget what was sent of a store's orders, so that all is sent again.

    Our own replacements stay known as such, and so do orders whose customer was forgotten.
    """
    stay = ("replacement", FORGOTTEN)
    connection.execute(
        exported_orders.delete().where(exported_orders.c.store_id == store_id, exported_orders.c.state.not_in(stay))
    )
    connection.execute(exported_fulfillments.delete().where(exported_fulfillments.c.store_id == store_id))
    connection.execute(cursors.delete().where(cursors.c.store_id == store_id, cursors.c.what == "orders"))


def mark_changed(connection: sa.Connection, store_id: str, order_id: str, now: datetime) -> None:
    """Remember that the shop said an order changed; it is sent by the next run."""
    put_row(
        connection,
        changes,
        {"store_id": store_id, "order_id": order_id},
        {"marked_at": now, "tries": 0, "not_before": None},
    )


def look_again(connection: sa.Connection, store_id: str, order_id: str, now: datetime) -> None:
    """Mark an order as `mark_changed` does, unless it is marked: a mark that waits goes on to wait."""
    there = sa.select(changes.c.order_id).where(changes.c.store_id == store_id, changes.c.order_id == order_id)
    if connection.execute(there).first() is None:
        mark_changed(connection, store_id, order_id, now)


def changed(connection: sa.Connection, store_id: str, now: datetime, limit: int) -> Sequence[sa.Row[Any]]:
    """Return the orders that the shop marked, oldest first."""
    return connection.execute(
        sa.select(changes)
        .where(changes.c.store_id == store_id, sa.or_(changes.c.not_before.is_(None), changes.c.not_before <= now))
        .order_by(changes.c.marked_at)
        .limit(limit)
    ).all()


def forget_change(connection: sa.Connection, store_id: str, order_id: str, marked_at: datetime) -> None:
    """Take a mark away, unless the order was marked again in the meantime."""
    connection.execute(
        changes.delete().where(
            changes.c.store_id == store_id, changes.c.order_id == order_id, changes.c.marked_at == marked_at
        )
    )


def postpone_change(connection: sa.Connection, store_id: str, order_id: str, not_before: datetime) -> None:
    """Send a marked order later."""
    connection.execute(
        changes.update()
        .where(changes.c.store_id == store_id, changes.c.order_id == order_id)
        .values(tries=changes.c.tries + 1, not_before=not_before)
    )


def fulfillment_states(connection: sa.Connection, store_id: str) -> list[sa.Row[Any]]:
    """Return every fulfillment that could not be exported as it is, with the reason."""
    return list(
        connection.execute(
            sa.select(exported_fulfillments)
            .where(
                exported_fulfillments.c.store_id == store_id,
                exported_fulfillments.c.state.in_(("not_exportable", "not_sendable", "refused")),
            )
            .order_by(exported_fulfillments.c.order_id, exported_fulfillments.c.fulfillment_id)
        )
    )


def states(connection: sa.Connection, store_id: str) -> list[sa.Row[Any]]:
    """Return every order that could not be exported as it is, with the reason."""
    return list(
        connection.execute(
            sa.select(exported_orders)
            .where(
                exported_orders.c.store_id == store_id,
                exported_orders.c.state.in_(("not_exportable", "not_sendable", "refused")),
            )
            .order_by(exported_orders.c.order_id)
        )
    )
