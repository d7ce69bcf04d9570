"""
What Order Protection says of an order's claims, held against what the ledger knows.

A claim that is approved there and unknown here becomes an action that waits for a person, never one that acts: the
API's claims have no amounts of lines (page CLM-O). What both know and tell differently is written down.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.claims.content import text
from op_core.claims.desk import Desk
from op_core.claims.differing import Known, approves, compared, standing
from op_core.claims.holds import NEVER_DELIVERED, hold
from op_core.claims.plan import KNOWN_TYPES, Draft
from op_core.claims.write import insert
from op_core.errors import NotFoundThere
from op_core.ledger import actions, differences, plans
from op_core.ledger.actions import Action
from op_core.ledger.differences import Difference
from op_core.order_protection.answers import ReadClaim, ReadClaimResolution
from op_core.untrusted import code

__all__ = ["Swept", "look"]

_Webhooks = Sequence[tuple[int, str]]


@attrs.frozen
class Swept:
    """
    What a sweep found, in numbers. Sums by ``+``.

    Attributes:
        orders: Orders that were asked for.
        unknown_orders: Of these, those that Order Protection does not know.
        claims: Claims that it listed.
        never_delivered: Actions that were made to wait, for claims whose webhook never came.
        waiting: Claims that are left to the next sweep: their webhook is here and not planned yet, or they changed
            within ``sweep.grace`` on either side.
        differences: Things that both know and tell differently.
        new: Of these, those that an earlier sweep did not find.
        unreadable: Orders whose claims could not be asked for or read.
    """

    orders: int = 0
    unknown_orders: int = 0
    claims: int = 0
    never_delivered: int = 0
    waiting: int = 0
    differences: int = 0
    new: int = 0
    unreadable: int = 0

    def __add__(self, other: Swept) -> Swept:
        """Add two of them up."""
        return Swept(*(a + b for a, b in zip(attrs.astuple(self), attrs.astuple(other), strict=True)))


def look(desk: Desk, order_id: str) -> Swept:
    """
    Ask for the claims of one order, and write down what is missing here and what differs.

    Args:
        desk: The store's.
        order_id: The shop's id of the order.

    Raises:
        WireError: Order Protection could not be asked.
    """
    count = Swept(orders=1)
    claims: dict[str, ReadClaim] = {}
    try:
        claims = {claim.id: claim for claim in desk.api.claims_of_order(order_id) if claim.id and not claim.deleted_at}
    except NotFoundThere:
        count += Swept(unknown_orders=1)
    known = desk.ledger.read(_known, desk.store.id, order_id, claims)
    if known is None:
        return count
    webhooks = {
        claim_id: desk.ledger.read(differences.unplanned, desk.store.id, _named(claim_id))
        for claim_id, claim in claims.items()
        if known[claim_id].plan is None and approves(claim)
    }
    own_items = _own_items(desk, order_id, [claim for id_, claim in claims.items() if known[id_].plan is not None])
    sight = _Sight(desk, order_id, claims, webhooks, own_items)
    found, made, new = desk.ledger.write(sight.write)
    for action in made:
        desk.tell("action.held", action.key, **action.facts)
    for one in new:
        desk.tell("claim.differs", f"claim:{one.claim_id}", what=one.what, ours=one.ours, theirs=one.theirs)
    return count + found


def _known(
    connection: sa.Connection, store_id: str, order_id: str, claims: Mapping[str, ReadClaim]
) -> dict[str, Known] | None:
    """Return what is known of the listed claims; None where neither side has anything to say of the order."""
    if not claims and not differences.concerns(connection, store_id, order_id):
        return None
    return {claim_id: _of_claim(connection, store_id, claim_id) for claim_id in claims}


def _of_claim(connection: sa.Connection, store_id: str, claim_id: str) -> Known:
    made = plans.plans_of(connection, store_id, claim_id)
    return Known(
        plans.claim(connection, store_id, claim_id),
        made[-1] if made else None,
        actions.of_subject(connection, store_id, f"claim:{claim_id}"),
    )


def _named(claim_id: str) -> bytes:
    """Return how a body names the claim, also one that nobody has read yet, or nobody can read."""
    return json.dumps(claim_id, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _own_items(desk: Desk, order_id: str, claims: Sequence[ReadClaim]) -> dict[str, str]:
    """Ask which of the shop's items the API's own ids are, where there are units to compare (G-5)."""
    if not any(claim.claim_items for claim in claims):
        return {}
    try:
        there = desk.api.get_order(order_id)
    except NotFoundThere:
        return {}
    return {item.id: item.source_item_id for item in there.order_items if item.id and item.source_item_id}


@attrs.frozen
class _Sight:
    """One order as the API shows it, and the webhooks that are here for its claims and are no plan yet."""

    desk: Desk
    order_id: str
    claims: Mapping[str, ReadClaim]
    webhooks: Mapping[str, _Webhooks]
    own_items: Mapping[str, str]

    def write(self, connection: sa.Connection) -> tuple[Swept, list[Action], list[Difference]]:
        """Write down what is missing and what differs, by the ledger as it is in this transaction."""
        store_id, now = self.desk.store.id, self.desk.ledger.now(connection)
        made: list[Action] = []
        found: list[Difference] = []
        left: set[str] = set()
        waiting = 0
        for claim_id, claim in self.claims.items():
            known = _of_claim(connection, store_id, claim_id)
            webhooks = self.webhooks.get(claim_id, ())
            if self._is_fresh(now, claim, known) or any(state == "received" for _, state in webhooks):
                left.add(claim_id)
                waiting += known.plan is None and approves(claim)
                continue
            differs = compared(self.order_id, claim, known, self.own_items)
            found += differs
            if self._is_missing(claim, known) and all(one.what != "order" for one in differs):
                made += self._missed(connection, claim, known, [number for number, _ in webhooks], now)
                found += self._of_no_type(claim)
        for claim_id in differences.claims_planned(connection, store_id, self.order_id) - self.claims.keys():
            if self._is_fresh(now, None, _of_claim(connection, store_id, claim_id)):
                left.add(claim_id)
            else:
                found.append(Difference(claim_id, self.order_id, "listed", "planned", None))
        new = differences.replace(connection, store_id, self.order_id, found, left, now)
        count = Swept(claims=len(self.claims), never_delivered=len(made), waiting=waiting)
        return count + Swept(differences=len(found), new=len(new)), made, new

    def _is_fresh(self, now: datetime, claim: ReadClaim | None, known: Known) -> bool:
        """Tell whether one side changed so lately that the other may not have heard of it."""
        changes = [known.plan.planned_at] if known.plan is not None else []
        if claim is not None:
            changes += [at for at in (claim.resolution_date, claim.updated_at) if at is not None]
        return any(abs(now - at) < self.desk.store.sweep.grace for at in changes)

    def _is_missing(self, claim: ReadClaim, known: Known) -> bool:
        """Tell whether something is owed that no webhook told of; an approval before a denial is not."""
        if known.plan is not None or not approves(claim):
            return False
        if not known.is_denied:
            return True
        assert known.claim is not None
        assert known.claim.denied_at is not None
        return claim.resolution_date is not None and claim.resolution_date > known.claim.denied_at

    def _missed(
        self, connection: sa.Connection, claim: ReadClaim, known: Known, quarantined: Sequence[int], now: datetime
    ) -> list[Action]:
        """Make one action wait for each resolution that none waits for yet. None of them can be approved."""
        here = Counter(str(one.content["from"]) for one in known.missed)
        ids = {one.content[NEVER_DELIVERED] for one in known.missed}
        about = {"subject": f"claim:{claim.id}", "claim_id": claim.id, "order_id": self.order_id}
        made = []
        # Those that are known already come first: they are what the actions that are there were made for.
        for one in sorted(
            standing(claim), key=lambda one: (one.id not in ids, one.resolution_type or "", one.id or "")
        ):
            kind = one.resolution_type
            if kind not in KNOWN_TYPES:
                continue
            if here[kind] > 0:
                here[kind] -= 1
                continue
            said: dict[str, Any] = {"lines": [], "from": kind, NEVER_DELIVERED: one.id or "", "said_paid": _paid(one)}
            draft = Draft(KNOWN_TYPES[kind], said, holds=(hold(NEVER_DELIVERED, _reason(claim, one, quarantined)),))
            made.append(insert(connection, self.desk, None, draft, about, now))
        if made:  # a short body that comes late names no order (C-4)
            plans.learn(
                connection, self.desk.store.id, str(claim.id), order_id=self.order_id, op_order_id=claim.order_id
            )
        return made

    def _of_no_type(self, claim: ReadClaim) -> list[Difference]:
        """List a claim that is approved without a resolution that we know: nobody can say what is owed."""
        types = sorted(code(one.resolution_type) for one in standing(claim))
        strange = [name for name in types if name not in KNOWN_TYPES]
        if types and not strange:
            return []
        theirs = f"{claim.claim_state}: {', '.join(strange) or 'no resolution'}"
        return [Difference(str(claim.id), self.order_id, "resolutions", None, theirs)]


def _paid(one: ReadClaimResolution) -> str | None:
    return None if one.paid_value is None else f"{text(one.paid_value)} {one.paid_currency or 'of no currency'}"


def _reason(claim: ReadClaim, one: ReadClaimResolution, quarantined: Sequence[int]) -> str:
    why = "no webhook of that decision is here"
    if quarantined:
        why = f"delivery {quarantined[0]}, which may be its webhook, is quarantined"
    paid = f" ({_paid(one)} paid)" if one.paid_value is not None else ""
    itself = ""
    if one.resolution_type == "STORE_CREDIT" and any(not credit.deleted_at for credit in claim.claim_store_credits):
        itself = " Order Protection has given store credit for the claim itself."
    return (
        f"Order Protection lists the claim as {claim.claim_state} with {one.resolution_type}{paid}, and {why}.{itself}"
        " Have it sent again; or do it in the shop and record it"
    )
