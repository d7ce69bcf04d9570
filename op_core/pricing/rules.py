"""
Which of a store's rules holds a subtotal. Pure.

No page says whether a rule's ends belong to it (G-16). Three readings, by ``wire.quote_borders``:

==================  ============================  ====================================  =====================
reading             50.00 in 0-50 and 50-100      49.995 in 0-49.99 and 50-100          100 where 50-100 ends
==================  ============================  ====================================  =====================
``inclusive``       0-50, the first by min        none                                  50-100
``max_exclusive``   50-100                        none                                  none
``to_next_min``     50-100                        0-49.99: it holds up to the next min  50-100
==================  ============================  ====================================  =====================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

import attrs

from op_core.order_protection.answers import ReadQuote, ReadQuoteRule
from op_core.pricing.cart import Cart

__all__ = ["Borders", "Range", "chosen", "ranges"]

Borders = Literal["inclusive", "max_exclusive", "to_next_min"]


@attrs.frozen
class Range:
    """
    The subtotals that a rule is for, USD.

    Attributes:
        name: How the rule is called in texts.
    """

    name: str
    low: Decimal
    high: Decimal
    rule: ReadQuoteRule


def ranges(quote: ReadQuote) -> tuple[tuple[Range, ...], tuple[str, ...]]:
    """Return the ranges that can be read, by their min, and in words all that is wrong with the rules."""
    problems: list[str] = []
    found: list[Range] = []
    for number, rule in enumerate(quote.rules, 1):
        name = f"rule {rule.id}" if rule.id else f"rule number {number}, which has no id,"
        if rule.min is None or rule.max is None:
            problems.append(f"{name} is left out: its {'min' if rule.min is None else 'max'} is no number")
        elif rule.min < 0 or rule.min > rule.max:
            problems.append(f"{name} is left out: it goes from {rule.min:f} to {rule.max:f}")
        else:
            found.append(Range(name, rule.min, rule.max, rule))
    by_min = sorted(found, key=lambda one: (one.low, one.high))
    if by_min != found:
        problems.append("the rules are not in the order of their min")
    problems.extend(_overlaps(by_min))
    return tuple(by_min), tuple(problems)


def _overlaps(by_min: Sequence[Range]) -> Iterator[str]:
    widest = None
    for one in by_min:
        if widest is not None and one.low < widest.high:
            yield f"{widest.name} and {one.name} overlap from {one.low:f} on"
        if widest is None or one.high > widest.high:
            widest = one


def chosen(by_min: Sequence[Range], cart: Cart, borders: Borders) -> Range | None:
    """Return the first range by min that holds the cart's subtotal, or None."""
    following = {id(one): after.low for one, after in pairwise(by_min)}
    for one in by_min:
        if not cart.at_least(one.low):
            continue
        match borders:
            case "inclusive":
                holds = cart.at_most(one.high)
            case "max_exclusive":
                holds = not cart.at_least(one.high)
            case "to_next_min":
                end = following.get(id(one))
                holds = cart.at_most(one.high) if end is None else not cart.at_least(end)
        if holds:
            return one
    return None
