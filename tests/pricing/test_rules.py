"""Which rule holds a subtotal, at its borders and where the rules are not as their page says."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.order_protection.answers import ReadQuote
from op_core.order_protection.dialects import Dialect
from op_core.pricing import Cart
from op_core.pricing.rules import chosen, ranges

READINGS = ("inclusive", "max_exclusive", "to_next_min")
ADJOINING = (("a", "0", "50", "1"), ("b", "50", "100", "2"))
CENTS_APART = (("a", "0", "49.99", "1"), ("b", "50", "100", "2"))


def name_of(quote, subtotal, borders="inclusive", currency="USD", rate=None):
    by_min, _ = ranges(quote)
    found = chosen(by_min, Cart.of(subtotal, currency, rate), borders)
    return found and found.rule.id


@pytest.mark.parametrize(
    ("subtotal", "expected"),
    [
        ("0", ("a", "a", "a")),
        ("49.99", ("a", "a", "a")),
        ("50", ("a", "b", "b")),
        ("50.01", ("b", "b", "b")),
        ("99.999", ("b", "b", "b")),
        ("100", ("b", None, "b")),
        ("100.01", (None, None, None)),
    ],
)
def test_adjoining_rules(rules, subtotal, expected):
    """0-50 and 50-100: the shared border is the lower rule's by default, the upper one's by the two other readings."""
    assert expected == tuple(name_of(rules(*ADJOINING), subtotal, reading) for reading in READINGS)


@pytest.mark.parametrize(
    ("subtotal", "expected"),
    [
        ("49.98", ("a", "a", "a")),
        ("49.99", ("a", None, "a")),
        ("49.995", (None, None, "a")),
        ("50", ("b", "b", "b")),
        ("100", ("b", None, "b")),
    ],
)
def test_rules_a_cent_apart(rules, subtotal, expected):
    """0-49.99 and 50-100: what lies between is in no rule, unless a rule holds up to the next min."""
    assert expected == tuple(name_of(rules(*CENTS_APART), subtotal, reading) for reading in READINGS)


def test_below_the_first_rule_is_in_none(rules):
    """A store may protect nothing that is cheap."""
    assert (None, "a") == (name_of(rules(("a", 10, 50, 1)), "9.99"), name_of(rules(("a", 10, 50, 1)), "10"))


@pytest.mark.parametrize(
    ("subtotal", "expected"), [("46", "a"), ("46.0000000000000000000000000001", "b"), ("45.99", "a")]
)
def test_the_border_is_compared_exactly_in_another_currency(rules, subtotal, expected):
    """50 USD at 0.92 are 46 EUR; no rounding and no division moves the border."""
    assert expected == name_of(rules(*ADJOINING), subtotal, currency="EUR", rate="0.92")


def test_the_border_does_not_move_where_a_division_would_not_end(rules):
    """33 USD at 1/3: 50 at 0.333 are 16.65."""
    assert ("a", "b") == tuple(
        name_of(rules(*ADJOINING), subtotal, currency="EUR", rate="0.333") for subtotal in ("16.65", "16.6500001")
    )


def test_rules_in_any_order_are_read_by_their_min(rules):
    """The page says that they are sorted; one that is not is named."""
    quote = rules(*reversed(ADJOINING))

    assert "b" == name_of(quote, "60")
    assert ("the rules are not in the order of their min",) == ranges(quote)[1]


def test_of_rules_that_overlap_the_first_by_min_is_taken(rules):
    """And the overlap is named, also one that a rule further on has."""
    quote = rules(("a", 0, 100, 1), ("b", 20, 30, 2), ("c", 90, 200, 3))

    assert ("a", "a", "c") == tuple(name_of(quote, subtotal) for subtotal in ("25", "95", "150"))
    assert ("rule a and rule b overlap from 20 on", "rule a and rule c overlap from 90 on") == ranges(quote)[1]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (("x", None, 50, 1), "rule x is left out: its min is no number"),
        (("x", 0, None, 1), "rule x is left out: its max is no number"),
        (("x", "cheap", 50, 1), "rule x is left out: its min is no number"),
        (("x", 50, 20, 1), "rule x is left out: it goes from 50 to 20"),
        (("x", -1, 20, 1), "rule x is left out: it goes from -1 to 20"),
        ((None, 50, 20, 1), "rule number 1, which has no id, is left out: it goes from 50 to 20"),
    ],
)
def test_a_rule_that_is_none_is_left_out_and_named(rules, rule, said):
    """The others are used."""
    quote = rules(rule, ("good", 0, 10, 1))

    assert ("good", None) == (name_of(quote, "5"), name_of(quote, "30"))
    assert (said,) == ranges(quote)[1]


def test_the_readings_are_those_of_the_setting():
    """`wire.quote_borders` takes what `chosen` knows."""
    assert READINGS == Dialect.model_fields["quote_borders"].annotation.__args__


cents = st.integers(0, 20_000).map(lambda n: Decimal(n) / 100)
anything = st.one_of(st.none(), st.text(max_size=3), st.integers(-9, 99), cents, st.booleans())
bound = st.one_of(cents, cents, anything)


@given(
    st.lists(st.fixed_dictionaries({"id": st.sampled_from("abc"), "min": bound, "max": bound}), max_size=6),
    cents,
    st.decimals("0.001", "2000", places=3),
    st.sampled_from(READINGS),
)
def test_whatever_the_rules_are_the_choice_holds_the_subtotal(said, subtotal, rate, borders):
    """No set of rules crashes it; the chosen one begins at or below the subtotal, and no lower one would do."""
    quote = ReadQuote.model_validate({"id": "q", "rules": said})
    by_min, _ = ranges(quote)
    cart = Cart.of(subtotal, "EUR", rate)
    found = chosen(by_min, cart, borders)
    usd = subtotal / rate
    holding = [one for one in by_min if one.low * rate <= subtotal <= one.high * rate]

    assert list(by_min) == sorted(by_min, key=lambda one: (one.low, one.high))
    if borders == "inclusive":
        assert (holding[0] if holding else None) is found
    elif found is not None:
        assert found.low <= usd or found.low * rate == subtotal
        assert borders == "to_next_min" or subtotal < found.high * rate
