"""Orders that the kit puts into a shop, besides `an_order`."""

from __future__ import annotations

from decimal import Decimal

import attrs

from op_core.models import Order, Payment
from op_core.money import Money
from op_core.testing.model_shop import an_order

__all__ = ["MANY", "in_currency", "of_many_units", "paid_twice"]

MANY = 60  # of anything; more than most shops list at once


def in_currency(currency: str, unit: str) -> Order:
    """Return an order of two units at *unit* each, in *currency*, paid with one card."""
    one = Money(Decimal(unit), currency)
    nothing = Money(Decimal(0), currency)
    line = attrs.evolve(an_order().lines[0], unit_price=one)
    paid = Payment(id="pay-1", captured=one + one, refunded=nothing, method="card")
    return an_order(
        currency=currency, total=one + one, subtotal=one + one, shipping=None, lines=(line,), payments=(paid,)
    )


def paid_twice() -> Order:
    """Return an order of 60.00 USD of which a gift card paid 25.00 and a card 35.00."""
    nothing = Money(Decimal(0), "USD")
    gift = Payment(id="pay-1", captured=Money(Decimal("25.00"), "USD"), refunded=nothing, method="gift card")
    card = Payment(id="pay-2", captured=Money(Decimal("35.00"), "USD"), refunded=nothing, method="card")
    return an_order(payments=(gift, card))


def of_many_units() -> Order:
    """Return an order of 60 units at 20.00 each, paid with one card: a whole list of claims finds room in it."""
    usual = an_order()
    worth = Money(usual.lines[0].unit_price.amount * MANY, "USD")
    assert usual.shipping is not None
    paid = Payment(id="pay-1", captured=worth + usual.shipping, refunded=Money(Decimal(0), "USD"), method="card")
    line = attrs.evolve(usual.lines[0], quantity=MANY)
    return an_order(total=paid.captured, subtotal=worth, lines=(line,), payments=(paid,))
