"""
From a delivery to a plan: read it, ask what must be known, propose, and write the plan in one transaction.

Nothing here changes a shop. A delivery ends as ``planned``, ``duplicate``, ``conflict`` or ``quarantined``; where the
shop or the API could not be asked it stays ``received`` and is taken up later.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs

from op_core.claims import approvals, notices
from op_core.claims.desk import Desk
from op_core.claims.write import Moved
from op_core.errors import ContractBroken, NotSupported, ShopAway, ShopUnavailable, Unreadable, WireError
from op_core.ledger import actions, deliveries
from op_core.ledger.actions import Action
from op_core.ledger.deliveries import Delivery
from op_core.ledger.writer import Conflict
from op_core.order_protection import dialects
from op_core.order_protection.events import (
    ClaimApproved,
    ClaimCreated,
    ClaimDenied,
    Event,
    MessageCreated,
    ProtectionChanged,
)

__all__ = ["about", "postpone", "take"]

_AGAIN = 5  # times that a plan is made anew because something else moved; then it waits for the next round


def take(desk: Desk, delivery: Delivery) -> str:
    """
    Take up one delivery.

    Returns:
        What became of it: its new state, or ``received`` where it has to wait.
    """
    body = desk.ledger.read(deliveries.body, delivery)
    if body is not None:
        delivery = attrs.evolve(delivery, shape=desk.fingerprints.delivery(delivery, body))
    try:
        event = _event(body, desk)
    except Unreadable as error:
        return _quarantine(desk, delivery, str(error))
    handle = _HANDLERS[type(event)]
    for _ in range(_AGAIN):
        try:
            asked = _asked(desk, event)
            state = handle(desk, delivery, event)
        except (Moved, Conflict):
            if (state := _state(desk, delivery)) != "received":
                return state  # another process was first
        except Unreadable as error:
            return _quarantine(desk, delivery, str(error))
        except (ShopUnavailable, ContractBroken, WireError, NotSupported) as error:
            wait = _leave if isinstance(error, ShopAway) else postpone
            return wait(desk, delivery, str(error))
        else:
            _tell(desk, _asked(desk, event), asked)
            return state
    return "received"


def _asked(desk: Desk, event: Event) -> list[Action]:
    """Return what a person is asked of all that an event is about; nothing where nobody would be told."""
    if not desk.shop.observers.listen:
        return []
    found = desk.ledger.read(actions.of_subject, desk.store.id, _subject(event))
    return [one for one in found if one.needs_person]


def _subject(event: Event) -> str:
    if isinstance(event, MessageCreated):
        return notices.subject_of(event)
    if isinstance(event, ProtectionChanged):
        return f"protection:{event.order_id}"
    return f"claim:{getattr(event, 'claim_id', None)}"


def _tell(desk: Desk, asked: list[Action], before: list[Action]) -> None:
    """Tell the observers of what a person is asked since."""
    known = {one.id for one in before}
    for one in asked:
        if one.id not in known:
            desk.tell("action.held", one.key, **one.facts)


def about(desk: Desk, delivery: Delivery) -> str:
    """Name the claim or the order that a delivery is about: what is said of one is taken up as it arrived, in turn."""
    body = desk.ledger.read(deliveries.body, delivery)
    try:
        event = dialects.read(body or b"")
    except Unreadable:
        return f"delivery {delivery.id}"
    claim_id = getattr(event, "claim_id", None)
    return f"order {event.order_id}" if claim_id is None else f"claim {claim_id}"


def postpone(desk: Desk, delivery: Delivery, reason: str) -> str:
    """Take it up later."""
    until = desk.ledger.now() + desk.later(delivery.tries)
    desk.ledger.write(deliveries.postpone, delivery.id, until, reason, delivery.shape)
    return "received"


def _leave(desk: Desk, delivery: Delivery, reason: str) -> str:
    """Put it to the side while the shop is away, so that those that need no shop can be planned."""
    until = desk.ledger.now() + timedelta(seconds=desk.shop.absence.wait)
    desk.ledger.write(deliveries.postpone, delivery.id, until, reason, delivery.shape, counts=False)
    return "received"


def _state(desk: Desk, delivery: Delivery) -> str:
    current = desk.ledger.read(deliveries.get, delivery.id)
    assert current is not None, "no delivery is ever taken away while it waits"
    return current.state


def _quarantine(desk: Desk, delivery: Delivery, reason: str) -> str:
    try:
        desk.ledger.write(
            deliveries.settle, delivery.id, "quarantined", desk.ledger.now(), reason=reason, shape=delivery.shape
        )
    except Conflict:
        return _state(desk, delivery)
    desk.tell("delivery.quarantined", delivery.id, reason=reason)
    return "quarantined"


def _event(body: bytes | None, desk: Desk) -> Event:
    if body is None:
        raise Unreadable("its body is gone: it was erased, or is kept no longer")
    event = dialects.read(body)
    wanted = desk.store.op_store_id
    if event.op_store_id is not None and wanted is not None and event.op_store_id != wanted:
        raise Unreadable("body.storeId names another store than this store's op_store_id")
    return event


_HANDLERS: dict[type[Event], Callable[[Desk, Delivery, Any], str]] = {
    ClaimCreated: approvals.created,
    ClaimApproved: approvals.approved,
    ClaimDenied: notices.denied,
    MessageCreated: notices.message,
    ProtectionChanged: notices.protection_changed,
}
