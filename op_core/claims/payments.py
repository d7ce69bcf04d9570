"""
Which of an order's payments gives how much back. One refund is one payment.

Shops hold unrounded sums: an amount that equals what is left after rounding is given back as exactly what is left, so
that nothing of a cent remains, and never a part of a cent more than there is.
"""

from __future__ import annotations

from collections.abc import Sequence

from op_core.claims import caps
from op_core.ledger.actions import Action
from op_core.models import Order, Payment
from op_core.money import Money, total

__all__ = ["pay_from", "share_out"]


def share_out(owed: Money, free: Sequence[tuple[Payment, Money]]) -> list[tuple[Payment, Money]]:
    """
    Share an amount out over payments, in the order in which the shop lists them.

    Returns:
        Payments and parts that add up to *owed* (to all that is left, in that one case); nothing where it is not
        covered.
    """
    free = [(payment, amount) for payment, amount in free if amount.amount > 0]
    if free and total((amount for _, amount in free), owed.currency).rounded().amount == owed.amount:
        return list(free)
    parts = []
    left = owed
    for payment, amount in free:
        part = left if left <= amount else amount.cut()
        if part:
            parts.append((payment, part))
        if part == left:
            return parts
        left -= part
    return []


def pay_from(action: Action, order: Order, others: Sequence[Action]) -> str | None:
    """Return the payment to give back from: the planned one, else the first that still covers the amount."""
    if action.payment_id is not None:
        return action.payment_id
    worth = action.worth
    rest = caps.taken([one for one in others if one.id != action.id])
    for payment in order.payments:
        if worth is not None and worth <= _left(caps.free(payment, rest)):
            return payment.id
    return None


def _left(free: Money) -> Money:
    return free if free.is_exact else free.rounded()
