"""Orders and fulfillments as the API takes them and reads them back."""

from __future__ import annotations

import secrets

import attrs

from op_core.sandbox.answers import Document, Refusal, now
from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.order_view import order_view
from op_core.sandbox.store import Store

__all__ = ["Orders", "new_id"]


def new_id(prefix: str) -> str:
    """Return an id as Order Protection might make one; it never looks like a shop's."""
    return f"{prefix}_{secrets.token_hex(8)}"


@attrs.frozen
class Orders:
    """
    The orders that shops sent. Bodies were checked by whoever took them in.

    What a read shows is what was sent, digit for digit, and what Order Protection adds (page ORD-G). Where a page
    names the same thing twice, a read shows both names: ``originalSourceOrderNumber`` and ``originalSourceOrderId``
    (C-9), an item's ``description`` and ``itemDescription``. Fulfillments have the shape of page FUL-G everywhere
    (C-12). An item's ``discount`` and ``tax`` read 0, because a create has no place for them.
    """

    _store: Store
    _switchboard: Switchboard

    def create(self, body: Document) -> None:
        """Keep a new order with its fulfillments; 409 where its ``sourceOrderId`` exists (an assumption, G-9)."""
        source_id, at, own_id = body["sourceOrderId"], now(), new_id("order")
        items = [
            {
                **item,
                "id": new_id("item"),
                "orderId": own_id,
                "itemDescription": item.get("description"),
                "selectedOptions": [],
                "discount": 0,
                "tax": 0,
                "addressId": None,
                "createdAt": at,
                "updatedAt": at,
                "refundedQuantity": 0,
            }
            for item in body["orderItems"]
        ]
        order = {
            "originalSourceOrderId": body.get("originalSourceOrderNumber"),
            "originalOrderId": None,
            "policyCancelledAt": None,
            **{name: value for name, value in body.items() if name != "fulfillments"},
            "id": own_id,
            "orderItems": items,
            "createdAt": at,
            "updatedAt": at,
        }
        with self._store.transaction():
            if not self._store.add("order", source_id, order):
                raise Refusal(409, "sourceOrderId: an order of this id exists; update it with PUT", "sourceOrderId")
            for index, fulfillment in enumerate(body.get("fulfillments") or []):
                self._add_fulfillment(order, fulfillment, f"fulfillments[{index}].")

    def update(self, source_id: str, body: Document) -> None:
        """Put the fields of the body in the place of the order's; what the body does not name stays."""
        with self._store.transaction():
            self._store.put("order", source_id, self.find(source_id) | body | {"updatedAt": now()})

    def set_policy(self, source_id: str, cancelled_at: str | None) -> None:
        """Note when protection ended, or that it holds."""
        with self._store.transaction():
            changed = {"policyCancelledAt": cancelled_at, "updatedAt": now()}
            self._store.put("order", source_id, self.find(source_id) | changed)

    def find(self, source_id: str) -> Document:
        """Return the order without its fulfillments, or refuse with 404."""
        order = self._store.get("order", source_id)
        if order is None:
            raise Refusal(404, "no order of this sourceOrderId; create it with POST /v1/orders")
        return order

    def shown(self, order: Document) -> Document:
        """Return the order as page ORD-G shows it."""
        parcels = self._store.all("fulfillment", order["sourceOrderId"])
        return order_view(order, parcels, self._switchboard.now.answers)

    def fulfill(self, source_id: str, body: Document) -> None:
        """
        Keep a new fulfillment.

        Raises:
            Refusal: 404 for an unknown order; 409 for a known ``sourceFulfillmentId`` of that order; 400 for an item
                that the order does not have. The pages are silent on all three (G-9): the last would otherwise be
                found out by the first claim.
        """
        with self._store.transaction():
            order = self.find(source_id)
            self._add_fulfillment(order, body, "")

    def _add_fulfillment(self, order: Document, body: Document, place: str) -> None:
        known = {item["sourceItemId"] for item in order["orderItems"]}
        for index, item in enumerate(body["sourceItemIds"]):
            if item["sourceItemId"] not in known:
                field = f"{place}sourceItemIds[{index}].sourceItemId"
                raise Refusal(400, f"{field}: the order has no such item", field)
        at = now()
        kept = {"createdAt": at, "updatedAt": at, "sourceOrderId": order["sourceOrderId"], "id": new_id("fulfillment")}
        if not self._store.add("fulfillment", body["sourceFulfillmentId"], kept | body, order["sourceOrderId"]):
            field = f"{place}sourceFulfillmentId"
            raise Refusal(409, f"{field}: a fulfillment of this id exists; update it with PUT", field)

    def set_status(self, source_id: str, fulfillment_id: str, body: Document) -> None:
        """Change the status of a fulfillment (page FUL-U: ``status``); 404 where order or fulfillment is unknown."""
        with self._store.transaction():
            self.find(source_id)
            found = self._store.get("fulfillment", fulfillment_id, source_id)
            if found is None:
                raise Refusal(404, "the order has no fulfillment of this sourceFulfillmentId")
            changed = {"fulfillmentStatus": body["status"], "updatedAt": now()}
            self._store.put("fulfillment", fulfillment_id, found | changed, source_id)

    def fulfillments(self, source_id: str) -> list[Document]:
        """Return the fulfillments of an order (page FUL-G), or refuse with 404."""
        self.find(source_id)
        return self._store.all("fulfillment", source_id)
