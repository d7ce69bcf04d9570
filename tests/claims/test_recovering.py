"""After a restore of an older ledger every action is looked up before it may call."""

import pytest

from op_core.ledger import stores
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

RESHIP = bodies.approved(bodies.resolution("RESHIP"))


def a_scene(shop, body=RESHIP):
    """Give a store with an older ledger: what *shop* has done is not in it."""
    scene = Scene.make(shop)
    scene.ledger.write(stores.set_fact, "recovering", "yes")
    scene.deliver(body)
    return scene


NEARLY_ALL = bodies.approved(
    bodies.resolution("REFUND", bodies.item("1", 2, "20.00"), bodies.item("2", 1, "15.00"), total="55.00")
)


@pytest.mark.parametrize(
    "body", [RESHIP, bodies.approved(), NEARLY_ALL, bodies.message()], ids=["reship", "refund", "nearly all", "note"]
)
def test_what_the_lost_ledger_did_is_found_under_the_same_reference(body):
    """The reference follows from the key alone, so that an older ledger asks the shop under the same one."""
    shop = ModelShop([an_order()])
    first = Scene.make(shop)
    first.deliver(body)
    first.run()
    scene = a_scene(shop, body)
    scene.run()

    assert ["done"] == scene.states()
    assert 1 == len(shop.effects)
    assert shop.effects[0].shop_id == scene.action().shop_id


def test_what_the_shop_does_not_hold_is_done():
    """Asked, not there: called."""
    shop = ModelShop([an_order()])
    scene = a_scene(shop)
    scene.run()

    assert ["find_reship", "reship"] == [call.verb for call in shop.calls]
    assert ["done"] == scene.states()


def test_a_shop_that_cannot_be_asked_is_held():
    """Nobody knows what the lost ledger did."""
    shop = ModelShop([an_order()], find=False)
    scene = a_scene(shop)
    scene.run()

    assert [["cannot_ask"]] == scene.holds()
    assert [] == shop.effects


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_pending_or_doubled_is_for_a_person(count):
    """The shop holds it in a form that is not simply done: nothing is called."""
    shop = ModelShop([an_order()], faults={("reship", 1): "pending"})
    first = Scene.make(shop)
    first.deliver(RESHIP)
    first.run()
    shop.effects *= count
    scene = a_scene(shop)
    scene.run()

    assert [["doubled"]] == scene.holds()
    assert 1 == [call.verb for call in shop.calls].count("reship")


def test_while_the_shop_does_not_answer_nothing_is_called():
    """An outage during recovery is waited out."""
    shop = ModelShop([an_order()], faults={("find_reship", 1): "raise"})
    scene = a_scene(shop)
    scene.run()
    assert ["due"] == scene.states()
    assert [] == shop.effects

    scene.wait(minutes=1)
    assert ["done"] == scene.states()


def test_when_recovery_is_over_nothing_is_looked_up_first():
    """The fact taken away, calls go out as ever."""
    shop = ModelShop([an_order()])
    scene = a_scene(shop)
    scene.ledger.write(stores.set_fact, "recovering", None)
    scene.run()

    assert ["reship"] == [call.verb for call in shop.calls]
