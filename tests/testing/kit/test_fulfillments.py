"""Each case of the fulfillment suite is killed by its own fault, with what would have happened in a shop."""

import inspect

import attrs
import pytest

from op_core import hookimpl
from op_core.errors import OrderNotFound
from op_core.models import LineQuantity
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop


class _Broken(ModelShop):
    """
    A shop with one fault: it tells the parcels of an order as `told` makes them.

    Attributes:
        kills: The case that finds it.
        says: What that case says would happen.
        also: Other cases that find it too.
    """

    kills = ""
    says = ""
    also = ()

    def told(self, order_id, parcels):
        return parcels

    @hookimpl
    def op_lookup_fulfillments(self, request):
        found = ModelShop.op_lookup_fulfillments(self, request)
        return {order_id: tuple(self.told(order_id, parcels)) for order_id, parcels in found.items()}


class _WholeLines(_Broken):
    """It takes a line that is in a parcel for a whole one."""

    kills = "fulfillments-hold-each-unit-once"
    says = "units that nobody sent could be claimed as lost"
    also = ("fulfillments-keep-the-tracking-of-each", "fulfillments-tell-what-has-arrived")

    def told(self, order_id, parcels):
        units = {line.line_id: line.quantity for one in parcels for line in one.lines}
        if len(parcels) < 2 or len(self.orders) > 1:
            return parcels
        return [attrs.evolve(one, lines=tuple(LineQuantity(each, 3) for each in units)) for one in parcels]


class _AllSent(_Broken):
    """Once something is sent, it tells all as sent."""

    kills = "fulfillments-hold-what-was-sent-alone"
    says = "units that nobody sent could be claimed as lost"
    also = (
        "fulfillments-belong-to-their-own-order",
        "fulfillments-come-beside-an-order-that-is-gone",
        "fulfillments-may-be-none",
    )

    def told(self, order_id, parcels):
        order = self.orders.get(order_id)
        if len(parcels) != 1 or order is None:
            return parcels
        return [attrs.evolve(parcels[0], lines=tuple(LineQuantity(one.id, one.quantity) for one in order.lines))]


class _LastNumber(_Broken):
    """It keeps one tracking number for an order."""

    kills = "fulfillments-keep-the-tracking-of-each"
    says = "a lost parcel could not be traced"

    def told(self, order_id, parcels):
        return [attrs.evolve(one, tracking_numbers=parcels[-1].tracking_numbers) for one in parcels]


class _FirstNumber(_Broken):
    """It keeps one tracking number for a parcel."""

    kills = "fulfillments-keep-every-number-of-one"
    says = "a box that is lost could not be traced"

    def told(self, order_id, parcels):
        return [attrs.evolve(one, tracking_numbers=one.tracking_numbers[:1]) for one in parcels]


class _AsAsked(_Broken):
    """It takes the shop's answers to come in the order of its questions."""

    kills = "fulfillments-belong-to-their-own-order"
    says = "a customer would be told of a parcel that is somebody else's"

    @hookimpl
    def op_lookup_fulfillments(self, request):
        found = ModelShop.op_lookup_fulfillments(self, request)
        return found if len(found) != 3 else dict(zip(found, (found[each] for each in sorted(found)), strict=True))


class _NoneIsOne(_Broken):
    """It tells an order that is not sent as one parcel of all that is in it."""

    kills = "fulfillments-may-be-none"
    says = "a customer could claim as lost what nobody has sent"

    def told(self, order_id, parcels):
        other = next(iter(self.parcels))
        return parcels or ([attrs.evolve(other, order_id=order_id)] if order_id in self.orders else ())


class _AllOrNothing(_Broken):
    """An order that is gone stops it."""

    kills = "fulfillments-come-beside-an-order-that-is-gone"
    says = "one deleted order would stop the parcels of all others"

    def told(self, order_id, parcels):
        if order_id not in self.orders:
            raise OrderNotFound
        return parcels


class _OtherIds(_Broken):
    """It names a parcel's lines by ids of the parcel."""

    kills = "fulfillments-name-the-lines-of-the-order"
    says = "a claim could not tell what was in the parcel"

    def told(self, order_id, parcels):
        if [len(one.lines) for one in parcels] != [2]:
            return parcels
        return [attrs.evolve(one, lines=tuple(LineQuantity(f"{one.id}-1", 1) for _ in one.lines)) for one in parcels]


class _NewIds(_Broken):
    """It makes an id for a parcel whenever it is asked."""

    kills = "fulfillments-keep-their-ids"
    says = "each export would tell of new parcels"

    def told(self, order_id, parcels):
        vars(self)["asked"] = asked = vars(self).get("asked", 0) + 1
        return [attrs.evolve(one, id=f"{one.id}-{asked}") for one in parcels]


class _NeverArrives(_Broken):
    """It has one word for all that is sent."""

    kills = "fulfillments-tell-what-has-arrived"
    says = "a customer could claim as lost what has arrived"

    def told(self, order_id, parcels):
        return [attrs.evolve(one, status="FULFILLED") for one in parcels]


class _AlwaysArrives(_Broken):
    """It has one word for all that is sent, and it is the last one."""

    kills = "fulfillments-tell-what-has-arrived"
    says = "a customer could not claim what is lost"

    def told(self, order_id, parcels):
        return [attrs.evolve(one, status="DELIVERED") for one in parcels]


class _FirstPage(_Broken):
    """It reads the first page of the shop's list of parcels."""

    kills = "fulfillments-come-for-a-whole-page"
    says = "2 units that were sent would be claimed as never sent"

    @hookimpl
    def op_lookup_fulfillments(self, request):
        ids = {one.id for one in [one for one in self.parcels if one.order_id in request.order_ids][:99]}
        found = ModelShop.op_lookup_fulfillments(self, request)
        return {order_id: tuple(one for one in parcels if one.id in ids) for order_id, parcels in found.items()}


FAULTS = [one for one in list(globals().values()) if inspect.isclass(one) and getattr(one, "kills", "")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_each_fault_is_found_by_its_case(fault, failures):
    """The case that a fault is made for fails, says the harm, and no other fails but those that are named."""
    found = failures(kit.FulfillmentSuite, lambda: Model(shop=fault), fault.kills)

    assert fault.says in found[fault.kills]
    assert {fault.kills, *fault.also} == set(found)


def test_each_case_has_its_fault():
    """No case is there that nothing can break."""
    assert {one.id for one in kit.cases([kit.FulfillmentSuite])} == {fault.kills for fault in FAULTS}
