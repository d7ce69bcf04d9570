"""One at a time: at most one money action of an order is calling, pending or unknown."""

import attrs
import pytest

from op_core.claims import engine, intake
from op_core.ledger import actions
from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

TWO = (bodies.resolution("REFUND"), bodies.resolution("RESHIP", bodies.item("2"), total="15.00"))


def calls(scene):
    return [call.verb for call in scene.shop.calls if not call.verb.startswith("find")]


@pytest.mark.parametrize("fault", ["pending", "raise"], ids=["pending", "unknown"])
def test_the_second_action_of_an_order_waits_for_the_first(fault):
    """While one is pending or unknown, no other is begun."""
    scene = Scene.make()
    scene.shop.faults = lambda verb, nth: {"reship": fault, "refund": fault}.get(verb, "raise")
    scene.deliver(bodies.approved(*TWO))
    scene.run()
    scene.wait(minutes=30)

    assert 1 == len(calls(scene))
    assert "due" in scene.states()


def test_other_orders_go_on():
    """What is stuck is one order, not the store."""
    scene = Scene.make(ModelShop([an_order(), an_order(id="1002", number="#1002")]))
    scene.shop.faults = {("refund", 1): "pending"}
    scene.deliver(bodies.approved())
    scene.run()
    scene.shop.faults = {}
    scene.deliver(bodies.approved(claim="C2", order="1002", event="e2"))
    scene.run()

    assert ["pending", "done"] == scene.states()


def test_once_the_first_is_settled_the_second_begins():
    """The second is not forgotten."""
    scene = Scene.make()
    scene.shop.faults = {("refund", 1): "pending", ("reship", 1): "pending"}
    scene.deliver(bodies.approved(*TWO))
    for _ in range(3):
        scene.wait(minutes=5)
        for effect in scene.shop.effects:
            if not effect.settled:
                scene.shop.settle(effect.reference)

    scene.wait(minutes=5)
    assert ["done", "done"] == scene.states()


def test_each_call_sees_the_order_as_the_one_before_left_it():
    """The snapshot in a request is fresh: the first part's refund is in the second part's order."""
    usd = [Money(amount, "USD") for amount in ("25.00", "35.00", "0.00")]
    paid = (Payment("pay-1", usd[0], usd[2]), Payment("pay-2", usd[1], usd[2]))
    scene = Scene.make(ModelShop([an_order(payments=paid)]))
    scene.deliver(bodies.approved(bodies.resolution("REFUND", bodies.item("1", 2), total="40.00")))
    scene.runner.run_once()

    assert ["done", "done"] == scene.states()
    assert ["60.00", "35.00"] == [str(request.order.refundable.rounded().amount) for request in scene.shop.requests]


def test_one_run_works_through_all_actions_of_an_order():
    """`run_once` ends when nothing is due: also where two actions of one order were due at one time."""
    scene = Scene.make()
    scene.deliver(bodies.approved(*TWO))
    scene.runner.run_once()

    assert ["done", "done"] == scene.states()


def test_an_action_that_was_taken_by_another_process_is_left_alone():
    """Who reads an action and begins late finds the fence moved, and does not call."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.plan()
    (seen,) = scene.ledger.read(actions.due, scene.store.id, scene.clock(), 10)
    scene.run()
    assert "due" == engine.act(scene.desk, seen)
    assert ["refund"] == calls(scene)


def test_what_is_said_of_one_claim_is_taken_up_in_turn():
    """Deliveries are told apart by claim, or by order where they have none; what nobody can read stops no other."""
    scene = Scene.make()
    said = {
        bodies.approved(): "claim C1",
        bodies.approved(dialect="camel"): "claim C1",
        bodies.denied("C2"): "claim C2",
        bodies.protection(added=True): "order 1001",
        b"{}": "delivery 5",
    }
    for body in said:
        scene.deliver(body)
    first, *others = scene.deliveries()
    erased = attrs.evolve(first, body_sha256="0" * 64)

    assert [*said.values()] == [intake.about(scene.desk, one) for one in (first, *others)]
    assert "delivery 1" == intake.about(scene.desk, erased)
