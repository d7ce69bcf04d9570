"""How an action came about: its delivery, that in normal form, the readings of its money, the split, the holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from op_core.claims import readings
from op_core.claims.content import digest, of_resolution, text
from op_core.cli import output
from op_core.cli.action_view import holds_of, row
from op_core.cli.actions import print_holds
from op_core.cli.delivery_view import body_of, row_of
from op_core.cli.masking import hidden_address
from op_core.core import Core
from op_core.errors import Unreadable
from op_core.ledger import actions, deliveries, plans
from op_core.ledger.actions import Action
from op_core.money import Money, exponent, total
from op_core.order_protection import dialects
from op_core.order_protection.events import ClaimApproved, Resolution

__all__ = ["explained", "print_explained"]

_OF_LINE = ("item_id", "sku", "quantity", "price", "discount", "tax", "percentage", "flat_amount")
_AMOUNTS = ("total", "shipping", "shipping_tax", "price", "discount", "tax", "flat_amount")


def explained(core: Core, action: Action, *, reveal: bool) -> dict[str, Any]:
    """Return the whole way to an action; personal data only if *reveal*."""
    said = _said(core, action)
    place, read = _place(core, action)
    return {
        "action": row(core, action),
        "delivery": _delivery(core, action, reveal=reveal),
        "resolution": None
        if said is None
        else {
            "at": place,
            **said,
            "address": hidden_address(said["address"], reveal=reveal),
            "lines": _lines(said, action, place, read),
        },
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
    named = action.resolution_hash.partition("#")[0]  # the second of two equal ones is named apart
    return next((content for content in contents if digest(content) == named), None)


def _place(core: Core, action: Action) -> tuple[str | None, Resolution | None]:
    """Return where in the body the resolution stands, and that as it was read; None where it stands nowhere."""
    found = None if action.delivery_id is None else core.ledger.read(deliveries.get, action.delivery_id)
    if found is None or action.resolution_hash is None:
        return None, None
    try:
        event = dialects.read(core.ledger.read(deliveries.body, found) or b"")
    except Unreadable:
        return None, None
    if not isinstance(event, ClaimApproved) or event.dialect == "camel":  # that one has no amounts
        return None, None
    named, _, nth = action.resolution_hash.partition("#")
    same = [n for n, one in enumerate(event.resolutions) if digest(of_resolution(one)) == named]
    if not same:
        return None, None
    n = same[min(int(nth or 1), len(same)) - 1]
    return f"body.resolutions[{n}].details", event.resolutions[n]


def _places(place: str | None, read: Resolution | None) -> dict[str, list[str]]:
    """Return where in the body the items stand, by the digest of each line's normal form."""
    known: dict[str, list[str]] = {}
    if read is None:
        return known
    for n, line in enumerate(read.lines):
        (normal,) = of_resolution(attrs.evolve(read, lines=(line,)))["lines"]
        known.setdefault(digest(normal), []).append(f"{place}.items[{n}]")
    return known


def _has_money(said: dict[str, Any] | None) -> bool:
    return said is not None and said["currency"] is not None and said["total"] is not None and said["type"] != "RESHIP"


def _lines(said: dict[str, Any], action: Action, place: str | None, read: Resolution | None) -> list[dict[str, Any]]:
    """Return the lines, each with what it comes to if its amounts are of a unit, and if they are of the line."""
    shown = []
    places = _places(place, read)
    flat = said["type"] == "FLAT_RATE"
    for line in said["lines"]:
        at = places.get(digest(line))
        facts = {"at": at.pop(0) if at else None, **{name: line[name] for name in _OF_LINE}}
        if _has_money(said):
            alone = {**said, "lines": [line], "shipping": None, "shipping_tax": None}
            by_name = {one.name: str(one.amount) for one in readings.readings(alone, _currency(said, action))}
            facts["reckoned"] = _reckoned(line, flat=flat)
            facts["exactly"] = text(readings.exact_share(line, flat=flat))
            facts["as_unit"] = by_name["per unit, without shipping, rounded per line"]
            facts["as_line"] = by_name["per line, without shipping, rounded per line"]
        shown.append(facts)
    return shown


def _reckoned(line: dict[str, Any], *, flat: bool) -> str:
    """Say how a line's exact amount comes about; what is not said is 0, or 100 percent."""
    if flat:
        return f"flat amount {line['flat_amount'] or 0}"
    price, discount, tax = (line[name] or "0" for name in ("price", "discount", "tax"))
    whole = f"{price} - {discount} + {tax}"
    return whole if line["percentage"] in (None, "100") else f"({whole}) * {line['percentage']} %"


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
    given = total(worth, action.worth.currency)
    return {
        "owed": action.content.get("owed"),
        "rule": _rule(action, given, len(parts)),
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
        "sum": str(given) if worth else None,
        "given_before": action.content.get("given"),
    }


def _rule(action: Action, given: Money, parts: int) -> str | None:
    """Say by which rule the parts came about."""
    owed = action.content.get("owed")
    if owed is None:
        return None
    step = Money(Decimal(1).scaleb(-exponent(given.currency)), given.currency)
    rules = (
        (action.content.get("difference"), "only what is owed beyond what was given before"),
        (action.verb != "refund", "in one piece: a credit is no refund of a payment"),
        (action.payment_id is None, "not shared out: it is held, or no payments cover it"),
        (str(given) != owed, "all that is left is owed, once it is rounded: so exactly that, to its last digit"),
        (parts == 1, "in one piece: the first payment that has something left covers it"),
        (True, f"the payments in the shop's order, each to its last whole {step}, until nothing is owed"),
    )
    return next(words for holds, words in rules if holds)


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
        columns = [*_OF_LINE, *(["reckoned", "exactly", "as_unit", "as_line"] if known["readings"] else [])]
        output.table(
            columns,
            (
                [output.amount(line[name], said["currency"]) if name in _AMOUNTS else line[name] for name in columns]
                for line in said["lines"]
            ),
        )
    if known["readings"]:
        rows = [(one["reading"], one["comes_to"], one["equals"]) for one in known["readings"]]
        digits = exponent(said["currency"])
        rounded = f"rounded half-up to {digits} {'digit' if digits == 1 else 'digits'}"
        output.say(
            f"\nEach amount is {said['at'] or 'in the body'}'s, digit for digit. What is owed is total_refund_amount:"
            f" it is never computed, only compared with what the lines come to, {rounded} ({said['currency']})."
        )
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
        if known["split"]["rule"]:
            output.say(f"{known['split']['owed']} is owed. {known['split']['rule']}")
    print_holds(known["holds"])
