"""What a shop asks the price of protection for, checked before anything is asked or reckoned."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Self

import attrs

from op_core.errors import WrongArgument
from op_core.money import Money, decimal_from, exponent
from op_core.order_protection.currencies import CURRENCIES, nearest_currencies

__all__ = ["Cart"]

_USD = "USD"
_EXACT = Context(prec=100)  # two amounts of the longest kind, multiplied: nothing is rounded on the way


@attrs.frozen
class Cart:
    """
    A cart, as far as its protection is concerned.

    Attributes:
        subtotal: Of the goods, before shipping and add-ons; major units of *currency*.
        currency: One of the 302 codes of page ORD-C.
        rate: Units of *currency* for 1 USD; 1 for USD itself.
    """

    subtotal: Decimal
    currency: str
    rate: Decimal

    @classmethod
    def of(cls, subtotal: Decimal | int | str, currency: str, rate: Decimal | int | str | None = None) -> Self:
        """
        Check what a shop says of its cart.

        Raises:
            WrongArgument: A number is none, or out of range; the currency is not one that the API takes.
        """
        code: object = currency
        if not isinstance(code, str) or code not in CURRENCIES:
            found = f"{code!r}" if isinstance(code, str) else f"a {type(code).__name__}"
            near = nearest_currencies(code) if isinstance(code, str) else ", such as USD"
            raise WrongArgument(f"currency: found {found}, expected one of the {len(CURRENCIES)} codes of ORD-C{near}")
        amount = _number("subtotal", subtotal, f"an amount in {currency}")
        if amount < 0:
            raise WrongArgument("subtotal: found an amount below 0, expected what the goods cost")
        return cls(amount, currency, _rate(currency, rate))

    def at_least(self, usd: Decimal) -> bool:
        """Tell whether the subtotal is at least an amount in USD; compared exactly, without a division."""
        return self.subtotal >= _EXACT.multiply(usd, self.rate)

    def at_most(self, usd: Decimal) -> bool:
        """Tell whether the subtotal is at most an amount in USD."""
        return self.subtotal <= _EXACT.multiply(usd, self.rate)

    def converted(self, usd: Decimal) -> Money:
        """
        Return an amount in USD as one of the cart, rounded half-up to the digits that its currency has.

        Raises:
            ArithmeticError: It has more digits than any amount of money.
            ValueError: The same.
        """
        step = Decimal(1).scaleb(-exponent(self.currency))
        product = _EXACT.multiply(usd, self.rate)
        return Money(product.quantize(step, rounding=ROUND_HALF_UP, context=_EXACT), self.currency)


def _rate(currency: str, rate: Decimal | int | str | None) -> Decimal:
    if rate is None:
        if currency == _USD:
            return Decimal(1)
        raise WrongArgument(f"rate: missing; prices are in USD, expected the units of {currency} for 1 USD")
    number = _number("rate", rate, f"the units of {currency} for 1 USD")
    if number <= 0:
        raise WrongArgument(f"rate: found a number not above 0, expected the units of {currency} for 1 USD")
    if currency == _USD and number != 1:
        raise WrongArgument("rate: found another number than 1, expected 1 or nothing: the cart is in USD")
    return number


def _number(what: str, value: Decimal | int | str, expected: str) -> Decimal:
    try:
        return decimal_from(value)
    except TypeError:
        raise WrongArgument(f"{what}: found a {type(value).__name__}, expected {expected}: a Decimal or text") from None
    except ValueError:
        raise WrongArgument(f"{what}: found no number of at most 40 digits, expected {expected}") from None
