"""What the expressions of a verb's calls find: the request, the order, the lines."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import attrs

from op_core.models import Address, Line, LineQuantity, Order
from op_core.money import Money
from op_core.requests import Effect, FindRequest
from op_core.untrusted import Untrusted

__all__ = ["LINE", "NAMES", "of_effect", "of_find", "of_order"]

LINE = (*(field.name for field in attrs.fields(Line)), "reference")
"""What stands in each of ``lines``; ``quantity`` is that of the effect."""
_EVERY = ("reference", "order_id", "order_number", "currency", "order", "lines")
_EFFECT = (*_EVERY, "claim_id", "reason", "attempt")
NAMES = {
    "find": (*_EVERY, "amount", "shop_id"),
    "reship": (*_EFFECT, "address", "take_stock", "notify", "shipping_method"),
    "refund": (*_EFFECT, "amount", "payment_id"),
    "store_credit": (*_EFFECT, "amount"),
    "charge_protection": (*_EFFECT, "amount"),
    "refund_protection": (*_EFFECT, "amount"),
    "note": (*_EFFECT, "text"),
}
"""Verb to the names that its calls may use; besides, the names of earlier calls, and ``line`` beside ``each``."""


def of_effect(verb: str, request: Effect) -> dict[str, Any]:
    """Return the context of a verb's calls. Amounts are Decimals, in major units."""
    said = of_order(request.order, getattr(request, "lines", ()))
    for name in NAMES[verb]:
        if name not in said:
            said[name] = _plain(getattr(request, name))
    for line in said["lines"]:  # inside lines[] nothing else can be reached
        line["reference"] = request.reference
    return said


def of_find(request: FindRequest) -> dict[str, Any]:
    """Return the context of a look-up."""
    said = of_order(request.order, ())
    amount = None if request.amount is None else request.amount.amount
    return {**said, "reference": request.reference, "amount": amount, "shop_id": request.shop_id}


def of_order(order: Order, units: Iterable[LineQuantity]) -> dict[str, Any]:
    """Return what is known of an order, and the lines that something is about, with their units."""
    by_id = {line.id: _line(line) for line in order.lines}
    return {
        "order_id": order.id,
        "order_number": order.number,
        "currency": order.currency,
        "order": {**_plain(order), "lines": list(by_id.values())},
        "lines": [{**by_id.get(each.line_id, {"id": each.line_id}), "quantity": each.quantity} for each in units],
    }


def _line(line: Line) -> dict[str, Any]:
    return {name: _plain(value) for name, value in attrs.asdict(line, recurse=False).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, Untrusted):  # whatever a call says is data: a path and a form encode it, JSON quotes it
        return value.plain
    if isinstance(value, Address | Order) or attrs.has(type(value)):
        return {name: _plain(inner) for name, inner in attrs.asdict(value, recurse=False).items()}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | str | Decimal):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
