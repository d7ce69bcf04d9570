"""Each case of the order suite is killed by its own fault, with what would have happened in a shop."""

import inspect

import attrs
import pytest

from op_core import hookimpl
from op_core.errors import OrderNotFound
from op_core.money import Money
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop


class _Broken(ModelShop):
    """
    A shop with one fault: it tells each order as `told` makes it.

    Attributes:
        kills: The case that finds it.
        says: What that case says would happen.
        also: Other cases that find it too.
    """

    kills = ""
    says = ""
    also = ()

    def told(self, order):
        return order

    @hookimpl
    def op_get_order(self, request):
        return self.told(ModelShop.op_get_order(self, request))


class _Names(_Broken):
    """It has one field for a name."""

    kills = "order-is-as-the-shop-holds-it"
    says = "a refund or a replacement would be planned on wrong figures"
    also = ("order-is-as-odd-as-the-shop-holds-it",)

    def told(self, order):
        to = order.shipping_address
        return attrs.evolve(order, shipping_address=to and attrs.evolve(to, last_name=""))


class _Cents(_Broken):
    """It takes every amount for hundredths."""

    kills = "order-is-as-odd-as-the-shop-holds-it"
    says = "a claim for an order in dinar, which has thousandths would be planned on wrong figures"

    def told(self, order):
        return attrs.evolve(order, total=Money(order.total.amount.quantize(CENT), order.currency))


class _FiftyLines(_Broken):
    """It asks for an order's lines once, and the shop lists fifty at once."""

    kills = "order-is-as-odd-as-the-shop-holds-it"
    says = "a claim for an order with 120 lines would be planned on wrong figures"

    def told(self, order):
        return attrs.evolve(order, lines=order.lines[:50])


class _NeverRefunded(_Broken):
    """It tells what was captured, and not what was given back before."""

    kills = "order-knows-what-was-given-back-before"
    says = "the customer could be given back more than was paid, by 10.01 USD"

    def told(self, order):
        payments = [attrs.evolve(one, refunded=one.refunded - one.refunded) for one in order.payments]
        return attrs.evolve(order, payments=tuple(payments)) if not self.effects else order


class _Kept(_Broken):
    """It keeps the payments of an order that it has seen."""

    kills = "order-knows-what-we-gave-back"
    says = "the customer could be given back more than was paid, by 10.01 USD"

    def told(self, order):
        kept = vars(self).setdefault("kept", {})
        return attrs.evolve(order, payments=kept.setdefault(order.id, order.payments))


class _Yesterday(_Broken):
    """It keeps orders that it has seen."""

    kills = "order-is-as-it-is-now"
    says = "a refund would be checked against an order of yesterday"

    def told(self, order):
        kept = vars(self).setdefault("kept", {})
        return order if self.effects else kept.setdefault(order.id, order)


class _KeyError(_Broken):
    """It lets the shop's own error out."""

    kills = "order-is-not-found-where-there-is-none"
    says = "the claim would be asked for again and again"

    @hookimpl
    def op_get_order(self, request):
        if request.order_id.isalnum() and request.order_id not in self.orders:
            raise KeyError(request.order_id)
        return ModelShop.op_get_order(self, request)


class _Path(_Broken):
    """It puts an id into a path as it is."""

    kills = "order-is-no-other-order"
    says = "the claim of one customer could be paid from another's order"

    @hookimpl
    def op_get_order(self, request):
        found = request.order_id.rpartition("/")[2].partition("?")[0]
        if found not in self.orders:
            raise OrderNotFound
        return self.orders[found]


class _Claimed(_Broken):
    """It puts an id into a path as it is, and gives the order that it finds the id that was asked for."""

    kills = "order-is-no-other-order"
    says = "a refund could be made for an order that is not there"

    @hookimpl
    def op_get_order(self, request):
        found = self.orders.get(request.order_id.partition("#")[0].rstrip("/"))
        if found is None:
            raise OrderNotFound
        return attrs.evolve(found, id=request.order_id)


CENT = Money("0.01", "USD").amount
FAULTS = [one for one in list(globals().values()) if inspect.isclass(one) and getattr(one, "kills", "")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_each_fault_is_found_by_its_case(fault, failures):
    """The case that a fault is made for fails, says the harm, and no other fails but those that are named."""
    found = failures(kit.OrderSuite, lambda: Model(shop=fault), fault.kills)

    assert fault.says in found[fault.kills]
    assert {fault.kills, *fault.also} == set(found)


def test_each_case_has_its_fault():
    """No case is there that nothing can break."""
    assert {one.id for one in kit.cases([kit.OrderSuite])} == {fault.kills for fault in FAULTS}
