"""What is offered for a cart: amount, who pays, whether it is in the cart by itself, and why not."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.money import Money
from op_core.order_protection.answers import ReadQuote
from op_core.pricing import Cart, premium_for

AT = datetime(2025, 6, 1, tzinfo=UTC)


def offer(quote, subtotal="30", currency="USD", rate=None, **more):
    return premium_for(quote, Cart.of(subtotal, currency, rate), fetched_at=AT, **more)


def test_what_the_customer_pays(rules):
    """Amount in the cart's currency, and the one in USD that it comes from."""
    said = offer(rules(("a", 0, 50, "1.98")), "4000", "JPY", "149.5")

    assert (True, Money("296", "JPY"), Money("1.98", "USD")) == (said.offered, said.amount, said.in_usd)
    assert ("customer", "a", "", AT) == (said.paid_by, said.rule_id, said.reason, said.fetched_at)
    assert not said.auto_add
    assert not said.mandatory


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"automaticallyAddToCart": True}, (True, False)),
        ({"mandatoryOp": True}, (True, True)),
        ({"automaticallyAddToCart": True, "mandatoryOp": True}, (True, True)),
        ({"automaticallyAddToCart": None, "mandatoryOp": "yes"}, (False, False)),
    ],
)
def test_what_is_in_the_cart_by_itself(rules, flags, expected):
    """What is mandatory is added too; a flag that is none is not set."""
    said = offer(rules(("a", 0, 50, 1), **flags))

    assert expected == (said.auto_add, said.mandatory)


def test_what_the_brand_pays_is_never_in_the_cart(rules):
    """Its amount is told beside, and no flag puts it in."""
    quote = rules(("a", 0, 50, "2.5", "brand"), automaticallyAddToCart=True, mandatoryOp=True)
    said = offer(quote, "20", "EUR", "0.9")

    assert (False, None, False, False) == (said.offered, said.amount, said.auto_add, said.mandatory)
    assert ("brand", Money("2.25", "EUR"), Money("2.5", "USD")) == (said.paid_by, said.brand_amount, said.in_usd)
    assert "the brand pays: nothing goes into the cart" == said.reason


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({}, "rule a does not say who pays: expected customer or brand in terms.paidBy"),
        ({"paidBy": "insurer", "insurer": {"amount": 1, "type": "fixed"}}, "rule a does not say who pays"),
        ({"paidBy": "customer"}, "rule a, terms.customer: no type, expected fixed"),
        ({"paidBy": "customer", "brand": {"amount": 1, "type": "fixed"}}, "rule a, terms.customer: no type"),
        ({"paidBy": "customer", "customer": {"amount": 3, "type": "percentage"}}, "type percentage, expected fixed"),
        ({"paidBy": "brand", "brand": {"amount": 3, "type": "percentage"}}, "terms.brand: type percentage"),
        ({"paidBy": "customer", "customer": {"type": "fixed"}}, "the amount is no number"),
        ({"paidBy": "customer", "customer": {"amount": "free", "type": "fixed"}}, "the amount is no number"),
        ({"paidBy": "customer", "customer": {"amount": -1, "type": "fixed"}}, "the amount is below 0"),
        ({"paidBy": "customer", "customer": {"amount": 0, "type": "fixed"}}, "comes to 0.00 USD"),
        ("customer", "rule a does not say who pays"),
    ],
)
def test_what_cannot_be_read_is_no_offer(rules, terms, said):
    """Another type than fixed is never computed (G-16); the reason names rule and field."""
    premium = offer(rules({"id": "a", "min": 0, "max": 50, "terms": terms}))

    assert (said is None) == premium.offered
    assert said is None or (said in premium.reason and premium.amount is None)


def test_a_premium_that_rounds_to_nothing_is_no_offer(rules):
    """An order whose premium is 0 is one without protection."""
    said = offer(rules(("a", 0, 50, "0.01")), "10", "JPY", "40")

    assert (False, None) == (said.offered, said.amount)
    assert "comes to 0 JPY" in said.reason


def test_an_amount_too_long_in_the_currency_is_no_offer(rules):
    """It is a fault of the rules, and no crash at a checkout."""
    assert "more digits in EUR than money has" in offer(rules(("a", 0, 50, 10**39)), "10", "EUR", "1000").reason


@pytest.mark.parametrize(
    ("said", "subtotal", "reason"),
    [
        ((), "10", "the store has no rule that can be read"),
        ((("a", 10, 50, 1),), "9.99", "the subtotal is in no rule: the first begins at 10.00 USD"),
        ((("a", 10, 50, 1),), "50.01", "the subtotal is in no rule: the last ends at 50.00 USD"),
        (
            (("a", 0, "49.99", 1), ("b", 50, 60, 1)),
            "49.995",
            "the subtotal is in no rule: rule a ends at 49.99 USD, rule b begins at 50.00 USD",
        ),
    ],
)
def test_a_subtotal_in_no_rule_is_no_offer(rules, said, subtotal, reason):
    """The reason says between which rules it lies."""
    assert reason == offer(rules(*said), subtotal).reason


def test_what_is_wrong_with_the_rules_is_told_beside_an_offer(rules):
    """A rule that is left out does not take the others along."""
    said = offer(rules(("x", 9, 1, 1), ("a", 0, 50, 1)))

    assert said.offered
    assert ("rule x is left out: it goes from 9 to 1",) == said.problems


def test_the_sample_of_the_page_is_read():
    """Rules of both kinds, as the page shows them."""
    fixed = {"amount": "0.98", "type": "fixed"}
    quote = ReadQuote.model_validate(
        {
            "id": "quote-1",
            "automaticallyAddToCart": True,
            "mandatoryOp": False,
            "rules": [
                {"id": "1", "min": 0, "max": 50, "terms": {"paidBy": "customer", "customer": fixed}},
                {"id": "2", "min": "50.01", "max": 100, "terms": {"paidBy": "brand", "brand": fixed}},
            ],
            "variants": None,
        }
    )

    assert (True, False) == (offer(quote, "20").offered, offer(quote, "70").offered)


numbers = st.one_of(st.integers(-5, 200), st.decimals(allow_nan=False, allow_infinity=False, places=4), st.none())
junk = st.recursive(
    st.one_of(numbers, st.text(max_size=8), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=6,
)
price = st.one_of(
    junk, st.fixed_dictionaries({"amount": st.one_of(numbers, junk), "type": st.one_of(st.just("fixed"), junk)})
)
terms = st.one_of(
    junk,
    st.fixed_dictionaries(
        {"paidBy": st.one_of(st.sampled_from(["customer", "brand"]), junk), "customer": price, "brand": price}
    ),
)
rule = st.one_of(junk, st.fixed_dictionaries({"id": junk, "min": numbers, "max": numbers, "terms": terms}))


@given(
    st.fixed_dictionaries(
        {
            "id": junk,
            "automaticallyAddToCart": junk,
            "mandatoryOp": junk,
            "rules": st.one_of(junk, st.lists(rule, max_size=5)),
        }
    ),
    st.decimals("0", "10000", places=3),
    st.sampled_from([("USD", "1"), ("JPY", "149.5"), ("BHD", "0.376"), ("ITL", "1804.5")]),
    st.sampled_from(["inclusive", "max_exclusive", "to_next_min"]),
)
def test_no_answer_crashes_it_and_every_offer_can_be_charged(said, subtotal, money, borders):
    """An offer is above zero, exact in the cart's currency, and paid by the customer; all else has its reason."""
    currency, rate = money
    premium = premium_for(ReadQuote.model_validate(said), Cart.of(subtotal, currency, rate), borders, fetched_at=AT)

    assert premium.offered == (not premium.reason)
    assert premium.offered == (premium.amount is not None)
    if premium.offered:
        assert premium.amount.is_exact
        assert premium.amount
        assert (currency, "customer", None) == (premium.amount.currency, premium.paid_by, premium.brand_amount)
    else:
        assert (False, False) == (premium.auto_add, premium.mandatory)
    json.dumps(premium.reason)
