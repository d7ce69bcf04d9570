"""Money: exact, of one currency, and never a float."""

from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.money import Money, decimal_from, exponent, total

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15)
CURRENCIES = st.sampled_from(["USD", "JPY", "BHD", "CLF"])


@pytest.mark.parametrize(("currency", "digits"), [("USD", 2), ("JPY", 0), ("BHD", 3), ("CLF", 4), ("XXX", 2)])
def test_each_currency_has_its_digits(currency, digits):
    """ISO 4217; two where nothing is said."""
    assert digits == exponent(currency)


@pytest.mark.parametrize("value", [1.5, 0.1, True, None, b"1", [1], complex(1)])
def test_what_cannot_hold_a_price_is_refused(value):
    """No float and no bool ever becomes money."""
    with pytest.raises(TypeError, match=f"never a {type(value).__name__}"):
        Money(value, "USD")


@pytest.mark.parametrize(
    "value", ["", "ten", "1,50", "NaN", "Infinity", "-inf", "sNaN", "1e99", "1e-99", "9" * 41, "0" * 81]
)
def test_text_that_is_no_amount_is_refused(value):
    """No NaN, no infinity, nothing longer than 40 digits, and the text is not repeated."""
    with pytest.raises(ValueError, match=r"^not an amount: (not finite|not a number|too many (digits|characters))$"):
        decimal_from(value)


def test_zeros_before_an_amount_are_not_its_digits():
    """Text of 80 characters is read, whatever it means; longer text is not even looked at."""
    assert Decimal(12) == decimal_from("12".rjust(80, "0"))
    with pytest.raises(ValueError, match="too many characters"):
        decimal_from("12".rjust(81, "0"))


@pytest.mark.parametrize("currency", ["usd", "US", "USDX", "U$D", "", "ÜSD", None, 5])
def test_a_currency_is_three_capital_letters(currency):
    """Anything else is no code."""
    with pytest.raises((ValueError, TypeError)):
        Money("1", currency)


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_sums_are_exact(one, other, currency):
    """What is added and taken away again is what it was."""
    a, b = Money(one, currency), Money(other, currency)

    assert a == (a + b) - b
    assert a + b == b + a == total([a, b], currency)


@given(AMOUNTS, CURRENCIES)
def test_rounding_is_half_up_and_never_far(amount, currency):
    """At most half a unit of the currency away, exact afterwards; `cut` never goes up in size."""
    money = Money(amount, currency)
    half = Decimal(1).scaleb(-exponent(currency)) / 2

    assert abs(money.rounded().amount - amount) <= half
    assert money.rounded().is_exact
    assert abs(money.cut().amount) <= abs(amount)
    assert money.is_exact == (money.rounded() == money) == (money.cut() == money)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [("0.005", "USD", "0.01"), ("0.004", "USD", "0.00"), ("-0.005", "USD", "-0.01"), ("0.5", "JPY", "1"),
     ("1.0005", "BHD", "1.001"), ("2.675", "USD", "2.68")],
)  # fmt: skip
def test_halves_go_up(amount, currency, rounded):
    """Half-up, as an invoice does; not to even, and not as a float would."""
    assert Money(rounded, currency) == Money(amount, currency).rounded()


def test_the_longest_amount_is_rounded_too():
    """All 40 digits that an amount may have are looked at, and none is lost."""
    longest = Money("9" * 36 + ".1250", "USD")

    assert Money("9" * 36 + ".13", "USD") == longest.rounded()
    assert Money("9" * 36 + ".12", "USD") == longest.cut()


@pytest.mark.parametrize(
    ("amount", "currency", "sent"),
    [("10.5", "USD", "10.5"), ("10.500", "USD", "10.500"), ("10.505", "USD", "10.51"), ("10.5", "JPY", "11")],
)
def test_it_is_sent_as_the_shop_has_it(amount, currency, sent):
    """Digit for digit, and half-up only where the currency has fewer."""
    assert sent == str(Money(amount, currency).sendable().amount)


def test_two_currencies_are_never_reckoned_together():
    """Nothing is ever converted: adding, subtracting and comparing raise."""
    dollars, euros = Money("1", "USD"), Money("1", "EUR")
    for reckon in (lambda: dollars + euros, lambda: dollars - euros, lambda: dollars < euros, lambda: dollars <= euros):
        with pytest.raises(ValueError, match="USD and EUR"):
            reckon()
    assert dollars != euros


def test_an_amount_is_no_less_than_itself():
    """However many zeros it is written with."""
    amount, written = Money("1", "USD"), Money("1.00", "USD")

    assert (False, True) == (amount < written, amount <= written)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("20", "USD", "20.00 USD"), ("20.005", "USD", "20.005 USD"), ("20", "JPY", "20 JPY"),
     ("1e3", "BHD", "1000.000 BHD")],
)  # fmt: skip
def test_it_is_written_with_all_its_digits(amount, currency, text):
    """At least those of its currency, never fewer than it has, no exponent."""
    assert text == str(Money(amount, currency))


def test_nothing_is_false():
    """Zero is nothing, however it is written."""
    assert not Money("0.00", "USD")
    assert Money("-0.01", "USD")
    assert Money("0", "USD") == total([], "USD")


def test_many_are_made_as_single_ones_are():
    """Many amounts at once equal those that are made one by one, and are frozen likewise."""
    amounts = [Decimal(text) for text in ("12.50", "0", "-3", "1E+3", "0.00001", "9" * 40)]

    assert [Money(amount, "USD") for amount in amounts] == Money.many(amounts, "USD")
    assert [Money(5, "USD"), Money("5", "USD")] == Money.many([5, "5"], "USD")
    assert [] == Money.many([], "USD")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Money.many(amounts, "USD")[0].amount = Decimal(1)


@pytest.mark.parametrize("wrong", ["NaN", "sNaN", "Infinity", "1E+41", "1E-41", "9" * 41])
def test_one_wrong_amount_spoils_many(wrong):
    """What no single amount may be is refused among many too; so is a wrong currency."""
    with pytest.raises(ValueError, match="not an amount"):
        Money.many([Decimal(1), Decimal(wrong)], "USD")
    with pytest.raises(ValueError, match="currency"):
        Money.many([Decimal(1)], "usd")
