"""What the ledger learns of a claim from what is delivered, and what it says of each delivery."""

from datetime import UTC, datetime

import pytest

from op_core.ledger import plans
from op_core.ledger.plans import Claim
from op_core.testing import bodies
from op_core.testing.scene import Scene

ELEVEN = datetime(2025, 6, 1, 11, tzinfo=UTC)
SHORT = bodies.approved(dialect="camel")


def run(*deliveries):
    scene = Scene.make()
    scene.api.list_claim("C1")
    for body in deliveries:
        scene.deliver(body)
        scene.run()
    return scene


def listed(scene):
    return [(one.state, one.topic, one.claim_id, one.order_id) for one in scene.deliveries()]


@pytest.mark.parametrize(
    ("body", "approved_at", "denied_at"),
    [(bodies.created(), None, None), (bodies.approved(), ELEVEN, None), (bodies.denied(), None, ELEVEN)],
    ids=["filed", "approved", "denied"],
)
def test_a_delivery_says_which_order_a_claim_is_about_and_when_it_was_decided(body, approved_at, denied_at):
    """Both ids of the order: a short body names neither, and a report may need Order Protection's own."""
    claim = run(body).ledger.read(plans.claim, "main-1", "C1")

    assert Claim("main-1", "C1", "1001", "op-1001", approved_at, denied_at) == claim


def test_a_short_body_is_joined_to_the_order_that_an_approval_named():
    """No claim.created ever came; what the whole body said of the order holds for the short one."""
    reship = bodies.resolution("RESHIP", bodies.item("2"))
    scene = run(bodies.approved(), bodies.approved(bodies.resolution(), reship, dialect="camel"))

    assert {"1001"} == {one.order_id for one in scene.actions()}
    assert [["amended"]] == scene.holds("reship")


def test_a_claim_that_is_filed_twice_is_a_duplicate():
    """What says nothing new is listed as that; what names the order for the first time is not."""
    scene = run(bodies.created(), bodies.created(), bodies.created("C2", event="e2"))

    assert ["planned", "duplicate", "planned"] == [one.state for one in scene.deliveries()]
    assert "planned" == run(SHORT, bodies.created()).deliveries()[1].state


def test_every_delivery_about_a_claim_is_listed_with_the_order_that_is_known():
    """Also one that names none, planned or a duplicate: whoever asks for an order is shown all that was said of it."""
    scene = run(bodies.created(), SHORT, SHORT)
    about = ("C1", "1001")

    assert [
        ("planned", "claim.created", *about),
        ("planned", "claim.approved", *about),
        ("duplicate", "claim.approved", *about),
    ] == listed(scene)


def test_a_denial_that_was_sent_before_the_approval_stops_nothing():
    """Deliveries come in any order; the later word counts, whenever the earlier one arrives."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.plan()
    scene.deliver(bodies.denied().replace(b"T11:00:00Z", b"T10:00:00Z"))
    scene.run()

    assert (["done"], [[]]) == (scene.states(), scene.holds())


def test_an_item_without_an_id_is_none_that_the_api_lists_without_one():
    """Both are unnamed, which makes them no pair: another item than was decided would be sent."""
    scene = Scene.make()
    scene.api.orders["1001"] = {"orderItems": [{"id": "op-item-7", "sourceItemId": "1"}, {"sourceItemId": "2"}]}
    scene.deliver(bodies.approved(bodies.resolution("RESHIP", bodies.item("op-item-7"), bodies.item(None))))
    scene.run()

    assert [["line_unknown"]] == scene.holds()
    assert ["get_order"] == scene.api.calls


def test_what_a_person_did_before_its_order_was_known_counts_for_that_order():
    """The short body was done by hand; once the whole one names the order, no more is given back than was paid."""
    scene = run(SHORT)
    scene.record(scene.action(), done="by-hand-1")
    scene.deliver(bodies.approved())
    scene.run()
    assert ("done", "1001", "20.00 USD") == (scene.action().state, scene.action().order_id, str(scene.action().worth))

    more = bodies.resolution("REFUND", bodies.item("2", 1, "40.01"), total="40.01")
    scene.deliver(bodies.approved(more, claim="C2", event="e2"))
    scene.run()
    assert [[], ["above_paid"]] == scene.holds()
