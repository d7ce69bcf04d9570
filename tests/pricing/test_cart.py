"""What a shop says of its cart: taken exactly, or refused with what was expected."""

from decimal import Decimal

import pytest

from op_core.errors import WrongArgument
from op_core.money import Money
from op_core.order_protection.currencies import CURRENCIES
from op_core.pricing import Cart


def refused(*said):
    with pytest.raises(WrongArgument) as caught:
        Cart.of(*said)
    return str(caught.value)


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "BHD", "DEM", "ITL", "XXX"])
def test_every_code_of_the_list_is_taken_historic_ones_too(currency):
    """A shop that still says marks or lire is asked for a rate, not refused."""
    assert currency == Cart.of("10", currency, "1").currency


def test_all_302_codes_are_taken():
    """The list of ORD-C, whole."""
    assert 302 == len({Cart.of(1, code, 1).currency for code in CURRENCIES})


@pytest.mark.parametrize(
    ("currency", "nearest"), [("eur", "EUR"), ("EUX", "EUR"), ("UDS", "USD"), ("BTC", "BTN"), ("GPB", "GBP")]
)
def test_another_code_is_refused_with_the_nearest(currency, nearest):
    """What was meant stands in the text."""
    assert nearest in refused("10", currency, "1")


@pytest.mark.parametrize("currency", ["", "€", "EURO ZONE", None, 978, b"EUR"])
def test_what_is_no_code_at_all_is_refused(currency):
    """Anything else than a code of the list, whatever its kind."""
    assert refused("10", currency, "1").startswith("currency: found ")


@pytest.mark.parametrize(
    ("subtotal", "said"),
    [
        (12.5, "subtotal: found a float, expected an amount in USD: a Decimal or text"),
        (True, "subtotal: found a bool"),
        (None, "subtotal: found a NoneType"),
        ("", "subtotal: found no number"),
        ("12,50", "subtotal: found no number"),
        ("NaN", "subtotal: found no number"),
        ("1e99", "subtotal: found no number"),
        ("-0.01", "subtotal: found an amount below 0"),
    ],
)
def test_a_subtotal_that_cannot_be_is_refused(subtotal, said):
    """The kind of what was found, never guessed at."""
    assert said in refused(subtotal, "USD")


@pytest.mark.parametrize(
    ("currency", "rate", "said"),
    [
        ("EUR", None, "rate: missing; prices are in USD, expected the units of EUR for 1 USD"),
        ("EUR", 0.92, "rate: found a float"),
        ("EUR", "0", "rate: found a number not above 0"),
        ("EUR", "-1", "rate: found a number not above 0"),
        ("EUR", "Infinity", "rate: found no number"),
        ("USD", "1.01", "rate: found another number than 1"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(currency, rate, said):
    """A rate of zero or a dollar that is worth another dollar sells protection at a wrong price."""
    assert said in refused("10", currency, rate)


@pytest.mark.parametrize("rate", [None, 1, "1", "1.000", Decimal(1)])
def test_usd_needs_no_rate(rate):
    """Left out, or 1."""
    assert Decimal(1) == Cart.of("10", "USD", rate).rate


def test_a_subtotal_keeps_its_digits():
    """Some shops hold unrounded sums."""
    assert Decimal("49.995000") == Cart.of("49.995000", "USD").subtotal


@pytest.mark.parametrize(
    ("usd", "currency", "rate", "expected"),
    [
        ("1.98", "JPY", "149.5", "296"),  # 296.01
        ("1.99", "JPY", "149.7487", "298"),  # 297.99...
        ("0.01", "JPY", "50", "1"),  # 0.5
        ("1.98", "BHD", "0.376", "0.744"),  # 0.74448
        ("1.98", "BHD", "0.37599", "0.744"),
        ("1.75", "BHD", "0.3762", "0.658"),  # 0.65835
        ("1.5", "EUR", "0.93", "1.40"),  # 1.395
        ("1.98", "ITL", "1804.5", "3573"),  # 3572.91
        ("1.98", "CLF", "0.0261", "0.0517"),  # 0.051678
    ],
)
def test_a_premium_is_rounded_half_up_at_the_digits_of_the_currency(usd, currency, rate, expected):
    """JPY has none, BHD three; a half goes up."""
    assert Money(expected, currency) == Cart.of("10", currency, rate).converted(Decimal(usd))


def test_a_premium_too_long_for_money_is_no_amount():
    """An absurd rate ends in an error, not in a wrong price."""
    with pytest.raises((ArithmeticError, ValueError)):
        Cart.of("10", "EUR", "9" * 40).converted(Decimal("9" * 40))
