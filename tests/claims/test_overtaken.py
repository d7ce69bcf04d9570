"""What changes between a plan and its call counts, and so does what is decided while nobody knows how a call ended."""

import pytest

from op_core.errors import NotSupported, OrderNotFound
from op_core.hooks import hookimpl
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

TWENTY = bodies.resolution()
OTHER = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
RESHIP = bodies.resolution("RESHIP", bodies.item("2"), total="15.00")


def unsure(body):
    """Return a scene in which the first call failed, and nobody knows yet whether it landed. It did not."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "raise", ("reship", 1): "raise"}))
    scene.api.list_claim("C1")
    scene.deliver(bodies.created())
    scene.deliver(body)
    scene.plan()
    scene.act()
    assert ["unknown"] == scene.states()
    return scene


def decided(scene, *resolutions, event):
    scene.deliver(bodies.approved(*resolutions, event=event))
    scene.plan()


def test_what_is_decided_no_more_is_not_called_again():
    """The first decision did not land, and the last one does not name it: a person sees both before money moves."""
    scene = unsure(bodies.approved(TWENTY))
    decided(scene, OTHER, event="e2")
    scene.wait(minutes=30)

    assert ["held", "held"] == scene.states()
    assert ["amended"] == scene.holds()[0]
    assert [] == scene.shop.effects


def test_what_the_last_decision_names_again_is_called_again():
    """Of three decisions the last one counts, and it names the first one's refund."""
    scene = unsure(bodies.approved(TWENTY))
    decided(scene, OTHER, event="e2")
    decided(scene, TWENTY, RESHIP, event="e3")
    scene.wait(minutes=30)

    assert ["refund"] == [effect.verb for effect in scene.shop.effects]
    assert "done" == scene.states()[0]


def test_what_was_completed_meanwhile_is_called_again():
    """A whole body says what the short one said: that is no other decision, and the call is made once more."""
    scene = unsure(bodies.approved(RESHIP, dialect="camel"))
    decided(scene, RESHIP, event="e2")
    scene.wait(minutes=30)

    assert (["done"], 1) == (scene.states(), len(scene.shop.effects))


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (OrderNotFound("no order"), "order_not_found", "the shop has no such order any more"),
        (NotSupported("orders of the old shop are closed"), "not_supported", "orders of the old shop are closed"),
    ],
)
def test_an_order_that_can_be_read_no_more_holds_what_was_planned_for_it(error, code, reason):
    """It was there when the plan was made: nothing is called without a fresh look, and a person is told why."""

    class Forgets(ModelShop):
        lost = None

        @hookimpl
        def op_get_order(self, request):
            """Show the order as long as it is there."""
            if self.lost:
                raise self.lost
            return self.orders[request.order_id]

    scene = Scene.make(Forgets([an_order()]))
    scene.deliver(bodies.approved())
    scene.plan()
    scene.shop.lost = error
    scene.run()

    assert [(code, reason)] == [(found["code"], found["reason"]) for found in scene.action().holds]
    assert [] == scene.shop.effects
