"""
Readings of money: what the lines of a resolution may add up to.

The pages do not say whether price, discount and tax are of a unit or of a line, nor whether the total holds shipping
and its tax, nor where it was rounded (G-23). ``total_refund_amount`` is what is owed; it must equal one reading
exactly, or a person looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

import attrs

from op_core.money import Money, exponent

__all__ = ["Reading", "exact_share", "matching", "readings"]

_HUNDRED = Decimal(100)
_EXACT = Context(prec=300)  # products of a few amounts, to the last digit


@attrs.frozen
class Reading:
    """One way to add the lines up: its name, and what it comes to."""

    name: str
    amount: Money


def _number(value: str | None) -> Decimal:
    return Decimal(value) if value is not None else Decimal(0)


def exact_share(line: dict[str, Any], *, flat: bool) -> Decimal:
    """Return what a line comes to before it is rounded, counted once; *flat*: its flat amount alone."""
    with localcontext(_EXACT):
        return _share(line, flat=flat)


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
    with localcontext(_EXACT):
        sums = ((name, _payable(amount, currency)) for name, amount in _sums(content, currency))
        return [Reading(name, amount) for name, amount in sums if amount is not None]


def _payable(amount: Decimal, currency: str) -> Money | None:
    try:
        return Money(_rounded(amount, currency), currency)
    except ValueError:  # longer than any sum of money; nobody is owed that
        return None


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP)


def _sums(content: dict[str, Any], currency: str) -> Iterator[tuple[str, Decimal]]:
    flat = content["type"] == "FLAT_RATE"
    shipping, shipping_tax = _number(content["shipping"]), _number(content["shipping_tax"])
    extras = (("without shipping", Decimal(0)), ("with shipping", shipping),
              ("with shipping and its tax", shipping + shipping_tax))  # fmt: skip
    for unit in ("per unit", "per line"):
        shares = [
            _share(line, flat=flat) * (line["quantity"] if unit == "per unit" else 1) for line in content["lines"]
        ]
        for extra, amount in extras:
            yield f"{unit}, {extra}, rounded per line", sum((_rounded(share, currency) for share in shares), amount)
            yield f"{unit}, {extra}, rounded on the sum", sum(shares, amount)


def matching(content: dict[str, Any], owed: Money) -> list[str]:
    """Return the names of the readings that come to exactly *owed*."""
    return [reading.name for reading in readings(content, owed.currency) if reading.amount.amount == owed.amount]
