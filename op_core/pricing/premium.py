"""What is offered for a cart. Pure: rules, cart and time are handed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import attrs

from op_core.money import Money
from op_core.order_protection.answers import ReadPremium, ReadQuote
from op_core.pricing.cart import Cart
from op_core.pricing.rules import Borders, Range, chosen, ranges

__all__ = ["Premium", "premium_for"]

PaidBy = Literal["customer", "brand"]
_PAYERS: tuple[PaidBy, ...] = ("customer", "brand")
_FIXED = "fixed"


@attrs.frozen(kw_only=True)
class Premium:
    """
    What protection costs for one cart.

    Attributes:
        offered: Protection goes into the cart as a line of *amount*, if the customer wants it or it is *mandatory*.
        amount: What the customer pays, in the cart's currency; None where nothing is offered.
        brand_amount: What the brand pays, in the cart's currency: it is never a line of the cart.
        in_usd: The amount before it was converted, whoever pays it.
        paid_by: ``customer`` or ``brand``; None where no rule says so.
        auto_add: It is in the cart until the customer takes it out. Never where nothing is offered.
        mandatory: It is in the cart, and the customer cannot take it out. Never where nothing is offered.
        rule_id: The rule's id, as the API has it.
        reason: Why nothing is offered.
        problems: What is wrong with the store's rules, in words, whether or not it touches this cart.
        fetched_at: When the rules were read, UTC.
        age: How old they were when they were used.
        stale: They are older than ``quote.max_age``: the API could not be reached since.
    """

    offered: bool
    amount: Money | None = None
    brand_amount: Money | None = None
    in_usd: Money | None = None
    paid_by: PaidBy | None = None
    auto_add: bool = False
    mandatory: bool = False
    rule_id: str | None = None
    reason: str = ""
    problems: tuple[str, ...] = ()
    fetched_at: datetime
    age: timedelta = timedelta(0)
    stale: bool = False


def premium_for(
    quote: ReadQuote,
    cart: Cart,
    borders: Borders = "inclusive",
    *,
    fetched_at: datetime,
    age: timedelta = timedelta(0),
    stale: bool = False,
) -> Premium:
    """Return what a store's rules offer for a cart. What cannot be read is no offer, with its reason, and no error."""
    by_min, problems = ranges(quote)
    found = chosen(by_min, cart, borders)
    said = {"reason": _in_none(by_min, cart)} if found is None else _terms(quote, found, cart)
    return Premium(**{"offered": False, **said}, problems=problems, fetched_at=fetched_at, age=age, stale=stale)


def _terms(quote: ReadQuote, found: Range, cart: Cart) -> dict[str, Any]:
    terms, said = found.rule.terms, {"rule_id": found.rule.id}
    payer = next((one for one in _PAYERS if one == terms.paid_by), None)
    if payer is None:
        return {**said, "reason": f"{found.name} does not say who pays: expected customer or brand in terms.paidBy"}
    said["paid_by"] = payer
    price = _price(terms.customer if payer == "customer" else terms.brand, f"{found.name}, terms.{payer}", cart)
    if isinstance(price, str):
        return {**said, "reason": price}
    usd, amount = price
    if payer == "brand":
        return {**said, "in_usd": usd, "brand_amount": amount, "reason": "the brand pays: nothing goes into the cart"}
    if not amount:
        return {
            **said,
            "in_usd": usd,
            "reason": f"{found.name} comes to {amount}: an order without a premium is not protected",
        }
    mandatory = bool(quote.mandatory_op)
    auto_add = mandatory or bool(quote.automatically_add_to_cart)
    return {**said, "in_usd": usd, "offered": True, "amount": amount, "auto_add": auto_add, "mandatory": mandatory}


def _price(premium: ReadPremium, place: str, cart: Cart) -> tuple[Money, Money] | str:
    """Return a premium in USD and in the cart's currency, or why there is none."""
    if premium.type != _FIXED:
        found = f"type {premium.type}" if premium.type else "no type"
        return f"{place}: {found}, expected {_FIXED}: no other is documented, and none is computed (G-16)"
    if premium.amount is None or premium.amount < 0:
        return f"{place}: the amount is {'no number' if premium.amount is None else 'below 0'}"
    try:
        return Money(premium.amount, "USD"), cart.converted(premium.amount)
    except (ArithmeticError, ValueError):
        return f"{place}: the amount has more digits in {cart.currency} than money has"


def _in_none(by_min: Sequence[Range], cart: Cart) -> str:
    """Say between which rules a subtotal lies that none of them holds."""
    if not by_min:
        return "the store has no rule that can be read"
    said = "the subtotal is in no rule"
    below = [one for one in by_min if cart.at_least(one.low)]
    above = by_min[len(below) :]
    if not below:
        return f"{said}: the first begins at {_usd(above[0].low)}"
    if not above:
        return f"{said}: the last ends at {_usd(max(one.high for one in below))}"
    return f"{said}: {below[-1].name} ends at {_usd(below[-1].high)}, {above[0].name} begins at {_usd(above[0].low)}"


def _usd(amount: Decimal) -> Money:
    return Money(amount, "USD")
