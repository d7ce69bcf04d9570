"""
What is looked at just before a call: things that may have changed since the plan was made.

Each check asks somebody (the API, the shop) and returns the holds it finds. A person's approval passes some of them;
the caps it never passes.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from op_core.claims import caps, protection
from op_core.claims.amend import kept_of
from op_core.claims.content import brief, digest
from op_core.claims.desk import Desk
from op_core.claims.holds import hold
from op_core.claims.states import OWED
from op_core.errors import NotFoundThere, NotSupported
from op_core.ledger import actions, plans
from op_core.ledger.actions import Action
from op_core.models import LineQuantity, Order

__all__ = ["DECIDED", "before_call", "lines_of", "still_decided", "within_caps"]

DECIDED = ("APPROVED", "RESOLVED", "RESOLVED_BY_BRAND", "CLOSED")


def lines_of(action: Action) -> tuple[LineQuantity, ...]:
    """Return the units that an action is about."""
    return tuple(LineQuantity(line_id, quantity) for line_id, quantity in action.content.get("lines", []))


def before_call(desk: Desk, action: Action, order: Order) -> list[dict[str, Any]]:
    """
    Return what stands against calling the shop now, by what Order Protection and the shop say.

    Raises:
        ShopUnavailable: The shop could not be asked.
        WireError: The API could not be asked.
    """
    holds = protection.overtaken(action, order)
    if action.verb == "reship":
        holds += _stock(desk, action, order)
    if action.claim_id is not None and action.exclusive and _to_verify(desk, action):
        holds += _confirmed(desk, action, order)
    return [found for found in holds if found["code"] not in action.passed]


def _to_verify(desk: Desk, action: Action) -> bool:
    if "not_confirmed" in action.passed or "withdrawn" in action.passed or desk.store.verify_claims == "never":
        return False
    if desk.store.verify_claims == "always":
        return True
    return "above_limit" in action.passed


def _confirmed(desk: Desk, action: Action, order: Order) -> list[dict[str, Any]]:
    """The webhook's secret is static (C-25): whoever knows it could make a claim up, so the API is asked."""
    try:
        listed = desk.api.claims_of_order(order.id)
    except NotFoundThere:
        listed = []
    states = [claim.claim_state for claim in listed if claim.id == action.claim_id]
    if not states:
        return [hold("not_confirmed", "Order Protection lists no such claim for this order")]
    if states[0] not in DECIDED:
        return [hold("not_confirmed", f"Order Protection lists the claim as {states[0]}, not as decided")]
    return []


def _stock(desk: Desk, action: Action, order: Order) -> list[dict[str, Any]]:
    wanted = {line.line_id: line.quantity for line in lines_of(action)}
    try:
        found = {stock.line_id: stock.available for stock in desk.shop.check_stock(order, lines_of(action))}
    except NotSupported:
        return []  # a shop that does not count its stock cannot be short
    short = [
        f"{quantity} of line {line_id} wanted, {found[line_id]} left"
        for line_id, quantity in wanted.items()
        if (left := found.get(line_id)) is not None and left < quantity
    ]
    return [hold("stock", "; ".join(short))] if short else []


def still_decided(connection: sa.Connection, action: Action) -> list[dict[str, Any]]:
    """Return what a later word of Order Protection says against an action, whatever way it took since."""
    if action.claim_id is None or not action.exclusive:
        return []
    holds = []
    claim = plans.claim(connection, action.store_id, action.claim_id)
    if claim is not None and claim.is_denied and "withdrawn" not in action.passed:
        holds.append(hold("withdrawn", "the claim was denied since"))
    if "amended" not in action.passed and _is_amended(connection, action):
        holds.append(hold("amended", "the claim was decided otherwise since"))
    return holds


def _is_amended(connection: sa.Connection, action: Action) -> bool:
    made = plans.plans_of(connection, action.store_id, action.claim_id or "")
    if action.resolution_hash is None or len(made) < 2:  # noqa: PLR2004 - one decision changes nothing
        return False
    named = action.resolution_hash.partition("#")[0]
    said = {digest(one): one for plan in made for one in plan.content}
    if named in said and brief(said[named]):
        return False  # a whole body completes it under another hash
    owed = [one for one in actions.of_subject(connection, action.store_id, action.subject) if one.state in OWED]
    return action.resolution_hash not in kept_of(owed, Counter(digest(one) for one in made[-1].content))


def within_caps(
    connection: sa.Connection, desk: Desk, action: Action, order: Order, now: datetime
) -> list[dict[str, Any]]:
    """Return the caps and brakes that stand against an action, by the ledger as it is in this transaction."""
    others = [one for one in actions.of_order(connection, action.store_id, order.id) if one.id != action.id]
    rest = caps.taken(others)
    holds = []
    worth = action.worth
    if worth is not None and action.verb in caps.GIVES_BACK:
        if worth.currency != order.currency:
            return [hold("currency", f"{worth} is owed, the order is in {order.currency}")]
        if any(payment.captured.currency != order.currency for payment in order.payments):
            return [hold("currency", f"the order is in {order.currency}, a payment of it is not")]
        holds += caps.money(worth, rest, order)
    if action.verb == "reship" or (action.verb in caps.GIVES_BACK and not _is_part(action)):
        holds += caps.units(lines_of(action), rest, order)
    if action.exclusive:
        holds += _brake(connection, desk, action, now)
    return holds


def _is_part(action: Action) -> bool:
    """Tell whether its units are counted with another part."""
    return bool(action.content.get("part", [1, 1])[1] > 1)


def _brake(connection: sa.Connection, desk: Desk, action: Action, now: datetime) -> list[dict[str, Any]]:
    most = desk.store.limits.actions_per_hour
    if "velocity" in action.passed:
        return []
    begun = actions.begun_since(connection, action.store_id, now - timedelta(hours=1))
    if begun < most:
        return []
    return [hold("velocity", f"{begun} actions began within the last hour; limits.actions_per_hour is {most}")]
