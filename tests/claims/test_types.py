"""Types of resolutions: two are known, two are assumptions with a switch, the rest waits in quarantine."""

import pytest

from op_core.testing import bodies
from op_core.testing.scene import Scene

FLAT = bodies.resolution("FLAT_RATE", bodies.item("1", 2, resolution_flat_amount="7.50"), total="15.00")
CREDIT = bodies.resolution("STORE_CREDIT", bodies.item("1"), total="20.00")


@pytest.mark.parametrize(
    ("said", "verb", "switch"),
    [(FLAT, "refund", "flat_rate"), (CREDIT, "store_credit", "store_credit")],
    ids=["FLAT_RATE", "STORE_CREDIT"],
)
@pytest.mark.parametrize("value", ["hold", "act"])
def test_assumed_types_act_only_where_the_store_says_so(said, verb, switch, value):
    """FLAT_RATE and STORE_CREDIT (G-6) have a switch per store, ``act`` or ``hold``."""
    scene = Scene.make(resolutions={switch: value})
    scene.deliver(bodies.approved(said))
    scene.run()

    assert [["setting"] if value == "hold" else []] == scene.holds()
    assert ([] if value == "hold" else [verb]) == [effect.verb for effect in scene.shop.effects]


@pytest.mark.parametrize("said", [FLAT, CREDIT], ids=["FLAT_RATE", "STORE_CREDIT"])
def test_assumed_types_are_held_by_default(said):
    """Nobody acts on an assumption without having been told to; a person may approve one."""
    scene = Scene.make()
    scene.deliver(bodies.approved(said))
    scene.run()

    assert [["setting"]] == scene.holds()
    scene.approve(scene.action())
    scene.run()
    assert ["done"] == scene.states()


def test_flat_amounts_are_what_the_lines_come_to():
    """FLAT_RATE is read from the flat amounts alone: price, discount and tax say nothing."""
    scene = Scene.make(resolutions={"flat_rate": "act"})
    scene.deliver(bodies.approved(bodies.resolution("FLAT_RATE", bodies.item("1", 1, "20.00"), total="20.00")))
    scene.run()

    assert [["no_reading"]] == scene.holds()


def test_any_other_type_is_quarantined():
    """An unknown type is never guessed at, and takes the known ones of its claim along."""
    scene = Scene.make()
    scene.deliver(bodies.approved(bodies.resolution("REFUND"), bodies.resolution("GIFT")))
    scene.run()

    (delivery,) = scene.deliveries()
    assert "quarantined" == delivery.state
    assert "'GIFT'" in delivery.reason
    assert [] == scene.actions()


def test_a_type_may_be_written_in_any_letters():
    """``refund`` is REFUND."""
    scene = Scene.make()
    scene.deliver(bodies.approved(bodies.resolution("refund")))
    scene.run()

    assert ["done"] == scene.states("refund")
