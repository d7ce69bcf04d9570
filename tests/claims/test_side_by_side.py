"""Promise 4, caps: what is decided side by side, in one claim or in several of an order, counts each other."""

import attrs
import pytest

from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

MUG = bodies.resolution("REFUND", bodies.item("1"), total="20.00")
MUGS = bodies.resolution("REFUND", bodies.item("1", 2), total="40.00")
NOTEBOOK = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
RESHIP = bodies.resolution("RESHIP", bodies.item("1"), total="20.00")


def paid(*amounts):
    return tuple(Payment(f"pay-{n}", Money(each, "USD"), Money("0.00", "USD")) for n, each in enumerate(amounts, 1))


def a_scene(*amounts):
    order = an_order(payments=paid(*amounts))
    return Scene.make(ModelShop([order]), resolutions={"store_credit": "act", "flat_rate": "act"})


def given(scene):
    return [(effect.payment_id, str(effect.amount)) for effect in scene.shop.effects]


def one_of_two(scene, code):
    """See that of two planned actions the second is held, that both wait at the call, and that one may act."""
    assert [[], [code]] == scene.holds()
    scene.run()
    assert [[code], [code]] == scene.holds()
    assert [] == scene.shop.effects
    scene.decline(scene.actions()[1])
    scene.retry(scene.actions()[0])
    scene.run()
    assert ["done", "declined"] == scene.states()


@pytest.mark.parametrize("said", [(MUGS, NOTEBOOK), (NOTEBOOK, MUGS)], ids=["the larger first", "the smaller first"])
def test_two_refunds_of_a_claim_never_share_the_same_money(said):
    """The second is given back of what the first leaves of each payment, whichever of them was named first."""
    scene = a_scene("25.00", "35.00")
    scene.deliver(bodies.approved(*said))
    scene.run()

    assert ["done", "done", "done"] == scene.states()
    assert [("pay-1", "15.00 USD"), ("pay-1", "10.00 USD"), ("pay-2", "30.00 USD")] == given(scene)


@pytest.mark.parametrize("kind", ["REFUND", "STORE_CREDIT", "FLAT_RATE"])
def test_the_decisions_of_a_claim_together_never_exceed_what_was_paid(kind):
    """50.00 were paid, and 55.00 are decided: the plan shows it, and neither acts before one is declined."""
    scene = a_scene("50.00")
    other = bodies.item("2", 1, "15.00", resolution_flat_amount="15.00")
    scene.deliver(bodies.approved(MUGS, bodies.resolution(kind, other, total="15.00")))
    scene.plan()

    one_of_two(scene, "above_paid")


@pytest.mark.parametrize("kind", ["REFUND", "STORE_CREDIT"])
def test_the_decisions_of_a_claim_together_never_exceed_the_ordered_units(kind):
    """Two mugs were ordered: two in one decision and one in the other are a unit too many."""
    scene = a_scene("100.00")
    scene.deliver(bodies.approved(MUGS, bodies.resolution(kind, bodies.item("1", 1, "10.00"), total="10.00")))
    scene.plan()

    one_of_two(scene, "above_ordered")


def test_the_parts_of_one_refund_are_one_refund_of_its_units():
    """One mug comes back of two payments, and the other is sent again: no unit too many, and none is meant twice."""
    scene = a_scene("15.00", "45.00")
    scene.deliver(bodies.approved(MUG, RESHIP))
    scene.run()

    assert ["done", "done", "done"] == scene.states()


def test_money_that_waits_in_one_claim_is_not_promised_to_another():
    """What a held refund would take of a payment is left there; the next one goes on with the rest."""
    scene = a_scene("20.00", "40.00")
    scene.deliver(bodies.approved(NOTEBOOK, claim="C1", event="e1"), listed="DENIED")
    scene.run()
    scene.deliver(bodies.approved(MUG, claim="C2", event="e2"))
    scene.run()
    assert [("pay-1", "5.00 USD"), ("pay-2", "15.00 USD")] == given(scene)
    scene.approve(scene.actions()[0])
    scene.run()

    assert ["done", "done", "done"] == scene.states()
    assert ("pay-1", "15.00 USD") == given(scene)[-1]


@pytest.mark.parametrize("fault", ["ok", "pending"])
def test_a_unit_that_staff_refunded_and_one_that_is_sent_again_leave_none(fault):
    """Two mugs were ordered: what the shop notes by itself and what we do, in any state, are counted together."""
    order = an_order()
    by_hand = (attrs.evolve(order.lines[0], refunded_quantity=1), order.lines[1])
    scene = Scene.make(ModelShop([an_order(lines=by_hand)], faults={("reship", 1): fault}))
    for n in (1, 2):
        scene.deliver(bodies.approved(RESHIP, claim=f"C{n}", event=f"e{n}"))
        scene.run()

    assert [[], ["above_ordered"]] == scene.holds()
    assert 1 == len(scene.shop.effects)


def test_a_line_that_left_the_order_hides_no_other():
    """Between plan and call one line was taken off the order and the other refunded by hand: that one is not sent."""
    scene = Scene.make(ModelShop([an_order()]))
    both = bodies.resolution("RESHIP", bodies.item("1"), bodies.item("2"), total="35.00")
    scene.deliver(bodies.approved(both))
    scene.plan()
    notebook = attrs.evolve(an_order().lines[1], refunded_quantity=1)
    scene.shop.orders["1001"] = an_order(lines=(notebook,))
    scene.run()

    assert ["above_ordered"] == scene.holds()[0]
    assert [] == scene.shop.effects


@pytest.mark.parametrize("kind", ["REFUND", "STORE_CREDIT"])
def test_a_shop_whose_figures_never_move_gives_no_more_than_was_paid(kind):
    """Its payments say for ever that nothing was given back: our own sum alone stops the second one."""
    scene = a_scene("30.00")
    scene.deliver(bodies.approved(MUG, claim="C1", event="e1"))
    scene.run()
    scene.shop.orders["1001"] = an_order(payments=paid("30.00"))
    other = bodies.item("2", 1, "15.00")
    scene.deliver(bodies.approved(bodies.resolution(kind, other, total="15.00"), claim="C2", event="e2"))
    scene.run()

    assert [[], ["above_paid"]] == scene.holds()
    assert 1 == len(scene.shop.effects)
