"""Promise 1, unknown: the shop is asked before anything else, and "not there" counts only after a while."""

import pytest

from op_core.hooks import hookimpl
from op_core.ledger import actions
from op_core.models import CannotTell, NotFound, Outcome
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

LOST = ["lost", "none", "wrong_type"]


@pytest.fixture
def scene():
    """Give a store whose refund is planned. Deadline 30 seconds, quiet period 60."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.plan()
    return scene


def calls(scene):
    return [call.verb for call in scene.shop.calls]


@pytest.mark.parametrize("fault", [*LOST, "raise"])
def test_whatever_is_no_outcome_is_unknown(scene, fault):
    """An exception, ``None`` or a wrong type may have happened: unknown, whatever the shop did."""
    scene.shop.faults = {("refund", 1): fault}

    assert ["unknown"] == scene.act()
    assert ["unknown"] == scene.states()


@pytest.mark.parametrize("fault", LOST)
def test_what_the_shop_holds_is_found_and_never_called_again(scene, fault):
    """After ``unknown`` the engine asks ``op_find_refund``; what is found is the result."""
    scene.shop.faults = {("refund", 1): fault}
    scene.run()

    assert ["done"] == scene.states()
    assert ["refund", "find_refund"] == calls(scene)
    assert "refund-1" == scene.action().shop_id
    assert ["no_route"] == [one.state for one in scene.reports()]


def test_not_found_counts_only_after_the_quiet_period(scene):
    """The call may still travel and the shop's search may lag: 60 seconds must pass before the shop is called again."""
    scene.shop.faults = {("refund", 1): "raise"}
    scene.run()
    scene.wait(seconds=59)
    assert ["unknown"] == scene.states()
    assert 1 == calls(scene).count("refund")

    scene.wait(seconds=1)
    assert ["done"] == scene.states()
    assert 2 == calls(scene).count("refund")
    assert {} == scene.shop.doubled()


def test_an_effect_that_the_search_shows_late_is_not_made_twice(scene):
    """Hidden from the search at first, found within the quiet period: one effect."""
    scene.shop.faults = {("refund", 1): "lost", ("find_refund", 1): "hidden"}
    scene.run()
    scene.wait(minutes=2)

    assert ["done"] == scene.states()
    assert 1 == len(scene.shop.effects)


def test_the_second_call_knows_of_the_first():
    """``attempt`` and ``tries`` say what came before, under the same key and reference."""
    scene = Scene.make()
    scene.shop.faults = {("refund", 1): "raise"}
    scene.deliver(bodies.approved())
    scene.run()
    scene.wait(minutes=2)
    first, *_, second = [request for request in scene.shop.requests if hasattr(request, "attempt")]

    assert (1, 2) == (first.attempt, second.attempt)
    assert (first.key, first.reference) == (second.key, second.reference)
    assert () == first.tries
    assert ["call: begun", "result: unknown"] == [one.result for one in second.tries[:2]]


def test_two_under_one_reference_are_held_as_doubled(scene):
    """The shop holds two: nothing is done any more until a person has looked."""
    scene.shop.faults = {("refund", 1): "lost"}
    scene.act()
    scene.shop.effects.append(scene.shop.effects[0])
    scene.run()

    assert [["doubled"]] == scene.holds()
    assert ["unknown"] == scene.states()
    assert "the shop holds 2 under one reference: refund-1, refund-1" == scene.action().holds[0]["reason"]


def test_a_shop_that_cannot_be_asked_is_held_for_a_person():
    """No look-up: it is never called again, and stays as it is until a person says what happened."""
    scene = Scene.make(ModelShop([an_order()], find=False, faults={("refund", 1): "raise"}))
    scene.deliver(bodies.approved())
    scene.run()
    for _ in range(5):
        scene.wait(hours=1)

    assert [["cannot_ask"]] == scene.holds()
    assert not scene.action().holds[0]["approvable"]
    assert ["refund"] == calls(scene)


def test_while_the_shop_does_not_answer_the_question_it_is_asked_ever_more_rarely(scene):
    """Backoff: each wait is twice the one before, up to 15 minutes."""
    scene.shop.faults = lambda verb, nth: "ok" if verb == "refund" and nth > 1 else "raise"
    scene.run()
    waits = []
    for _ in range(11):
        waits.append((scene.action().not_before - scene.clock()).total_seconds())
        scene.wait(seconds=waits[-1])

    assert [4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] == waits
    assert 12 == calls(scene).count("find_refund")


def test_backoff_is_spread_by_chance():
    """Jitter: of two failures at one time, one comes back after half the time that the other takes."""
    scene = Scene.make()
    early, late = (scene.desk.__class__(scene.store, scene.ledger, scene.desk.shop, scene.api, lambda c=c: c)
                   for c in (0.0, 1.0))  # fmt: skip

    assert 2 * early.later(3) == late.later(3)


def test_surely_not_sent_is_tried_again_blindly(scene):
    """`NotSent` is the only failure that needs no question."""
    scene.shop.faults = {("refund", 1): "not_sent", ("refund", 2): "not_sent"}
    scene.run()
    scene.wait(seconds=4)
    scene.wait(seconds=8)

    assert ["done"] == scene.states()
    assert ["refund"] * 3 == calls(scene)
    tries = scene.ledger.read(actions.attempts_of, scene.action().id)
    assert [True, True] == [bool(one.reason) for one in tries if one.result == "result: not sent"]


def test_what_is_never_sent_is_held_in_the_end(scene):
    """After ``timing.attempts`` tries a person is asked, and may have it tried again."""
    scene.shop.faults = lambda verb, nth: "not_sent" if nth <= 8 else "ok"
    for _ in range(10):
        scene.wait(minutes=15)

    assert [["never_sent"]] == scene.holds()
    assert 8 == len(calls(scene))
    scene.retry(scene.action())
    scene.run()
    assert ["done"] == scene.states()


def test_refused_is_final_until_a_person_says_otherwise(scene):
    """The shop said no: nothing is called again, nothing is swapped for something else, and the reason is kept."""
    scene.shop.faults = {("refund", 1): "refuse"}
    scene.run()
    scene.wait(days=2)

    assert ["refused"] == scene.states()
    assert "scripted" == scene.action().reason
    tries = scene.ledger.read(actions.attempts_of, scene.action().id)
    assert ("result: refused", "scripted") == (tries[-1].result, tries[-1].reason)
    assert ["refund"] == calls(scene)
    assert [] == scene.reports()


def test_a_refusal_after_a_call_in_doubt_is_asked_about(scene):
    """The first call landed later than anyone waits, and the shop refuses the second for it: done, once."""

    def slow(verb, nth):
        if verb == "refund":
            return ("lost", "refuse")[nth - 1]
        return "hidden" if calls(scene).count("refund") < 2 else "ok"

    scene.shop.faults = slow
    scene.run()
    scene.wait(seconds=60)

    assert ["done"] == scene.states()
    assert [2, 1] == [calls(scene).count("refund"), len(scene.shop.effects)]
    said = [one.reason for one in scene.ledger.read(actions.attempts_of, scene.action().id)]
    assert "refused, and an earlier call may have done it: scripted" in said
    assert ["no_route"] == [one.state for one in scene.reports()]


def test_a_refusal_after_a_call_in_doubt_that_did_nothing_is_one(scene):
    """It is believed once the shop says that nothing is there; while it does not answer, nobody knows."""
    scene.shop.faults = {("refund", 1): "raise", ("refund", 2): "refuse", ("refund", 3): "refuse"}
    scene.run()
    asked = calls(scene).count("find_refund")
    scene.shop.faults[("find_refund", asked + 2)] = "raise"
    scene.wait(seconds=60)
    assert ["unknown"] == scene.states()
    assert "refused, after a call in doubt: scripted" in scene.action().reason
    for _ in range(3):
        scene.wait(seconds=90)

    assert ["refused"] == scene.states()
    assert [] == scene.shop.effects


@pytest.mark.parametrize("answer", [None, "yes", {"id": 1}])
def test_rubbish_instead_of_an_answer_is_cannot_tell(scene, answer):
    """A find that answers something else than its hook promises says nothing about the effect."""
    scene.shop.faults = {("refund", 1): "raise", ("find_refund", 1): "none"}
    scene.run()

    assert [["cannot_ask"]] == scene.holds()


def test_a_done_refund_says_how_its_money_moved():
    """Done without ``moved``, ``queued`` or ``booked`` is not believed."""

    class Silent(ModelShop):
        @hookimpl
        def op_issue_refund(self, request):
            """Say too little."""
            return Outcome("done", shop_id="1")

        @hookimpl
        def op_find_refund(self, request):
            """Say that there is none."""
            return CannotTell("no") if request.shop_id else NotFound()

    scene = Scene.make(Silent([an_order()]))
    scene.deliver(bodies.approved())
    scene.run()

    assert ["unknown"] == scene.states()
    assert "does not say how the money moved" in scene.action().reason
