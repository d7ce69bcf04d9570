"""
Medusa's admin API, as far as the manifest calls it: made of what a live Medusa answered, with a memory.

Every answer begins as a copy of a recorded one; only ids, amounts, texts and times are written over.
"""

from __future__ import annotations

import copy
import pickle
import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from medusa_recorded import MEDUSA, written

from op_core.testing.transport import Answer, Sent

__all__ = ["MedusaDouble"]

JSON = dict[str, Any]
LOCK = threading.RLock()  # a call at a time, as Medusa locks an order


class Said(Exception):
    """What Medusa says no with."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"type": kind, "message": message})


class MedusaDouble:
    """
    The API. Call it with what was sent.

    Attributes:
        orders: By id, as Medusa shows them whole.
        claims: By id; one without ``claim_items`` is not confirmed.
        begun: Id of a claim to what was added to it so far.
        stock: SKU to what is available.
        products: In their order.
        now: The time; None: the real one.
    """

    def __init__(self) -> None:
        self.orders: dict[str, JSON] = {}
        self.claims: dict[str, JSON] = {}
        self.begun: dict[str, JSON] = {}
        self.stock: dict[str, int] = {}
        self.products: list[JSON] = []
        self.made = 0
        self.now: datetime | None = None

    def save(self) -> bytes:
        """Return all that it holds."""
        return pickle.dumps({name: value for name, value in vars(self).items() if name != "now"})

    def load(self, saved: bytes) -> None:
        """Hold that again."""
        vars(self).update(pickle.loads(saved))  # noqa: S301 - what `save` returned

    def new(self, kind: str) -> str:
        """Return an id of Medusa's form, which sorts by the order of making."""
        self.made += 1
        return f"{kind}_01M89A{self.made:020d}"

    def time(self) -> str:
        """Return the time."""
        return written(self.now or datetime.now(UTC))

    # --- Calls ---------------------------------------------------------------------------------------------------

    def __call__(self, sent: Sent) -> Answer:
        """Answer one call."""
        split = urlsplit(sent.path)
        query, body = parse_qs(split.query), sent.body or {}
        try:
            with LOCK:
                return Answer(
                    200, self._answer(sent.method, split.path.removeprefix("/admin/").split("/"), query, body)
                )
        except Said as no:
            return no.answer

    def _answer(self, method: str, path: list[str], query: dict[str, list[str]], body: Any) -> JSON:  # noqa: C901, PLR0911, PLR0912 - one case for each path
        match method, path:
            case "GET", ["orders"]:
                return _listed("orders", self._changed(list(self.orders.values()), query), query)
            case "GET", ["orders", one]:
                return {"order": _shown(self._order(one), query)}
            case "POST", ["orders", one]:
                return self._update(self._order(one), body)
            case "GET", ["products"]:
                return _listed("products", self._changed(self.products, query), query)
            case "GET", ["inventory-items"]:
                return _listed("inventory_items", self._inventory(query.get("sku[]", [])), query)
            case "POST", ["payments", one, "refund"]:
                return self._refund(one, body)
            case "GET", ["claims"]:
                found = [one for one in self.claims.values() if one["order_id"] in query["order_id"]]
                return _listed("claims", found, query)
            case "POST", ["claims"]:
                return self._begin(body)
            case "DELETE", ["claims", one, "request"]:
                self._open(one)
                del self.claims[one], self.begun[one]
                return {"id": one, "object": "claim", "deleted": True}
            case "POST", ["claims", one, "claim-items"]:
                self._open(one)["inbound"] += body["items"]
                return self._preview(one)
            case "POST", ["claims", one, "outbound", "items"]:
                self._open(one)["outbound"] += body["items"]
                return self._preview(one)
            case "POST", ["claims", one, "outbound", "shipping-method"]:
                self._open(one)["shipping"].append(body)
                return self._preview(one)
            case "POST", ["claims", one, "request"]:
                return self._confirm(one)
        raise Said(404, "not_found", f"Cannot {method} /admin/{'/'.join(path)}")

    def _order(self, order_id: str) -> JSON:
        if order_id not in self.orders:
            raise Said(404, "not_found", f"Order id not found: {order_id}")
        return self.orders[order_id]

    def _changed(self, items: list[JSON], query: dict[str, list[str]]) -> list[JSON]:
        since, ids = query.get("updated_at[$gte]", [""])[0], query.get("id[]")
        found = [one for one in items if one["updated_at"] >= since and (ids is None or one["id"] in ids)]
        return sorted(found, key=lambda one: one["updated_at"])

    def _update(self, order: JSON, body: Any) -> JSON:
        order["metadata"] = (order["metadata"] or {}) | body["metadata"]
        order["updated_at"] = self.time()
        return {"order": order}

    def _inventory(self, skus: list[str]) -> list[JSON]:
        found = []
        for sku in [sku for sku in self.stock if sku in skus]:
            item = copy.deepcopy(MEDUSA.inventory) | {"sku": sku}
            item["location_levels"][0] |= {"available_quantity": self.stock[sku], "stocked_quantity": self.stock[sku]}
            found.append(item)
        return found

    # --- Refunds -------------------------------------------------------------------------------------------------

    def _refund(self, payment_id: str, body: Any) -> JSON:
        found = [
            (order, collection, payment)
            for order in self.orders.values()
            for collection in order["payment_collections"]
            for payment in collection["payments"]
            if payment["id"] == payment_id
        ]
        if not found:
            raise Said(404, "not_found", f"Payment with id {payment_id} not found")
        ((order, collection, payment),) = found
        amount, captured = Decimal(body["amount"]), _sum(payment["captures"])
        if amount <= 0 or amount + _sum(payment["refunds"]) > captured:
            raise Said(400, "invalid_data", "You are not allowed to refund more than the captured amount")
        at = self.time()
        refund = copy.deepcopy(MEDUSA.refund) | {"id": self.new("ref"), "payment_id": payment_id, "amount": amount}
        payment["refunds"].append(refund | {"note": body["note"], "created_at": at, "updated_at": at})
        collection["refunded_amount"] = _sum(each for one in collection["payments"] for each in one["refunds"])
        order |= {"updated_at": at, "version": order["version"] + 1}
        return {"payment": payment}

    # --- Claims --------------------------------------------------------------------------------------------------

    def _open(self, claim_id: str) -> JSON:
        if claim_id not in self.claims:
            raise Said(404, "not_found", f"OrderClaim with id: {claim_id} was not found")
        if claim_id not in self.begun:
            raise Said(400, "invalid_data", "Order change is not active")
        return self.begun[claim_id]

    def _begin(self, body: Any) -> JSON:
        order = self._order(body["order_id"])
        if any(self.claims[one]["order_id"] == order["id"] for one in self.begun):
            raise Said(400, "invalid_data", f"Order ({order['id']}) already has an existing active order change")
        claim, at = copy.deepcopy(MEDUSA.claim), self.time()
        claim |= {
            "id": self.new("claim"),
            "order_id": order["id"],
            "metadata": body["metadata"],
            "created_at": at,
            "updated_at": at,
            "claim_items": [],
            "additional_items": [],
            "order_version": order["version"],
        }
        self.claims[claim["id"]] = claim
        self.begun[claim["id"]] = {"inbound": [], "outbound": [], "shipping": []}
        return {"claim": {**claim, "metadata": None}, "order": order}

    def _preview(self, claim_id: str) -> JSON:
        claim = self.claims[claim_id]
        return {"claim": claim, "order_preview": self.orders[claim["order_id"]]}

    def _confirm(self, claim_id: str) -> JSON:
        added, claim = self._open(claim_id), self.claims[claim_id]
        order = self.orders[claim["order_id"]]
        lines = [(self._sold(order, one["variant_id"]), one) for one in added["outbound"]]
        for line, one in lines:
            if self.stock[line["variant_sku"]] < one["quantity"]:
                raise Said(400, "not_allowed", f"Not enough stock available for item {line['variant_sku']}")
        del self.begun[claim_id]
        at = self.time()
        claim["sent"], claim["owed"] = [], sum((Decimal(one["custom_amount"]) for one in added["shipping"]), Decimal(0))
        for line, one in lines:
            self.stock[line["variant_sku"]] -= one["quantity"]
            item = self._outbound(line, one, at)
            order["items"].append(item)
            claim["sent"].append(item["id"])
            claim["owed"] += item["unit_price"] * item["quantity"]
        claimed = MEDUSA.claim["claim_items"][0]
        claim["claim_items"] = [
            copy.deepcopy(claimed)
            | {
                "id": self.new("claitem"),
                "claim_id": claim_id,
                "item_id": one["id"],
                "item": {"id": one["id"]},
                "quantity": one["quantity"],
                "reason": one["reason"],
            }
            for one in added["inbound"]
        ]
        claim["updated_at"] = order["updated_at"] = at
        order["version"] += 1
        return self._preview(claim_id)

    def _sold(self, order: JSON, variant_id: str) -> JSON:
        found = [one for one in order["items"] if one["variant_id"] == variant_id]
        if not found:
            raise Said(400, "invalid_data", f"Variants {variant_id} do not exist")
        return found[0]

    def _outbound(self, line: JSON, said: JSON, at: str) -> JSON:
        kept = ("title", "product_id", "product_handle", "product_title", "variant_id", "variant_sku")
        item = copy.deepcopy(MEDUSA.outbound) | {name: line[name] for name in kept}
        price = Decimal(said["unit_price"])
        return item | {
            "id": self.new("ordli"),
            "quantity": said["quantity"],
            "unit_price": price,
            "metadata": said["metadata"],
            "created_at": at,
            "updated_at": at,
        }


def _sum(parts: Any) -> Decimal:
    return sum((Decimal(one["amount"]) for one in parts), Decimal(0))


def _shown(item: JSON, query: dict[str, list[str]]) -> JSON:
    """Return the fields that were asked for: of each path its first word."""
    asked = (
        {name.lstrip("*").partition(".")[0] for name in query["fields"][0].split(",")} if "fields" in query else set()
    )
    return {name: value for name, value in item.items() if name in asked} if asked else item


def _listed(name: str, found: list[JSON], query: dict[str, list[str]]) -> JSON:
    offset, limit = int(query.get("offset", ["0"])[0]), int(query.get("limit", ["20"])[0])
    page = [_shown(one, query) for one in found[offset : offset + limit]]
    return {name: page, "count": len(found), "limit": limit, "offset": offset}
