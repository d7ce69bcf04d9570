"""
What Order Protection and the ledger both know of a claim, and tell differently. Pure.

Only amounts, states, types and ids are written down. What is silent on one side, such as a sum that is not paid yet,
differs from nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from op_core.claims.content import Content, brief, text
from op_core.claims.plan import KNOWN_TYPES
from op_core.claims.states import OWED
from op_core.claims.takeover import is_missed
from op_core.ledger.actions import Action
from op_core.ledger.differences import Difference
from op_core.ledger.plans import Claim, Plan
from op_core.order_protection.answers import ReadClaim, ReadClaimResolution
from op_core.untrusted import code

__all__ = ["Known", "approves", "compared", "standing"]

_APPROVED = ("APPROVED", "RESOLVED", "RESOLVED_BY_BRAND")
_DENIED = ("DENIED", "DISMISSED")
_Said = tuple[str, str | None, str | None]


@attrs.frozen
class Known:
    """What the ledger holds of one claim; *plan* is the latest."""

    claim: Claim | None
    plan: Plan | None
    actions: list[Action]

    @property
    def is_denied(self) -> bool:
        """Tell whether the last word here is a denial."""
        return self.claim is not None and self.claim.is_denied

    @property
    def missed(self) -> list[Action]:
        """What an earlier sweep found, as long as no webhook says more."""
        return [] if self.plan is not None else [one for one in self.actions if is_missed(one)]

    @property
    def done(self) -> list[Action]:
        """The effects that took place."""
        return [one for one in self.actions if one.exclusive and one.state == "done"]


def standing(claim: ReadClaim) -> list[ReadClaimResolution]:
    """Return the resolutions that were not taken back."""
    return [one for one in claim.claim_resolutions if one.deleted_at is None]


def approves(claim: ReadClaim) -> bool:
    """Tell whether something is owed for the claim. A closed one may have been closed without a resolution."""
    if claim.claim_state == "CLOSED":
        return any(one.resolution_type in KNOWN_TYPES for one in standing(claim))
    return claim.claim_state in _APPROVED


def _allows(claim: ReadClaim) -> bool:
    """Tell whether the state speaks against nothing that was done: an archived claim was decided before."""
    return (
        approves(claim) or claim.claim_state == "CLOSED" or (claim.claim_state == "ARCHIVED" and bool(standing(claim)))
    )


def compared(order_id: str, claim: ReadClaim, known: Known, own_items: Mapping[str, str]) -> list[Difference]:
    """
    Return what differs.

    Args:
        order_id: Under which the API lists the claim.
        claim: As the API has it.
        known: As the ledger has it.
        own_items: Order Protection's own item ids, to the shop's; empty where nobody has asked.
    """
    ours = (known.claim.order_id if known.claim is not None else None) or order_id
    theirs = claim.source_order_id or order_id
    if not ours == order_id == theirs:
        return [Difference(str(claim.id), order_id, "order", ours, f"{theirs}, listed under {order_id}")]
    said = [*_word(claim, known), *_undecided(claim, known), *_credit(claim, known)]
    if known.missed:
        said += _listed_before(claim, known.missed)
    elif known.plan is not None and not known.is_denied and approves(claim):
        types = _types(claim, known.plan.content)
        said += types or _sums(claim, known)
        said += _items(claim, known.plan.content, own_items)
    return [Difference(str(claim.id), order_id, *one) for one in said]


def _word(claim: ReadClaim, known: Known) -> list[_Said]:
    """Compare the last word: approved or denied."""
    if known.is_denied:
        return [("state", "denied", claim.claim_state)] if approves(claim) else []
    if known.plan is not None and claim.claim_state in _DENIED:
        return [("state", "approved", claim.claim_state)]
    if known.missed and not _allows(claim):
        return [("state", "approved, as an earlier sweep found", claim.claim_state)]
    return []


def _undecided(claim: ReadClaim, known: Known) -> list[_Said]:
    """Name what was done here for a claim that is not decided there, or decided the other way."""
    if not known.done or _allows(claim):
        return []
    return [("undecided", f"done: {', '.join(sorted(one.verb for one in known.done))}", claim.claim_state)]


def _credit(claim: ReadClaim, known: Known) -> list[_Said]:
    """Name store credit that Order Protection gave by itself, where we give or gave it too."""
    ours = [one for one in known.actions if one.verb == "store_credit" and one.state in OWED]
    theirs = [one for one in claim.claim_store_credits if one.deleted_at is None and one.credit_value]
    if not ours or not theirs:
        return []
    mine = ", ".join(f"action {one.id} is {one.state}" for one in ours)
    return [
        ("store credit", mine, f"gave {_in_words(_added((one.credit_currency, one.credit_value) for one in theirs))}")
    ]


def _listed_before(claim: ReadClaim, missed: Sequence[Action]) -> list[_Said]:
    """Compare with what an earlier sweep found; what is listed beyond that has become an action by now."""
    before = Counter(str(one.content["from"]) for one in missed)
    now = Counter(str(one.resolution_type) for one in standing(claim))
    if not approves(claim) or not before - now:
        return []
    return [("resolutions", ", ".join(sorted(before.elements())), ", ".join(sorted(now.elements())) or "none")]


def _types(claim: ReadClaim, said: Sequence[Content]) -> list[_Said]:
    ours = sorted(str(one["type"]) for one in said)
    theirs = sorted(code(one.resolution_type) for one in standing(claim))
    form: Callable[[Any], Any] = set if all(brief(one) for one in said) else list  # C-4 joins those of one type
    if not theirs or form(ours) == form(theirs):
        return []
    return [("resolutions", ", ".join(ours), ", ".join(theirs))]


def _sums(claim: ReadClaim, known: Known) -> list[_Said]:
    """Compare what is paid there with what was decided and given here, type by type; a reship pays nothing."""
    assert known.plan is not None
    said: list[_Said] = []
    for kind in sorted({str(one["type"]) for one in known.plan.content} - {"RESHIP"}):
        owed = _added((one["currency"], one["total"]) for one in known.plan.content if one["type"] == kind)
        paid = _added((one.paid_currency, one.paid_value or None) for one in standing(claim)
                      if one.resolution_type == kind)  # fmt: skip
        of_kind = [one for one in known.actions if one.content.get("from") == kind and one.state in OWED]
        given = None
        if of_kind and all(one.state == "done" for one in of_kind):
            given = _added((one.currency, one.amount) for one in of_kind)
        if not owed or not paid or (paid == owed and given in (None, paid)):
            continue
        mine = _in_words(owed) if given in (None, owed) else f"{_in_words(owed)}, given {_in_words(given)}"
        said.append((f"paid {kind}", mine, _in_words(paid)))
    return said


_Sums = dict[str, Decimal]


def _added(amounts: Any) -> _Sums | None:
    """Add amounts up by currency; None where one of them is not said."""
    sums: _Sums = {}
    for currency, amount in amounts:
        if amount is None:
            return None
        name = str(currency or "of no currency").upper()
        sums[name] = sums.get(name, Decimal(0)) + Decimal(amount)
    return sums


def _in_words(sums: _Sums | None) -> str:
    return ", ".join(f"{text(value)} {currency}" for currency, value in sorted((sums or {}).items()))


def _items(claim: ReadClaim, said: Sequence[Content], own_items: Mapping[str, str]) -> list[_Said]:
    """Name units that were decided and not claimed, where all ids are known; whose ids they are, no page says (G-5)."""
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for one in said:
        of_one: Counter[str] = Counter()
        for line in one["lines"]:
            of_one[own_items.get(str(line["item_id"]), str(line["item_id"]))] += line["quantity"]
        ours |= of_one
    for item in claim.claim_items:
        if item.deleted_at is None:
            theirs[own_items.get(str(item.item_id), str(item.item_id))] += item.quantity or 0
    if not theirs or not ours.keys() <= theirs.keys() or ours <= theirs:
        return []
    mine, listed = (", ".join(f"{units} of {item}" for item, units in sorted(side.items())) for side in (ours, theirs))
    return [("items", mine, listed)]
