"""
Protection that was added or removed by hand: whether the customer is billed, or given the premium back. Pure.

For each order there is a state, on or off. An event that repeats it is a duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import attrs

from op_core.claims.holds import hold
from op_core.claims.plan import Draft
from op_core.ledger.actions import Action
from op_core.ledger.plans import Protection
from op_core.models import Order
from op_core.money import Money
from op_core.order_protection.events import ProtectionChanged
from op_core.settings import StoreSettings

__all__ = ["Verdict", "charged", "judge"]


@attrs.frozen
class Verdict:
    """What an event asks for: nothing new, or an action, or (absorbed) only a new state."""

    duplicate: bool = False
    draft: Draft | None = None
    paid: Money | None = None


def _before(order: Order | None, known: Protection | None) -> tuple[bool | None, Money | None]:
    """Return whether the order is protected (None: nobody knows) and the premium known as paid."""
    if known is not None:
        return known.is_on, known.paid
    premium = order.premium_paid if order is not None else None
    if premium is None:
        return None, None
    return bool(premium), premium


def charged(known: Protection | None, actions: Sequence[Action]) -> Protection | None:
    """Return *known* without a premium that was to be billed and, by these *actions*, is not: planned is not paid."""
    charges = [action for action in actions if action.verb == "charge_protection"]
    if known is None or not charges or charges[-1].state == "done":
        return known
    return attrs.evolve(known, paid=None)


def judge(
    event: ProtectionChanged, order: Order | None, known: Protection | None, store: StoreSettings, *, flips: bool
) -> Verdict:
    """
    Say what an event means.

    Args:
        event: What was said.
        order: A fresh snapshot; None where the shop has none.
        known: The state so far, by earlier events; None where there were none.
        store: Its settings say what is done by itself.
        flips: An event of exactly this content was planned before.
    """
    is_on, premium = _before(order, known)
    if is_on is event.added:
        return Verdict(duplicate=True)
    amount = Money(event.amount, event.currency)
    holds = _doubts(event, amount, order)
    if flips:
        holds.append(
            hold("flip", "protection was changed to and fro, and the event has no id that tells it from a repeat")
        )
    facts = {"from": "protection.added" if event.added else "protection.removed", "premium": str(premium or "unknown")}
    if event.added:
        return _added(amount, facts, holds, store)
    return _removed(amount, premium, facts, holds, store)


def _doubts(event: ProtectionChanged, amount: Money, order: Order | None) -> list[dict[str, Any]]:
    holds = []
    if not amount.is_exact:
        holds.append(hold("digits", f"{amount.amount} has more digits than {amount.currency} has"))
    if amount.amount <= 0:
        holds.append(hold("no_amount", f"the event says {amount}"))
    if order is not None and order.currency != event.currency:
        holds.append(hold("currency", f"the event says {event.currency}, the order is in {order.currency}"))
    return holds


def _limits(amount: Money, store: StoreSettings) -> list[dict[str, Any]]:
    limit = store.limits.hold_above.get(amount.currency)
    if limit is None:
        return [hold("above_limit", f"limits.hold_above names no limit in {amount.currency}; the premium is {amount}")]
    if amount.amount > limit:
        return [hold("above_limit", f"the premium is {amount}, above limits.hold_above of {limit} {amount.currency}")]
    return []


def _added(amount: Money, facts: dict[str, Any], holds: list[dict[str, Any]], store: StoreSettings) -> Verdict:
    if store.protection.on_added == "absorb":
        return Verdict(paid=Money(Decimal(0), amount.currency))
    if store.protection.on_added == "hold":
        holds.append(hold("setting", 'protection.on_added is "hold"'))
    holds += _limits(amount, store)
    return Verdict(draft=Draft("charge_protection", facts, amount, holds=tuple(holds)), paid=amount)


def _removed(
    amount: Money, premium: Money | None, facts: dict[str, Any], holds: list[dict[str, Any]], store: StoreSettings
) -> Verdict:
    if store.protection.on_removed == "hold":
        holds.append(hold("setting", 'protection.on_removed is "hold"'))
    if premium is None:
        holds.append(hold("above_premium", f"{amount} is to go back, and no premium is known as paid"))
    elif premium.currency == amount.currency and premium < amount:
        holds.append(hold("above_premium", f"{amount} is to go back, and {premium} is known as paid"))
    holds += _limits(amount, store)
    return Verdict(draft=Draft("refund_protection", facts, amount, holds=tuple(holds)), paid=None)
