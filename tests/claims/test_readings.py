"""Readings: every way in which the lines of a decision may be added up."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.claims.content import of_resolution
from op_core.claims.readings import exact_share, matching, readings
from op_core.money import Money, exponent
from op_core.order_protection.events import Resolution, ResolvedLine

AMOUNTS = st.decimals("0", "999", places=3)
LINES = st.builds(
    ResolvedLine,
    quantity=st.integers(1, 5),
    item_id=st.just("1"),
    price=AMOUNTS,
    discount=AMOUNTS,
    tax=AMOUNTS,
    percentage=st.one_of(st.none(), st.decimals("0", "100", places=1)),
)
CURRENCIES = st.sampled_from(["USD", "JPY", "BHD"])


def content(*lines, **said):
    return of_resolution(Resolution(type="REFUND", lines=lines, currency="USD", total=Decimal(1), **said))


def test_there_are_twelve():
    """Per unit or per line, three ways with shipping, rounded in two places; each has its own name."""
    found = readings(content(ResolvedLine(quantity=2, price=Decimal("1.00"))), "USD")

    assert 12 == len({reading.name for reading in found})
    assert "per unit, with shipping and its tax, rounded on the sum" in {reading.name for reading in found}


def test_each_reading_has_an_amount_of_its_own():
    """Reckoned by hand from lines in which every way of adding them up comes to another sum: none is taken for one."""
    lines = (
        ResolvedLine(quantity=3, price=Decimal("10.005"), discount=Decimal("1.00"), tax=Decimal("0.50")),
        ResolvedLine(quantity=3, price=Decimal("4.01"), percentage=Decimal(50)),
    )
    said = content(*lines, shipping=Decimal("5.00"), shipping_tax=Decimal("0.90"))

    assert {
        "per unit, without shipping, rounded per line": "34.54 USD",
        "per unit, without shipping, rounded on the sum": "34.53 USD",
        "per unit, with shipping, rounded per line": "39.54 USD",
        "per unit, with shipping, rounded on the sum": "39.53 USD",
        "per unit, with shipping and its tax, rounded per line": "40.44 USD",
        "per unit, with shipping and its tax, rounded on the sum": "40.43 USD",
        "per line, without shipping, rounded per line": "11.52 USD",
        "per line, without shipping, rounded on the sum": "11.51 USD",
        "per line, with shipping, rounded per line": "16.52 USD",
        "per line, with shipping, rounded on the sum": "16.51 USD",
        "per line, with shipping and its tax, rounded per line": "17.42 USD",
        "per line, with shipping and its tax, rounded on the sum": "17.41 USD",
    } == {reading.name: str(reading.amount) for reading in readings(said, "USD")}


def test_an_amount_is_rounded_once():
    """A hair under half a cent is nothing: rounded on the way to 28 digits it would be half a cent, and then a cent."""
    line = ResolvedLine(
        quantity=1, price=Decimal("0.99999999999999999998"), percentage=Decimal("0.50000000000000000001")
    )
    said = content(line)

    assert Decimal(f"0.004{'9' * 38}8") == exact_share(said["lines"][0], flat=False)
    assert {Money("0.00", "USD")} == {reading.amount for reading in readings(said, "USD")}


@given(lines=st.lists(LINES, min_size=1, max_size=4), currency=CURRENCIES, shipping=AMOUNTS, tax=AMOUNTS)
def test_every_reading_is_payable_in_its_currency(lines, currency, shipping, tax):
    """Rounded half-up at the currency's digits, and equal to itself."""
    said = content(*lines, shipping=shipping, shipping_tax=tax)
    for reading in readings(said, currency):
        assert reading.amount.is_exact
        assert reading.name in matching(said, reading.amount)


@given(lines=st.lists(LINES, min_size=1, max_size=4), currency=CURRENCIES)
def test_the_sum_is_the_sum(lines, currency):
    """Per unit, without shipping, rounded on the sum: reckoned here by hand."""
    step = Decimal(1).scaleb(-exponent(currency))
    share = sum(
        (one.price - one.discount + one.tax) * one.quantity * (100 if one.percentage is None else one.percentage)
        for one in lines
    ) / Decimal(100)  # fmt: skip
    found = {reading.name: reading.amount for reading in readings(content(*lines), currency)}

    assert (
        Money(share.quantize(step, ROUND_HALF_UP), currency) == found["per unit, without shipping, rounded on the sum"]
    )


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ({"price": Decimal("9.99")}, "9.99"),
        ({"price": Decimal("9.99"), "discount": Decimal(2)}, "7.99"),
        ({"price": Decimal("9.99"), "tax": Decimal(2)}, "11.99"),
        ({}, "0.00"),
    ],
    ids=["the price alone", "no tax", "no discount", "no amount"],
)
def test_what_is_not_said_is_nothing(said, amount):
    """No price, no discount, no tax, no shipping, no percentage: 0, 0, 0, 0 and 100."""
    found = {reading.amount for reading in readings(content(ResolvedLine(quantity=1, **said)), "USD")}

    assert {Money(amount, "USD")} == found


def test_what_nobody_could_pay_is_no_reading():
    """A sum that is longer than any money is left out, and breaks nothing."""
    assert [] == readings(content(ResolvedLine(quantity=1_000_000, price=Decimal("9" * 40))), "USD")[:6]
