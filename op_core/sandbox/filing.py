"""Claims that a shop files: about an order (page CLM-C), or about a sale of another channel (page CLM-F)."""

from __future__ import annotations

import secrets
import string

import attrs

from op_core.sandbox.answers import Document, Refusal, now
from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.claim_records import Units, claimed_units, new_claim, whole_order
from op_core.sandbox.claims import Claims
from op_core.sandbox.orders import Orders, new_id
from op_core.sandbox.resolutions import ClaimedUnits
from op_core.sandbox.store import Store

__all__ = ["Filing"]

_CURRENCY = "USD"  # no page says which currency the price of an offline claim is in
_NOT_ECHOED = ("claimFiledFrom", "options")


@attrs.frozen
class Filing:
    """
    Files what came by REST among the claims. Bodies were checked by whoever took them in.

    Pictures read back as documents. Of their types the pages show ``SIGNATURE`` alone: ``IMAGE`` and ``RECEIPT`` are
    assumptions.
    """

    _store: Store
    _orders: Orders
    _claims: Claims
    _switchboard: Switchboard

    def online(self, source_id: str, body: Document) -> None:
        """
        File a claim about an order, and send ``claim.created``.

        A body without issues is about the whole order, of type ``MULTIPLE``: what is required is cut from the page.

        Raises:
            Refusal: 404 for an unknown order; 400 for a parcel or an item that it does not have (G-9).
        """
        with self._store.transaction():
            order = self._orders.find(source_id)
            issues = [issue for parcel in body.get("fulfillmentIssues") or [] for issue in parcel["issues"]]
            units = self._units(order, body) if issues else whole_order(order)
            types = {issue["issueType"] for issue in issues}
            wish = body.get("resolution") or {}
            pictures = [("IMAGE", url) for issue in issues for url in issue.get("images") or []]
            claim = new_claim(
                order,
                units,
                type=types.pop() if len(types) == 1 else "MULTIPLE",
                description="\n".join(filter(None, (issue.get("details") for issue in issues))),
                requested=wish.get("desiredMethod"),
                email=body["email"],
                filed_from=body.get("claimFiledFrom", "EXTERNAL"),
                documents=[*_signature(wish.get("customerSignature")), *pictures],
                address=wish.get("updatedShippingAddress"),
            )
            self._claims.keep(order, claim)

    def _units(self, order: Document, body: Document) -> Units:
        key, found = self._switchboard.now.wire.claim_fulfillment, []
        for index, parcel in enumerate(body["fulfillmentIssues"]):
            place = f"fulfillmentIssues[{index}]"
            if self._store.get("fulfillment", parcel["sourceFulfillmentId"], order["sourceOrderId"]) is None:
                raise Refusal(400, f"{place}.{key}: the order has no such fulfillment", f"{place}.{key}")
            items = [
                ClaimedUnits(sourceItemId=issue["sourceItemId"], quantity=issue["quantity"])  # type: ignore[call-arg]  # mypy knows no validation aliases
                for issue in parcel["issues"]
            ]
            found += claimed_units(order, items, f"{place}.issues")
        return found

    def offline(self, body: Document) -> Document:
        """
        File a claim about a sale that is no order here, and return what is answered: the request under a new id.

        Raises:
            Refusal: 400 where ``storeId`` is another store's (an assumption).
        """
        if body["storeId"] != self._switchboard.now.store_id:
            raise Refusal(400, "storeId: not the id of this store", "storeId")
        with self._store.transaction():
            sale = self._sale(body)
            receipts = [("RECEIPT", url) for url in body["warranty"].get("receiptImages") or []]
            pictures = [("IMAGE", url) for url in body["item"].get("images") or []]
            claim = new_claim(
                sale,
                whole_order(sale),
                type=body["issueType"],
                description=body["item"].get("details") or "",
                requested=body["resolution"],
                email=body["customer"].get("email"),
                filed_from=body.get("claimFiledFrom", "EXTERNAL"),
                documents=[*_signature(body["signature"]), *receipts, *pictures],
            )
            self._claims.keep(sale, claim)
        echo = {name: value for name, value in body.items() if name not in _NOT_ECHOED}
        return {"sourceOrderId": sale["sourceOrderId"], **echo}

    def _sale(self, body: Document) -> Document:
        """Keep what stands for an order: one unit of the item, under an id as the page shows one."""
        item, customer, address = body["item"], body["customer"], body["shippingAddress"]
        at, own_id, price = now(), new_id("order"), item.get("price") or 0
        while True:
            letters = "".join(secrets.choice(string.ascii_uppercase) for _ in range(2))
            source_id = f"{letters}-{secrets.randbelow(10_000):04}-{secrets.randbelow(10_000):04}"
            sale = {
                "id": own_id,
                "sourceOrderId": source_id,
                "currency": _CURRENCY,
                "total": price,
                "customerEmail": customer.get("email"),
                "customerPhone": customer.get("phoneNumber"),
                "customerName": " ".join(filter(None, (address.get("firstName"), address.get("lastName")))),
                "address": address,
                "orderItems": [
                    {
                        "id": new_id("item"),
                        "sourceItemId": item.get("sourceItemId") or source_id,
                        "sourceProductId": item.get("sourceProductId") or "",
                        "sourceVariantId": item.get("sourceVariantId") or "",
                        "productName": item.get("name") or "",
                        "sku": item.get("sku") or "",
                        "quantity": 1,
                        "price": price,
                    }
                ],
                "policyCancelledAt": None,
                "createdAt": at,
                "updatedAt": at,
            }
            if self._store.get("order", source_id) is None and self._store.add("offline_sale", source_id, sale):
                return sale


def _signature(url: str | None) -> list[tuple[str, str]]:
    return [("SIGNATURE", url)] if url else []
