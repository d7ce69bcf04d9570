"""A person: approve, decline, record, retry. Each is written down, and raises the fence."""

import pytest

from op_core.claims import people
from op_core.errors import PersonError
from op_core.ledger import actions
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


@pytest.fixture
def scene():
    """Give a store with one refund that is held, because the API does not list its claim."""
    scene = Scene.make()
    scene.deliver(bodies.approved(), listed=None)
    scene.run()
    return scene


def an_action(state):
    """Return a scene whose only action is in that state."""
    faults = {
        "refused": "refuse",
        "pending": "pending",
        "unknown": "raise",
        "done": "ok",
        "due": "ok",
        "declined": "ok",
    }
    scene = Scene.make(ModelShop([an_order()], faults=lambda verb, _: faults[state] if verb == "refund" else "raise"))
    scene.deliver(bodies.approved())
    scene.plan()
    if state == "declined":
        scene.decline(scene.action())
    elif state != "due":
        scene.run()
    assert [state] == scene.states()
    return scene


def decisions(scene):
    return [(one["what"], one["who"]) for one in scene.ledger.read(actions.decisions_of, scene.action().id)]


# --- Approve -------------------------------------------------------------------------------------------------------


def test_an_approval_lets_a_held_action_act_once(scene):
    """Approved past the holds that it shows, it acts, and who said so is kept."""
    scene.approve(scene.action())
    scene.run()

    assert ["done"] == scene.states()
    assert [("approve", "a person")] == decisions(scene)


def test_an_approval_is_bound_to_the_plan_that_was_shown(scene):
    """It acts only if the plan is still the one shown."""
    shown = scene.action().content_hash
    with pytest.raises(PersonError, match="not the plan you saw"):
        scene.approve(scene.action(), plan="0" * 12)
    with pytest.raises(PersonError, match="not the plan you saw"):
        scene.approve(scene.action(), plan="")
    assert ["held"] == scene.states()

    assert "due" == scene.approve(scene.action(), plan=shown[:12]).state


def test_an_approval_passes_limits_once():
    """What a person let pass is passed for this action alone."""
    scene = Scene.make(limits={"hold_above": {"USD": "10"}})
    scene.deliver(bodies.approved())
    scene.run()
    scene.approve(scene.action())
    scene.deliver(bodies.approved(claim="C2", event="e2"))
    scene.run()

    assert [[], ["above_limit"]] == scene.holds()


@pytest.mark.parametrize("state", ["due", "refused", "pending", "unknown", "done", "declined"])
def test_only_what_is_held_can_be_approved(state):
    """There is nothing to approve about an action that has begun or ended."""
    scene = an_action(state)
    with pytest.raises(PersonError, match=f"is {state}, not held"):
        scene.approve(scene.action())


def test_some_holds_cannot_be_passed():
    """Without an amount there is nothing that could act: decline it, or do it by hand and record it."""
    scene = Scene.make()
    scene.deliver(bodies.approved(bodies.resolution(total=None)))
    scene.run()

    with pytest.raises(PersonError, match="Decline it, or do it in the shop by hand and record it"):
        scene.approve(scene.action())
    scene.record(scene.action(), "refund-by-hand")
    assert ["done"] == scene.states()
    assert 1 == len(scene.reports())


# --- Decline -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["due", "refused"])
def test_a_decline_ends_it(state):
    """With a reason; a redelivery does not bring it back."""
    scene = an_action(state)
    scene.decline(scene.action(), "the customer was refunded by phone")
    scene.deliver(bodies.approved(event="again"))
    scene.run()

    assert ["declined"] == scene.states()
    assert "the customer was refunded by phone" == scene.action().reason
    assert "duplicate" == scene.deliveries()[-1].state


@pytest.mark.parametrize("state", ["pending", "unknown", "done", "declined"])
def test_what_has_begun_cannot_be_declined(state):
    """Nobody can decline what may have happened."""
    scene = an_action(state)
    with pytest.raises(PersonError, match="only what has not begun"):
        scene.decline(scene.action())


def test_declining_needs_a_reason(scene):
    """An empty reason is none."""
    with pytest.raises(PersonError, match="needs a reason"):
        scene.decline(scene.action(), "  ")


# --- Record --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["unknown", "pending"])
def test_a_person_s_word_ends_what_is_unsure(state):
    """``--done SHOP_ID``: done, with the shop's id, and reported."""
    scene = an_action(state)
    scene.record(scene.action(), "refund-77")
    scene.wait(hours=1)

    assert ("done", "refund-77") == (scene.action().state, scene.action().shop_id)
    assert 1 == len(scene.reports())
    assert [("record", "a person")] == decisions(scene)


def test_what_a_person_says_was_not_done_can_be_retried():
    """``--not-done`` makes it refused, and a retry calls the shop again."""
    scene = an_action("unknown")
    scene.record(scene.action())
    assert ["refused"] == scene.states()
    scene.shop.faults = {}
    scene.retry(scene.action())
    scene.run()

    assert ["done"] == scene.states()


@pytest.mark.parametrize("state", ["due", "refused", "done", "declined"])
def test_a_known_outcome_cannot_be_recorded_over(state):
    """There is nothing to record where nothing is open."""
    scene = an_action(state)
    with pytest.raises(PersonError, match="nothing to record"):
        scene.record(scene.action(), "refund-77")


# --- Retry ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        ("done", "it is over"),
        ("declined", "it is over"),
        ("pending", "the shop has it"),
        ("unknown", "it may have happened"),
    ],
)
def test_a_retry_refuses_what_could_happen_twice(state, advice):
    """Done, pending and unknown are never called again by a person's word alone."""
    scene = an_action(state)
    with pytest.raises(PersonError, match=advice):
        scene.retry(scene.action())


def test_a_retry_is_no_way_around_a_hold():
    """What waits for a person's judgement is approved or declined, not retried."""
    scene = Scene.make(limits={"hold_above": {"USD": "1.00"}})
    scene.deliver(bodies.approved())
    scene.run()

    with pytest.raises(PersonError, match="approve or decline it"):
        scene.retry(scene.action())


def test_a_retry_looks_again_at_what_was_mended(scene):
    """Once Order Protection lists the claim, or the shop has stock again, nobody has to vouch for it."""
    scene.retry(scene.action())
    scene.run()
    assert [["not_confirmed"]] == scene.holds()
    scene.api.list_claim("C1")
    scene.retry(scene.action())
    scene.run()

    assert ["done"] == scene.states()


def test_a_retry_calls_what_was_refused_again():
    """Under the same key and reference."""
    scene = an_action("refused")
    scene.shop.faults = {}
    before = scene.action()
    scene.retry(before)
    scene.run()

    assert ("done", before.reference) == (scene.action().state, scene.action().reference)


# --- All -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["approve", "decline", "record"])
def test_each_decision_raises_the_fence(scene, decision):
    """A result on its way cannot overwrite a decision."""
    before = scene.action()
    said = {"approve": (), "decline": ("no",), "record": ("r1",)}[decision]
    after = getattr(scene, decision)(before, *said)

    assert before.fence < after.fence
    with pytest.raises(actions.Fenced):
        scene.ledger.write(actions.move, before, "due", scene.clock())


def test_an_action_that_is_not_there_cannot_be_decided(scene):
    """The id is named."""
    with pytest.raises(PersonError, match="no action 99"):
        scene.ledger.write(people.approve, 99, who="a person", now=scene.clock())


def test_a_redelivery_returns_what_a_person_recorded():
    """The recorded result is the result."""
    scene = an_action("unknown")
    scene.record(scene.action(), "refund-77")
    scene.deliver(bodies.approved(event="again"))
    scene.run()

    assert ["done"] == scene.states()
    assert "refund-77" == scene.action().shop_id
