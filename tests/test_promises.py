"""What an adapter answers is checked down to its parts, and a wrong one is named."""

import pytest

from op_core.errors import ContractBroken
from op_core.hooks import hookimpl
from op_core.models import (
    CannotTell,
    Found,
    Fulfillment,
    FulfillmentStatus,
    LineQuantity,
    OrderPage,
    Outcome,
    ProductPage,
    Stock,
)
from op_core.requests import FindRequest, OperationKey
from op_core.storefront import Storefront
from op_core.testing import bodies
from op_core.testing.clock import START
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

ORDER = an_order()
PARCEL = Fulfillment("F1", "1001", FulfillmentStatus.FULFILLED, (LineQuantity("1", 1),), START)
MOVED = Outcome("done", shop_id="1", money="moved")
FIND = FindRequest("main", OperationKey("main-1", "claim:C1", "refund", 1), "OP-1", ORDER)


class Answering(ModelShop):
    """Whose every question is answered with *said*."""

    said = None

    @hookimpl
    def op_check_stock(self, request):
        """Answer."""
        return self.said

    @hookimpl
    def op_lookup_fulfillments(self, request):
        """Answer."""
        return self.said

    @hookimpl
    def op_export_orders(self, request):
        """Answer."""
        return self.said

    @hookimpl
    def op_export_products(self, request):
        """Answer."""
        return self.said

    @hookimpl
    def op_find_refund(self, request):
        """Answer."""
        return self.said


def answering(said):
    shop = Answering([ORDER])
    shop.said = said
    return Storefront.of("main", shop)


def stock(shop):
    return shop.check_stock(ORDER, (LineQuantity("1", 1),))


def parcels(shop):
    return shop.lookup_fulfillments(("1001",))


def orders(shop):
    return shop.export_orders(None, None, 10)


def products(shop):
    return shop.export_products(None, None, 10)


@pytest.mark.parametrize(
    ("ask", "said", "named"),
    [
        (stock, None, "op_check_stock answered NoneType, expected tuple"),
        (stock, ("x",), "op_check_stock answered str among the stock, expected nothing but Stock"),
        (stock, (Stock("1", "3"),), "op_check_stock answered str as available units, expected int, or None"),
        (stock, (Stock("1", True),), "op_check_stock answered bool as available units"),  # noqa: FBT003 - the wrong value
        (parcels, [PARCEL], "op_lookup_fulfillments answered list, expected mapping"),
        (parcels, {"1001": None}, "op_lookup_fulfillments answered NoneType as the fulfillments of an order"),
        (parcels, {"1001": PARCEL}, "answered Fulfillment as the fulfillments of an order, expected a tuple of Fulf"),
        (parcels, {"1001": ("x",)}, "op_lookup_fulfillments answered str among the fulfillments of an order"),
        (parcels, {1001: (PARCEL,)}, "op_lookup_fulfillments answered a mapping with int as key, expected order ids"),
        (parcels, {"1002": (PARCEL,)}, "op_lookup_fulfillments answered a fulfillment under the id of another order"),
        (orders, [ORDER], "op_export_orders answered list, expected OrderPage"),
        (orders, OrderPage((ORDER, "x"), None, done=True), "op_export_orders answered str among the orders of a page"),
        (orders, OrderPage(None, None, done=True), "op_export_orders answered NoneType as the orders of a page"),
        (products, ProductPage(("x",), None, done=True), "op_export_products answered str among the products"),
    ],
)  # fmt: skip
def test_a_wrong_part_is_a_broken_contract(ask, said, named):
    """The text names the hook, what was found and what was expected, and no value."""
    with pytest.raises(ContractBroken, match=named):
        ask(answering(said))


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (stock, (Stock("1", 3), Stock("2"))),
        (stock, ()),
        (parcels, {"1001": (PARCEL,)}),
        (parcels, {"1001": [PARCEL], "1002": ()}),
        (orders, OrderPage([ORDER], None, done=True)),
    ],
)
def test_what_is_whole_is_taken_as_it_is(ask, said):
    """A list does for a tuple of parts, as Python's authors write it."""
    assert said == ask(answering(said))


@pytest.mark.parametrize("said", [Found(None), Found(MOVED, None), Found(MOVED, ("x",))])
def test_a_find_that_is_not_whole_says_nothing(said):
    """A person looks, rather than the same fault for ever."""
    told = answering(said).find("refund", FIND)

    assert isinstance(told, CannotTell)
    assert "op_find_refund answered" in told.reason


def test_wrong_stock_is_named_beside_the_action():
    """The reason tells the adapter's author what to mend; nothing is called meanwhile."""
    shop = Answering([ORDER])
    shop.said = ("x",)
    scene = Scene.make(shop)
    scene.deliver(bodies.approved(bodies.resolution("RESHIP", bodies.item("1"), total="20.00")))
    scene.plan()
    scene.act()

    assert "op_check_stock answered str among the stock" in scene.action().reason
    assert [] == scene.shop.effects


# --- How money moves, declared in advance --------------------------------------------------------------------------

QUEUED = Outcome("pending", shop_id="1", money="queued")
BOOKED = Outcome("done", shop_id="1", money="booked")


class Declaring(ModelShop):
    """It declares how money moves, and answers *said* to a call and to a question."""

    said = MOVED

    @hookimpl
    def op_issue_refund(self, request):
        """Act, and answer."""
        super().op_issue_refund(request)
        return self.said

    @hookimpl
    def op_find_refund(self, request):
        """Answer."""
        return Found(self.said)


def declaring(declared, said):
    shop = Declaring([ORDER], money=declared)
    shop.said = said
    scene = Scene.make(shop)
    scene.deliver(bodies.approved())
    scene.run()
    return scene


@pytest.mark.parametrize(
    ("declared", "said", "state"),
    [
        (None, MOVED, "done"),
        (None, BOOKED, "done"),
        ("moved", MOVED, "done"),
        ("booked", BOOKED, "done"),
        ("queued", QUEUED, "pending"),
        ("queued", MOVED, "done"),  # the shop's job has paid
        ("moved", Outcome("pending", shop_id="1"), "pending"),
    ],
)
def test_an_outcome_as_it_was_declared_is_believed(declared, said, state):
    """What was queued has moved once it is done; what is pending need not say it."""
    scene = declaring(declared, said)

    assert (state, said.money) == (scene.action().state, scene.action().money)


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("booked", MOVED),
        ("booked", QUEUED),
        ("moved", BOOKED),
        ("moved", QUEUED),
        ("queued", BOOKED),
    ],
)
def test_an_outcome_other_than_declared_is_for_a_person(declared, said):
    """Neither told as paid nor as to be paid: unknown, with the shop's id and both words, and never called again."""
    scene = declaring(declared, said)
    scene.wait(days=1)
    action = scene.action()

    assert (("unknown", "1", None), [["cannot_ask"]]) == ((action.state, action.shop_id, action.money), scene.holds())
    assert f"is {said.money}; the adapter declared {declared}" in action.holds[0]["reason"]
    assert f"the money of 1 is {said.money}; the adapter declared {declared}" in action.reason
    assert 1 == len(scene.shop.effects)
    assert [] == scene.reports()


def test_a_refusal_moves_no_money():
    """Whatever word it carries, it stays a refusal."""
    assert "refused" == declaring("moved", Outcome("refused", money="booked")).action().state
