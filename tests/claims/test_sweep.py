"""The sweep: what is decided there and unknown here waits for a person, what differs is listed, and no money moves."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from op_core.errors import PersonError, RateLimited, ServerFailed
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


def resolved(*types, paid=None, deleted=None):
    """Return the resolutions of a claim as page CLM-O shows them."""
    return [
        {"id": f"r{n}", "resolutionType": kind, "paidValue": paid, "paidCurrency": "USD", "deletedAt": deleted}
        for n, kind in enumerate(types, 1)
    ]


def listed(scene, *types, state="APPROVED", updated=OLD, paid=None, **facts):
    """List claim C1 of order 1001 with these resolutions."""
    said = {"updatedAt": updated, "claimResolutions": resolved(*types, paid=paid), **facts}
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
    scene.api.list_claim("C1", updatedAt=OLD, claimResolutions=resolved("REFUND", deleted=OLD))
    scene.api.list_claim("C2", updatedAt=OLD, claimResolutions=resolved("REFUND"), deletedAt=OLD)
    sweep(scene)

    assert [] == scene.actions()
    assert [("C1", "resolutions", None, "APPROVED: no resolution")] == told(scene)


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
    scene.api.facts["C1"] = {"updatedAt": OLD, "claimResolutions": resolved("REFUND")}

    found = sweep(scene)
    assert (1, 0) == (found.waiting, found.never_delivered)


def test_a_webhook_in_quarantine_is_named(scene):
    """Who is asked is told that the decision may be here, unread."""
    listed(scene, "REFUND")
    number = scene.deliver(b'{"topic":"claim.approved","body":{"claim_id":"C1",}}', listed=None)
    scene.run()
    sweep(scene)

    assert f"delivery {number}, which may be its webhook, is quarantined" in scene.action().holds[0]["reason"]


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
    scene.deliver(bodies.created())
    scene.deliver(bodies.approved(dialect="camel"))
    scene.run()
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


# --- The run -------------------------------------------------------------------------------------------------------


def test_an_order_that_is_unknown_there_is_no_fault(scene):
    """404 is counted, and the sweep goes on."""
    found = sweep(scene)

    assert (1, 1, 0) == (found.orders, found.unknown_orders, found.claims)


@pytest.mark.parametrize("error", [RateLimited("429", status=429, retry_after=60), ServerFailed("503", status=503)])
def test_a_failure_stops_it_and_keeps_what_was_found(scene, error):
    """The error comes out; a sweep that was stopped does not count as one, and the next one looks again."""
    listed(scene, "REFUND")
    scene.api.faults["claims_of_order"] = [error]
    with pytest.raises(type(error)):
        sweep(scene)

    assert (None, 0.0) == (scene.work.sweeper.last(), scene.work.sweeper.due())
    assert 1 == sweep(scene).never_delivered


def test_it_is_due_again_after_its_pause(scene):
    """Whichever process swept last: the ledger says when."""
    sweep(scene)
    scene.clock.move(hours=5)
    assert 3600.0 == scene.work.sweeper.due()
    scene.clock.move(hours=1)

    assert 0.0 == scene.work.sweeper.due()


def test_orders_that_only_the_ledger_knows_of_are_asked_for(scene):
    """An order that the shop changed long ago may have a claim of today."""
    scene.deliver(WHOLE)
    scene.run()
    listed(scene, "STORE_CREDIT")
    scene.shop.orders.clear()
    sweep(scene)

    assert ["resolutions"] == [what for _, what, _, _ in told(scene)]


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
