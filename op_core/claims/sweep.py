"""
What Order Protection says of an order's claims, held against what the ledger knows.

A claim that is approved there and unknown here becomes an action that waits for a person, never one that acts: the
API's claims have no amounts of lines (page CLM-O). What both know and tell differently is written down.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.claims.checks import DECIDED
from op_core.claims.content import text
from op_core.claims.desk import Desk
from op_core.claims.holds import NEVER_DELIVERED, hold
from op_core.claims.plan import KNOWN_TYPES, Draft
from op_core.claims.write import insert
from op_core.errors import NotFoundThere
from op_core.ledger import actions, differences, plans
from op_core.ledger.actions import Action
from op_core.ledger.differences import Difference
from op_core.order_protection.answers import ReadClaim, ReadClaimResolution

__all__ = ["Swept", "look"]

_DENIED = ("DENIED", "DISMISSED")


@attrs.frozen
class Swept:
    """
    What a sweep found, in numbers. Sums by ``+``.

    Attributes:
        orders: Orders that were asked for.
        unknown_orders: Of these, those that Order Protection does not know.
        claims: Claims that it listed.
        never_delivered: Actions that were made to wait, for claims whose webhook never came.
        waiting: Claims that are approved there, and whose webhook is here and not planned yet, or may be on its way.
        differences: Things that both know and tell differently.
        new: Of these, those that an earlier sweep did not find.
    """

    orders: int = 0
    unknown_orders: int = 0
    claims: int = 0
    never_delivered: int = 0
    waiting: int = 0
    differences: int = 0
    new: int = 0

    def __add__(self, other: Swept) -> Swept:
        """Add two of them up."""
        return Swept(*(a + b for a, b in zip(attrs.astuple(self), attrs.astuple(other), strict=True)))


@attrs.frozen
class _Known:
    """What the ledger holds of one claim."""

    claim: plans.Claim | None
    plan: plans.Plan | None
    actions: list[Action]

    @classmethod
    def read(cls, connection: sa.Connection, store_id: str, claim_id: str) -> _Known:
        made = plans.plans_of(connection, store_id, claim_id)
        return cls(
            plans.claim(connection, store_id, claim_id),
            made[-1] if made else None,
            actions.of_subject(connection, store_id, f"claim:{claim_id}"),
        )

    @property
    def is_denied(self) -> bool:
        return self.claim is not None and self.claim.is_denied

    @property
    def is_known(self) -> bool:
        """Tell whether a decision of it was planned, or a person has been told that none came."""
        return self.plan is not None or bool(self.actions)


def look(desk: Desk, order_id: str) -> Swept:
    """
    Ask for the claims of one order, and write down what is missing here and what differs.

    Args:
        desk: The store's.
        order_id: The shop's id of the order.

    Raises:
        WireError: Order Protection could not be asked.
    """
    try:
        listed = [claim for claim in desk.api.claims_of_order(order_id) if claim.id and claim.deleted_at is None]
    except NotFoundThere:
        return Swept(orders=1, unknown_orders=1)

    def write(connection: sa.Connection) -> tuple[Swept, list[Action], list[Difference]]:
        count, made, found = Swept(orders=1, claims=len(listed)), [], []
        for claim in listed:
            known = _Known.read(connection, desk.store.id, str(claim.id))
            if not known.is_known and not known.is_denied and claim.claim_state in DECIDED:
                here = differences.unplanned(connection, desk.store.id, _named(claim))
                if _is_fresh(desk, claim) or any(state == "received" for _, state in here):
                    count += Swept(waiting=1)
                    continue
                made += _missed(connection, desk, order_id, claim, [number for number, _ in here])
                found += _without_resolution(claim, order_id)
            elif known.is_known or known.is_denied:
                found += _compared(claim, known, order_id)
        theirs = {str(claim.id) for claim in listed}
        for claim_id in sorted(differences.claims_planned(connection, desk.store.id, order_id) - theirs):
            found.append(Difference(claim_id, order_id, "listed", "planned", None))
        now = desk.ledger.now(connection)
        new = differences.replace(connection, desk.store.id, order_id, found, now)
        return count + Swept(never_delivered=len(made), differences=len(found), new=len(new)), made, new

    count, made, new = desk.ledger.write(write)
    for action in made:
        desk.tell("action.held", action.key, verb=action.verb, reference=action.reference, order_id=order_id)
    for one in new:
        desk.tell("claim.differs", f"claim:{one.claim_id}", what=one.what, ours=one.ours, theirs=one.theirs)
    return count


# --- Approved there, unknown here ----------------------------------------------------------------------------------


def _is_fresh(desk: Desk, claim: ReadClaim) -> bool:
    """Tell whether the decision is so new that its webhook may still come."""
    decided = max(filter(None, (claim.resolution_date, claim.updated_at)), default=None)
    return decided is not None and desk.ledger.now() - decided < desk.store.sweep.grace


def _named(claim: ReadClaim) -> bytes:
    """Return how a body names the claim, also one that nobody has read yet, or nobody can read."""
    return json.dumps(claim.id, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _standing(claim: ReadClaim) -> list[ReadClaimResolution]:
    return [one for one in claim.claim_resolutions if one.deleted_at is None]


def _missed(
    connection: sa.Connection,
    desk: Desk,
    order_id: str,
    claim: ReadClaim,
    quarantined: Sequence[int],
) -> list[Action]:
    """Make one action wait for each resolution. None can be approved: how much, and of what, no read says."""
    now = desk.ledger.now(connection)
    why = "no webhook of that decision is here"
    if quarantined:
        why = f"delivery {quarantined[0]}, which may be its webhook, is quarantined"
    made = []
    for one in sorted(_standing(claim), key=lambda one: (one.resolution_type or "", one.id or "")):
        if one.resolution_type not in KNOWN_TYPES:
            continue
        said: dict[str, Any] = {
            "lines": [],
            "from": one.resolution_type,
            NEVER_DELIVERED: one.id or "",
            "said_paid": _paid(one),
        }
        reason = (
            f"Order Protection lists the claim as {claim.claim_state} with {one.resolution_type}, and {why}. Have it"
            " sent again; or do it in the shop and record it"
        )
        draft = Draft(KNOWN_TYPES[one.resolution_type], said, holds=(hold(NEVER_DELIVERED, reason),))
        about = {"subject": f"claim:{claim.id}", "claim_id": claim.id, "order_id": order_id}
        made.append(insert(connection, desk, None, draft, about, now))
    return made


def _without_resolution(claim: ReadClaim, order_id: str) -> list[Difference]:
    """List a claim that is approved without a resolution that we know: nobody can say what is owed."""
    types = sorted(str(one.resolution_type) for one in _standing(claim))
    strange = [name for name in types if name not in KNOWN_TYPES]
    if types and not strange:
        return []
    theirs = f"{claim.claim_state}: {', '.join(strange) or 'no resolution'}"
    return [Difference(str(claim.id), order_id, "resolutions", None, theirs)]


def _paid(one: ReadClaimResolution) -> str | None:
    return None if one.paid_value is None else f"{text(one.paid_value)} {one.paid_currency or 'of no currency'}"


# --- Known to both -------------------------------------------------------------------------------------------------


def _compared(claim: ReadClaim, known: _Known, order_id: str) -> list[Difference]:
    pairs = [("state", *_state(claim, known)), ("undecided", *_undecided(claim, known))]
    if known.plan is not None and not known.is_denied and claim.claim_state in DECIDED:
        said = known.plan.content
        pairs += [
            ("resolutions", *_types(claim, said)),
            ("paid", *_sums(claim, said)),
            ("items", *_items(claim, said)),
        ]
    return [
        Difference(str(claim.id), order_id, what, ours, theirs)
        for what, ours, theirs in pairs
        if (ours, theirs) != (None, None)
    ]


_Pair = tuple[str | None, str | None]
_ALIKE: _Pair = (None, None)


def _state(claim: ReadClaim, known: _Known) -> _Pair:
    """Compare the last word: approved or denied."""
    if known.is_denied and claim.claim_state in DECIDED:
        return "denied", claim.claim_state
    if known.plan is not None and not known.is_denied and claim.claim_state in _DENIED:
        return "approved", claim.claim_state
    return _ALIKE


def _undecided(claim: ReadClaim, known: _Known) -> _Pair:
    """Name what was done here for a claim that is not decided there."""
    done = sorted(one.verb for one in known.actions if one.exclusive and one.state == "done")
    if done and claim.claim_state not in (*DECIDED, *_DENIED):
        return f"done: {', '.join(done)}", claim.claim_state
    return _ALIKE


def _types(claim: ReadClaim, said: Sequence[dict[str, Any]]) -> _Pair:
    ours = sorted(str(one["type"]) for one in said)
    theirs = sorted(str(one.resolution_type) for one in _standing(claim))
    return _ALIKE if ours == theirs or not theirs else (", ".join(ours), ", ".join(theirs))


def _sums(claim: ReadClaim, said: Sequence[dict[str, Any]]) -> _Pair:
    """Compare what was paid there with what was decided here, by type and currency; a reship pays nothing."""
    ours: Counter[tuple[str, str]] = Counter()
    theirs: Counter[tuple[str, str]] = Counter()
    for one in said:
        if one["total"] is None or one["currency"] is None:
            return _ALIKE
        if one["type"] != "RESHIP":
            ours[one["type"], one["currency"]] += Decimal(one["total"])  # type: ignore[assignment]  # a Counter adds up any number
    for paid in _standing(claim):
        if paid.resolution_type != "RESHIP" and paid.paid_value:
            theirs[str(paid.resolution_type), str(paid.paid_currency)] += paid.paid_value  # type: ignore[assignment]  # as above
    if not theirs or ours == theirs:
        return _ALIKE
    return _in_words(ours), _in_words(theirs)


def _in_words(sums: Mapping[tuple[str, str], Any]) -> str | None:
    return ", ".join(f"{kind} {text(value)} {currency}" for (kind, currency), value in sorted(sums.items())) or None


def _items(claim: ReadClaim, said: Sequence[dict[str, Any]]) -> _Pair:
    """Compare units where both name the same items; whose ids a webhook has, no page says (G-5)."""
    ours: Counter[str] = Counter()
    for one in said:
        for line in one["lines"]:
            ours[str(line["item_id"])] = max(ours[str(line["item_id"])], line["quantity"])
    theirs = Counter({str(item.item_id): item.quantity or 0 for item in claim.claim_items if item.deleted_at is None})
    if ours == theirs or ours.keys() != theirs.keys():
        return _ALIKE
    return tuple(  # type: ignore[return-value]  # two of them
        ", ".join(f"{quantity} of {item}" for item, quantity in sorted(side.items())) for side in (ours, theirs)
    )
