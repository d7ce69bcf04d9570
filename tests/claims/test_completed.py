"""The short body (C-4) and the whole one that completes it: each decision once, none forgotten, none overruled."""

import pytest

from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

MUGS = bodies.resolution("REFUND", bodies.item("1", 2), total="40.00")
MONEY = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
MUG = bodies.resolution("RESHIP", bodies.item("1"), total="20.00")
NOTEBOOK = bodies.resolution("RESHIP", bodies.item("2"), total="15.00")


def paid(*amounts):
    return tuple(Payment(f"pay-{n}", Money(each, "USD"), Money("0.00", "USD")) for n, each in enumerate(amounts, 1))


def said_twice(*resolutions, faults=None, **order):
    """Return a scene in which a decision came in short and then in whole; *faults* are the shop's until then."""
    scene = Scene.make(ModelShop([an_order(**order)], faults=faults or {}))
    scene.api.list_claim("C1")
    for body in (bodies.created(), bodies.approved(*resolutions, dialect="camel")):
        scene.deliver(body)
        scene.run()
    scene.shop.faults = {}
    scene.deliver(bodies.approved(*resolutions))
    scene.run()
    return scene


def test_a_refund_that_is_completed_is_given_back_of_every_payment():
    """The short body named no amount, so that one action waited; the whole one shares it out, and gives all of it."""
    scene = said_twice(MUGS, payments=paid("25.00", "35.00"))

    assert ["done", "done"] == scene.states()
    assert [1, 2] == [one.n for one in scene.actions()]
    assert [("pay-1", "25.00 USD"), ("pay-2", "15.00 USD")] == [
        (effect.payment_id, str(effect.amount)) for effect in scene.shop.effects
    ]


@pytest.mark.parametrize(("refund", "reship"), [(MUGS, NOTEBOOK), (MONEY, MUG)], ids=["refund first", "reship first"])
def test_what_is_done_already_does_not_keep_the_rest_from_being_completed(refund, reship):
    """A reship needs no amount and was done from the short body; the refund beside it is given once it is known."""
    scene = said_twice(refund, reship)

    assert (["done"], ["done"]) == (scene.states("refund"), scene.states("reship"))
    assert ["refund", "reship"] == sorted(effect.verb for effect in scene.shop.effects)


def test_the_whole_body_does_not_overrule_the_shop():
    """The shop refused the reship: the same decision in full is no second chance, unless a person says so."""
    scene = said_twice(NOTEBOOK, faults={("reship", 1): "refuse"})

    assert ["refused", "held"] == scene.states()
    assert [[], ["amended"]] == scene.holds()
    assert [] == scene.shop.effects


def test_the_short_body_of_another_item_is_another_decision():
    """A mug is on its way; the same number of notebooks, said in short, is not the same again."""
    scene = Scene.make()
    for body in (bodies.approved(MUG), bodies.approved(NOTEBOOK, dialect="camel")):
        scene.deliver(body)
        scene.run()

    assert ["planned", "planned"] == [one.state for one in scene.deliveries()]
    assert [[], ["amended"]] == scene.holds()
    assert [["2", 1]] == scene.actions()[1].content["lines"]


def test_what_a_person_did_learns_the_whole_of_its_decision():
    """Done by hand from the short body: the whole one says how much, of which it is one action and not two parts."""
    scene = Scene.make(ModelShop([an_order(payments=paid("25.00", "35.00"))]))
    for body in (bodies.created(), bodies.approved(MUGS, dialect="camel")):
        scene.deliver(body)
        scene.run()
    scene.record(scene.action(), "by-hand")
    scene.deliver(bodies.approved(MUGS))
    scene.run()
    done = scene.action()

    assert ("done", Money("40.00", "USD"), None) == (done.state, done.worth, done.payment_id)
    assert ([["1", 2]], "40.00 USD") == (done.content["lines"], done.content["owed"])
    assert "part" not in done.content
    assert [] == scene.shop.effects


def test_a_second_one_that_a_sweep_found_does_not_keep_the_first_waiting():
    """Two refunds were listed before any webhook came; the one that is said, in short and in whole, acts meanwhile."""
    scene = Scene.make(sweep={"days": 365})
    listed = bodies.listed("REFUND", "REFUND")
    scene.api.list_claim("C1", updatedAt="2025-01-01T00:00:00Z", claimResolutions=listed)
    assert 2 == scene.work.sweeper.run().never_delivered
    for body in (bodies.created(), bodies.approved(MONEY, dialect="camel"), bodies.approved(MONEY)):
        scene.deliver(body)
        scene.run()

    assert [[], ["never_delivered"]] == scene.holds()
    assert [("refund", Money("15.00", "USD"))] == [(effect.verb, effect.amount) for effect in scene.shop.effects]
