"""What a call says long after its time, whatever was written meanwhile: the truth where it can be, and never lost."""

from contextlib import suppress

import pytest

from op_core.claims import outcomes
from op_core.ledger import actions
from op_core.models import Outcome
from op_core.testing import bodies
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

WORDS = {
    "done": Outcome("done", shop_id="late-1", money="moved"),
    "refused": Outcome("refused", reason="the card is closed"),
    "pending": Outcome("pending", shop_id="late-1", money="queued"),
    "unknown": Outcome("unknown", reason="who knows"),
}


def crash(point):
    if point == "refund:after":
        raise SimulatedCrash(point)


def called(**shop):
    """Return a scene whose first call may have landed, and the action as that call had it."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "raise"}, **shop))
    scene.deliver(bodies.approved())
    scene.plan()
    with suppress(SimulatedCrash), armed(crash):
        scene.act()
    assert ["calling"] == scene.states()
    return scene, scene.action()


def asked_in_vain(scene):
    for _ in range(2):
        scene.clock.move(minutes=10)
        scene.ask()
    assert ["due"] == scene.states()


def calling(scene):
    """Leave it as it is: what became of the call could not be written down."""


def unknown(scene):
    scene.clock.move(minutes=10)
    scene.shop.faults = lambda *_: "raise"
    scene.ask()


def due(scene):
    asked_in_vain(scene)


def held(scene):
    asked_in_vain(scene)
    scene.deliver(bodies.denied())
    scene.plan()


def declined(scene):
    asked_in_vain(scene)
    scene.decline(scene.action())


def refused(scene):
    unknown(scene)
    scene.record(scene.action())


def done(scene):
    unknown(scene)
    scene.record(scene.action(), "by-hand")


def hear(scene, call, word):
    """Let a call say its word now, and return the action and how it was before."""
    before = scene.action()
    outcomes.end(scene.desk, outcomes.late, call, WORDS[word])
    kept = scene.ledger.read(actions.attempts_of, before.id)
    assert (f"late: {word}", WORDS[word].reason or "") in [(one.result, one.reason) for one in kept]
    return before, scene.action()


@pytest.mark.parametrize(
    ("meanwhile", "word", "state"),
    [
        (calling, "done", "done"),
        (calling, "refused", "refused"),
        (calling, "pending", "pending"),
        (calling, "unknown", "calling"),
        (unknown, "done", "done"),
        (unknown, "refused", "refused"),
        (unknown, "pending", "pending"),
        (due, "done", "done"),
        (due, "refused", "due"),
        (due, "pending", "pending"),
        (due, "unknown", "due"),
        (held, "done", "done"),
        (held, "refused", "held"),
        (held, "pending", "held"),
        (declined, "done", "done"),
        (declined, "refused", "declined"),
        (declined, "pending", "declined"),
        (refused, "done", "done"),
        (refused, "refused", "refused"),
        (refused, "pending", "refused"),
        (refused, "unknown", "refused"),
        (done, "done", "done"),
        (done, "refused", "done"),
        (done, "pending", "done"),
        (done, "unknown", "done"),
    ],
)
def test_the_word_of_the_only_call_is_the_truth_where_it_says_that_something_was_done(meanwhile, word, state):
    """Where it moves nothing, it changes nothing: what a person or the shop said since then stands as it is."""
    scene, call = called()
    meanwhile(scene)
    before, after = hear(scene, call, word)

    assert state == after.state
    if before.state == state:
        assert before == after
    else:
        assert WORDS[word].shop_id == after.shop_id
    assert len(scene.reports()) == (state == "done")
    scene.shop.faults = {}
    if word == "pending" and state == word:
        scene.wait(hours=1)
        assert ([], state) == (scene.shop.effects, scene.action().state), "taken by the shop: never called again"


def test_an_unknown_word_begins_the_quiet_period_anew():
    """The call may have landed at its very end: since when nobody knows is the only thing that changes."""
    scene, call = called()
    unknown(scene)
    scene.clock.move(minutes=10)
    before, after = hear(scene, call, "unknown")

    assert before.unsure_since < after.unsure_since == scene.clock()
    assert before.fence == after.fence


@pytest.mark.parametrize("word", WORDS)
def test_of_two_calls_only_two_that_did_it_are_doubled(word):
    """The second did it; the first says late that it did, which is for a person, or anything else, which is not."""
    scene, call = called()
    asked_in_vain(scene)
    scene.shop.faults = {}
    scene.run()
    before, after = hear(scene, call, word)

    assert ("done", "refund-1") == (after.state, after.shop_id)
    if word != "done":
        assert before == after
        return
    (found,) = after.holds
    assert ("doubled", False, True) == (found["code"], found["approvable"], after.needs_person)
    assert after.reference in found["reason"]


@pytest.mark.parametrize("word", WORDS)
def test_while_nobody_knows_of_the_second_call_the_first_one_s_word_is_only_kept(word):
    """It says nothing of the second call. Once that is found to have done it too, a person is asked."""
    scene, call = called()
    asked_in_vain(scene)
    scene.shop.faults = {("refund", 2): "lost"}
    scene.act()
    before, after = hear(scene, call, word)
    assert before == after
    scene.run()

    assert ["done"] == scene.states()
    assert [["doubled"] if word == "done" else []] == scene.holds()
