"""A denial stops what has not begun, and undoes nothing."""

import pytest

from op_core.ledger import actions
from op_core.testing import bodies
from op_core.testing.scene import Scene


@pytest.fixture
def scene():
    """Give a store."""
    return Scene.make()


def decisions(scene, action):
    return [(one["who"], one["what"]) for one in scene.ledger.read(actions.decisions_of, action.id)]


def test_a_denial_holds_what_has_not_begun(scene):
    """A later denial holds what has not begun as withdrawn, with its reasons."""
    scene.deliver(bodies.approved())
    scene.plan()
    scene.deliver(bodies.denied(reasons=("NOT_COVERED", "FRAUD")))
    scene.run()

    assert [["withdrawn"]] == scene.holds()
    assert "the claim was denied: FRAUD, NOT_COVERED" == scene.action().holds[0]["reason"]
    assert [] == scene.shop.effects


def test_a_denial_only_annotates_what_was_done(scene):
    """Money is never taken back by itself: what is done stays done, and says that it was denied later."""
    scene.deliver(bodies.approved())
    scene.run()
    scene.deliver(bodies.denied())
    scene.run()

    assert ["done"] == scene.states()
    assert [("order protection", "denied")] == decisions(scene, scene.action())
    assert 1 == len(scene.shop.effects)


def test_a_person_may_go_on_in_spite_of_a_denial(scene):
    """A withdrawn action is a person's to approve."""
    scene.deliver(bodies.approved(), listed="DENIED")
    scene.plan()
    scene.deliver(bodies.denied())
    scene.plan()
    scene.approve(scene.action())
    scene.run()

    assert ["done"] == scene.states()


def test_a_denial_that_arrives_first_holds_the_approval():
    """Deliveries may come in any order: an approval of a denied claim is for a person, verified or not."""
    scene = Scene.make(verify_claims="never")
    scene.deliver(bodies.denied())
    scene.deliver(bodies.approved())
    scene.run()

    assert [["withdrawn"]] == scene.holds()
    assert [] == scene.shop.effects


def test_an_approval_that_is_surely_later_than_the_denial_acts(scene):
    """A claim that was denied and then approved after all is approved."""
    scene.deliver(bodies.denied())
    scene.deliver(bodies.approved().replace(b"2025-06-01T11:00:00Z", b"2025-06-02T11:00:00Z"))
    scene.run()

    assert ["done"] == scene.states()


def test_a_second_denial_counts_as_the_first_did(scene):
    """Denied, approved by a person all the same, and denied anew: what has not begun waits again."""
    scene.deliver(bodies.denied())
    scene.deliver(bodies.approved())
    scene.plan()
    scene.approve(scene.action())
    scene.deliver(bodies.denied(event="evt-denied-again"))
    scene.run()

    assert [["withdrawn"]] == scene.holds()
    assert [] == scene.shop.effects


@pytest.mark.parametrize("dialect", ["reference", "slash"])
def test_the_same_denial_again_is_a_duplicate(scene, dialect):
    """A redelivered denial does not withdraw what a person approved after it."""
    scene.deliver(bodies.approved(), listed="DENIED")
    scene.deliver(bodies.denied())
    scene.plan()
    scene.approve(scene.action())
    scene.deliver(bodies.denied(dialect=dialect))
    scene.run()

    assert "duplicate" == scene.deliveries()[-1].state
    assert ["done"] == scene.states()


def test_a_denial_stops_only_its_own_claim(scene):
    """Another claim of the same order goes on."""
    scene.deliver(bodies.approved())
    scene.deliver(bodies.approved(bodies.resolution("RESHIP", bodies.item("2")), claim="C2", event="e2"))
    scene.deliver(bodies.denied("C2"))
    scene.run()

    assert ["done"] == scene.states("refund")
    assert ["held"] == scene.states("reship")


def test_amounts_of_a_denial_mean_nothing(scene):
    """A denial moves no money, so that nothing in its amounts may keep it from stopping an approval."""
    scene.deliver(bodies.approved())
    scene.plan()
    scene.deliver(bodies.denied().replace(b":0.00", b':"nothing"'))
    scene.run()

    assert [["withdrawn"]] == scene.holds()


def test_denials_of_one_claim_hold_it_once(scene):
    """A second denial, under an id of its own, adds no second reason to what waits already."""
    scene.deliver(bodies.approved())
    scene.plan()
    scene.deliver(bodies.denied())
    scene.deliver(bodies.denied(event="evt-denied-again"))
    scene.run()

    assert [["withdrawn"]] == scene.holds()
    assert ["planned"] * 3 == [one.state for one in scene.deliveries()]


def test_a_denial_for_another_reason_is_another_one(scene):
    """Without an id it is known by its reasons: what a person approved after the first waits again."""
    scene.deliver(bodies.approved(), listed="DENIED")
    scene.deliver(bodies.denied(dialect="slash"))
    scene.plan()
    scene.approve(scene.action())
    scene.deliver(bodies.denied(reasons=("FRAUD",), dialect="slash"))
    scene.run()

    assert [["withdrawn"]] == scene.holds()
    assert [] == scene.shop.effects


def test_the_reasons_of_a_late_denial_are_kept(scene):
    """What is done stays done; why it was denied afterwards is there for whoever asks."""
    scene.deliver(bodies.approved())
    scene.run()
    scene.deliver(bodies.denied(reasons=("FRAUD",)))
    scene.run()
    (decision,) = scene.ledger.read(actions.decisions_of, scene.action().id)

    assert "FRAUD" == decision["reason"]
