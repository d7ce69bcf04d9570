"""Which line of the order is meant: the shop's item id, the API's own id, a SKU that is unique; else held."""

import attrs
import pytest

from op_core.errors import ServerFailed
from op_core.testing import bodies
from op_core.testing.api import ScriptedApi
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

THERE = {"orderItems": [{"id": "op-item-7", "sourceItemId": "2"}, {"id": "op-item-8", "sourceItemId": "99"}]}


def lines_for(item, *, order=None, api=None):
    scene = Scene.make(ModelShop([order or an_order()]))
    if api is not None:
        scene.api.orders["1001"] = api
    scene.deliver(bodies.approved(bodies.resolution("RESHIP", item)))
    scene.plan()
    action = scene.action()
    return action.content["lines"] if action.state == "due" else [hold["code"] for hold in action.holds]


@pytest.mark.parametrize(
    ("item", "lines"),
    [
        (bodies.item("2"), [["2", 1]]),
        (bodies.item("2", sku="MUG-BLUE"), [["2", 1]]),
        (bodies.item("op-item-7"), [["2", 1]]),
        (bodies.item("op-item-7", sku="MUG-BLUE"), [["2", 1]]),
        (bodies.item("nobody-knows", sku="MUG-BLUE"), [["1", 1]]),
        (bodies.item(None, sku="BOOK-3"), [["2", 1]]),
        (bodies.item("nobody-knows"), ["line_unknown"]),
        (bodies.item("op-item-8"), ["line_unknown"]),
        (bodies.item(None, sku="NO-SUCH"), ["line_unknown"]),
        (bodies.item(None), ["line_unknown"]),
    ],
    ids=["item id", "item id before SKU", "API's id", "API's id before SKU", "SKU", "SKU alone", "nothing fits",
         "API's id of no line", "no such SKU", "no id at all"],
)  # fmt: skip
def test_a_line_is_found_by_the_first_that_fits(item, lines):
    """Source item id, then the API's own id through GET order, then SKU; else held."""
    assert lines == lines_for(item, api=THERE)


def test_a_sku_on_two_lines_says_nothing():
    """SKU only where it is unique in the order."""
    order = an_order()
    twice = attrs.evolve(order, lines=(order.lines[0], attrs.evolve(order.lines[1], sku="MUG-BLUE")))

    assert ["line_unknown"] == lines_for(bodies.item(None, sku="MUG-BLUE"), order=twice)


def test_an_empty_sku_is_no_sku():
    """Lines without SKU are not alike."""
    order = an_order()
    bare = attrs.evolve(order, lines=(attrs.evolve(order.lines[0], sku=""), order.lines[1]))

    assert ["line_unknown"] == lines_for(bodies.item(None, sku=""), order=bare)


def test_the_api_is_asked_only_where_it_is_needed():
    """An item that the shop knows costs no call."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.plan()

    assert [] == scene.api.calls


def test_while_the_api_does_not_answer_the_delivery_waits():
    """It is taken up later; nothing is held for an outage."""
    scene = Scene.make()
    scene.api.orders["1001"] = THERE
    scene.api.faults["get_order"] = [ServerFailed("down", status=503)]
    scene.deliver(bodies.approved(bodies.resolution("RESHIP", bodies.item("op-item-7"))))

    assert ["received"] == scene.plan()
    assert [] == scene.plan(), "not at once: who is down is not asked without end"
    scene.wait(minutes=1)
    assert ["done"] == scene.states()


def test_an_order_that_the_shop_does_not_have_is_held():
    """The decision names it; the shop has none; a person looks, and is shown the items as they were said."""
    scene = Scene.make()
    items = (bodies.item("1", 2), bodies.item(None, sku="MUG-BLUE"), bodies.item(None))
    scene.deliver(bodies.approved(bodies.resolution("REFUND", *items), order="9"))
    scene.run()

    assert [["order_not_found"]] == scene.holds()
    assert {("1", 2), ("MUG-BLUE", 1), ("?", 1)} == {tuple(line) for line in scene.action().content["lines"]}
    assert "REFUND" == scene.action().content["from"]


def test_a_decision_that_names_no_item_is_held():
    """An amount alone says nothing of what it is for, and no cap of units could stop it."""
    scene = Scene.make()
    bare = bodies.resolution()
    bare["details"]["items"] = []
    scene.deliver(bodies.approved(bare))
    scene.run()

    assert "line_unknown" in scene.holds()[0]
    assert [] == scene.shop.effects


def test_a_scripted_api_is_what_the_desk_asks_for():
    """The double has every method of the protocol."""
    wanted = {"claims_of_order", "get_order", "create_order", "send"}

    assert wanted <= set(dir(ScriptedApi))
