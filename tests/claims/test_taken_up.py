"""Taking up a delivery: what is told and kept of one that asks for a person, waits, or cannot be read any more."""

import pytest

from op_core.hooks import hookimpl
from op_core.ledger import erasure
from op_core.testing import bodies
from op_core.testing.scene import Scene


class Ear:
    """An observer that keeps what it hears."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def op_event(self, request):
        """Keep it."""
        if request.name in ("action.held", "delivery.quarantined"):
            self.heard.append((request.name, request.subject, dict(request.facts)))


@pytest.fixture
def ear():
    """Give an observer."""
    return Ear()


@pytest.fixture
def scene(ear):
    """Give a store in which nothing acts by itself, and which tells that observer."""
    return Scene.make(limits={"hold_above": {}}, observers={"ear": ear})


def test_observers_are_told_what_waits_and_for_which_order(scene, ear):
    """Whoever passes it on names the action, what it does, and the order that a person looks up."""
    scene.deliver(bodies.approved())
    scene.run()
    scene.desk.shop.observers.close()
    action = scene.action()

    said = {"verb": "refund", "reference": action.reference, "order_id": "1001"}
    assert [("action.held", "main-1/claim:C1/refund/1", said)] == ear.heard


def test_observers_are_told_why_a_delivery_was_not_read(scene, ear):
    """By its number, with the reason that is kept with it."""
    number = scene.deliver(b"nonsense")
    scene.run()
    scene.desk.shop.observers.close()
    (delivery,) = scene.deliveries()

    assert delivery.reason
    assert [("delivery.quarantined", str(number), {"reason": delivery.reason})] == ear.heard


def test_a_delivery_whose_body_is_gone_is_kept_aside(scene):
    """What it said nobody knows any more: nothing is guessed from what is left, and the reason says so."""
    scene.deliver(bodies.approved())
    (delivery,) = scene.deliveries()
    scene.ledger.write(erasure.drop_bodies, scene.store.id, [delivery.body_sha256])

    assert ["quarantined"] == scene.plan()
    assert "its body is gone" in scene.deliveries()[0].reason
    assert [] == scene.actions()


def test_a_delivery_that_waits_for_the_shop_keeps_its_form():
    """Whoever looks at what waits sees which form it came in, as of any other."""
    scene = Scene.make()
    scene.shop.away = "closed for the night"
    scene.deliver(bodies.approved())
    scene.run()
    (before,) = scene.deliveries()
    scene.shop.away = ""
    scene.wait(minutes=1)
    (after,) = scene.deliveries()

    assert ("received", "planned") == (before.state, after.state)
    assert before.shape
    assert before.shape == after.shape
