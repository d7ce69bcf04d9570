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

__all__ = ["Uncovered", "pay_from", "share_out"]


class Uncovered(Exception):
    """A refund has no payment that it could come from; the text says why."""


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


def pay_from(action: Action, order: Order, others: Sequence[Action]) -> str:
    """
    Return the payment to give back from: the planned one, else the first that covers the amount.

    Raises:
        Uncovered: It does not, since something else was given back of it meanwhile; or none does.
    """
    worth = action.worth
    assert worth is not None, "a refund has an amount"
    rest = caps.taken([one for one in others if one.id != action.id])
    for payment in order.payments:
        if action.payment_id in (None, payment.id):
            left = caps.free(payment, rest)
            if worth <= left:
                return payment.id
            if action.payment_id is not None:
                raise Uncovered(f"{worth} was to come from payment {payment.id}, which has {left} left")
    if action.payment_id is not None:
        raise Uncovered(f"{worth} was to come from payment {action.payment_id}, which the order has no more")
    raise Uncovered(f"no payment of the order has {worth} left")
