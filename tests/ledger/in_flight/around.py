"""Shop and Order Protection around a store in flight: both outlast an upgrade, so both can be written down."""

from decimal import Decimal

import attrs

from op_core.errors import AlreadyThere, BadRequest, NotFoundThere
from op_core.models import Address, Fulfillment, LineQuantity
from op_core.money import Money
from op_core.order_protection.answers import ReadFulfillment, ReadOrder
from op_core.order_protection.messages import Response
from op_core.testing.api import ScriptedApi
from op_core.testing.clock import START
from op_core.testing.model_shop import ModelShop, ShopEffect, an_order

__all__ = ["Api", "a_parcel", "a_shop", "changed", "effects_of", "put_effects"]

_REFUSED = ("x-refused", "p-refused", "i-refused")


@attrs.define(eq=False)
class Api(ScriptedApi):
    """
    A double that keeps what it has as plain data.

    Attributes:
        known: Order id to the order that it replaces, if any, of each order that was posted.
        parcels: Parcel id to its order's id.
        products: Product id to its name.
        updated: Ids of orders, parcels and products of which an update came, in order.
        filed: Ids of the orders for which a claim was filed, in order.
        told: Paths of the reports that came, in order.
    """

    known: dict = attrs.field(factory=dict)
    parcels: dict = attrs.field(factory=dict)
    products: dict = attrs.field(factory=dict)
    filed: list = attrs.field(factory=list)
    updated: list = attrs.field(factory=list)
    told: list = attrs.field(factory=list)

    @property
    def said(self):
        """What it has, as JSON holds it."""
        kept = ("claims", "facts", "filed", "known", "parcels", "products", "updated", "told")
        return {name: getattr(self, name) for name in kept}

    def create_order(self, order):
        self._create("create_order", self.known, order.source_order_id, order.original_source_order_number)

    def update_order(self, order_id, changes):
        self._update("update_order", self.known, order_id)

    def get_order(self, order_id):
        def effect():
            said = {"sourceOrderId": order_id, "originalSourceOrderId": self._there(self.known, order_id)}
            return ReadOrder.model_validate(said)

        return self._call("get_order", effect)

    def create_fulfillment(self, order_id, parcel):
        self._create("create_fulfillment", self.parcels, parcel.source_fulfillment_id, order_id)

    def update_fulfillment(self, order_id, parcel_id, status):
        self._update("update_fulfillment", self.parcels, parcel_id)

    def list_fulfillments(self, order_id):
        there = [{"sourceFulfillmentId": one} for one, of_order in self.parcels.items() if of_order == order_id]
        return self._call("list_fulfillments", lambda: [ReadFulfillment.model_validate(one) for one in there])

    def create_product(self, product):
        self._create("create_product", self.products, product.product_id, product.name)

    def update_product(self, address, changes):
        self._update("update_product", self.products, address)

    def call(self, call):
        """File a claim about an order of the online store."""

        def effect():
            order_id = call.request.path.rpartition("/")[2]
            self.filed.append(order_id)
            self.list_claim(f"C-{order_id}", order_id, "CREATED")

        self._call("call", effect)

    def send(self, request):
        def effect():
            self.told.append(request.path)
            return Response(status=200, body=b'{"ok": true}')

        return self._call("send", effect)

    def _create(self, call, kept, new, what):
        def effect():
            if new in _REFUSED:
                raise BadRequest("400 scripted", status=400)
            if new in kept:
                raise AlreadyThere("there already", status=409)
            kept[new] = what

        self._call(call, effect)

    def _update(self, call, kept, wanted):
        def effect():
            self._there(kept, wanted)
            self.updated.append(wanted)

        self._call(call, effect)

    def _there(self, kept, wanted):
        if wanted not in kept:
            raise NotFoundThere("not known", status=404)
        return kept[wanted]


# --- The shop ----------------------------------------------------------------------------------------------------


def a_shop(order_ids):
    """Return a shop with these orders, and with six of which the export is told: they are named ``x-``."""
    orders = [an_order(id=one, number=f"#{one}", payments=_paid_by(one)) for one in order_ids]
    told = ("x-changed", "x-marked", "x-parcels", "x-refused", "x-sent")
    orders += [an_order(id=one, number=f"#{one}") for one in told]
    orders.append(an_order(id="x-bare", number="#x-bare", shipping_address=None, billing_address=None))
    waiting = {"tracking_company": "", "tracking_numbers": ()}
    parcels = (a_parcel("p-gone", **waiting), *map(a_parcel, ("p-refused", "p-sent", "p-told")))
    return ModelShop(orders, parcels=(*parcels, a_parcel("p-waiting", **waiting)))


def _paid_by(order_id):
    return tuple(attrs.evolve(one, id=f"pay-{order_id}") for one in an_order().payments)


def a_parcel(name, order_id="x-parcels", **more):
    """Return a parcel with the first unit of an order."""
    said = {"tracking_company": "Example Carrier", "tracking_numbers": (f"TRACK-{name}",), **more}
    return Fulfillment(name, order_id, "IN_TRANSIT", (LineQuantity("1", 1),), START, **said)


def changed(shop, at):
    """Change orders and parcels after their first export: what an update can carry, and what it cannot."""
    changes = {
        "x-changed": {"tags": ("a",)},
        "x-sent": {"total": Money("61.00", "USD")},
        "x-marked": {"total": Money("62.00", "USD")},
        "x-parcels": {},
    }
    for order_id, said in changes.items():
        shop.orders[order_id] = attrs.evolve(shop.orders[order_id], updated_at=at, **said)
    left = [one for one in shop.parcels if one.id != "p-gone"]
    shop.parcels = tuple(attrs.evolve(one, tracking_numbers=("OTHER",)) if one.id == "p-told" else one for one in left)


def effects_of(shop):
    """Return every effect in the shop, as JSON holds it."""
    return [
        {
            **attrs.asdict(one, recurse=False),
            "amount": None if one.amount is None else [str(one.amount.amount), one.amount.currency],
            "lines": [[line.line_id, line.quantity] for line in one.lines],
            "address": None if one.address is None else attrs.asdict(one.address),
        }
        for one in shop.effects
    ]


def put_effects(shop, said):
    """Let a new shop have the effects that `effects_of` told."""
    for one in said:
        amount = None if one["amount"] is None else Money(Decimal(one["amount"][0]), one["amount"][1])
        lines = tuple(LineQuantity(*each) for each in one["lines"])
        address = Address(**one["address"]) if one.get("address") else None  # older ones kept none
        values = {"amount": amount, "lines": lines, "address": address, "settled": False}
        shop.effects.append(ShopEffect(**{**one, **values}))
        if one["settled"]:
            shop.settle(one["reference"])
