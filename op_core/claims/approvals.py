"""Claims that were filed or approved: an approval becomes a plan, or changes one."""

from __future__ import annotations

from functools import partial
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.claims import amend, caps, content
from op_core.claims.desk import Desk
from op_core.claims.forgotten import has_marks, recognised
from op_core.claims.holds import hold
from op_core.claims.lookup import conflict_of, op_items_of, order_of
from op_core.claims.plan import KNOWN_TYPES, Situation
from op_core.claims.proposal import Proposal, Step
from op_core.claims.write import Moved, insert, learn, settle, stop, take_up_again
from op_core.errors import Unreadable
from op_core.ledger import actions, plans, stores
from op_core.ledger.actions import Action
from op_core.ledger.deliveries import Delivery
from op_core.ledger.keyed import key_of, keyed
from op_core.models import Order
from op_core.order_protection.events import ClaimApproved, ClaimCreated
from op_core.requests import OperationKey, PlannedAction, ReviewPlanRequest
from op_core.untrusted import code

__all__ = ["approved", "created"]


def created(desk: Desk, delivery: Delivery, event: ClaimCreated) -> str:
    """Learn which order a claim is about; what waited for that is taken up again."""

    def write(connection: sa.Connection) -> str:
        known = plans.claim(connection, desk.store.id, event.claim_id)
        state = "duplicate" if known is not None and known.order_id == event.order_id else "planned"
        plans.learn(connection, desk.store.id, event.claim_id, order_id=event.order_id, op_order_id=event.op_order_id)
        take_up_again(connection, desk, event.claim_id)
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
        return self.claim, len(self.plans), frozenset(rows)


def approved(desk: Desk, delivery: Delivery, event: ClaimApproved) -> str:
    """
    Plan what an approval asks for.

    Raises:
        Unreadable: It holds no resolution, or one of a type that nobody knows.
        Moved: Something changed meanwhile.
        ShopUnavailable: The shop could not be asked.
        WireError: The API could not be asked.
    """
    said = [content.of_resolution(resolution) for resolution in event.resolutions]
    strange = sorted({one["type"] for one in said} - set(KNOWN_TYPES))
    if strange or not said:
        shown = sorted({repr(one) if code(one) == one else code(one) for one in strange})
        found = f"of unknown type {', '.join(shown)}" if strange else "none"
        raise Unreadable(f"body.resolutions: found {found}, expected {', '.join(KNOWN_TYPES)}")
    claim = desk.ledger.read(plans.claim, desk.store.id, event.claim_id)
    order_id = event.order_id or (claim.order_id if claim else None)
    known = desk.ledger.read(_Known.read, desk.store.id, event.claim_id, order_id)
    contents = _recognised(desk, said, known)
    order, lost = order_of(desk, order_id)
    situation = Situation(
        store=desk.store,
        order=order,
        taken=caps.taken(known.of_order),
        supports=desk.shop.supports,
        op_items=op_items_of(desk, contents, order),
        lost=lost,
    )
    again = delivery.content_hash is not None  # it was settled before, and put back in line
    proposal = amend.propose(contents, known.plans, known.of_claim, situation, again=again)
    steps = _steps(desk, event, known, order, proposal)

    def write(connection: sa.Connection) -> str:
        if _Known.read(connection, desk.store.id, event.claim_id, order_id).stamp != known.stamp:
            raise Moved
        now = desk.ledger.now(connection)
        named = content.digest([event.claim_id, content.set_hash(said)])
        conflict = conflict_of(connection, delivery, event, named)
        plans.learn(
            connection,
            desk.store.id,
            event.claim_id,
            order_id=event.order_id,
            op_order_id=event.op_order_id,
            approved_at=event.created_at,
        )
        if proposal.verdict == "same":
            return settle(connection, desk, delivery, event, "duplicate", named, order_id=order_id)
        named_set = content.set_hash(contents)
        if all(plan.content_hash != named_set for plan in known.plans):
            plans.record(connection, desk.store.id, event.claim_id, contents, named_set, delivery.id, now)
        about = {"subject": f"claim:{event.claim_id}", "claim_id": event.claim_id, "order_id": order_id}
        made: dict[str, list[int]] = {}
        for step in steps:
            draft = step.draft.held(*conflict)
            action = insert(connection, desk, delivery, draft, about, now, step.rewrites, step.rivals)
            made.setdefault(draft.verb, []).append(action.id)
        for done, draft in proposal.learned:
            learn(connection, delivery, done, draft, order_id, now)
        for rival, reason in proposal.stop:
            stop(
                connection,
                rival,
                reason,
                now,
                rivals=made.get(rival.verb) or [one for ids in made.values() for one in ids],
            )
        for refused in proposal.over:
            actions.move(connection, refused, "replaced", now)
        state = "conflict" if conflict else "planned"
        return settle(connection, desk, delivery, event, state, named, order_id=order_id)

    return desk.ledger.write(write)


def _recognised(desk: Desk, said: list[content.Content], known: _Known) -> list[content.Content]:
    """Return what was said as it was written down where the person of an earlier plan was forgotten."""
    key = desk.ledger.read(key_of) if has_marks(known.plans) else None
    return said if key is None else recognised(said, known.plans, partial(keyed, key))


def _steps(desk: Desk, event: ClaimApproved, known: _Known, order: Order | None, proposal: Proposal) -> list[Step]:
    """Return the proposal's steps with what else speaks for waiting."""
    steps = list(proposal.steps)
    if desk.ledger.read(stores.fact, "recovering"):  # the shop's figures may hold this very effect: it is asked first
        steps = [attrs.evolve(step, draft=step.draft.without("above_paid", "above_ordered")) for step in steps]
    steps = _reviewed(desk, event.claim_id, order, steps)
    if _is_denied(event, known.claim):
        denial = hold("withdrawn", "the claim was denied, and nothing says that this approval is later")
        steps = [attrs.evolve(step, draft=step.draft.held(denial)) for step in steps]
    return steps


def _is_denied(event: ClaimApproved, claim: plans.Claim | None) -> bool:
    """Deliveries come in any order: a denial stands unless an approval is surely the later word."""
    if claim is None or not claim.is_denied:
        return False
    return event.created_at is None or claim.denied_at is None or event.created_at <= claim.denied_at


def _reviewed(desk: Desk, claim_id: str | None, order: Order | None, steps: list[Step]) -> list[Step]:
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
