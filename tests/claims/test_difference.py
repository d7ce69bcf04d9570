"""Amended: the difference between what has begun and what is decided now, as it is written down and as it acts."""

from decimal import Decimal

import pytest

from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

MUG = bodies.resolution("REFUND", bodies.item("1"), total="20.00")
MUGS = bodies.resolution("REFUND", bodies.item("1", 2), total="40.00")
NOTEBOOK = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")


def usd(amount):
    return Money(amount, "USD")


def paid(*amounts):
    return tuple(Payment(f"pay-{n}", usd(each), usd("0.00")) for n, each in enumerate(amounts, 1))


def decided(*decisions, payments=None, **settings):
    """Return a scene in which each of these decisions (a list of resolutions) was taken up and done, one by one."""
    scene = Scene.make(ModelShop([an_order(payments=payments or paid("60.00"))]), **settings)
    for n, said in enumerate(decisions):
        scene.deliver(bodies.approved(*said, event=f"e{n}"))
        scene.run()
    return scene


def told(action):
    """Return what is written down of a difference, without how its total was read."""
    content = {name: value for name, value in action.content.items() if name != "readings"}
    return action.worth, action.payment_id, content


def test_a_difference_says_what_is_decided_what_was_given_and_what_is_left_to_give():
    """Over two payments each part has its own, and all have the units beyond those that were refunded."""
    scene = decided([MUG], [MUGS], payments=paid("30.00", "30.00"))
    whole = {"lines": [["1", 1]], "from": "REFUND", "said_total": "40", "owed": "40.00 USD", "difference": True,
             "given": "20.00 USD"}  # fmt: skip

    assert [
        (usd("10.00"), "pay-1", {**whole, "part": [1, 2]}),
        (usd("10.00"), "pay-2", {**whole, "part": [2, 2]}),
    ] == [told(one) for one in scene.actions()[1:]]


def test_nothing_left_to_give_is_written_down_as_nothing():
    """Neither amount, payment, part nor unit: what was given counts once, and the next claim may have the rest."""
    scene = decided([MUG], [bodies.resolution("REFUND", bodies.item(price="12.00"), total="12.00")])
    nothing = {"lines": [], "from": "REFUND", "said_total": "12", "owed": "12.00 USD", "difference": True,
               "given": "20.00 USD"}  # fmt: skip
    assert (None, None, nothing) == told(scene.actions()[1])
    scene.deliver(bodies.approved(MUG, claim="C2", event="other"))
    scene.run()

    assert ["done", "held", "done"] == scene.states()


def test_what_no_payment_covers_is_one_difference():
    """Held as above what was paid: it stays whole, and no part of it is said."""
    scene = decided([MUG], [MUGS], payments=paid("15.00", "20.00"))
    whole = {"lines": [["1", 1]], "from": "REFUND", "said_total": "40", "owed": "40.00 USD", "difference": True,
             "given": "20.00 USD"}  # fmt: skip

    assert ["above_paid", "amended"] == scene.holds()[-1]
    assert (usd("20.00"), None, whole) == told(scene.actions()[-1])
    assert 3 == len(scene.actions())


def test_a_difference_of_store_credit_is_given_as_credit():
    """Its amount is what is decided beyond what was given, and its units those beyond the first."""
    credit = {"resolutions": {"store_credit": "act"}}
    one, two = (bodies.resolution("STORE_CREDIT", bodies.item("1", n), total=f"{n}0.00") for n in (1, 2))
    one["details"]["items"][0]["price"] = two["details"]["items"][0]["price"] = 10
    scene = decided([one], [two], **credit)
    scene.approve(scene.actions()[1])
    scene.run()

    assert [("store_credit", usd("10.00"), 1)] * 2 == [
        (effect.verb, effect.amount, sum(line.quantity for line in effect.lines)) for effect in scene.shop.effects
    ]
    assert "part" not in scene.actions()[1].content


def test_a_refund_that_came_of_two_payments_was_one_refund_of_its_units():
    """One mug was refunded, in two parts, and two are decided now: the difference is for the other mug."""
    scene = decided([MUG], [MUGS], payments=paid("15.00", "45.00"))
    assert [["1", 1]] == scene.actions()[2].content["lines"]
    scene.approve(scene.actions()[2])
    scene.run()

    assert [("pay-1", "15.00 USD", 1), ("pay-2", "5.00 USD", 0), ("pay-2", "20.00 USD", 1)] == [
        (effect.payment_id, str(effect.amount), sum(line.quantity for line in effect.lines))
        for effect in scene.shop.effects
    ]


def test_every_decision_that_changed_is_held_whatever_its_verb():
    """Refund and reship are both decided otherwise: a person is shown both, and none is forgotten."""
    reships = [bodies.resolution("RESHIP", bodies.item("1", n), total="20.00") for n in (1, 2)]
    scene = decided([NOTEBOOK, reships[0]], [bodies.resolution("REFUND", bodies.item("2", 1, "14.00"), total="14.00"),
                    reships[1]], verify_claims="never")  # fmt: skip

    assert ["done", "held"] == scene.states("refund")
    assert ["done", "held"] == scene.states("reship")
    assert ["no_difference", "amended"] == scene.holds("refund")[1]
    assert ["amended"] == scene.holds("reship")[1]


def test_of_equal_refunds_as_many_go_on_as_the_new_decision_names():
    """Two equal ones and one more beside them: both are kept, and only what is new waits."""
    scene = Scene.make()
    five = bodies.resolution("REFUND", bodies.item("1", 1, "5.00"), total="5.00")
    scene.deliver(bodies.approved(five, five, event="e1"))
    scene.plan()
    scene.deliver(bodies.approved(five, five, NOTEBOOK, event="e2"))
    scene.run()

    assert ["done", "done", "held"] == scene.states()
    assert usd("15.00") == scene.actions()[2].worth


def test_what_a_person_declined_and_a_later_decision_names_again_is_shown_again():
    """Declined, then replaced, then decided once more beside another: neither acts, and neither is forgotten."""
    scene = Scene.make()
    scene.deliver(bodies.approved(MUG, event="e1"))
    scene.plan()
    scene.decline(scene.action())
    scene.deliver(bodies.approved(bodies.resolution("REFUND", total="19.00"), event="e2"))
    scene.run()
    scene.deliver(bodies.approved(MUG, NOTEBOOK, event="e3"))
    scene.run()

    assert ["declined", "held", "held", "held"] == scene.states()
    assert {usd("20.00"), usd("15.00")} == {one.worth for one in scene.actions()[2:]}
    assert [] == scene.shop.effects


@pytest.mark.parametrize("more", ["0.01", "1.00"])
def test_the_smallest_difference_is_owed(more):
    """A cent more than was given is a cent that is given."""
    now = str(Decimal("20.00") + Decimal(more))
    scene = decided([MUG], [bodies.resolution("REFUND", bodies.item(price=now), total=now)])
    scene.approve(scene.actions()[1])
    scene.run()

    assert [usd("20.00"), usd(more)] == [effect.amount for effect in scene.shop.effects]


def test_a_difference_of_nothing_is_nothing():
    """The same sum for other units: it is given back already, and nobody can let a refund of nothing act."""
    scene = decided([MUG], [bodies.resolution("REFUND", bodies.item("1", 2, "10.00"), total="20.00")])

    assert [[], ["no_difference", "amended"]] == scene.holds()
    assert scene.actions()[1].worth is None
