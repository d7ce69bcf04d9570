"""Money: a Decimal amount with its currency, and nothing that could turn it into a float."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_UP,
    Clamped,
    Context,
    Decimal,
    DecimalException,
    InvalidOperation,
    Overflow,
    Rounded,
)
from itertools import repeat

import attrs

__all__ = ["Money", "decimal_from", "exponent", "total"]

# Digits after the point, ISO 4217 (with the last known digits of withdrawn currencies). Two where nothing is said.
_EXPONENTS = {
    0: "ADP BEF BIF BYB BYR CLP DJF ESP GNF GRD ISK ITL JPY KMF KRW LUF MGF PTE PYG ROL RWF TPE TRL UGX UYI VND VUV"
    " XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS = {code: digits for digits, codes in _EXPONENTS.items() for code in codes.split()}
_LONGEST = 40  # digits; far above any price, far below what makes arithmetic slow
_PRECISE = Context(prec=2 * _LONGEST)
_SANE = Context(prec=_LONGEST, Emin=-1, Emax=_LONGEST - 1, traps=[Clamped, InvalidOperation, Overflow, Rounded])


def exponent(currency: str) -> int:
    """
    Return how many digits *currency* has after the point.

    Args:
        currency: An ISO 4217 code, such as ``"JPY"`` (0), ``"USD"`` (2) or ``"BHD"`` (3).
    """
    return _DIGITS.get(currency, 2)


def decimal_from(value: Decimal | int | str) -> Decimal:
    """
    Return *value* as a finite Decimal of a sane length.

    Raises:
        TypeError: For a float or a bool: they cannot hold a price.
        ValueError: For text that is no number, for NaN and infinity, and for more than 40 digits.
    """
    number = value if type(value) is Decimal else _number(value)
    if not number.is_finite():
        raise ValueError("not an amount: not finite")
    try:
        _SANE.plus(number)  # in one step what taking it to pieces would tell
    except DecimalException:
        raise ValueError("not an amount: too many digits") from None
    return number


def _number(value: Decimal | int | str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"money is a Decimal, an int or text, never a {type(value).__name__}")
    if isinstance(value, str) and len(value) > 2 * _LONGEST:
        raise ValueError("not an amount: too many characters")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise ValueError("not an amount: not a number") from None


def _currency(_: object, __: object, value: str) -> None:
    if not (isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()):  # noqa: PLR2004 - the length of an ISO code
        raise ValueError(f"currency is three capital letters, such as USD; found {value!r}")


@attrs.frozen
class Money:
    """
    An amount in one currency. Sums of two currencies raise; nothing is ever converted.

    Attributes:
        amount: Major units (dollars, not cents). May hold more digits than the currency has, as some shops do.
        currency: ISO 4217 code in capital letters.
    """

    amount: Decimal = attrs.field(converter=decimal_from)
    currency: str = attrs.field(validator=_currency)

    @classmethod
    def many(cls, amounts: Sequence[Decimal], currency: str) -> list[Money]:
        """
        Return one for each amount, just as the class makes it, in a third of the time.

        Raises:
            TypeError: As for a single one.
            ValueError: As for a single one.
        """
        try:
            well = set(map(type, amounts)) == {Decimal} and all(map(Decimal.is_finite, map(_SANE.plus, amounts)))
        except DecimalException:
            well = False
        if not well:
            return [cls(amount, currency) for amount in amounts]
        _currency(None, None, currency)
        made = list(map(object.__new__, repeat(cls, len(amounts))))
        for name, values in (("amount", amounts), ("currency", repeat(currency))):
            deque(map(vars(cls)[name].__set__, made, values), maxlen=0)  # the slots themselves; a loop inside C
        return made

    def rounded(self) -> Money:
        """Return the amount rounded half-up to the digits that the currency has."""
        return self._to_digits(ROUND_HALF_UP)

    def cut(self) -> Money:
        """Return the amount without the digits that the currency does not have."""
        return self._to_digits(ROUND_DOWN)

    def sendable(self) -> Money:
        """Return the amount digit for digit; one that has more digits than its currency is rounded half-up."""
        return self if self.is_exact else self.rounded()

    def _to_digits(self, rounding: str) -> Money:
        step = Decimal(1).scaleb(-exponent(self.currency))
        return Money(self.amount.quantize(step, rounding=rounding, context=_PRECISE), self.currency)

    @property
    def is_exact(self) -> bool:
        """Tell whether the amount needs no more digits than the currency has."""
        return self.rounded().amount == self.amount

    def _same(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be reckoned together")
        return other.amount

    def __add__(self, other: Money) -> Money:
        """Add two amounts of one currency; ``ValueError`` for two currencies."""
        return Money(_PRECISE.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract an amount of the same currency; ``ValueError`` for two currencies."""
        return Money(_PRECISE.subtract(self.amount, self._same(other)), self.currency)

    def __lt__(self, other: Money) -> bool:
        """Compare two amounts of one currency."""
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        """Compare two amounts of one currency."""
        return self.amount <= self._same(other)

    def __bool__(self) -> bool:
        """Tell whether the amount is other than zero."""
        return bool(self.amount)

    def __str__(self) -> str:
        """Write it as ``12.50 USD``, with all the digits that it has and at least those of its currency."""
        shown = self.rounded() if self.is_exact else self
        return f"{shown.amount:f} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum of *amounts*, which is zero in *currency* where there are none."""
    result = Money(Decimal(0), currency)
    amount = result.amount
    for each in amounts:
        amount = _PRECISE.add(amount, result._same(each))  # noqa: SLF001 - this module's own
    return Money(amount, currency)
