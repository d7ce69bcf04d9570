"""Another decision that comes while a call is unsure counts once the shop says that the call did not land."""

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
