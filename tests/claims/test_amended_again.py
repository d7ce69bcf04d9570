"""Amended, once or again: which actions a later decision keeps, which it stops, and which a person's choice ends."""

import pytest

from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

FIVE = bodies.resolution("REFUND", bodies.item("1", 1, "5.00"), total="5.00")
MUG = bodies.resolution("REFUND", bodies.item("1"), total="20.00")
NOTEBOOK = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
RESHIP = bodies.resolution("RESHIP", bodies.item("1"), total="20.00")
RESHIP_NOTEBOOK = bodies.resolution("RESHIP", bodies.item("2"), total="15.00")


@pytest.fixture
def scene():
    """Give a store whose one order was paid and has nothing refunded."""
    return Scene.make(ModelShop([an_order()]))


def decide(scene, *decisions, act=True):
    """Take up one decision (a list of resolutions) after the other, and do what is due of each where it may act."""
    for said in decisions:
        scene.deliver(bodies.approved(*said, event=f"e{len(scene.deliveries())}"))
        (scene.run if act else scene.plan)()


def written(scene):
    """Return state and amount of each action, in the order of their planning."""
    return [(one.state, str(one.worth)) for one in scene.actions()]


def test_of_two_equal_refunds_the_one_that_is_done_is_the_one_that_stays(scene):
    """One is done and one waits; the next decision names one: it is given already, and the other waits for a person."""
    scene.shop.faults = lambda verb, _: "not_sent" if verb == "refund" and scene.shop.effects else "ok"
    decide(scene, [FIVE, FIVE])
    assert ["done", "due"] == scene.states()
    scene.shop.faults = {}
    decide(scene, [FIVE, NOTEBOOK], act=False)
    scene.wait(hours=1)

    assert [("done", "5.00 USD"), ("held", "5.00 USD"), ("held", "15.00 USD")] == written(scene)
    assert 1 == len(scene.shop.effects)


def test_what_was_given_for_a_decision_before_the_last_is_not_decided_anew(scene):
    """Two equal refunds are done; decided otherwise, and named again beside another: only that other one is new."""
    decide(scene, [FIVE, FIVE], [MUG], [FIVE, FIVE, NOTEBOOK])

    # The second decision is 20.00, of which 10.00 are given; of the third 10.00 are, and 15.00 are not.
    assert [("done", "5.00 USD"), ("done", "5.00 USD"), ("held", "10.00 USD"), ("held", "15.00 USD")] == written(scene)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_of_equal_decisions_that_are_new_each_is_shown(scene, times):
    """As many as are named wait for a person beside what they would replace: none is dropped for being equal."""
    decide(scene, [NOTEBOOK], [FIVE] * times, act=False)

    assert [("held", "15.00 USD"), *[("held", "5.00 USD")] * times] == written(scene)


@pytest.mark.parametrize("chosen", [0, 1], ids=["the old", "the new"])
def test_a_choice_between_two_refunds_decides_nothing_about_two_reships(scene, chosen):
    """Both kinds were decided otherwise, and nothing has begun: each choice ends its own rival alone."""
    decide(scene, [MUG, RESHIP_NOTEBOOK], [FIVE, RESHIP], act=False)
    assert ["held"] * 4 == scene.states()
    scene.approve(scene.actions("refund")[chosen])
    scene.run()

    assert {"done", "replaced"} == set(scene.states("refund"))
    assert "done" == scene.states("refund")[chosen]
    assert ["held", "held"] == scene.states("reship")
    scene.approve(scene.actions("reship")[1 - chosen])
    scene.run()
    assert {"done", "replaced"} == set(scene.states("reship"))


@pytest.mark.parametrize("chosen", ["refund", "reship"])
def test_a_choice_between_a_refund_and_a_reship_ends_the_other(scene, chosen):
    """A refund was decided and nothing had begun, and now a reship is: only one of the two can ever act."""
    decide(scene, [MUG], [RESHIP], act=False)
    scene.approve(scene.action(chosen))
    scene.run()

    other = "reship" if chosen == "refund" else "refund"
    assert (["done"], ["replaced"]) == (scene.states(chosen), scene.states(other))
    assert [chosen] == [effect.verb for effect in scene.shop.effects]
