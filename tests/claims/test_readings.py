"""Readings: every way in which the lines of a decision may be added up."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from op_core.claims.content import of_resolution
from op_core.claims.readings import matching, readings
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


def test_what_is_not_said_is_nothing():
    """No discount, no tax, no shipping, no percentage: 0, 0, 0 and 100."""
    found = {reading.amount for reading in readings(content(ResolvedLine(quantity=1, price=Decimal("9.99"))), "USD")}

    assert {Money("9.99", "USD")} == found


def test_what_nobody_could_pay_is_no_reading():
    """A sum that is longer than any money is left out, and breaks nothing."""
    assert [] == readings(content(ResolvedLine(quantity=1_000_000, price=Decimal("9" * 40))), "USD")[:6]
