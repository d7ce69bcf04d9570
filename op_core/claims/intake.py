"""
From a delivery to a plan: read it, ask what must be known, propose, and write the plan in one transaction.

Nothing here changes a shop. A delivery ends as ``planned``, ``duplicate``, ``conflict`` or ``quarantined``; where the
shop or the API could not be asked it stays ``received`` and is taken up later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.claims import amend, caps, content, protection
from op_core.claims.desk import Desk
from op_core.claims.holds import hold
from op_core.claims.plan import KNOWN_TYPES, Draft, Situation, unmatched
from op_core.claims.states import BEGUN, NOT_BEGUN
from op_core.claims.write import Moved, insert, settle, stop
from op_core.errors import (
    ContractBroken,
    NotFoundThere,
    NotSupported,
    OrderNotFound,
    ShopUnavailable,
    Unreadable,
    WireError,
)
from op_core.ledger import actions, deliveries, plans
from op_core.ledger.actions import Action
from op_core.ledger.deliveries import Delivery
from op_core.ledger.writer import Conflict
from op_core.models import Order
from op_core.order_protection import dialects
from op_core.order_protection.events import (
    ClaimApproved,
    ClaimCreated,
    ClaimDenied,
    Event,
    MessageCreated,
    ProtectionChanged,
)
from op_core.requests import OperationKey, PlannedAction, ReviewPlanRequest

__all__ = ["take"]

_AGAIN = 5  # times that a plan is made anew because something else moved; then it waits for the next round


def take(desk: Desk, delivery: Delivery) -> str:
    """
    Take up one delivery.

    Returns:
        What became of it: its new state, or ``received`` where it has to wait.
    """
    try:
        event = dialects.read(desk.ledger.read(deliveries.body, delivery))
        _ours(event, desk)
    except Unreadable as error:
        return _quarantine(desk, delivery, str(error))
    handle = _HANDLERS[type(event)]
    for _ in range(_AGAIN):
        try:
            return handle(desk, delivery, event)
        except (Moved, Conflict):
            continue
        except Unreadable as error:
            return _quarantine(desk, delivery, str(error))
        except (ShopUnavailable, ContractBroken, WireError, NotSupported) as error:
            until = desk.ledger.now() + desk.later(delivery.tries)
            desk.ledger.write(deliveries.postpone, delivery.id, until, str(error))
            return "received"
    return "received"


def _quarantine(desk: Desk, delivery: Delivery, reason: str) -> str:
    desk.ledger.write(deliveries.settle, delivery.id, "quarantined", desk.ledger.now(), reason=reason)
    desk.tell("delivery.quarantined", delivery.id, reason=reason)
    return "quarantined"


def _ours(event: Event, desk: Desk) -> None:
    wanted = desk.store.op_store_id
    if event.op_store_id is not None and wanted is not None and event.op_store_id != wanted:
        raise Unreadable("body.storeId names another store than this store's op_store_id")


# --- Claims ------------------------------------------------------------------------------------------------------


def _created(desk: Desk, delivery: Delivery, event: ClaimCreated) -> str:
    def write(connection: sa.Connection) -> str:
        known = plans.claim(connection, desk.store.id, event.claim_id)
        state = "duplicate" if known is not None and known.order_id == event.order_id else "planned"
        plans.learn(connection, desk.store.id, event.claim_id, order_id=event.order_id, op_order_id=event.op_order_id)
        return settle(connection, desk, delivery, event, state, content.digest([event.claim_id, "created"]))

    return desk.ledger.write(write)


@attrs.frozen
class _Known:
    """What the ledger held when a proposal was made; the plan is written only if it still does."""

    claim: plans.Claim | None
    plans: list[plans.Plan]
    of_claim: list[Action]
    of_order: list[Action]

    @classmethod
    def read(cls, connection: sa.Connection, store_id: str, claim_id: str, order_id: str | None) -> _Known:
        return cls(
            plans.claim(connection, store_id, claim_id),
            plans.plans_of(connection, store_id, claim_id),
            actions.of_subject(connection, store_id, f"claim:{claim_id}"),
            actions.of_order(connection, store_id, order_id) if order_id is not None else [],
        )

    @property
    def stamp(self) -> tuple[Any, ...]:
        rows = {(action.id, action.fence) for action in (*self.of_claim, *self.of_order)}
        return len(self.plans), frozenset(rows)


def _approved(desk: Desk, delivery: Delivery, event: ClaimApproved) -> str:
    contents = [content.of_resolution(resolution) for resolution in event.resolutions]
    strange = sorted({one["type"] for one in contents} - set(KNOWN_TYPES))
    if strange or not contents:
        found = f"of unknown type {', '.join(map(repr, strange))}" if strange else "none"
        raise Unreadable(f"body.resolutions: found {found}, expected {', '.join(KNOWN_TYPES)}")
    claim = desk.ledger.read(plans.claim, desk.store.id, event.claim_id)
    order_id = event.order_id or (claim.order_id if claim else None)
    known = desk.ledger.read(_Known.read, desk.store.id, event.claim_id, order_id)
    order, lost = _order(desk, order_id)
    situation = Situation(
        store=desk.store,
        order=order,
        taken=caps.taken(known.of_order),
        supports=desk.shop.supports,
        op_items=_op_items(desk, contents, order),
        lost=lost,
    )
    proposal = amend.propose(contents, known.plans, known.of_claim, situation)
    steps = _reviewed(desk, event.claim_id, order, list(proposal.steps))

    def write(connection: sa.Connection) -> str:
        if _Known.read(connection, desk.store.id, event.claim_id, order_id).stamp != known.stamp:
            raise Moved
        now = desk.ledger.now(connection)
        named = content.digest([event.claim_id, content.set_hash(contents)])
        conflict = _conflict(connection, delivery, event, named)
        plans.learn(connection, desk.store.id, event.claim_id, order_id=event.order_id, op_order_id=event.op_order_id)
        if proposal.verdict == "same":
            return settle(connection, desk, delivery, event, "duplicate", named, order_id=order_id)
        plans.record(connection, desk.store.id, event.claim_id, contents, content.set_hash(contents), delivery.id, now)
        about = {"subject": f"claim:{event.claim_id}", "claim_id": event.claim_id, "order_id": order_id}
        made: dict[str, list[int]] = {}
        for step in steps:
            draft = step.draft.held(*conflict)
            action = insert(connection, desk, delivery, draft, about, now, step.rewrites, step.rivals)
            made.setdefault(draft.verb, []).append(action.id)
        for rival, reason in proposal.stop:
            stop(connection, rival, reason, now, rivals=made.get(rival.verb, []))
        state = "conflict" if conflict else "planned"
        return settle(connection, desk, delivery, event, state, named, order_id=order_id)

    return desk.ledger.write(write)


def _order(desk: Desk, order_id: str | None) -> tuple[Order | None, tuple[dict[str, Any], ...]]:
    if order_id is None:
        return None, (hold("order_unknown", "no delivery says which order it is about"),)
    try:
        return desk.shop.get_order(order_id), ()
    except OrderNotFound:
        return None, (hold("order_not_found", "the shop has no order of the id that the decision names"),)


def _op_items(desk: Desk, contents: list[dict[str, Any]], order: Order | None) -> Mapping[str, str]:
    """Learn the API's own item ids, where an item is on no line by what the shop knows (G-5)."""
    if order is None or not unmatched(contents, order):
        return {}
    try:
        there = desk.api.get_order(order.id)
    except NotFoundThere:
        return {}
    return {item.id: item.source_item_id for item in there.order_items if item.id and item.source_item_id}


def _reviewed(desk: Desk, claim_id: str | None, order: Order | None, steps: list[amend.Step]) -> list[amend.Step]:
    if order is None or not steps:
        return steps
    planned = tuple(
        PlannedAction(
            OperationKey(desk.store.id, f"claim:{claim_id}", step.draft.verb, 0),
            order.id,
            step.draft.amount,
            step.draft.lines,
            step.draft.payment_id,
        )
        for step in steps
    )
    holds = desk.shop.review(ReviewPlanRequest(desk.store.name, claim_id, order, planned))
    said = [hold("reviewer", one.reason, one.actor) for one in holds]
    return [attrs.evolve(step, draft=step.draft.held(*said)) for step in steps]


def _conflict(connection: sa.Connection, delivery: Delivery, event: Event, named: str) -> list[dict[str, Any]]:
    """Hold what comes under an event id that was used for another content."""
    if event.event_id is None:
        return []
    if any(known != named for known in deliveries.known_event(connection, delivery, event.event_id)):
        return [hold("conflict", "its event id was used before, for another content")]
    return []


def _denied(desk: Desk, delivery: Delivery, event: ClaimDenied) -> str:
    reasons = ", ".join(sorted({resolution.type for resolution in event.resolutions})) or "no reason given"

    def write(connection: sa.Connection) -> str:
        now = desk.ledger.now(connection)
        named = content.digest([event.claim_id, "denied", reasons])
        known = plans.claim(connection, desk.store.id, event.claim_id)
        if known is not None and known.denied_at is not None:
            return settle(connection, desk, delivery, event, "duplicate", named)
        plans.learn(
            connection,
            desk.store.id,
            event.claim_id,
            order_id=event.order_id,
            op_order_id=event.op_order_id,
            denied_at=now,
        )
        for action in actions.of_subject(connection, desk.store.id, f"claim:{event.claim_id}"):
            if action.state in NOT_BEGUN:
                stop(connection, action, hold("withdrawn", f"the claim was denied: {reasons}"), now)
            elif action.state in BEGUN:
                actions.add_decision(connection, action, "order protection", "denied", now, reasons)
        return settle(connection, desk, delivery, event, "planned", named)

    return desk.ledger.write(write)


# --- Messages and protection -------------------------------------------------------------------------------------


def _message(desk: Desk, delivery: Delivery, event: MessageCreated) -> str:
    said = content.digest([event.claim_id, event.order_id, event.message])
    subject = f"message:{said[:32]}"

    def write(connection: sa.Connection) -> str:
        now = desk.ledger.now(connection)
        claim = plans.claim(connection, desk.store.id, event.claim_id) if event.claim_id else None
        order_id = event.order_id or (claim.order_id if claim else None)
        if event.claim_id:
            plans.learn(
                connection, desk.store.id, event.claim_id, order_id=event.order_id, op_order_id=event.op_order_id
            )
        conflict = _conflict(connection, delivery, event, said)
        ids = {action.content["event_id"] for action in actions.of_subject(connection, desk.store.id, subject)}
        # A spelling without an id is the same message; two ids are two messages, even of one text.
        if ids and (event.event_id is None or None in ids or event.event_id in ids):
            return settle(connection, desk, delivery, event, "duplicate", said, order_id=order_id)
        unknown = hold("order_unknown", "no delivery says which order the message is about")
        holds = (*conflict, *(() if order_id is not None else (unknown,)))
        draft = Draft("note", {"text": event.message, "event_id": event.event_id}, holds=holds)
        about = {"subject": subject, "claim_id": event.claim_id, "order_id": order_id}
        insert(connection, desk, delivery, draft, about, now)
        return settle(connection, desk, delivery, event, "conflict" if conflict else "planned", said, order_id=order_id)

    return desk.ledger.write(write)


def _protection(desk: Desk, delivery: Delivery, event: ProtectionChanged) -> str:
    order, lost = _order(desk, event.order_id)
    named = content.digest([event.order_id, event.added, content.text(event.amount), event.currency])

    def write(connection: sa.Connection) -> str:
        now = desk.ledger.now(connection)
        known = plans.protection(connection, desk.store.id, event.order_id) if event.order_id else None
        conflict = _conflict(connection, delivery, event, named)
        if event.event_id is not None and not conflict and _seen(connection, delivery, event.event_id):
            return settle(connection, desk, delivery, event, "duplicate", named)
        verdict = protection.judge(event, order, known, desk.store, flips=_said_before(connection, delivery, named))
        if verdict.duplicate:
            return settle(connection, desk, delivery, event, "duplicate", named)
        if verdict.draft is not None:
            draft = verdict.draft.held(*lost, *conflict)
            about = {"subject": f"protection:{event.order_id}", "claim_id": None, "order_id": event.order_id}
            insert(connection, desk, delivery, draft, about, now)
        if event.order_id is not None:
            plans.set_protection(
                connection, desk.store.id, event.order_id, is_on=event.added, paid=verdict.paid, now=now
            )
        return settle(connection, desk, delivery, event, "conflict" if conflict else "planned", named)

    return desk.ledger.write(write)


def _seen(connection: sa.Connection, delivery: Delivery, event_id: str) -> bool:
    return bool(deliveries.known_event(connection, delivery, event_id))


def _said_before(connection: sa.Connection, delivery: Delivery, named: str) -> bool:
    return deliveries.known_content(connection, delivery, named)


_HANDLERS: dict[type[Event], Callable[[Desk, Delivery, Any], str]] = {
    ClaimCreated: _created,
    ClaimApproved: _approved,
    ClaimDenied: _denied,
    MessageCreated: _message,
    ProtectionChanged: _protection,
}
