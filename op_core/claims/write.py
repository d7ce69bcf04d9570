"""What a plan writes: actions with their keys, holds on what should wait, and what became of the delivery."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from op_core.claims.content import reference
from op_core.claims.desk import Desk
from op_core.claims.plan import Draft
from op_core.ledger import actions, deliveries
from op_core.ledger.actions import Action
from op_core.ledger.deliveries import Delivery
from op_core.order_protection.events import Event
from op_core.requests import OperationKey

__all__ = ["Moved", "insert", "learn", "settle", "stop", "take_up_again"]

_TOPICS = {
    "ClaimCreated": "claim.created",
    "ClaimApproved": "claim.approved",
    "ClaimDenied": "claim.denied",
    "MessageCreated": "message.created",
}


class Moved(Exception):
    """Something changed between reading and writing: make the plan anew."""


def insert(
    connection: sa.Connection,
    desk: Desk,
    delivery: Delivery | None,
    draft: Draft,
    about: dict[str, Any],
    now: datetime,
    rewrites: Action | None = None,
    rivals: Iterable[Action] = (),
) -> Action:
    """
    Write one action down, under the next free key of its subject and verb.

    Without a *delivery* it was found by a sweep. A draft that *rewrites* an action that has not begun takes its
    place and its key.
    """
    columns: dict[str, Any] = {
        **about,
        "payment_id": draft.payment_id,
        "amount": None if draft.amount is None else str(draft.amount.amount),
        "currency": None if draft.amount is None else draft.amount.currency,
        "content": json.dumps(draft.content),
        "content_hash": draft.content_hash,
        "resolution_hash": draft.resolution_hash or None,
        "holds": json.dumps(draft.holds),
        "rivals": json.dumps([rival.id for rival in rivals]),
        "delivery_id": None if delivery is None else delivery.id,
    }
    state = "held" if draft.holds else "due"
    if rewrites is not None:
        if rewrites.state == "due":
            rewrites = actions.move(connection, rewrites, "held", now)
        if rewrites.content_hash != draft.content_hash:
            actions.add_decision(connection, rewrites, "op-core", "rewritten", now)
        return actions.move(connection, rewrites, state, now, approved_hash=None, passed="[]", **columns)
    same = [one for one in actions.of_subject(connection, desk.store.id, about["subject"]) if one.verb == draft.verb]
    n = max((one.n for one in same), default=0) + 1
    key = OperationKey(desk.store.id, about["subject"], draft.verb, n)
    return actions.insert(
        connection,
        **columns,
        store_id=desk.store.id,
        verb=draft.verb,
        n=n,
        reference=reference(key),
        state=state,
        exclusive=draft.verb != "note",
        planned_at=now,
    )


def learn(
    connection: sa.Connection, delivery: Delivery, done: Action, draft: Draft, order_id: str | None, now: datetime
) -> None:
    """
    Write down what a person's done action was about, now that a delivery says it. Nothing acts.

    An amount that the person said stays; else it is the one that was decided.
    """
    columns: dict[str, Any] = {
        "order_id": done.order_id or order_id,
        "content": json.dumps({**done.content, **draft.content}),
        "resolution_hash": draft.resolution_hash,
        "delivery_id": delivery.id,
    }
    if done.worth is None and draft.amount is not None:
        columns |= {"amount": str(draft.amount.amount), "currency": draft.amount.currency}
    actions.note(connection, done, **columns)
    actions.add_decision(connection, done, "op-core", "learned", now, "a delivery said what was decided")


def stop(
    connection: sa.Connection, action: Action, reason: dict[str, Any], now: datetime, rivals: Iterable[int] = ()
) -> None:
    """Make an action that has not begun wait for a person."""
    actions.move(
        connection,
        action,
        "held",
        now,
        holds=json.dumps([*action.holds, reason]),
        rivals=json.dumps([*action.rivals, *rivals]),
        approved_hash=None,
    )


def take_up_again(connection: sa.Connection, desk: Desk, claim_id: str) -> None:
    """Put back in line what waits for the order of this claim, which is known now."""
    for action in actions.of_subject(connection, desk.store.id, f"claim:{claim_id}"):
        if action.state == "held" and action.order_id is None and action.delivery_id is not None:
            deliveries.take_again(connection, action.delivery_id)


def settle(
    connection: sa.Connection,
    desk: Desk,
    delivery: Delivery,
    event: Event,
    state: str,
    content_hash: str,
    order_id: str | None = None,
) -> str:
    """Write down what became of a delivery, and what it was about."""
    topic = _TOPICS.get(type(event).__name__)
    if topic is None:
        topic = "protection.added" if getattr(event, "added", False) else "protection.removed"
    deliveries.settle(
        connection,
        delivery.id,
        state,
        desk.ledger.now(connection),
        topic=topic,
        dialect=event.dialect,
        event_id=event.event_id,
        content_hash=content_hash,
        claim_id=getattr(event, "claim_id", None),
        order_id=order_id or event.order_id,
        reason=None,
        shape=delivery.shape,
    )
    return state
