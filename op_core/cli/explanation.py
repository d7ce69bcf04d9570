"""How an action came about: its delivery, that in normal form, the readings of its money, the split, the holds."""

from __future__ import annotations

from typing import Any

from op_core.claims import readings
from op_core.claims.content import digest
from op_core.cli import output
from op_core.cli.action_view import holds_of, row
from op_core.cli.actions import print_holds
from op_core.cli.delivery_view import body_of, row_of
from op_core.cli.masking import hidden_address
from op_core.core import Core
from op_core.ledger import actions, deliveries, plans
from op_core.ledger.actions import Action
from op_core.money import Money, total

__all__ = ["explained", "print_explained"]

_OF_LINE = ("item_id", "sku", "quantity", "price", "discount", "tax", "percentage", "flat_amount")
_AMOUNTS = ("total", "shipping", "shipping_tax", "price", "discount", "tax", "flat_amount")


def explained(core: Core, action: Action, *, reveal: bool) -> dict[str, Any]:
    """Return the whole way to an action; personal data only if *reveal*."""
    said = _said(core, action)
    return {
        "action": row(core, action),
        "delivery": _delivery(core, action, reveal=reveal),
        "resolution": None
        if said is None
        else {**said, "address": hidden_address(said["address"], reveal=reveal), "lines": _lines(said, action)},
        "readings": _readings(said, action),
        "split": _split(core, action),
        "holds": holds_of(core, action),
    }


def _delivery(core: Core, action: Action, *, reveal: bool) -> dict[str, Any] | None:
    if action.delivery_id is None:
        return None
    found = core.ledger.read(deliveries.get, action.delivery_id)
    assert found is not None, "the delivery of an action is kept"
    return {**row_of(core, found), **body_of(core, found, reveal=reveal)}


def _said(core: Core, action: Action) -> dict[str, Any] | None:
    """Return the resolution that asked for the action, normalised."""
    if action.claim_id is None or action.resolution_hash is None:
        return None
    known = core.ledger.read(plans.plans_of, action.store_id, action.claim_id)
    contents = (content for plan in reversed(known) for content in plan.content)
    return next((content for content in contents if digest(content) == action.resolution_hash), None)


def _has_money(said: dict[str, Any] | None) -> bool:
    return said is not None and said["currency"] is not None and said["total"] is not None and said["type"] != "RESHIP"


def _lines(said: dict[str, Any], action: Action) -> list[dict[str, Any]]:
    """Return the lines, each with what it comes to if its amounts are of a unit, and if they are of the line."""
    shown = []
    for line in said["lines"]:
        facts = {name: line[name] for name in _OF_LINE}
        if _has_money(said):
            alone = {**said, "lines": [line], "shipping": None, "shipping_tax": None}
            by_name = {one.name: str(one.amount) for one in readings.readings(alone, _currency(said, action))}
            facts["as_unit"] = by_name["per unit, without shipping, rounded per line"]
            facts["as_line"] = by_name["per line, without shipping, rounded per line"]
        shown.append(facts)
    return shown


def _currency(said: dict[str, Any], action: Action) -> str:
    return action.currency or str(said["currency"])


def _readings(said: dict[str, Any] | None, action: Action) -> list[dict[str, Any]]:
    if said is None or not _has_money(said):
        return []
    owed = Money(said["total"], _currency(said, action))
    return [
        {"reading": one.name, "comes_to": str(one.amount), "equals": one.amount.amount == owed.amount}
        for one in readings.readings(said, owed.currency)
    ]


def _split(core: Core, action: Action) -> dict[str, Any] | None:
    """Return the parts into which the amount was split, one for each payment."""
    if action.worth is None:
        return None
    parts = [
        one
        for one in core.ledger.read(actions.of_subject, action.store_id, action.subject)
        if one.verb == action.verb and one.resolution_hash == action.resolution_hash and one.state != "replaced"
    ]
    worth = [one.worth for one in parts if one.worth is not None]
    return {
        "parts": [
            {
                "action": one.id,
                "payment_id": one.payment_id,
                "amount": one.amount,
                "currency": one.currency,
                "state": one.state,
                "reference": one.reference,
            }
            for one in parts
        ],
        "sum": str(total(worth, action.worth.currency)) if worth else None,
        "given_before": action.content.get("given"),
    }


def print_explained(known: dict[str, Any]) -> None:
    """Print it step by step."""
    action, delivery, said = known["action"], known["delivery"], known["resolution"]
    output.say(f"action {action['id']} ({action['key']}) is {action['state']}")
    if delivery is not None:
        body = delivery.pop("body")
        output.facts(((name, value) for name, value in delivery.items() if value is not None), "1. what arrived")
        if body is not None:
            output.say(body if isinstance(body, str) else output.pretty(body))
    if said is not None:
        about = {name: value for name, value in said.items() if name not in ("lines", "address") and value is not None}
        about |= {name: output.amount(about[name], said["currency"]) for name in _AMOUNTS if name in about}
        if said["address"]:
            about["address"] = ", ".join(part for part in said["address"].values() if part)
        output.facts(about.items(), "2. what was decided, in normal form")
        columns = [*_OF_LINE, *(["as_unit", "as_line"] if known["readings"] else [])]
        output.table(
            columns,
            (
                [output.amount(line[name], said["currency"]) if name in _AMOUNTS else line[name] for name in columns]
                for line in said["lines"]
            ),
        )
    if known["readings"]:
        rows = [(one["reading"], one["comes_to"], one["equals"]) for one in known["readings"]]
        output.table(("reading of the lines", "comes to", "equals what is owed"), rows, "3. what the lines come to")
    if known["split"] is not None:
        parts = [
            (one["action"], one["payment_id"], output.amount(one["amount"], one["currency"]), one["state"])
            for one in known["split"]["parts"]
            if one["amount"] is not None
        ]
        before = known["split"]["given_before"]
        title = f"4. split, in all {known['split']['sum']}" + (f", on top of {before}" if before else "")
        output.table(("action", "payment", "amount", "state"), parts, title)
    print_holds(known["holds"])
