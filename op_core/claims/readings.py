"""
Readings of money: what the lines of a resolution may add up to.

The pages do not say whether price, discount and tax are of a unit or of a line, nor whether the total holds shipping
and its tax, nor where it was rounded (G-23). ``total_refund_amount`` is what is owed; it must equal one reading
exactly, or a person looks.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from op_core.money import Money

__all__ = ["Reading", "matching", "readings"]

_HUNDRED = Decimal(100)


@attrs.frozen
class Reading:
    """One way to add the lines up: its name, and what it comes to."""

    name: str
    amount: Money


def _number(value: str | None) -> Decimal:
    return Decimal(value) if value is not None else Decimal(0)


def _share(line: dict[str, Any], *, flat: bool) -> Decimal:
    if flat:
        return _number(line["flat_amount"])
    percentage = _HUNDRED if line["percentage"] is None else Decimal(line["percentage"])
    return (_number(line["price"]) - _number(line["discount"]) + _number(line["tax"])) * percentage / _HUNDRED


def readings(content: dict[str, Any], currency: str) -> list[Reading]:
    """
    Return every reading of a resolution's lines.

    Args:
        content: A normalised resolution (`op_core.claims.content`).
        currency: In which the amounts are meant; its digits decide the rounding.
    """
    flat = content["type"] == "FLAT_RATE"
    shipping, shipping_tax = _number(content["shipping"]), _number(content["shipping_tax"])
    extras = (("without shipping", Decimal(0)), ("with shipping", shipping),
              ("with shipping and its tax", shipping + shipping_tax))  # fmt: skip
    found = []
    for unit in ("per unit", "per line"):
        shares = [
            _share(line, flat=flat) * (line["quantity"] if unit == "per unit" else 1) for line in content["lines"]
        ]
        for extra, amount in extras:
            per_line = sum((Money(share, currency).rounded().amount for share in shares), amount)
            found.append(Reading(f"{unit}, {extra}, rounded per line", Money(per_line, currency).rounded()))
            on_sum = sum(shares, amount)
            found.append(Reading(f"{unit}, {extra}, rounded on the sum", Money(on_sum, currency).rounded()))
    return found


def matching(content: dict[str, Any], owed: Money) -> list[str]:
    """Return the names of the readings that come to exactly *owed*."""
    return [reading.name for reading in readings(content, owed.currency) if reading.amount.amount == owed.amount]
