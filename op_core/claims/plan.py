"""
The plan: what a decision means for this order, in this shop. Pure: the same input gives the same drafts.

A draft is an action that is not written down yet, with every reason why a person should see it first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from op_core.capabilities import Capability, Support
from op_core.claims import addresses, caps, payments, readings
from op_core.claims.content import Content, brief, digest
from op_core.claims.holds import hold
from op_core.hooks import EFFECTS
from op_core.ledger.actions import Action
from op_core.models import LineQuantity, Order
from op_core.money import Money, total
from op_core.settings import StoreSettings
from op_core.untrusted import named

__all__ = ["KNOWN_TYPES", "Draft", "Situation", "content_of", "match_line", "plan_claim", "unmatched"]

KNOWN_TYPES = {"REFUND": "refund", "RESHIP": "reship", "STORE_CREDIT": "store_credit", "FLAT_RATE": "refund"}
_WHOLE = Decimal(100)


@attrs.frozen
class Draft:
    """One action to be: what it does, and why it should wait, if it should."""

    verb: str
    content: dict[str, Any] = attrs.field(repr=False)
    amount: Money | None = None
    payment_id: str | None = None
    resolution_hash: str = ""
    holds: tuple[dict[str, Any], ...] = ()

    @property
    def lines(self) -> tuple[LineQuantity, ...]:
        """The units that it is about."""
        return tuple(LineQuantity(line_id, quantity) for line_id, quantity in self.content.get("lines", []))

    @property
    def content_hash(self) -> str:
        """Name what would be done, so that an approval counts only for what was shown."""
        amount = None if self.amount is None else [str(self.amount.amount), self.amount.currency]
        return digest([self.verb, amount, self.payment_id, self.content])

    def held(self, *more: dict[str, Any]) -> Draft:
        """Return the draft with further holds."""
        return attrs.evolve(self, holds=(*self.holds, *more))

    def without(self, *codes: str) -> Draft:
        """Return the draft without its holds of these codes."""
        return attrs.evolve(self, holds=tuple(one for one in self.holds if one["code"] not in codes))


@attrs.frozen
class Situation:
    """
    What a plan is made from.

    Attributes:
        order: A fresh snapshot; None where no order can be named.
        taken: What our actions on that order take from it already.
        supports: What the adapter says of a hook.
        op_items: Order Protection's own item ids, to the shop's line ids.
        lost: Why there is no order, where there is none.
    """

    store: StoreSettings
    order: Order | None
    taken: Sequence[caps.Taken]
    supports: Callable[[str], Capability]
    op_items: Mapping[str, str] = attrs.field(factory=dict)
    lost: tuple[dict[str, Any], ...] = ()

    def without(self, leaving: Sequence[Action]) -> Situation:
        """Return the situation as if these actions took nothing."""
        rest = list(self.taken)
        for one in caps.taken(leaving):
            if one in rest:
                rest.remove(one)
        return attrs.evolve(self, taken=rest)


def content_of(lines: Sequence[LineQuantity], **more: Any) -> dict[str, Any]:
    """Return an action's content as plain data."""
    return {"lines": [[line.line_id, line.quantity] for line in lines], **more}


def match_line(line: dict[str, Any], order: Order, op_items: Mapping[str, str]) -> str | None:
    """Find the order's line: by the shop's item id, then by the API's own id, then by a SKU that is unique there."""
    item = line["item_id"]
    if item is not None and order.line(item) is not None:
        return str(item)
    if item in op_items and order.line(op_items[item]) is not None:
        return op_items[item]
    same = [candidate.id for candidate in order.lines if line["sku"] and candidate.sku == line["sku"]]
    return same[0] if len(same) == 1 else None


def unmatched(contents: Sequence[Content], order: Order) -> bool:
    """Tell whether an item has an id that the shop does not know, so that the API's own ids are worth asking for."""
    ids = [line["item_id"] for content in contents for line in content["lines"]]
    return any(item is not None and order.line(item) is None for item in ids)


def plan_claim(
    contents: Sequence[Content], situation: Situation, named: Mapping[str, int] | None = None
) -> list[Draft]:
    """
    Return the actions that a claim's resolutions ask for, in an order that does not depend on the delivery's.

    Args:
        contents: Normalised resolutions of types in `KNOWN_TYPES`.
        situation: The order, the shop and what is taken already.
        named: How many resolutions of each content there are already; further ones get names of their own.
    """
    drafts: list[Draft] = []
    seen = Counter(named or {})
    for content in sorted(contents, key=digest):
        name = digest(content)
        seen[name] += 1
        if seen[name] > 1:  # the same words twice are two resolutions, and count twice
            name = f"{name}#{seen[name]}"
        new = [attrs.evolve(draft, resolution_hash=name) for draft in _plan_resolution(content, situation)]
        drafts += new
        grown = [*situation.taken, *(_as_taken(draft) for draft in new)]
        situation = attrs.evolve(situation, taken=grown)
    return _apart(drafts, situation.order) if situation.order is not None else drafts


def _as_taken(draft: Draft) -> caps.Taken:
    return caps.Taken(draft.verb, draft.amount, draft.lines, f"draft/{draft.resolution_hash}", draft.payment_id)


def _apart(drafts: list[Draft], order: Order) -> list[Draft]:
    """Hold what refunds and sends again the same unit."""
    per_line: dict[str, dict[str, dict[str, int]]] = {}
    for draft in drafts:
        kind = "reship" if draft.verb == "reship" else "money"
        for line in draft.lines:
            per_line.setdefault(line.line_id, {}).setdefault(kind, {})[draft.resolution_hash] = line.quantity
    both = set()
    for line_id, kinds in per_line.items():
        ordered = order.line(line_id)
        if len(kinds) > 1 and ordered and sum(sum(kind.values()) for kind in kinds.values()) > ordered.quantity:
            both.add(line_id)
    said = hold("same_unit", f"refunded and sent again in one claim: {', '.join(sorted(both))}")
    return [draft.held(said) if {line.line_id for line in draft.lines} & both else draft for draft in drafts]


def _plan_resolution(content: Content, situation: Situation) -> list[Draft]:
    verb = KNOWN_TYPES[content["type"]]
    order = situation.order
    if order is None:
        said = [[line["item_id"] or line["sku"] or "?", line["quantity"]] for line in content["lines"]]
        return [Draft(verb, {"lines": said, "from": content["type"]}, holds=situation.lost)]
    lines, holds = _lines(content, order, situation.op_items)
    holds += _capability(verb, situation)
    holds += _switch(content["type"], situation.store)
    if verb == "reship":
        return [_reship(content, lines, holds, situation, order)]
    return _money(content, lines, holds, situation, order)


def _lines(
    content: Content, order: Order, op_items: Mapping[str, str]
) -> tuple[list[LineQuantity], list[dict[str, Any]]]:
    lines: dict[str, int] = {}
    lost = []
    for line in content["lines"]:
        line_id = match_line(line, order, op_items)
        if line_id is None:
            said = line["item_id"] or line["sku"]
            lost.append(named(said) if said else "an item without id")
        else:
            lines[line_id] = lines.get(line_id, 0) + line["quantity"]
    holds = []
    if lost:
        holds.append(
            hold("line_unknown", f"no line of the order is {', '.join(lost)} (by id, by the API's id, by a unique SKU)")
        )
    if not content["lines"]:
        holds.append(hold("line_unknown", "the decision names no item"))
    return [LineQuantity(line_id, quantity) for line_id, quantity in sorted(lines.items())], holds


def _capability(verb: str, situation: Situation) -> list[dict[str, Any]]:
    capability = situation.supports(EFFECTS[verb])
    if capability.support in (Support.UNSUPPORTED, Support.NOT_YET):
        reason = f"{EFFECTS[verb]} is {capability.support.value} by this shop: {capability.reason}"
        return [hold("not_supported", reason)]
    return []


def _switch(resolution_type: str, store: StoreSettings) -> list[dict[str, Any]]:
    if resolution_type == "FLAT_RATE" and store.resolutions.flat_rate == "hold":
        return [hold("setting", 'FLAT_RATE is not documented (G-6); resolutions.flat_rate = "hold"')]
    if resolution_type == "STORE_CREDIT" and store.resolutions.store_credit == "hold":
        return [hold("setting", 'STORE_CREDIT is not documented (G-6); resolutions.store_credit = "hold"')]
    return []


def _limit(amount: Money, store: StoreSettings, what: str) -> list[dict[str, Any]]:
    limit = store.limits.hold_above.get(amount.currency)
    if limit is None:
        return [hold("above_limit", f"limits.hold_above names no limit in {amount.currency}; {what} is {amount}")]
    if amount.amount > limit:
        return [hold("above_limit", f"{what} is {amount}, above limits.hold_above of {limit} {amount.currency}")]
    return []


def _reship(
    content: Content, lines: list[LineQuantity], holds: list[dict[str, Any]], situation: Situation, order: Order
) -> Draft:
    partial = sorted({line["percentage"] for line in content["lines"]
                      if line["percentage"] is not None and Decimal(line["percentage"]) != _WHOLE})  # fmt: skip
    if partial:
        holds.append(hold("percentage", f"a reship of {', '.join(partial)} percent of a unit"))
    known = [(line, order.line(line.line_id)) for line in lines]
    value = total((Money(found.unit_price.amount * line.quantity, order.currency) for line, found in known if found),
                  order.currency)  # fmt: skip
    holds += _limit(value, situation.store, "the list value of the reship")
    facts: dict[str, Any] = {"list_value": str(value), "from": content["type"], "said_total": content["total"]}
    try:
        address, elsewhere = addresses.for_reship(content["address"], order)
    except addresses.Unusable as error:
        holds.append(hold("address", str(error)))
    else:
        facts |= {"address": attrs.asdict(address), "another_address": elsewhere}
    holds += caps.units(lines, situation.taken, order)
    return Draft("reship", content_of(lines, **facts), holds=tuple(holds))


def _money(
    content: Content, lines: list[LineQuantity], holds: list[dict[str, Any]], situation: Situation, order: Order
) -> list[Draft]:
    verb = KNOWN_TYPES[content["type"]]
    facts: dict[str, Any] = {"from": content["type"], "said_total": content["total"]}
    if content["total"] is None or brief(content):
        holds.append(hold("no_amount", "the decision says no amount, and none is computed"))
        return [Draft(verb, content_of(lines, **facts), holds=tuple(holds))]
    if content["currency"] != order.currency:
        said = content["currency"] or "no currency"
        holds.append(hold("currency", f"the decision says {said}, the order is in {order.currency}"))
        return [Draft(verb, content_of(lines, **facts), holds=tuple(holds))]
    owed = Money(content["total"], order.currency)
    facts["owed"] = str(owed)
    facts["readings"] = readings.matching(content, owed)
    if not owed.is_exact:
        holds.append(hold("digits", f"{owed.amount} has more digits than {owed.currency} has"))
    if owed.amount <= 0:
        holds.append(hold("no_amount", f"the decision says {owed}"))
    elif not facts["readings"]:
        holds.append(hold("no_reading", f"the decision says {owed}; its lines come to {_shown(content, owed)}"))
    if any(payment.captured.currency != order.currency for payment in order.payments):
        holds.append(hold("currency", f"the order is in {order.currency}, a payment of it is not"))
        return [Draft(verb, content_of(lines, **facts), owed, holds=tuple(holds))]
    holds += _limit(owed, situation.store, "the amount")
    holds += caps.units(lines, situation.taken, order)
    holds += caps.money(owed, situation.taken, order)
    if verb != "refund":
        return [Draft(verb, content_of(lines, **facts), owed, holds=tuple(holds))]
    return _split(owed, content_of(lines, **facts), tuple(holds), situation, order)


def _shown(content: Content, owed: Money) -> str:
    names: dict[str, list[str]] = {}
    for reading in readings.readings(content, owed.currency):
        names.setdefault(str(reading.amount), []).append(reading.name)
    if not names:
        return "more than anybody could pay"
    if len(names) == 1:
        return f"{next(iter(names))} in every reading"
    return "; or ".join(f"{amount} ({', '.join(of_it)})" for amount, of_it in names.items())


def _split(
    owed: Money, content: dict[str, Any], holds: tuple[dict[str, Any], ...], situation: Situation, order: Order
) -> list[Draft]:
    parts = []
    if not any(found["code"] in ("above_paid", "digits", "no_amount") for found in holds):
        parts = payments.share_out(owed, [(payment, caps.free(payment, situation.taken)) for payment in order.payments])
    if not parts:
        return [Draft("refund", content, owed, holds=holds)]
    return [
        Draft("refund", {**content, "part": [i, len(parts)]}, part, payment.id, holds=holds)
        for i, (payment, part) in enumerate(parts, 1)
    ]
