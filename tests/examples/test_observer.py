"""The example of an observer, beside a real plan."""

import sys
from pathlib import Path

import attrs
import pytest

from op_core.plugins import StoreInfo
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

ROOT = Path(__file__).parents[2] / "examples" / "observer"


@pytest.fixture
def observer(monkeypatch):
    """Return the observer of a store."""
    monkeypatch.syspath_prepend(ROOT)
    yield __import__("op_second_look").SecondLook(StoreInfo("main", "main-1", ROOT))
    sys.modules.pop("op_second_look")


@pytest.mark.parametrize(("units", "state"), [(9, "done"), (10, "held")])
def test_many_units_wait_for_a_person(observer, units, state):
    """Nine are sent, ten wait, with the reason; both are heard of."""
    order = an_order()
    order = attrs.evolve(order, lines=(attrs.evolve(order.lines[0], quantity=12), *order.lines[1:]))
    scene = Scene.make(ModelShop([order]), observers={"second_look": observer})
    scene.deliver(bodies.approved(bodies.resolution("RESHIP", bodies.item("1", units))))
    scene.run()

    assert [state] == scene.states()
    assert (state == "held") == ("10 units would be sent again" in str(scene.action().holds))
    assert observer.heard[f"action.{state}"]
