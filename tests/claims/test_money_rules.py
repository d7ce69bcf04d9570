"""Promise 4, exact money: exactly what was said, if the lines bear it out; else a person sees why not."""

import json
from decimal import Decimal

import attrs
import pytest

from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


def in_currency(currency, *payments, **changes):
    """Return `an_order` with every amount in another currency, paid by *payments*."""
    order = an_order()
    paid = payments or ("60.00",)
    return attrs.evolve(
        order,
        currency=currency,
        total=Money(order.total.amount, currency),
        subtotal=Money(order.subtotal.amount, currency),
        shipping=Money(order.shipping.amount, currency),
        lines=tuple(attrs.evolve(line, unit_price=Money(line.unit_price.amount, currency)) for line in order.lines),
        payments=tuple(
            Payment(id=f"pay-{n}", captured=Money(amount, currency), refunded=Money(0, currency))
            for n, amount in enumerate(paid, 1)
        ),
        **changes,
    )


def a_scene(currency="USD", *payments, **changes):
    limits = {"hold_above": {currency: "1000000"}}
    return Scene.make(ModelShop([in_currency(currency, *payments, **changes)]), limits=limits)


def decide(scene, *resolutions, **said):
    scene.deliver(bodies.approved(*resolutions, **said))
    scene.run()


def given(scene):
    return [(effect.payment_id, str(effect.amount)) for effect in scene.shop.effects]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([bodies.item("1", 2, "20.00")], {"total": "40.00"}),
        ([bodies.item("1", 2, "20.00")], {"total": "20.00"}),
        ([bodies.item("1", 1, "20.00", discount="2.00", tax="1.00")], {"total": "19.00"}),
        ([bodies.item("1", 1, "20.00")], {"total": "25.00", "shipping_amount": "5.00"}),
        ([bodies.item("1", 1, "20.00")], {"total": "25.90", "shipping_amount": "5", "shipping_amount_tax": "0.9"}),
        ([bodies.item("1", 1, "20.00")], {"total": "20.00", "shipping_amount": "5.00"}),
        ([bodies.item("1", 1, "20.01", resolution_percentage="50")], {"total": "10.01"}),
        ([bodies.item("1", 1, "0.005"), bodies.item("2", 1, "0.005")], {"total": "0.02"}),
        ([bodies.item("1", 1, "0.005"), bodies.item("2", 1, "0.005")], {"total": "0.01"}),
    ],
    ids=["per unit", "per line", "discount and tax", "shipping", "shipping and its tax", "without shipping",
         "half-up", "rounded per line", "rounded on the sum"],
)  # fmt: skip
def test_a_total_that_equals_one_reading_is_what_is_owed(items, said):
    """Per unit or per line; with or without shipping and its tax; rounded per line or on the sum."""
    scene = a_scene()
    decide(scene, bodies.resolution("REFUND", *items, **said))

    assert ["done"] == scene.states()
    assert Money(said["total"], "USD") == scene.shop.effects[0].amount


def test_a_total_that_equals_no_reading_is_held_with_every_reading():
    """A cent more than any reading is for a person, who is shown what the lines come to."""
    scene = a_scene()
    decide(scene, bodies.resolution("REFUND", bodies.item("1", 2), total="40.01", shipping_amount="5.00"))

    (hold,) = scene.action().holds
    assert "no_reading" == hold["code"]
    for reading in ("40.00 USD", "20.00 USD", "45.00 USD", "25.00 USD"):
        assert reading in hold["reason"]
    assert [] == given(scene)


@pytest.mark.parametrize(
    ("currency", "amount", "held"),
    [("USD", "20.005", True), ("JPY", "20.5", True), ("JPY", "20", False), ("BHD", "20.0005", True),
     ("BHD", "20.125", False), ("USD", "20.000", False)],
)  # fmt: skip
def test_more_digits_than_the_currency_has_are_held(currency, amount, held):
    """0 digits in yen, 2 in dollars, 3 in dinars: what does not fit is never rounded."""
    scene = a_scene(currency)
    decide(scene, bodies.resolution("REFUND", bodies.item(price=amount), total=amount, currency=currency))

    assert ("digits" in scene.holds()[0]) is held
    assert len(given(scene)) == (not held)


@pytest.mark.parametrize("currency", ["EUR", None])
def test_another_currency_than_the_order_s_is_held(currency):
    """Currencies of resolution and order must be equal: never converted, never assumed."""
    scene = a_scene()
    decide(scene, bodies.resolution(currency=currency))

    assert [["currency"]] == scene.holds()


def test_a_payment_in_another_currency_is_held():
    """Currencies of order and payment must be equal as well."""
    foreign = Payment(id="pay-1", captured=Money("60.00", "EUR"), refunded=Money("0", "EUR"))
    scene = Scene.make(ModelShop([an_order(payments=(foreign,))]))
    decide(scene)

    assert [["currency"]] == scene.holds()
    assert not scene.action().holds[0]["approvable"]


@pytest.mark.parametrize("total", ["0.00", None])
def test_no_amount_is_never_computed(total):
    """Nothing, or no total at all, is held: the lines are no substitute."""
    scene = a_scene()
    decide(scene, bodies.resolution(total=total))

    assert [["no_amount"]] == scene.holds()


@pytest.mark.parametrize("amount", ["0.01", "1.00"])
def test_the_smallest_amount_is_owed(amount):
    """A cent is money: only nothing is no amount."""
    scene = a_scene()
    decide(scene, bodies.resolution("REFUND", bodies.item(price=amount), total=amount))

    assert [("pay-1", f"{amount} USD")] == given(scene)


def test_amounts_are_kept_as_text_digit_for_digit():
    """Decimal from the raw text, stored as text: what no float could hold survives."""
    scene = a_scene("USD", "123456789012.91")
    amount = "123456789012.91"
    scene.deliver(bodies.approved(bodies.resolution("REFUND", bodies.item(price=amount), total=amount)))
    scene.plan()

    assert amount == scene.action().amount
    assert amount == json.loads(json.dumps(scene.action().content))["said_total"]


def test_two_amounts_that_differ_in_the_last_of_many_digits_are_two_decisions():
    """No digit is lost on the way to the content hash."""
    scene = a_scene()
    amount = "100000000000.0000000000000000000{}"
    for n in (1, 2):
        said = bodies.resolution("REFUND", bodies.item(price=amount.format(n)), total=amount.format(n))
        scene.deliver(bodies.approved(said, event=f"e{n}"))

    assert ["planned", "planned"] == scene.plan()
    assert Decimal(amount.format(1)) == Decimal(scene.actions()[0].content["said_total"])


@pytest.mark.parametrize("field", ["price", "tax", "discount", "resolution_percentage"])
def test_no_amount_is_too_odd_to_be_shown(field):
    """A number that nobody can pay is held, and stops nothing else."""
    odd = "0.00000000000000000001"
    scene = a_scene()
    decide(scene, bodies.resolution("REFUND", bodies.item(**{"price": odd, "resolution_percentage": odd, field: odd})))

    assert ["no_reading"] in scene.holds()


def test_one_refund_is_split_over_payments_in_their_order():
    """Each part is an action with its own reference, all committed before the first call."""
    scene = a_scene("USD", "25.00", "35.00")
    scene.deliver(bodies.approved(bodies.resolution("REFUND", bodies.item("1", 2), total="40.00")))
    scene.plan()
    parts = scene.actions()

    assert ["due", "due"] == scene.states()
    assert [("pay-1", "25.00"), ("pay-2", "15.00")] == [(part.payment_id, part.amount) for part in parts]
    assert [1, 2] == [part.key.n for part in parts]
    assert 2 == len({part.reference for part in parts})
    scene.run()
    assert [("pay-1", "25.00 USD"), ("pay-2", "15.00 USD")] == given(scene)


def test_a_refused_part_holds_the_rest():
    """A person sees the whole before more of it is paid."""
    scene = a_scene("USD", "25.00", "35.00")
    scene.shop.faults = {("refund", 1): "refuse"}
    decide(scene, bodies.resolution("REFUND", bodies.item("1", 2), total="40.00"))

    assert ["refused", "held"] == scene.states()
    assert [[], ["refused_part"]] == scene.holds()
    assert [] == given(scene)


def test_a_part_that_a_person_says_was_not_done_holds_the_rest():
    """The word of a person counts as the shop's."""
    scene = a_scene("USD", "25.00", "35.00")
    scene.shop.find = False
    scene.shop.faults = {("refund", 1): "raise"}
    decide(scene, bodies.resolution("REFUND", bodies.item("1", 2), total="40.00"))
    scene.record(scene.actions()[0])
    scene.run()

    assert ["refused", "held"] == scene.states()
    assert [] == given(scene)


def test_all_that_is_left_after_rounding_is_given_back_as_exactly_that():
    """Shops hold unrounded sums: 20.00 of 19.9967 is 19.9967, so that nothing of a cent remains."""
    scene = a_scene("USD", "19.9967")
    decide(scene)

    assert [("pay-1", "19.9967 USD")] == given(scene)


def test_a_little_more_than_is_left_is_held():
    """A cent more than is left is not all that is left."""
    scene = a_scene("USD", "19.98")
    decide(scene)

    assert [["above_paid"]] == scene.holds()


def test_money_that_has_not_moved_is_not_called_paid():
    """``booked`` is done in words, ``queued`` is pending, and only ``moved`` is paid."""
    scene = a_scene()
    scene.shop.faults = {("refund", 1): "pending"}
    decide(scene)

    assert ["pending"] == scene.states()
    assert "queued" == scene.action().money
    assert [] == scene.reports()
