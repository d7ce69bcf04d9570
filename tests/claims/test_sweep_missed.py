"""What a sweep makes wait: for which decision, under which key, and in which words it is told."""

from decimal import Decimal

import pytest

from op_core.ledger import differences, plans
from op_core.testing import bodies
from op_core.testing.scene import Scene

OLD = "2025-01-01T00:00:00Z"


@pytest.fixture
def scene(ledger_url):
    """A store over each database, with one order that the shop has."""
    scene = Scene.make(url=ledger_url, sweep={"days": 365})
    yield scene
    scene.ledger.close()


def refund(number, paid=None):
    """Return one listed refund."""
    return {"id": f"r{number}", "resolutionType": "REFUND", "paidValue": paid, "paidCurrency": "USD"}


def sweep(scene, *resolutions, claim="C1", **facts):
    """List a claim of order 1001 with these resolutions, and look."""
    said = {"updatedAt": OLD, "claimResolutions": list(resolutions)}
    scene.api.list_claim(claim, state="APPROVED", **(said | facts))
    return scene.work.sweeper.run()


def waiting(scene):
    """Return what each action waits for: which resolution, and what was paid for it."""
    return {one.key.n: (one.content["never_delivered"], one.content["said_paid"]) for one in scene.actions("refund")}


def test_a_claim_of_another_order_is_nobodys_work_here(scene):
    """Listed under this order, and of another one by its own word: nobody is asked to pay for it here."""
    found = sweep(scene, refund(1), sourceOrderId="1002")

    assert (0, []) == (found.never_delivered, scene.actions())
    rows = scene.ledger.read(differences.listing, scene.store.id)
    assert [("C1", "order", "1001", "1002, listed under 1001")] == [
        (row.claim_id, row.what, row.ours, row.theirs) for row in rows
    ]


def test_a_resolution_that_is_listed_before_the_known_one_is_the_new_one(scene):
    """What waits stays with its own resolution and sum; the other one is made to wait, and not the known one twice."""
    sweep(scene, refund(2, "20.00"))
    sweep(scene, refund(1, "15.00"), refund(2, "20.00"))

    assert {1: ("r2", "20 USD"), 2: ("r1", "15 USD")} == waiting(scene)


NAMELESS = [{"id": None, "resolutionType": kind, "paidValue": "20.00"} for kind in ("FLAT_RATE", "REFUND")]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([refund(1, "15.00"), refund(2, "20.00")], [("r1", "REFUND"), ("r2", "REFUND")]),
        (NAMELESS, [("", "FLAT_RATE"), ("", "REFUND")]),
    ],
    ids=["by id", "by type"],
)
@pytest.mark.parametrize("turned", [False, True], ids=["so", "the other way round"])
def test_the_order_of_a_list_names_no_action(scene, listed, expected, turned):
    """An older ledger, restored, makes the same action of the same resolution, however the API lists them then."""
    sweep(scene, *(reversed(listed) if turned else listed))

    made = sorted(scene.actions("refund"), key=lambda one: one.key.n)
    assert expected == [(one.content["never_delivered"], one.content["from"]) for one in made]


def test_what_is_not_paid_yet_has_no_sum(scene):
    """Nothing was said of it: neither in what is kept nor in what a person is told."""
    sweep(scene, refund(1))

    assert {1: ("r1", None)} == waiting(scene)
    assert "paid" not in scene.action().holds[0]["reason"]


CREDIT = {"code": "SECRET-1", "creditValue": "5.00"}


@pytest.mark.parametrize(
    ("kind", "there", "said"),
    [
        ("STORE_CREDIT", [CREDIT], True),
        ("STORE_CREDIT", [], False),
        ("STORE_CREDIT", [CREDIT | {"deletedAt": OLD}], False),
        ("REFUND", [CREDIT], False),
    ],
    ids=["given", "not given", "taken back", "a refund"],
)
def test_credit_is_said_to_be_given_only_where_it_was(scene, kind, there, said):
    """Who hears that Order Protection gave the credit gives none: a customer without it would get nothing."""
    sweep(scene, refund(1) | {"resolutionType": kind}, claimStoreCredits=there)

    assert said is ("has given store credit" in scene.action().holds[0]["reason"])


def test_the_ids_of_the_order_are_learned_from_the_list(scene):
    """Of a claim that no webhook told of, a report names both."""
    sweep(scene, refund(1), orderId="op-1001")
    claim = scene.ledger.read(plans.claim, scene.store.id, "C1")

    assert ("1001", "op-1001") == (claim.order_id, claim.op_order_id)


@pytest.mark.parametrize("claim", ["C1", "C\u00e71"], ids=["usual", "other letters"])
def test_a_webhook_in_quarantine_is_named_whatever_its_claim_is_called(scene, claim):
    """Its bytes are searched for the id as a body spells it."""
    body = f'{{"topic":"claim.approved","body":{{"claim_id":"{claim}",}}}}'.encode()
    numbers = [scene.deliver(body + end, listed=None) for end in (b"", b" ")]
    scene.run()
    sweep(scene, refund(1), claim=claim)

    assert f"delivery {numbers[0]}, which may be its webhook, is quarantined" in scene.action().holds[0]["reason"]


def test_what_was_planned_a_moment_ago_is_compared_later(scene):
    """The list may be older than the decision that has just come, whatever date it bears."""
    scene.deliver(bodies.approved())
    scene.run()

    assert 0 == sweep(scene, refund(1, "21.00")).differences
    scene.clock.move(hours=1)
    assert 1 == sweep(scene, refund(1, "21.00")).differences


def test_a_further_webhook_of_a_planned_claim_keeps_nothing_from_being_seen(scene):
    """What was planned is compared as it is; what waits to be planned is another decision."""
    scene.deliver(bodies.approved())
    scene.run()
    scene.clock.move(hours=1)
    scene.deliver(bodies.approved(bodies.resolution(total="19.00"), event="evt-2"))

    found = sweep(scene, refund(1, Decimal("21.00")))
    assert (0, 1) == (found.waiting, found.differences)


def test_an_approval_of_the_very_moment_of_a_denial_is_not_missing(scene):
    """The denial stands, as it does for a webhook of that time."""
    scene.deliver(bodies.denied())
    scene.run()
    scene.clock.move(days=30)

    assert 0 == sweep(scene, refund(1), resolutionDate="2025-06-01T11:00:00Z").never_delivered
    assert [] == scene.actions()
