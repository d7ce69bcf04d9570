"""
Caps: never more money than was paid, never more units than were ordered.

Each is checked by the shop's figures and by ours, when a plan is made and again, on a fresh snapshot, just before
the call. Whatever may still happen, or may have happened, counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from op_core.claims.holds import hold
from op_core.claims.states import OWED
from op_core.ledger.actions import Action
from op_core.models import LineQuantity, Order, Payment
from op_core.money import Money, total

__all__ = ["GIVES_BACK", "Taken", "free", "given_back", "money", "taken", "units"]

GIVES_BACK = ("refund", "store_credit", "refund_protection")
_UNITS = ("refund", "store_credit", "reship")
_SHOWN = ("refund", "refund_protection")  # what a shop's own figures of payments and lines hold, once it is done


@attrs.frozen
class Taken:
    """
    What one action of ours takes from an order, or will.

    Attributes:
        group: Parts of one refund share it: their units count once.
        is_done: The shop's own figures hold it already.
    """

    verb: str
    worth: Money | None
    lines: tuple[LineQuantity, ...]
    group: str
    payment_id: str | None = None
    is_done: bool = False


def taken(existing: Iterable[Action]) -> list[Taken]:
    """Return what our actions take from their order: in every state but refused, declined and replaced."""
    return [
        Taken(
            verb=action.verb,
            worth=action.worth,
            lines=tuple(LineQuantity(*line) for line in action.content.get("lines", [])),
            group=f"{action.subject}/{action.resolution_hash or action.reference}",
            payment_id=action.payment_id,
            is_done=action.state == "done" and action.verb in _SHOWN,
        )
        for action in existing
        if action.state in OWED
    ]


def given_back(existing: Iterable[Taken], currency: str, *, unfinished_only: bool = False) -> Money:
    """Return what our own actions give back in that currency."""
    return total(
        (
            one.worth
            for one in existing
            if one.verb in GIVES_BACK
            and one.worth is not None
            and one.worth.currency == currency
            and not (unfinished_only and one.is_done)
        ),
        currency,
    )


def free(payment: Payment, existing: Iterable[Taken]) -> Money:
    """Return what is left of one payment once our unfinished refunds of it are through."""
    of_it = [one for one in existing if one.payment_id == payment.id]
    return payment.refundable - given_back(of_it, payment.captured.currency, unfinished_only=True)


def money(owed: Money, existing: Sequence[Taken], order: Order) -> list[dict[str, Any]]:
    """Return a hold if *owed* would exceed what was paid: by our own sum, or by what the shop says is left."""
    before = given_back(existing, owed.currency)
    paid = order.paid
    if (before + owed).rounded().amount > paid.rounded().amount:
        reason = f"{owed} on top of {before} that is given back already exceeds the {paid} that was paid"
        return [hold("above_paid", reason)]
    left = order.refundable - given_back(existing, owed.currency, unfinished_only=True)
    if owed.amount > left.amount and owed.amount > left.rounded().amount:
        return [hold("above_paid", f"{owed} exceeds the {left} that the shop has left to give back")]
    return []


def units(lines: Iterable[LineQuantity], existing: Sequence[Taken], order: Order) -> list[dict[str, Any]]:
    """Return holds for lines of which more units would be refunded or sent again than were ordered."""
    holds = []
    for line in lines:
        found = order.line(line.line_id)
        if found is None:
            continue
        groups: dict[str, int] = {}
        shown = {one.group for one in existing if one.is_done}
        for one in existing:
            if one.verb in _UNITS:
                quantity = sum(part.quantity for part in one.lines if part.line_id == line.line_id)
                groups[one.group] = max(groups.get(one.group, 0), quantity)
        by_shop = found.refunded_quantity + sum(groups[group] for group in groups.keys() - shown)
        before = max(sum(groups.values()), by_shop)
        if before + line.quantity > found.quantity:
            reason = (
                f"{line.quantity} of line {line.line_id} on top of {before} refunded or sent again;"
                f" {found.quantity} were ordered"
            )
            holds.append(hold("above_ordered", reason))
    return holds
