"""What an action is, as facts: for a list, and for a person who has to decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from op_core.claims.holds import HOLDS, is_mendable
from op_core.claims.states import BEGUN, NOT_BEGUN
from op_core.cli.masking import HIDDEN, hidden, hidden_address
from op_core.cli.opened import name_of
from op_core.cli.words import MONEY, MONEY_TO_BE
from op_core.core import Core
from op_core.hooks import EFFECTS
from op_core.ledger import actions, reports
from op_core.ledger.actions import Action

__all__ = ["approving", "detail", "holds_of", "row"]


def row(core: Core, action: Action) -> dict[str, Any]:
    """Return what a list shows of an action."""
    declared = _declared(core, action)
    why = "; ".join(found["reason"] for found in action.holds) or action.reason
    return {
        "id": action.id,
        "store": name_of(core, action.store_id),
        "state": action.state,
        "needs_person": action.needs_person,
        "verb": action.verb,
        "amount": action.amount,
        "currency": action.currency,
        "order_id": action.order_id,
        "claim_id": action.claim_id,
        "key": str(action.key),
        "reference": action.reference,
        "plan": action.content_hash,
        "shop_id": action.shop_id,
        "money": action.money,
        "money_declared": declared,
        "money_words": MONEY.get(action.money or "", MONEY_TO_BE.get(declared or "")),
        "why": f"{why}{_money(declared)}" if action.holds else why,
    }


def _declared(core: Core, action: Action) -> str | None:
    """Return how the adapter says in advance that the money of an action moves; None of one that is over."""
    work = core.runner.stores.get(name_of(core, action.store_id))
    if work is None or action.state in ("refused", "declined", "replaced"):
        return None
    return work.desk.shop.supports(EFFECTS[action.verb]).money


def _money(declared: str | None) -> str:
    return "" if declared is None else f"; money: {MONEY_TO_BE[declared]}"


def holds_of(core: Core, action: Action) -> list[dict[str, Any]]:
    """Return every reason why a person is asked, what it means, and how the money moves that is decided about."""
    money = _money(_declared(core, action))
    return [
        {**found, "reason": f"{found['reason']}{money}", "meaning": HOLDS[found["code"]][1]} for found in action.holds
    ]


def detail(core: Core, action: Action, *, reveal: bool) -> dict[str, Any]:
    """Return all that the ledger holds of an action; personal data only if *reveal*."""
    content = action.content
    read = core.ledger.read
    rivals = [rival for rival in (read(actions.get, rival_id) for rival_id in action.rivals) if rival is not None]
    return {
        **row(core, action),
        "does": _does(action),
        "holds": holds_of(core, action),
        "approve": approving(action, rivals, _declared(core, action)),
        "from": content.get("from"),
        "said_total": content.get("said_total"),
        "owed": content.get("owed"),
        "readings": content.get("readings", []),
        "part": content.get("part"),
        "given_before": content.get("given"),
        "lines": [{"line_id": line_id, "quantity": quantity} for line_id, quantity in content.get("lines", [])],
        "list_value": content.get("list_value"),
        "address": hidden_address(content.get("address"), reveal=reveal),
        "another_address": content.get("another_address"),
        "text": hidden(content.get("text"), reveal=reveal),
        "payment_id": action.payment_id,
        "rivals": [{name: row(core, rival)[name] for name in _OF_RIVAL} for rival in rivals],
        "shop_order_id": action.shop_order_id,
        "reason": action.reason,
        "passed": action.passed,
        "approved_plan": action.approved_hash,
        "delivery_id": action.delivery_id,
        "planned_at": action.planned_at,
        "begun_at": action.begun_at,
        "not_before": action.not_before,
        "settled_at": action.settled_at,
        "lease_until": action.lease_until,
        "waits": _waits(action, core.ledger.now()),
        "attempts": [
            {"at": one.at, "result": one.result, "reason": one.reason} for one in read(actions.attempts_of, action.id)
        ],
        "decisions": [
            {name: one[name] for name in ("at", "who", "what", "reason")}
            for one in read(actions.decisions_of, action.id)
        ],
        "report": _report(core, action, reveal=reveal),
    }


_OF_RIVAL = ("id", "state", "verb", "amount", "currency")


def _report(core: Core, action: Action, *, reveal: bool) -> dict[str, Any] | None:
    found = core.ledger.read(reports.of_action, action.id)
    if found is None:
        return None
    status, colon, body = (found.answer or "").partition(": ")
    # An answer is the API's, and may name the customer.
    answer = found.answer if reveal or not body or not status.isdigit() else f"{status}{colon}{HIDDEN}"
    return {
        "state": found.state,
        "reason": found.reason,
        "answer": answer,
        "tries": found.tries,
        "made_at": found.made_at,
        "sent_at": found.sent_at,
    }


def _does(action: Action) -> str:
    """Say the effect in words."""
    units = ", ".join(f"{quantity} of {line_id}" for line_id, quantity in action.content.get("lines", []))
    order = f"order {action.order_id}" if action.order_id is not None else "an order that nobody has named"
    worth = "an amount that nobody has said" if action.worth is None else str(action.worth)
    payment = f" of payment {action.payment_id}" if action.payment_id is not None else ""
    match action.verb:
        case "refund":
            return f"give back {worth}{payment} of {order}" + (f", for {units}" if units else "")
        case "reship":
            whose = "an address other than the order's" if action.content.get("another_address") else "its address"
            return f"send {units or 'units that nobody has named'} of {order} again, to {whose}, at price 0"
        case "store_credit":
            return f"give the customer of {order} {worth} of store credit"
        case "charge_protection":
            return f"bill the customer of {order} {worth} for protection"
        case "refund_protection":
            return f"give back the premium of {order}, {worth}"
    return f"put a note on {order}"


def _waits(action: Action, now: datetime) -> str | None:
    """Say why nothing happens with a call that is under way, and until when."""
    until = action.lease_until
    if action.state not in ("calling", "unknown") or until is None:
        return None
    at = f"{until:%Y-%m-%d %H:%M:%S} UTC"
    if until <= now:
        return f"who called was gone by {at}: the next `op-core run`, or `op-core serve`, asks the shop what it holds"
    return (
        f"the shop is being called, or who called it is gone: nobody else may call or decide until {at};"
        " if there is no outcome by then, the shop is asked"
    )


def approving(action: Action, rivals: list[Action], declared: str | None = None) -> str:
    """Say what an approval would do; *declared*: how the adapter says that the money moves."""
    if action.state != "held":
        return f"nothing: it is {action.state}, not held"
    stuck = [found["reason"] for found in action.holds if not found["approvable"]]
    if stuck:
        mend = "Mend that and `actions retry` it, decline it" if is_mendable(action) else "Decline it"
        return f"not possible: {'; '.join(stuck)}. {mend}, or do it in the shop by hand and record it"
    begun = [rival.id for rival in rivals if rival.state in BEGUN]
    if begun and not action.content.get("difference"):
        return f"not possible: action {begun[0]}, which it would replace, has begun"
    replaced = ", ".join(str(rival.id) for rival in rivals if rival.state in NOT_BEGUN)
    instead = f", in the place of action {replaced}" if replaced else ""
    return f"{EFFECTS[action.verb]}: {_does(action)}{instead}{_money(declared)}. The caps still hold"
