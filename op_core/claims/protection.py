"""
Protection that was added or removed by hand: whether the customer is billed, or given the premium back. Pure.

For each order there is a state, on or off. An event that repeats it is a duplicate. Two sides change it: Order
Protection by its webhooks, and the shop on its own order, which the export tells. Order Protection may answer what it
is told with a webhook (G-3): the state is written before it is told, so that such an echo repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs

from op_core.claims.holds import hold
from op_core.claims.plan import Draft
from op_core.claims.states import BEGUN
from op_core.ledger.actions import Action
from op_core.ledger.exports import PremiumSeen
from op_core.ledger.plans import Protection
from op_core.models import Order
from op_core.money import Money
from op_core.order_protection.events import ProtectionChanged
from op_core.settings import StoreSettings

__all__ = ["Verdict", "current", "judge", "overtaken", "shop_changed"]

_ECHO = timedelta(minutes=15)  # within it an event may be made by what was told: both clocks, and their queue


@attrs.frozen
class Verdict:
    """
    What an event asks for: nothing new, or an action, or (absorbed) only a new state.

    Attributes:
        doubtful: It may be a repeat or an echo: its action is held, and the state stays until that is done.
    """

    duplicate: bool = False
    draft: Draft | None = None
    paid: Money | None = None
    doubtful: bool = False


def shop_changed(order: Order, seen: PremiumSeen | None, known: Protection | None, actions: Sequence[Action]) -> bool:
    """
    Tell whether the shop itself brought the premium or took it away, and nobody wrote that down yet.

    Args:
        order: A fresh snapshot.
        seen: What the export saw of its premium last.
        known: The state so far.
        actions: What we did about the order's protection. One that began since and may show now explains a difference:
            then it is not the shop's own.
    """
    has_premium = bool(order.premium_paid)
    if known is not None and known.by_shop:
        return known.is_on is not has_premium
    if seen is None or seen.has_premium is has_premium:
        return False
    verb = "charge_protection" if has_premium else "refund_protection"
    return not any(
        one.verb == verb and one.state in BEGUN and (one.settled_at is None or one.settled_at >= seen.at)
        for one in actions
    )


def overtaken(action: Action, order: Order) -> list[dict[str, Any]]:
    """Return what stands against an action by the order as it is now: the shop may have done the same by itself."""
    has_premium, had_premium = bool(order.premium_paid), action.content.get("shown")
    if action.verb == "refund_protection" and had_premium is True and not has_premium:
        return [hold("amended", "the order had a premium when this was planned, and has none now")]
    if action.verb == "charge_protection" and had_premium is False and has_premium:
        return [hold("amended", "the order had no premium when this was planned, and has one now")]
    return []


def _before(order: Order | None, known: Protection | None, *, by_shop: bool) -> tuple[bool | None, Money | None]:
    """Return whether the order is protected (None: nobody knows) and the premium known as paid."""
    premium = order.premium_paid if order is not None else None
    if known is not None:
        return known.is_on, premium if by_shop and premium else known.paid
    if premium is None:
        return None, None
    return bool(premium), premium


def current(known: Protection | None, actions: Sequence[Action]) -> Protection | None:
    """
    Return *known* as our own *actions* leave it.

    A premium that was to be billed and is not, is not paid: planned is not paid. A doubtful event changes the state
    once its action is done, for then a person knew that it was none.
    """
    charges = [one for one in actions if one.verb == "charge_protection" and not one.content.get("doubtful")]
    if known is not None and not known.by_shop and charges and charges[-1].state != "done":
        known = attrs.evolve(known, paid=None)
    for one in actions:
        if not (known and one.content.get("doubtful") and one.state == "done" and one.settled_at):
            continue
        if one.settled_at >= known.changed_at:
            is_on = one.verb == "charge_protection"
            paid = one.worth if is_on else None
            known = attrs.evolve(known, is_on=is_on, paid=paid, changed_at=one.settled_at, by_shop=False)
    return known


def judge(
    event: ProtectionChanged,
    order: Order | None,
    known: Protection | None,
    store: StoreSettings,
    *,
    flips: bool,
    by_shop: bool = False,
) -> Verdict:
    """
    Say what an event means.

    Args:
        event: What was said.
        order: A fresh snapshot; None where the shop has none.
        known: The state so far; None where nobody changed anything.
        store: Its settings say what is done by itself.
        flips: An event of exactly this content was taken up before.
        by_shop: The shop itself changed its order since; see `shop_changed`.
    """
    is_on, premium = _before(order, known, by_shop=by_shop)
    if is_on is event.added:
        return Verdict(duplicate=True)
    amount = Money(event.amount, event.currency)
    repeats = _repeats(event, known, flips=flips)
    holds = [*_doubts(event, amount, order), *repeats]
    if known is not None and by_shop and order is not None and bool(order.premium_paid) is event.added:
        did = "put a premium on the order" if event.added else "took the premium off the order"
        holds.append(hold("amended", f"the shop itself {did}; whether money moved with it, nobody said"))
    facts = {
        "from": "protection.added" if event.added else "protection.removed",
        "premium": str(premium or "unknown"),
        "shown": None if order is None else bool(order.premium_paid),
    }
    if repeats:
        facts["doubtful"] = True
    verdict = _added(amount, facts, holds, store) if event.added else _removed(amount, premium, facts, holds, store)
    return attrs.evolve(verdict, doubtful=bool(repeats))


def _doubts(event: ProtectionChanged, amount: Money, order: Order | None) -> list[dict[str, Any]]:
    holds = []
    if not amount.is_exact:
        holds.append(hold("digits", f"{amount.amount} has more digits than {amount.currency} has"))
    if amount.amount <= 0:
        holds.append(hold("no_amount", f"the event says {amount}"))
    if order is not None and order.currency != event.currency:
        holds.append(hold("currency", f"the event says {event.currency}, the order is in {order.currency}"))
    return holds


def _repeats(event: ProtectionChanged, known: Protection | None, *, flips: bool) -> list[dict[str, Any]]:
    """Hold what may be a repeat, a late echo of what the export told, or older than what the shop did since."""
    if flips:
        return [hold("flip", "protection was changed to and fro, and the event has no id that tells it from a repeat")]
    if known is None:
        return []
    told, said = known.told_on_at if event.added else known.told_off_at, event.created_at
    if told is not None and (said is None or abs(said - told) <= _ECHO):
        return [hold("flip", f"the shop told the same at {told:%Y-%m-%d %H:%M} UTC, and this may be its late echo")]
    if known.by_shop and said is not None and said < known.changed_at - _ECHO:
        return [hold("amended", f"the shop changed it later, at {known.changed_at:%Y-%m-%d %H:%M} UTC")]
    return []


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
