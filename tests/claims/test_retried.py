"""A retry plans anew what waits as a whole, and only calls again where a part of it has begun."""

import attrs
import pytest

from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


def usd(amount):
    return Money(amount, "USD")


def paid(*amounts, refunded="0.00"):
    return tuple(Payment(f"pay-{n}", usd(each), usd(refunded)) for n, each in enumerate(amounts, 1))


def given(scene):
    return [(effect.payment_id, str(effect.amount)) for effect in scene.shop.effects]


def homeless(other, **changes):
    """Return a scene of two decisions: a reship that has nowhere to go, and *other*."""
    scene = Scene.make(ModelShop([an_order(shipping_address=None, billing_address=None, **changes)]))
    scene.deliver(bodies.approved(other, bodies.resolution("RESHIP", bodies.item("2"), total="15.00")))
    scene.run()
    assert [["address"]] == scene.holds("reship")
    return scene


def mend(scene):
    """Let the order have an address, and retry the reship."""
    address = an_order().shipping_address
    scene.shop.orders["1001"] = attrs.evolve(scene.shop.orders["1001"], shipping_address=address)
    scene.retry(scene.action("reship"))
    scene.run()


@pytest.mark.parametrize(
    ("payments", "parts"),
    [(paid("60.00"), ["20.00 USD"]), (paid("10.00", "25.00", "25.00"), ["10.00 USD", "10.00 USD"])],
    ids=["one payment", "several payments"],
)
def test_a_refund_that_is_done_is_not_planned_anew(payments, parts):
    """The reship of the claim goes to its new address; of the refund beside it nothing is given back again."""
    scene = homeless(bodies.resolution(), payments=payments)
    mend(scene)

    assert ["done"] == scene.states("reship")
    assert ["done"] * len(parts) == scene.states("refund")
    assert [*parts, None] == [effect.amount and str(effect.amount) for effect in scene.shop.effects]


def test_what_waits_for_a_judgement_waits_on_once():
    """The store credit is for a person to decide; that the reship is planned anew makes no second one of it."""
    scene = homeless(bodies.resolution("STORE_CREDIT"))
    mend(scene)

    assert (["done"], [["setting"]]) == (scene.states("reship"), scene.holds("store_credit"))


def test_a_part_that_never_reached_the_shop_is_called_again():
    """The first part is done, so that nothing is planned anew: the second is given back as it was planned."""
    scene = Scene.make(ModelShop([an_order(payments=paid("15.00", "45.00"))]), timing={"attempts": 1})
    scene.shop.faults = lambda verb, _: "not_sent" if verb == "refund" and scene.shop.effects else "ok"
    scene.deliver(bodies.approved())
    scene.run()
    assert [[], ["never_sent"]] == scene.holds()
    scene.shop.faults = {}
    scene.retry(scene.actions()[1])
    scene.run()

    assert [("pay-1", "15.00 USD"), ("pay-2", "5.00 USD")] == given(scene)


@pytest.mark.parametrize(
    ("mended", "parts"),
    [(paid("15.00", "45.00"), [("pay-1", "15.00 USD"), ("pay-2", "5.00 USD")]), (paid("15.00"), [])],
    ids=["enough", "too little"],
)
def test_a_refund_is_shared_out_by_what_is_left_now(mended, parts):
    """What exceeded the payments is split over them once they have enough; as long as they have not, it waits."""
    scene = Scene.make(ModelShop([an_order(payments=paid("15.00", refunded="15.00"))]))
    scene.deliver(bodies.approved())
    scene.run()
    assert [["above_paid"]] == scene.holds()
    scene.shop.orders["1001"] = an_order(payments=mended)
    scene.retry(scene.action())
    scene.run()

    assert parts == given(scene)
    assert (["done"] * len(parts) or ["held"]) == scene.states()


def test_a_decision_that_was_replaced_and_came_back_is_planned_anew():
    """What stood for it before another decision came is over: the refund is shared out by what is left now."""
    refund, less = bodies.resolution(), bodies.resolution("REFUND", bodies.item(price="12.00"), total="12.00")
    scene = Scene.make()
    for n, said in enumerate([[refund], [less], [refund, bodies.resolution("RESHIP", bodies.item("2"))]]):
        scene.deliver(bodies.approved(*said, event=f"e{n}"))
        scene.plan()
        if n > 0:
            scene.approve(scene.actions("refund")[n])
        if n == 1:
            scene.shop.faults = {("refund", 1): "refuse"}
            scene.act()
            scene.shop.faults = {}
    assert ["replaced", "replaced", "due"] == scene.states("refund")
    scene.shop.orders["1001"] = an_order(payments=paid("15.00", refunded="15.00"))
    scene.run()
    assert ["above_paid"] == scene.holds("refund")[2]
    scene.shop.orders["1001"] = an_order(payments=paid("15.00", "45.00"))
    scene.retry(scene.actions("refund")[2])
    scene.run()

    assert [("pay-1", "15.00 USD"), ("pay-2", "5.00 USD")] == given(scene)


def test_a_note_that_never_reached_the_shop_is_written_after_all():
    """A note is no decision that could be planned anew: it is called again."""
    scene = Scene.make(timing={"attempts": 1})
    scene.shop.faults = {("note", 1): "not_sent"}
    scene.deliver(bodies.message())
    scene.run()
    assert [["never_sent"]] == scene.holds()
    scene.retry(scene.action())
    scene.run()

    assert ["Claim opened."] == [effect.text for effect in scene.shop.effects]
    assert ["done"] == scene.states()
