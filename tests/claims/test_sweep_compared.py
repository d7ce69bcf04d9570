"""Sums, units and credits of one claim, as both sides tell them: only what differs is listed."""

import pytest

from op_core.ledger import differences
from op_core.testing import bodies
from op_core.testing.scene import Scene

OLD = "2025-01-01T00:00:00Z"
REFUND = bodies.resolution()
CREDIT = bodies.resolution("STORE_CREDIT", bodies.item("2", 1, "15.00"), total="15.00")
GIVEN = {"code": "SECRET-1", "creditValue": "20.00", "creditCurrency": "USD"}


@pytest.fixture
def scene(ledger_url):
    """A store over each database, which gives store credit by itself, and one order of two items known there."""
    scene = Scene.make(url=ledger_url, sweep={"days": 365}, resolutions={"store_credit": "act"})
    scene.api.orders["1001"] = {"id": "own", "orderItems": [{"id": "op-1", "sourceItemId": "1"}]}
    yield scene
    scene.ledger.close()


def held(scene):
    """Let nothing act by itself any more."""
    scene.restart(limits=scene.store.limits.model_copy(update={"hold_above": {}}))


def planned(scene, *resolutions, **said):
    scene.deliver(bodies.approved(*resolutions, **said))
    scene.run()
    scene.clock.move(hours=1)


def resolved(**paid):
    """Return listed resolutions, each type with what was paid for it."""
    return [
        {"id": f"r-{kind}", "resolutionType": kind, "paidValue": value, "paidCurrency": "USD"}
        for kind, value in paid.items()
    ]


def differs(scene, resolutions=(), state="APPROVED", **facts):
    """List claim C1 so, look, and return what differs."""
    scene.api.list_claim("C1", state=state, updatedAt=OLD, claimResolutions=list(resolutions), **facts)
    scene.work.sweeper.run()
    return [(row.what, row.ours, row.theirs) for row in scene.ledger.read(differences.listing, scene.store.id)]


# --- Sums ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        ({"REFUND": "20.00", "STORE_CREDIT": "15.00"}, []),
        ({"REFUND": "20.00", "STORE_CREDIT": "16.00"}, [("paid STORE_CREDIT", "15 USD", "16 USD")]),
        ({"REFUND": "21.00", "STORE_CREDIT": None}, [("paid REFUND", "20 USD", "21 USD")]),
    ],
    ids=["alike", "the second", "the first"],
)
def test_each_type_is_compared_with_what_was_given_for_it(scene, paid, expected):
    """A refund and a store credit of one claim are two sums: neither is taken for the other, and none is left out."""
    planned(scene, REFUND, CREDIT)

    assert ["done", "done"] == scene.states()
    assert expected == differs(scene, resolved(**paid))


def test_another_sum_is_seen_before_ours_is_given(scene):
    """Whoever is asked whether to refund sees that another sum was paid already."""
    held(scene)
    planned(scene, REFUND)

    assert [("paid REFUND", "20 USD", "21 USD")] == differs(scene, resolved(REFUND="21.00"))


def test_what_a_person_declined_is_no_sum_that_was_given(scene):
    """Decided and paid there is one sum; that nothing was given here is the person's own word."""
    held(scene)
    planned(scene, REFUND)
    scene.decline(scene.action())

    assert [] == differs(scene, resolved(REFUND="20.00"))


def test_a_decision_without_an_amount_is_compared_with_none(scene):
    """The short body (C-4) says no sum."""
    scene.deliver(bodies.created())
    planned(scene, REFUND, dialect="camel")

    assert [] == differs(scene, resolved(REFUND="20.00"))


def test_a_second_refund_there_is_a_difference(scene):
    """One was decided here, and two are listed: perhaps a decision never came."""
    planned(scene, REFUND)

    assert [("resolutions", "REFUND", "REFUND, REFUND")] == differs(scene, resolved(REFUND=None) * 2)


# --- Units ---------------------------------------------------------------------------------------------------------


def refund(*items):
    return bodies.resolution("REFUND", *items, total="40.00")


ONE, OTHER = bodies.item("1"), bodies.item("2")
RESHIP = bodies.resolution("RESHIP", OTHER, total="15.00")


@pytest.mark.parametrize(
    ("decided", "claimed", "expected"),
    [
        ([refund(ONE, ONE)], {"1": 1}, ("2 of 1", "1 of 1")),
        ([refund(ONE, ONE)], {"1": 2}, None),
        ([REFUND, RESHIP], {"1": 1, "2": 0}, ("1 of 1, 1 of 2", "1 of 1, 0 of 2")),
        ([REFUND, RESHIP], {"1": 0, "2": 1}, ("1 of 1, 1 of 2", "0 of 1, 1 of 2")),
        ([REFUND, bodies.resolution("RESHIP")], {"1": 1}, None),
        ([REFUND], {"1": 0, "2": 1}, ("1 of 1", "0 of 1, 1 of 2")),
        ([REFUND], {"1": None}, ("1 of 1", "0 of 1")),
        ([refund(bodies.item("op-1"))], {"op-1": 0}, ("1 of 1", "0 of 1")),
    ],
    ids=["two lines", "both claimed", "refunded", "sent again", "the same unit", "another", "not said", "their id"],
)
def test_units_that_were_decided_and_not_claimed_are_listed(scene, decided, claimed, expected):
    """All lines of all resolutions count, those of one unit once, under the shop's ids."""
    held(scene)
    planned(scene, *decided)
    items = [{"itemId": item, "quantity": quantity} for item, quantity in claimed.items()]

    assert ([("items", *expected)] if expected else []) == differs(scene, claimItems=items)


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, []), ({"deletedAt": OLD}, [("items", "2 of 1", "1 of 1")])],
    ids=["twice", "taken back"],
)
def test_items_of_a_claim_add_up_as_long_as_they_stand(scene, more, expected):
    """An item that is listed twice is two units, unless one was taken off the claim."""
    planned(scene, refund(bodies.item("1", 2)))
    item = {"itemId": "1", "quantity": 1}

    assert expected == differs(scene, claimItems=[item, item | more])


def test_items_that_the_shop_has_no_id_for_stay_apart(scene):
    """Two that Order Protection cannot join to the shop's are not taken for one."""
    scene.api.orders["1001"] = {"id": "own", "orderItems": [{"id": "op-1"}, {"id": "op-2"}]}
    planned(scene, refund(bodies.item("op-1")))
    items = [{"itemId": "op-1", "quantity": 0}, {"itemId": "op-2", "quantity": 1}]

    assert [("items", "1 of op-1", "0 of op-1, 1 of op-2")] == differs(scene, claimItems=items)


# --- Store credit --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "there"),
    [
        (CREDIT, []),
        (CREDIT, [GIVEN | {"deletedAt": OLD}]),
        (CREDIT, [GIVEN | {"creditValue": "0"}]),
        (REFUND, [GIVEN]),
    ],
    ids=["none there", "taken back", "of nothing", "a refund here"],
)
def test_store_credit_that_only_one_side_gives_is_no_double(scene, decided, there):
    """Only two credits for one claim are listed as such."""
    planned(scene, decided)

    assert [] == differs(scene, claimStoreCredits=there)


def test_store_credit_that_a_person_declined_is_no_double(scene):
    """It is given there alone."""
    held(scene)
    planned(scene, CREDIT)
    scene.decline(scene.action())

    assert [] == differs(scene, claimStoreCredits=[GIVEN])


def test_what_was_found_missing_and_is_open_again_is_told_by_its_state(scene):
    """Its resolutions are gone with the decision: that is one difference, not two."""
    differs(scene, resolved(REFUND=None))

    assert [("state", "approved, as an earlier sweep found", "OPEN")] == differs(scene, state="OPEN")


@pytest.mark.parametrize("state", ["DENIED", "DISMISSED", "REOPENED"])
def test_a_denial_is_told_differently_only_by_an_approval(scene, state):
    """Denied on both sides, or looked at once more: nothing is owed by either word."""
    scene.deliver(bodies.denied())
    scene.run()
    scene.clock.move(hours=1)

    assert [] == differs(scene, state=state)
