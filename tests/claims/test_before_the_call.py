"""What changed since the plan was made is seen just before the call: the shop's figures, a word, the time itself."""

import attrs
import pytest

from op_core.errors import RequestNotSent
from op_core.hooks import hookimpl
from op_core.ledger import actions
from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.crash import armed
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

BOTH = bodies.item("1", 2)


def planned(body=None, shop=None, **settings):
    """Return a scene with a plan that is due."""
    scene = Scene.make(shop, resolutions={"store_credit": "act"}, **settings)
    scene.deliver(body or bodies.approved())
    scene.plan()
    assert ["due"] == scene.states()
    return scene


def euros(amount):
    return Money(amount, "EUR")


@pytest.mark.parametrize(
    "order",
    [
        an_order(currency="EUR"),
        an_order(payments=(an_order().payments[0], Payment("pay-2", euros("60.00"), euros("0.00")))),
    ],
    ids=["the order", "a payment"],
)
@pytest.mark.parametrize("kind", ["REFUND", "STORE_CREDIT"])
def test_nothing_is_given_back_where_a_second_currency_turned_up(kind, order):
    """Nothing is ever converted, and no approval passes it."""
    scene = planned(bodies.approved(bodies.resolution(kind)))
    scene.shop.orders["1001"] = order
    scene.run()

    assert [["currency"]] == scene.holds()
    assert not scene.action().holds[0]["approvable"]
    assert [] == scene.shop.effects


@pytest.mark.parametrize("kind", ["REFUND", "STORE_CREDIT", "RESHIP"])
def test_units_that_were_refunded_by_hand_meanwhile_are_not_given_once_more(kind):
    """The caps of units are looked at again, as those of money are."""
    scene = planned(bodies.approved(bodies.resolution(kind, BOTH, total="40.00")))
    order = scene.shop.orders["1001"]
    lines = (attrs.evolve(order.lines[0], refunded_quantity=1), order.lines[1])
    scene.shop.orders["1001"] = attrs.evolve(order, lines=lines)
    scene.run()

    assert [["above_ordered"]] == scene.holds()
    assert [] == scene.shop.effects


def test_all_that_stands_against_a_call_is_shown_at_once():
    """Money, units and the brake: a person sees each of them, and not only the one that was looked at last."""
    orders = [an_order(), an_order(id="1002", number="#1002")]
    scene = Scene.make(ModelShop(orders), limits={"hold_above": {"USD": "1000"}, "actions_per_hour": 1})
    scene.deliver(bodies.approved(claim="C2", order="1002", event="e2"))
    scene.run()
    scene.deliver(bodies.approved(bodies.resolution("REFUND", BOTH, total="40.00")))
    scene.plan()
    order = scene.shop.orders["1001"]
    lines = (attrs.evolve(order.lines[0], refunded_quantity=1), order.lines[1])
    payments = (attrs.evolve(order.payments[0], refunded=Money("30.00", "USD")),)
    scene.shop.orders["1001"] = attrs.evolve(order, lines=lines, payments=payments)
    scene.run()

    assert [[], ["above_paid", "above_ordered", "velocity"]] == scene.holds()


def test_a_payment_that_the_order_has_no_more_gives_nothing_back():
    """It was planned to; nobody takes another one in its place, and the hold says which one it was."""
    scene = planned()
    order = scene.shop.orders["1001"]
    another = attrs.evolve(order.payments[0], id="pay-9")
    scene.shop.orders["1001"] = attrs.evolve(order, payments=(another,))
    scene.run()

    said = "20.00 USD was to come from payment pay-1, which the order has no more"
    assert [("above_paid", said)] == [(found["code"], found["reason"]) for found in scene.action().holds]
    assert [] == scene.shop.effects


def test_a_refund_that_was_planned_of_no_payment_is_of_the_first_that_covers_it():
    """Which one it was is written down with the intent: a look-up and the caps need to know."""
    scene = planned()
    scene.ledger.write(actions.note, scene.action(), payment_id=None)
    scene.run()

    assert ["pay-1"] == [effect.payment_id for effect in scene.shop.effects]
    assert "pay-1" == scene.action().payment_id


def test_the_second_action_of_an_order_says_that_it_is_due_still():
    """Two were taken up at one time: while nobody knows of the first, the second is where it was."""
    scene = Scene.make(ModelShop([an_order()], faults={("reship", 1): "raise"}))
    refund = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
    scene.deliver(bodies.approved(refund, bodies.resolution("RESHIP")))
    scene.plan()

    assert {"unknown", "due"} == set(scene.act()) == set(scene.states())


def test_whoever_was_held_up_after_the_intent_does_not_call():
    """The lease runs from before the intent: past the deadline somebody else may have the action by now."""
    scene = planned()
    scene.desk.shop.calls.clock = lambda: scene.clock().timestamp()
    with armed(lambda point: scene.clock.move(seconds=31) if point == "commit:after" else None):
        assert ["due"] == scene.act()

    assert [] == scene.shop.calls
    scene.wait(minutes=1)
    assert (["done"], 1) == (scene.states(), len(scene.shop.effects))


def test_the_brake_is_passed_once_by_whom_a_person_lets_pass():
    """A third of two within the hour waits; approved, it acts within that hour."""
    orders = [an_order(id=str(n), number=str(n)) for n in range(3)]
    scene = Scene.make(ModelShop(orders), limits={"hold_above": {"USD": "1000"}, "actions_per_hour": 2})
    for n in range(3):
        scene.deliver(bodies.approved(claim=f"C{n}", order=str(n), event=f"e{n}"))
        scene.run()
    assert [[], [], ["velocity"]] == scene.holds()
    scene.approve(scene.actions()[2])
    scene.run()

    assert ["done", "done", "done"] == scene.states()


def test_what_a_person_let_pass_is_not_asked_about_again():
    """An unconfirmed claim that was approved acts, whether the API is there or not."""
    scene = Scene.make()
    scene.deliver(bodies.approved(), listed="DENIED")
    scene.run()
    assert [["not_confirmed"]] == scene.holds()
    scene.api.faults["claims_of_order"] = [RequestNotSent("down")] * 2
    scene.approve(scene.action())
    scene.run()

    assert ["done"] == scene.states()
    assert ["claims_of_order"] == scene.api.calls


def test_an_approval_is_over_when_something_else_is_found():
    """What is held again is approved by nobody; what a person let pass once is not shown again."""
    scene = Scene.make(limits={"hold_above": {"USD": "19"}})
    scene.deliver(bodies.approved(), listed="DENIED")
    scene.run()
    approved = scene.approve(scene.action())
    assert approved.content_hash == approved.approved_hash
    scene.run()

    assert ([["not_confirmed"]], None) == (scene.holds(), scene.action().approved_hash)
    assert [] == scene.shop.effects


class Failing(ModelShop):
    """Its orders cannot be read as often as it is told, in the way that it is told."""

    error = None
    times = 0

    @hookimpl
    def op_get_order(self, request):
        """Fail, or show the order."""
        if self.error is not None and self.times > 0:
            self.times -= 1
            if isinstance(self.error, Exception):
                raise self.error
            return self.error
        return self.orders[request.order_id]


def test_an_action_that_waits_for_the_shop_says_why_and_comes_later_each_time():
    """A shop that fails to show the order is asked ever more rarely; the reason is there for whoever looks."""
    scene = planned(shop=Failing([an_order()]))
    scene.shop.error, scene.shop.times = RuntimeError("customer@example.com"), 2
    assert ["due"] == scene.act()
    first = scene.action()
    scene.clock.move(seconds=4)
    scene.act()
    second = scene.action()

    assert first.reason.startswith("op_get_order failed: RuntimeError in ")
    assert [(1, 4), (2, 8)] == [
        (one.tries, (one.not_before - at).total_seconds())
        for one, at in ((first, first.planned_at), (second, scene.clock()))
    ]
    scene.wait(seconds=8)
    assert ["done"] == scene.states()


def test_an_answer_that_is_none_is_brought_to_a_person_after_as_many_tries_as_are_set():
    """Not at the first: a shop that is being deployed may answer nonsense for a minute. And not without end."""
    scene = planned(shop=Failing([an_order()]), timing={"attempts": 3})
    scene.shop.error, scene.shop.times = "an order", 99
    seen = []
    for _ in range(3):
        scene.act()
        seen.append(scene.action().state)
        scene.clock.move(hours=1)

    assert (["due", "due", "held"], [["fault"]]) == (seen, scene.holds())
    assert "op_get_order" in scene.action().holds[0]["reason"]
    assert 96 == scene.shop.times
