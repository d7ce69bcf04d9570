"""What is owed, shared out over payments: never a cent more or less, never more than a payment has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.claims.caps import Taken, free
from op_core.claims.payments import Uncovered, pay_from, share_out
from op_core.ledger import actions
from op_core.models import Payment
from op_core.money import Money, exponent, total
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


def payments(currency, *amounts):
    return [
        (Payment(str(n), Money(amount, currency), Money(0, currency)), Money(amount, currency))
        for n, amount in enumerate(amounts)
    ]


def shared(owed, currency, *amounts):
    parts = share_out(Money(owed, currency), payments(currency, *amounts))
    return [(payment.id, str(part.amount)) for payment, part in parts]


@pytest.mark.parametrize(
    ("owed", "amounts", "parts"),
    [
        ("10.00", ["60.00"], [("0", "10.00")]),
        ("60.00", ["60.00"], [("0", "60.00")]),
        ("60.01", ["60.00"], []),
        ("10.00", ["4.00", "3.00", "9.00"], [("0", "4.00"), ("1", "3.00"), ("2", "3.00")]),
        ("4.00", ["4.00", "3.00"], [("0", "4.00")]),
        ("3.00", ["0.00", "-5.00", "3.50"], [("2", "3.00")]),
        ("3.50", ["0.00", "3.50", "0.00"], [("1", "3.50")]),
        ("0.50", ["0.20", "0.30"], [("0", "0.20"), ("1", "0.30")]),
        ("10.00", ["9.9967"], [("0", "9.9967")]),
        ("10.00", ["10.0033"], [("0", "10.0033")]),
        ("10.00", ["4.9967", "5.0011"], [("0", "4.9967"), ("1", "5.0011")]),
        ("9.99", ["4.9967", "5.0011"], [("0", "4.99"), ("1", "5.00")]),
        ("1.00", [], []),
    ],
)
def test_parts_follow_the_order_of_the_payments(owed, amounts, parts):
    """Each payment gives what it has, whole cents only, unless all that is left is owed."""
    assert parts == shared(owed, "USD", *amounts)


CURRENCIES = st.sampled_from(["USD", "JPY", "BHD"])


@given(data=st.data(), currency=CURRENCIES)
def test_parts_add_up_to_what_is_owed(data, currency):
    """To exactly what is owed, or (only where that is the same once rounded) to exactly all that is left."""
    digits = exponent(currency)
    held = st.decimals("0", "500", places=data.draw(st.sampled_from([digits, digits + 2])))
    amounts = data.draw(st.lists(held, max_size=4))
    left = total((Money(amount, currency) for amount in amounts), currency)
    owed = data.draw(
        st.one_of(st.decimals("0.001", "1200", places=digits).map(lambda one: Money(one, currency)),
                  st.just(left.rounded()))
    )  # fmt: skip
    if not owed:
        return
    free = payments(currency, *amounts)
    parts = share_out(owed, free)
    have = {payment.id: amount for payment, amount in free}

    assert all(part <= have[payment.id] and part.amount > 0 for payment, part in parts)
    assert len({payment.id for payment, _ in parts}) == len(parts)
    if parts:
        given_back = total((part for _, part in parts), currency)
        assert given_back == owed or (given_back == left and left.rounded() == owed)
        assert left.rounded() == owed or all(part.is_exact for _, part in parts)
    else:
        whole = total((Money(amount, currency).cut() for amount in amounts), currency)
        assert whole < owed


def test_what_cents_cannot_cover_is_not_covered():
    """19.99 of twice 9.999 cannot be given back in whole cents: a person does it."""
    assert [] == shared("19.99", "USD", "9.999", "9.999")


def test_what_is_free_is_what_the_shop_has_left_and_nothing_of_ours_waits_for():
    """A refund that is done stands in the shop's own figure: it is taken off once, and others' payments not at all."""
    payment = Payment("0", Money("60.00", "USD"), Money("20.00", "USD"))
    ours = [
        Taken("refund", Money(amount, "USD"), (), amount, of_it, is_done=is_done)
        for amount, of_it, is_done in (("20.00", "0", True), ("10.00", "0", False), ("5.00", "1", False))
    ]

    assert Money("30.00", "USD") == free(payment, ours)


@pytest.mark.parametrize(
    ("planned", "left", "paid"),
    [
        ("1", ["60.00", "20.00"], "1"),
        ("1", ["60.00", "19.99"], "20.00 USD was to come from payment 1, which has 19.99 USD left"),
        ("2", ["60.00", "20.00"], "20.00 USD was to come from payment 2, which the order has no more"),
        (None, ["60.00", "60.00"], "0"),
        (None, ["19.99", "20.00"], "1"),
        (None, ["19.99", "0.01"], "no payment of the order has 20.00 USD left"),
    ],
)
def test_a_refund_is_of_the_payment_that_was_planned_or_of_the_first_that_covers_it(planned, left, paid):
    """It is never moved to another payment, nor shared out anew: who cannot give it back says which one, and why."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.plan()
    scene.ledger.write(actions.note, scene.action(), payment_id=planned)
    action = scene.action()
    order = an_order(payments=tuple(payment for payment, _ in payments("USD", *left)))

    try:
        found = pay_from(action, order, [action])
    except Uncovered as uncovered:
        found = str(uncovered)
    assert paid == found


@pytest.mark.parametrize("paid", ["40.0033", "39.9967"])
def test_all_that_is_left_is_given_back_to_the_last_part_of_a_cent(paid):
    """Shops hold unrounded sums: 40.00 of 40.0033 is 40.0033, as it was planned, also just before the call."""
    payment = Payment("pay-1", Money(paid, "USD"), Money("0.00", "USD"))
    scene = Scene.make(ModelShop([an_order(payments=(payment,))]))
    scene.deliver(bodies.approved(bodies.resolution("REFUND", bodies.item("1", 2), total="40.00")))
    scene.run()

    assert ["done"] == scene.states()
    assert [f"{paid} USD"] == [str(effect.amount) for effect in scene.shop.effects]


def test_not_even_a_part_of_a_cent_more_than_is_left_is_given_back():
    """What was given back by hand since the plan left 19.9967: the planned 20.00 waits, and a retry plans it anew."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.plan()
    payment = Payment("pay-1", Money("60.00", "USD"), Money("40.0033", "USD"))
    scene.shop.orders["1001"] = an_order(payments=(payment,))
    scene.run()

    assert [["above_paid"]] == scene.holds()
    scene.retry(scene.action())
    scene.run()
    assert ["19.9967 USD"] == [str(effect.amount) for effect in scene.shop.effects]
