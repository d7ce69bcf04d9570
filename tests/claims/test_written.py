"""What is written down of a delivery and of its plan: what it was about, and which word of a person still counts."""

import attrs
import pytest

from op_core.ledger import actions
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

RESHIP = bodies.resolution("RESHIP")
SHORT = bodies.approved(RESHIP, dialect="camel")


@pytest.fixture
def scene():
    """Give a store."""
    return Scene.make()


def take(scene, *deliveries):
    for body in deliveries:
        scene.deliver(body)
        scene.plan()


# --- A delivery ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "topic", "dialect", "event_id", "claim_id"),
    [
        (bodies.created(), "claim.created", "reference", "evt-created", "C1"),
        (bodies.approved(), "claim.approved", "reference", "evt-approved", "C1"),
        (bodies.approved(dialect="slash"), "claim.approved", "slash", None, "C1"),
        (bodies.denied(), "claim.denied", "reference", "evt-denied", "C1"),
        (bodies.message(), "message.created", "reference", "evt-message", "C1"),
        (bodies.message(claim=None), "message.created", "reference", "evt-message", None),
        (bodies.protection(added=True, event="e1"), "protection.added", "reference", "e1", None),
        (bodies.protection(added=False, dialect="slash"), "protection.removed", "slash", None, None),
    ],
)
def test_a_delivery_keeps_what_it_was_about(scene, body, topic, dialect, event_id, claim_id):
    """A list of what came, a repeat of it and its erasure all go by what was written here."""
    scene.clock.move(minutes=5)
    take(scene, body)
    (one,) = scene.deliveries()

    assert ("planned", scene.clock(), None) == (one.state, one.settled_at, one.reason)
    assert (topic, dialect, event_id) == (one.topic, one.dialect, one.event_id)
    assert (claim_id, "1001") == (one.claim_id, one.order_id)
    assert one.content_hash
    assert one.shape


def test_a_short_body_keeps_the_order_that_an_earlier_one_named(scene):
    """It names none itself: whoever looks for what came about an order finds it all the same."""
    take(scene, bodies.created(), SHORT)

    assert [("claim.created", "1001"), ("claim.approved", "1001")] == [
        (one.topic, one.order_id) for one in scene.deliveries()
    ]
    assert "camel" == scene.deliveries()[1].dialect


def test_a_delivery_that_waited_says_no_more_why(scene):
    """The shop could not be asked; now it was, and the delivery is planned."""
    scene.shop.away = "it is closed for the night"
    take(scene, bodies.approved())
    assert [("received", True)] == [(one.state, bool(one.reason)) for one in scene.deliveries()]
    scene.shop.away = ""
    scene.wait(hours=1)

    assert [("planned", None)] == [(one.state, one.reason) for one in scene.deliveries()]


# --- A plan that takes the place of another one --------------------------------------------------------------------


def test_a_word_for_one_plan_is_none_for_the_plan_that_takes_its_place():
    """Let pass although the API does not list the claim; then the address came: the API is asked about that anew."""
    scene = Scene.make()
    scene.deliver(bodies.created())
    scene.deliver(SHORT)
    scene.run()
    assert [["not_confirmed"]] == scene.holds()
    scene.approve(scene.action())
    elsewhere = bodies.resolution("RESHIP", shipping_address=bodies.ADDRESS)
    scene.deliver(bodies.approved(elsewhere, event="e2"), listed=None)
    scene.plan()

    after = scene.action()
    assert ("due", [], None) == (after.state, after.passed, after.approved_hash)
    scene.run()
    assert ([], [["not_confirmed"]]) == (scene.shop.effects, scene.holds())
    scene.approve(scene.action(), plan=scene.action().content_hash)
    scene.run()
    assert ["2 Example Road"] == [effect.address.street_address_1 for effect in scene.shop.effects]


def test_what_waits_for_a_person_is_not_the_plan_that_was_approved(scene):
    """Approved, and denied before it began: it shows no plan as approved, for nobody approved it in spite of that."""
    scene.deliver(bodies.approved(), listed="DENIED")
    scene.run()
    scene.approve(scene.action())
    take(scene, bodies.denied())

    assert ("held", None) == (scene.action().state, scene.action().approved_hash)


# --- What a person's done action was about -------------------------------------------------------------------------


def test_what_is_learned_of_a_done_action_counts_for_its_order():
    """Recorded before anybody named the order: units and money count there once the whole body came."""
    lines = tuple(attrs.evolve(line, quantity=1) for line in an_order().lines)
    scene = Scene.make(ModelShop([an_order(lines=lines)]))
    take(scene, bodies.approved(dialect="camel"))
    scene.record(scene.action(), "by-hand")
    assert None is scene.action().order_id
    take(scene, bodies.approved())

    done, delivery = scene.action(), scene.deliveries()[1]
    assert ("1001", delivery.id, Money("20.00", "USD")) == (done.order_id, done.delivery_id, done.worth)
    assert ("REFUND", [["1", 1]]) == (done.content["from"], done.content["lines"])
    (*_, (who, what)) = [(one["who"], one["what"]) for one in scene.ledger.read(actions.decisions_of, done.id)]
    assert ("op-core", "learned") == (who, what)
    more = bodies.resolution("REFUND", bodies.item("1", 1, "45.00"), total="45.00")
    scene.deliver(bodies.approved(more, claim="C2", event="e2"))
    scene.run()
    assert {"above_paid", "above_ordered"} == set(scene.holds()[1])
    assert [] == scene.shop.effects
