"""What is said besides approvals: denials, messages, and protection changed by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from op_core.claims import content, protection
from op_core.claims.desk import Desk
from op_core.claims.holds import hold
from op_core.claims.lookup import conflict_of, order_of
from op_core.claims.plan import Draft
from op_core.claims.states import BEGUN, NOT_BEGUN, UNDER_WAY
from op_core.claims.write import insert, settle, stop, take_up_again
from op_core.ledger import actions, deliveries, exports, plans
from op_core.ledger.actions import Action
from op_core.ledger.deliveries import Delivery
from op_core.order_protection.events import ClaimDenied, MessageCreated, ProtectionChanged
from op_core.untrusted import code

__all__ = ["denied", "message", "protection_changed", "subject_of"]


def denied(desk: Desk, delivery: Delivery, event: ClaimDenied) -> str:
    """Hold what has not begun; of the rest, only write the denial down. No money moves on this topic."""
    types = sorted({resolution.type for resolution in event.resolutions})
    reasons = ", ".join(sorted({code(one) for one in types})) or "no reason given"

    def write(connection: sa.Connection) -> str:
        now = desk.ledger.now(connection)
        named = content.digest([event.claim_id, "denied", ", ".join(types) or "no reason given"])
        known = plans.claim(connection, desk.store.id, event.claim_id)
        again = _said_before if event.event_id is None else _seen
        if known is not None and known.denied_at is not None and again(connection, delivery, event.event_id or named):
            return settle(connection, desk, delivery, event, "duplicate", named)
        plans.learn(
            connection,
            desk.store.id,
            event.claim_id,
            order_id=event.order_id,
            op_order_id=event.op_order_id,
            denied_at=event.created_at or now,
        )
        current = plans.claim(connection, desk.store.id, event.claim_id)
        if current is not None and not current.is_denied:  # an approval is the later word
            return settle(connection, desk, delivery, event, "planned", named)
        for action in actions.of_subject(connection, desk.store.id, f"claim:{event.claim_id}"):
            if action.state in NOT_BEGUN:
                if not any(found["code"] == "withdrawn" for found in action.holds):
                    stop(connection, action, hold("withdrawn", f"the claim was denied: {reasons}"), now)
            elif action.state in BEGUN:
                actions.add_decision(connection, action, "order protection", "denied", now, reasons)
        return settle(connection, desk, delivery, event, "planned", named)

    return desk.ledger.write(write)


def subject_of(event: MessageCreated) -> str:
    """Return the subject of the note about a message: the same for every spelling of it."""
    return f"message:{_said(event)[:32]}"


def _said(event: MessageCreated) -> str:
    return content.digest([event.claim_id, event.order_id, event.message.plain])


def message(desk: Desk, delivery: Delivery, event: MessageCreated) -> str:
    """Plan a note on the order, once for each message, in whichever spelling it comes."""
    said, subject = _said(event), subject_of(event)

    def write(connection: sa.Connection) -> str:
        now = desk.ledger.now(connection)
        claim = plans.claim(connection, desk.store.id, event.claim_id) if event.claim_id else None
        order_id = event.order_id or (claim.order_id if claim else None)
        if event.claim_id:
            plans.learn(
                connection, desk.store.id, event.claim_id, order_id=event.order_id, op_order_id=event.op_order_id
            )
            take_up_again(connection, desk, event.claim_id)
        conflict = conflict_of(connection, delivery, event, said)
        ids = {action.content["event_id"] for action in actions.of_subject(connection, desk.store.id, subject)}
        # A spelling without an id is the same message; two ids are two messages, even of one text.
        if ids and (event.event_id is None or None in ids or event.event_id in ids):
            return settle(connection, desk, delivery, event, "duplicate", said, order_id=order_id)
        unknown = hold("order_unknown", "no delivery says which order the message is about")
        holds = (*conflict, *(() if order_id is not None else (unknown,)))
        draft = Draft("note", {"text": event.message.plain, "event_id": event.event_id}, holds=holds)
        about = {"subject": subject, "claim_id": event.claim_id, "order_id": order_id}
        insert(connection, desk, delivery, draft, about, now)
        return settle(connection, desk, delivery, event, "conflict" if conflict else "planned", said, order_id=order_id)

    return desk.ledger.write(write)


def protection_changed(desk: Desk, delivery: Delivery, event: ProtectionChanged) -> str:
    """Plan what a change of an order's protection asks for, and keep its state."""
    order, lost = order_of(desk, event.order_id)
    named = content.digest([event.order_id, event.added, content.text(event.amount), event.currency])

    def write(connection: sa.Connection) -> str:
        now = desk.ledger.now(connection)
        known = plans.protection(connection, desk.store.id, event.order_id) if event.order_id else None
        conflict = conflict_of(connection, delivery, event, named)
        if event.event_id is not None and not conflict and _seen(connection, delivery, event.event_id):
            return settle(connection, desk, delivery, event, "duplicate", named)
        subject = f"protection:{event.order_id}"
        before = actions.of_subject(connection, desk.store.id, subject)
        known = protection.current(known, before)
        by_shop = order is not None and protection.shop_changed(
            order, exports.premium_seen(connection, desk.store.id, order.id), known, before
        )
        flips = _flips(connection, delivery, event, named)
        verdict = protection.judge(event, order, known, desk.store, flips=flips, by_shop=by_shop)
        if verdict.duplicate:
            return settle(connection, desk, delivery, event, "conflict" if conflict else "duplicate", named)
        if verdict.doubtful and verdict.draft is not None and _asked_already(before, verdict.draft):
            return settle(connection, desk, delivery, event, "duplicate", named)
        unsettled = _set_aside(connection, before, now)
        if verdict.draft is not None:
            draft = verdict.draft.held(*lost, *conflict, *unsettled)
            about = {"subject": subject, "claim_id": None, "order_id": event.order_id}
            insert(connection, desk, delivery, draft, about, now)
        if event.order_id is not None and not verdict.doubtful:
            plans.set_protection(
                connection, desk.store.id, event.order_id, is_on=event.added, paid=verdict.paid, now=now
            )
        return settle(connection, desk, delivery, event, "conflict" if conflict else "planned", named)

    return desk.ledger.write(write)


def _asked_already(before: list[Action], draft: Draft) -> bool:
    """Tell whether a person is asked already whether the very same is a repeat."""
    return any(one.state == "held" and one.content_hash == draft.content_hash for one in before)


def _set_aside(connection: sa.Connection, before: list[Action], now: datetime) -> list[dict[str, Any]]:
    """Stop what an earlier change asked for and nobody has done; return why the new one waits with it."""
    open_ones = [action for action in before if action.state in (*NOT_BEGUN, *UNDER_WAY)]
    for action in open_ones:
        if action.state == "due":
            stop(connection, action, hold("amended", "protection was changed again before this was done"), now)
    return [hold("amended", f"action {one.id} ({one.verb}) is not settled: {one.state}") for one in open_ones]


def _seen(connection: sa.Connection, delivery: Delivery, event_id: str) -> bool:
    return bool(deliveries.known_event(connection, delivery, event_id))


def _flips(connection: sa.Connection, delivery: Delivery, event: ProtectionChanged, named: str) -> bool:
    """Tell whether this may be a repeat that nobody can tell from a change: either it or the one before has no id."""
    if event.event_id is None:  # of an echo that said nothing new a second copy may come late
        return bool(deliveries.ids_of_content(connection, delivery, named, ("planned", "duplicate")))
    return None in deliveries.ids_of_content(connection, delivery, named)


def _said_before(connection: sa.Connection, delivery: Delivery, named: str) -> bool:
    return bool(deliveries.ids_of_content(connection, delivery, named))
