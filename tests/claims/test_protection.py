"""Protection that was added or removed by hand: a state per order, and money only where the store said so."""

import attrs
import pytest

from op_core.models import Line
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

PREMIUM = Line(id="p", name="Protection", quantity=1, unit_price=Money("4.25", "USD"), is_protection=True)
BILL = {"protection": {"on_added": "bill", "on_removed": "refund"}}


def added(**said):
    return bodies.protection(added=True, **said)


def removed(**said):
    return bodies.protection(added=False, **said)


def a_scene(*, protected=False, **settings):
    order = an_order()
    if protected:
        order = attrs.evolve(order, lines=(*order.lines, PREMIUM))
    return Scene.make(ModelShop([order]), **settings)


def made(scene):
    return [(effect.verb, str(effect.amount)) for effect in scene.shop.effects]


@pytest.mark.parametrize("body", [added(event="e"), removed(event="e")], ids=["added", "removed"])
def test_without_a_setting_a_person_decides(body):
    """``on_added`` and ``on_removed`` are "hold" by default."""
    scene = a_scene(protected=b"removed" in body)
    scene.deliver(body)
    scene.run()

    assert [["setting"]] == scene.holds()
    assert f"protection.{'added' if b'added' in body else 'removed'}" == scene.action().content["from"]
    assert [] == made(scene)


def test_added_is_billed_where_the_store_says_so():
    """``on_added = "bill"`` charges the customer the premium, once."""
    scene = a_scene(**BILL)
    scene.deliver(added(event="e1"))
    scene.deliver(added(event="e1"))
    scene.deliver(added(dialect="slash"))
    scene.run()

    assert [("charge_protection", "4.25 USD")] == made(scene)
    assert ["planned", "duplicate", "duplicate"] == [one.state for one in scene.deliveries()]


def test_added_is_absorbed_where_the_store_says_so():
    """``on_added = "absorb"`` bills nobody, and nothing can be given back for it later."""
    scene = a_scene(protection={"on_added": "absorb", "on_removed": "refund"})
    scene.deliver(added(event="e1"))
    scene.deliver(removed(event="e2"))
    scene.run()

    assert [] == made(scene)
    assert [["above_premium"]] == scene.holds()


def test_removed_is_refunded_where_the_store_says_so():
    """``on_removed = "refund"`` gives the premium that the order shows back, once."""
    scene = a_scene(protected=True, **BILL)
    scene.deliver(removed(event="e1"))
    scene.deliver(removed(event="e2"))
    scene.run()

    assert [("refund_protection", "4.25 USD")] == made(scene)
    assert ["planned", "duplicate"] == [one.state for one in scene.deliveries()]


def test_an_event_that_repeats_the_state_is_a_duplicate():
    """An order that has protection cannot get it: nothing is billed."""
    scene = a_scene(protected=True, **BILL)
    scene.deliver(added(event="e1"))
    scene.run()

    assert ["duplicate"] == [one.state for one in scene.deliveries()]
    assert [] == scene.actions()


@pytest.mark.parametrize(("paid", "amount"), [("4.25", "4.26"), (None, "4.25")], ids=["more than paid", "none known"])
def test_a_give_back_never_exceeds_the_premium_known_as_paid(paid, amount):
    """What is not known as paid is not given back, and no approval changes that."""
    scene = a_scene(protected=paid is not None, **BILL)
    scene.deliver(removed(event="e1", amount=amount))
    scene.run()

    assert [["above_premium"]] == scene.holds()
    assert not scene.action().holds[0]["approvable"]


@pytest.mark.parametrize("fault", ["refuse", "pending", "lost"])
def test_a_premium_that_was_not_charged_is_not_given_back(fault):
    """Planned is not paid: a charge that the shop refused, or has not made yet, is no premium."""
    scene = a_scene(**BILL)
    scene.shop.faults = {("charge_protection", 1): fault, ("find_protection_change", 1): "raise"}
    scene.deliver(added(event="e1"))
    scene.run()
    scene.deliver(removed(event="e2"))
    scene.run()

    assert [] == [effect.verb for effect in scene.shop.effects if effect.verb == "refund_protection"]
    assert ["held"] == scene.states("refund_protection")
    assert "above_premium" in scene.holds("refund_protection")[0]


def test_a_premium_that_was_charged_is_given_back():
    """Billed by us and done: known as paid."""
    scene = a_scene(**BILL)
    scene.deliver(added(event="e1"))
    scene.run()
    scene.deliver(removed(event="e2"))
    scene.run()

    assert [("charge_protection", "4.25 USD"), ("refund_protection", "4.25 USD")] == made(scene)


def test_a_charge_that_waits_is_stopped_by_the_removal():
    """Nobody is billed for a protection that is gone."""
    scene = a_scene(**BILL)
    scene.deliver(added(event="e1"))
    scene.plan()
    scene.deliver(removed(event="e2"))
    scene.run()

    assert ["held", "held"] == scene.states()
    assert ["amended"] == scene.holds()[0]
    assert [] == made(scene)


def test_the_customer_is_not_billed_twice_while_a_give_back_waits():
    """Removed (waiting for a person) and added again: the new charge waits too."""
    scene = a_scene(protected=True, protection={"on_added": "bill", "on_removed": "hold"})
    scene.deliver(removed(event="e1"))
    scene.deliver(added(event="e2"))
    scene.run()

    assert [] == made(scene)
    assert ["held", "held"] == scene.states()


def test_an_event_without_id_that_flips_the_state_back_is_held():
    """On, off, on again without ids: a repeat cannot be told from a change, so a person looks."""
    scene = a_scene(**BILL)
    for body in (added(dialect="slash"), removed(dialect="slash")):
        scene.deliver(body)
        scene.run()
    scene.deliver(added(dialect="slash"))
    scene.run()

    assert [[], [], ["flip"]] == scene.holds()


def test_events_with_ids_may_flip_the_state():
    """With ids of their own the same two events again are a change."""
    scene = a_scene(**BILL)
    for n in range(4):
        scene.deliver(bodies.protection(added=n % 2 == 0, event=f"e{n}"))
        scene.run()

    assert 4 == len(made(scene))
    assert [] == [holds for holds in scene.holds() if holds]


def test_one_event_id_with_two_amounts_is_a_conflict():
    """Stored, held, and shown as a conflict, also where the state says that it is a repeat."""
    scene = a_scene(**BILL)
    scene.deliver(added(event="e1"))
    scene.run()
    scene.deliver(added(event="e1", amount="400.00"))
    scene.deliver(removed(event="e1", amount="4.25"))
    scene.run()

    assert ["planned", "conflict", "conflict"] == [one.state for one in scene.deliveries()]
    assert ["held"] == scene.states("refund_protection")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"amount": "4.255"}, "digits"),
        ({"amount": "0.00"}, "no_amount"),
        ({"currency": "EUR"}, "currency"),
        ({"amount": "1000.01"}, "above_limit"),
        ({"order": "9"}, "order_not_found"),
    ],
)
def test_a_doubtful_amount_is_held(said, code):
    """More digits than the currency has, nothing, another currency, too much, no such order."""
    scene = a_scene(**BILL)
    scene.deliver(added(event="e1", **said))
    scene.run()

    assert code in scene.holds()[0]
    assert [] == made(scene)


def test_a_give_back_counts_against_what_was_paid():
    """Refunds and given back premiums together never exceed what the customer paid."""
    scene = a_scene(protected=True, **BILL)
    scene.deliver(
        bodies.approved(
            bodies.resolution("REFUND", bodies.item("1", 2), bodies.item("2", 1, "15.00"), shipping_amount="5.00",
                              total="60.00")
        )
    )  # fmt: skip
    scene.run()
    scene.deliver(removed(event="e1"))
    scene.run()

    assert [["above_paid"]] == scene.holds("refund_protection")
