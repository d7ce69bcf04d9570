"""A call that was given up says late that it did it, and the action was called again since: one effect, never two."""

from contextlib import suppress

import pytest

from op_core.claims import outcomes
from op_core.models import Outcome
from op_core.testing import bodies
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

DONE = Outcome("done", shop_id="late-1", money="moved")
IN_VAIN = ["refuse", "not_sent", "away"]  # what comes of a call that does nothing


def crash(point):
    if point == "refund:after":
        raise SimulatedCrash(point)


def in_doubt(second):
    """Return a scene whose first call nobody knows the end of and the shop shows nothing of; and that call."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "raise", ("refund", 2): second}))
    scene.deliver(bodies.approved())
    scene.plan()
    with suppress(SimulatedCrash), armed(crash):
        scene.act()
    call = scene.action()
    for _ in range(2):
        scene.clock.move(minutes=10)
        scene.ask()
    assert ["due"] == scene.states()
    return scene, call


def calls(scene):
    return sum(hasattr(one, "attempt") for one in scene.shop.requests)


def say_late(scene, call, outcome=DONE):
    outcomes.end(scene.desk, outcomes.late, call, outcome)


@pytest.mark.parametrize("second", IN_VAIN)
def test_the_late_word_counts_where_the_second_did_nothing(second):
    """The money is out by the first: it is done and reported, and there is no third call."""
    scene, call = in_doubt(second)
    scene.act()
    before = calls(scene)
    say_late(scene, call)
    scene.wait(days=1)

    assert (["done"], [[]], "late-1", before) == (
        scene.states(),
        scene.holds(),
        scene.action().shop_id,
        calls(scene),
    )
    assert 1 == len(scene.reports())


def test_it_counts_after_a_person_said_no():
    """The second was not sent and the person declined what had happened already: it is done, and reported."""
    scene, call = in_doubt("not_sent")
    scene.act()
    scene.decline(scene.action())
    say_late(scene, call)

    assert (["done"], 1) == (scene.states(), len(scene.reports()))


@pytest.mark.parametrize("second", ["not_sent", "away"])
def test_one_call_that_did_it_is_not_shown_as_two(second):
    """The shop holds one effect, and nobody is told that two calls say they did it, however often the first says so."""
    scene, call = in_doubt(second)
    scene.act()
    request = next(one for one in scene.shop.requests if hasattr(one, "attempt"))
    scene.shop.op_issue_refund(request)  # as the first call lands after all
    for _ in range(2):
        say_late(scene, call, scene.shop.effects[0].outcome)
        scene.wait(days=1)

    assert (["done"], [[]], 1) == (scene.states(), scene.holds(), len(scene.shop.effects))


@pytest.mark.parametrize("second", IN_VAIN)
def test_a_late_word_while_the_second_call_runs_allows_no_third(second):
    """The first says that it did it, the second did nothing, and the shop shows neither: a person is asked."""
    scene, call = in_doubt(second)

    def meanwhile(point):
        if point == "refund:before":
            say_late(scene, call)

    with armed(meanwhile):
        scene.act()
    before = calls(scene)
    scene.wait(days=1)

    assert (["held"], [["cannot_ask"]], before) == (scene.states(), scene.holds(), calls(scene))


def test_two_calls_that_both_did_it_are_shown():
    """One too many is no secret, whichever of them is heard of first."""
    scene, call = in_doubt("lost")

    def meanwhile(point):
        if point == "refund:before":
            say_late(scene, call)

    with armed(meanwhile):
        scene.act()
    scene.wait(days=1)

    assert [["doubled"]] == scene.holds()
