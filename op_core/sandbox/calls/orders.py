"""Orders and fulfillments. Pages: ORD-C, ORD-U, ORD-G, ORD-L, FUL-C, FUL-U, FUL-G."""

from __future__ import annotations

from op_core.order_protection.schema import CreateFulfillment, CreateOrder, UpdateFulfillment, UpdateOrder
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.paging import OrderPaging, listing
from op_core.sandbox.replies import Listed, Ok, ShownFulfillment, ShownOrder
from op_core.sandbox.served import Asked, Served
from op_core.sandbox.web import OK, Answer

__all__ = ["order_calls"]

_ORDERS = "/v1/orders"
_ORDER = "/v1/orders/{sourceOrderId}"
_PARCELS = f"{_ORDER}/fulfillments"


def order_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the calls about orders and their parcels."""

    async def create(asked: Asked) -> Answer:
        local.orders.create(asked.said)
        return Answer(OK, 201)

    async def list_all(asked: Asked) -> Answer:
        return Answer(listing(local.store, "order", asked.query, local.orders.shown))

    async def get(asked: Asked) -> Answer:
        return Answer(local.orders.shown(local.orders.find(asked.id("sourceOrderId"))))

    async def update(asked: Asked) -> Answer:
        local.claims.update_order(asked.id("sourceOrderId"), asked.said)
        return Answer(OK)

    return [
        Served(
            method="POST",
            path=_ORDERS,
            kind="documented",
            page="ORD-C",
            does="Make an order known.",
            scope="write_orders",
            act=create,
            body=CreateOrder,
            answers={201: Ok},
            refuses=[409],
            makes={"sourceOrderId": "$request.body#/sourceOrderId"},
        ),
        Served(
            method="GET",
            path=_ORDERS,
            kind="documented",
            page="ORD-L",
            does="List the orders, oldest first.",
            scope="read_orders",
            act=list_all,
            query=OrderPaging,
            answers={200: Listed},
        ),
        Served(
            method="GET",
            path=_ORDER,
            kind="documented",
            page="ORD-G",
            does="Show an order.",
            scope="read_orders",
            act=get,
            answers={200: ShownOrder},
        ),
        Served(
            method="PUT",
            path=_ORDER,
            kind="documented",
            page="ORD-U",
            does="Change the fields that the body names.",
            scope="write_orders",
            act=update,
            body=UpdateOrder,
            answers={200: Ok},
        ),
        *_parcel_calls(local),
    ]


def _parcel_calls(local: LocalOrderProtection) -> list[Served]:
    # DEV-REF lists read_orders as all that reading and managing parcels needs.
    async def create(asked: Asked) -> Answer:
        local.orders.fulfill(asked.id("sourceOrderId"), asked.said)
        return Answer(OK, 201)

    async def list_all(asked: Asked) -> Answer:
        return Answer(local.orders.fulfillments(asked.id("sourceOrderId")))

    async def update(asked: Asked) -> Answer:
        local.orders.set_status(asked.id("sourceOrderId"), asked.id("sourceFulfillmentId"), asked.said)
        return Answer(OK)

    return [
        Served(
            method="POST",
            path=_PARCELS,
            kind="documented",
            page="FUL-C",
            does="Make a parcel of an order known.",
            scope="read_orders",
            act=create,
            body=CreateFulfillment,
            answers={201: Ok},
            refuses=[409],
        ),
        Served(
            method="GET",
            path=_PARCELS,
            kind="documented",
            page="FUL-G",
            does="Show the parcels of an order.",
            scope="read_orders",
            act=list_all,
            answers={200: list[ShownFulfillment]},
        ),
        Served(
            method="PUT",
            path=f"{_PARCELS}/{{sourceFulfillmentId}}",
            kind="documented",
            page="FUL-U",
            does="Change the status of a parcel.",
            scope="read_orders",
            act=update,
            body=UpdateFulfillment,
            answers={200: Ok},
        ),
    ]
