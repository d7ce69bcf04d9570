"""The sweep: what is decided there and unknown here waits for a person, what differs is listed, and no money moves."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from op_core.errors import PersonError
from op_core.ledger import differences
from op_core.testing import bodies
from op_core.testing.scene import Scene

OLD = "2025-01-01T00:00:00Z"
WHOLE = bodies.approved(bodies.resolution("REFUND", total="20.00"))


@pytest.fixture
def scene(ledger_url):
    """A store over each database, with one order that the shop has."""
    scene = Scene.make(url=ledger_url, sweep={"days": 365})
    yield scene
    scene.ledger.close()


def listed(scene, *types, state="APPROVED", updated=OLD, paid=None, **facts):
    """List claim C1 of order 1001 with these resolutions."""
    said = {"updatedAt": updated, "claimResolutions": bodies.listed(*types, paid=paid), **facts}
    scene.api.list_claim("C1", state=state, **said)


def sweep(scene):
    return scene.work.sweeper.run()


def told(scene):
    rows = scene.ledger.read(differences.listing, scene.store.id)
    return [(row.claim_id, row.what, row.ours, row.theirs) for row in rows]


# --- Approved there, unknown here ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["APPROVED", "RESOLVED", "RESOLVED_BY_BRAND", "CLOSED"])
def test_what_is_decided_there_and_unknown_here_waits_for_a_person(scene, state):
    """One action for each resolution, held, with what to do; nothing acts, however often it is looked at."""
    listed(scene, "REFUND", "RESHIP", state=state)

    assert 2 == sweep(scene).never_delivered
    scene.wait(hours=1)
    assert 0 == sweep(scene).never_delivered

    assert ["refund", "reship"] == sorted(one.verb for one in scene.actions())
    assert [["never_delivered"], ["never_delivered"]] == scene.holds()
    assert [] == scene.shop.effects
    assert "Have it sent again" in scene.action("refund").holds[0]["reason"]


def test_a_second_refund_of_a_claim_is_missed_too(scene):
    """One that waits already stands for one resolution, not for every later one of its kind."""
    listed(scene, "REFUND")
    sweep(scene)
    listed(scene, "REFUND", "REFUND")

    assert [1, 0] == [sweep(scene).never_delivered for _ in range(2)]
    assert ["held", "held"] == scene.states("refund")


def test_nobody_can_approve_it(scene):
    """No read says how much of what is owed, so nobody can let it act."""
    listed(scene, "REFUND", paid=Decimal("20.00"))
    sweep(scene)

    assert ("20 USD", None) == (scene.action().content["said_paid"], scene.action().amount)
    with pytest.raises(PersonError, match="cannot act as it is"):
        scene.approve(scene.action())


@pytest.mark.parametrize("state", ["NEW", "OPEN", "WAITING_FOR_OP", "DENIED", "DISMISSED", "SOMETHING_NEW"])
def test_what_is_not_decided_is_nothing_to_do(scene, state):
    """Only a decision is owed."""
    listed(scene, "REFUND", state=state)

    found = sweep(scene)
    assert (1, 0, 0) == (found.claims, found.never_delivered, found.differences)
    assert [] == scene.actions()


def test_a_resolution_that_was_taken_back_is_not_owed(scene):
    """A deleted resolution, or a deleted claim, makes nothing wait."""
    scene.api.list_claim("C1", updatedAt=OLD, claimResolutions=bodies.listed("REFUND", deleted=OLD))
    scene.api.list_claim("C2", updatedAt=OLD, claimResolutions=bodies.listed("REFUND"), deletedAt=OLD)
    sweep(scene)

    assert [] == scene.actions()
    assert [("C1", "resolutions", None, "APPROVED: no resolution")] == told(scene)


def test_a_claim_that_was_closed_without_a_resolution_owes_nothing(scene):
    """A customer may have taken it back; that is neither missing nor different."""
    listed(scene, state="CLOSED")

    assert (1, 0) == (sweep(scene).claims, sweep(scene).differences)
    assert [] == scene.actions()


def test_a_resolution_that_nobody_knows_is_listed(scene):
    """It cannot be an action, for no verb is known for it; it is not passed over either."""
    listed(scene, "GIFT")
    sweep(scene)

    assert [] == scene.actions()
    assert [("C1", "resolutions", None, "APPROVED: GIFT")] == told(scene)


def test_a_fresh_decision_has_time_to_arrive(scene):
    """Its webhook may be on its way; later it is missed."""
    now = scene.clock().isoformat()
    listed(scene, "REFUND", updated=now)

    found = sweep(scene)
    assert (1, 0) == (found.waiting, found.never_delivered)
    scene.clock.move(minutes=16)
    assert 1 == sweep(scene).never_delivered


def test_a_webhook_that_waits_is_not_missed(scene):
    """What is stored and not planned yet is left to the runner."""
    listed(scene, "REFUND")
    scene.deliver(WHOLE)
    scene.api.facts["C1"] = {"updatedAt": OLD, "claimResolutions": bodies.listed("REFUND")}

    found = sweep(scene)
    assert (1, 0) == (found.waiting, found.never_delivered)


def test_a_webhook_in_quarantine_is_named(scene):
    """Who is asked is told that the decision may be here, unread."""
    listed(scene, "REFUND")
    number = scene.deliver(b'{"topic":"claim.approved","body":{"claim_id":"C1",}}', listed=None)
    scene.run()
    sweep(scene)

    assert f"delivery {number}, which may be its webhook, is quarantined" in scene.action().holds[0]["reason"]


def test_a_date_far_in_the_future_hides_nothing(scene):
    """A wrong clock there must not put a decision off for ever."""
    listed(scene, "REFUND", updated="2099-01-01T00:00:00Z")

    assert 1 == sweep(scene).never_delivered


def test_a_resolution_that_is_listed_later_waits_as_well(scene):
    """What was found before is not made anew, also under another id."""
    listed(scene, "REFUND")
    sweep(scene)
    scene.api.facts["C1"]["claimResolutions"] = bodies.listed("RESHIP", "REFUND")
    assert 1 == sweep(scene).never_delivered

    assert ["refund", "reship"] == [one.verb for one in scene.actions()]


@pytest.mark.parametrize("ended", ["decline", "record"])
def test_what_a_person_ended_is_not_found_again(scene, ended):
    """One decision asks one person once."""
    listed(scene, "REFUND")
    sweep(scene)
    getattr(scene, ended)(scene.action(), "said so")

    assert (0, 0) == (sweep(scene).never_delivered, sweep(scene).differences)
    assert 1 == len(scene.actions())


@pytest.mark.parametrize(("decided", "found"), [("2025-05-31T00:00:00Z", 0), ("2025-06-02T00:00:00Z", 1)])
def test_an_approval_after_a_denial_is_missing(scene, decided, found):
    """Denied here, and approved there afterwards: the later word is owed. An approval before it is only listed."""
    scene.deliver(bodies.denied())
    scene.run()
    scene.clock.move(days=30)
    listed(scene, "REFUND", resolutionDate=decided)

    assert found == sweep(scene).never_delivered
    assert [("C1", "state", "denied", "APPROVED")] == told(scene)


def test_store_credit_that_was_given_there_is_said(scene):
    """Who would give it in the shop is told that Order Protection gave some by itself; its code is not."""
    listed(scene, "STORE_CREDIT", claimStoreCredits=[{"code": "SECRET-1", "creditValue": "5.00"}])
    sweep(scene)
    reason = scene.action().holds[0]["reason"]

    assert "has given store credit for the claim itself" in reason
    assert "SECRET-1" not in reason


# --- The webhook comes after all -----------------------------------------------------------------------------------


def test_a_webhook_that_comes_late_takes_over(scene):
    """Under the same key and reference; it acts once."""
    listed(scene, "REFUND")
    sweep(scene)
    before = scene.action()
    scene.deliver(WHOLE)
    scene.run()

    after = scene.action()
    assert (before.id, before.key, before.reference) == (after.id, after.key, after.reference)
    assert (["done"], 1) == (scene.states(), len(scene.shop.effects))
    sweep(scene)
    assert ["done"] == scene.states()


def test_a_short_body_takes_over_and_is_completed(scene):
    """The camelCase body (C-4) names no amount; the whole one that follows does."""
    listed(scene, "REFUND")
    sweep(scene)
    scene.deliver(bodies.approved(dialect="camel"))
    scene.run()
    assert "1001" == scene.action().order_id  # the sweep has learned it
    assert (["held"], [["no_amount"]]) == (scene.states(), scene.holds())
    scene.deliver(WHOLE)
    scene.run()

    assert (["done"], 1) == (scene.states(), len(scene.shop.effects))


def test_what_a_person_did_by_hand_is_not_done_again(scene):
    """Recorded as done: the webhook that comes late adds nothing, also where it would be split."""
    listed(scene, "REFUND")
    sweep(scene)
    scene.record(scene.action(), "R-by-hand")
    scene.deliver(WHOLE)
    scene.run()

    assert (["done"], []) == (scene.states(), scene.shop.effects)


def test_what_a_person_declined_waits_again(scene):
    """The decision came after all: a person looks, nothing acts by itself."""
    listed(scene, "REFUND")
    sweep(scene)
    scene.decline(scene.action())
    scene.deliver(WHOLE)
    scene.run()

    assert ["declined", "held"] == scene.states()
    assert ["amended"] == scene.holds()[1]
    assert [] == scene.shop.effects


def test_of_several_alike_nobody_knows_which_was_done_by_hand(scene):
    """One of two refunds was recorded: both decisions wait, for it may be either."""
    listed(scene, "REFUND", "REFUND")
    sweep(scene)
    scene.record(scene.actions()[0], "R-by-hand")
    scene.deliver(
        bodies.approved(
            bodies.resolution("REFUND", bodies.item("1", 1, "20.00"), total="20.00"),
            bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00"),
        )
    )
    scene.run()

    assert {"held", "done"} == set(scene.states())
    assert all("amended" in codes for codes in scene.holds() if codes)
    assert [] == scene.shop.effects


def test_a_denial_that_comes_late_stands(scene):
    """What waits is withdrawn, and still cannot act."""
    listed(scene, "REFUND")
    sweep(scene)
    scene.deliver(bodies.denied())
    scene.run()

    assert ["never_delivered", "withdrawn"] == scene.holds()[0]


# --- Whatever is listed --------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=20)  # each example is a store of its own
@given(
    st.lists(st.sampled_from(["REFUND", "RESHIP", "STORE_CREDIT", "FLAT_RATE", "GIFT", None]), max_size=4),
    st.sampled_from(["APPROVED", "RESOLVED", "CLOSED", "OPEN", "DENIED", None]),
    st.none() | st.decimals("0.01", "99999", places=2),
)
def test_nothing_that_it_reads_ever_acts(types, state, paid):
    """Whatever is listed: every action that it makes is held, cannot be approved, and the shop is never called."""
    scene = Scene.make(sweep={"days": 365})
    listed(scene, *types, state=state, paid=paid)
    sweep(scene)
    scene.wait(hours=1)

    assert {"held"} >= set(scene.states())
    assert [] == scene.shop.effects
    assert all(not found["approvable"] for action in scene.actions() for found in action.holds)
    scene.ledger.close()
