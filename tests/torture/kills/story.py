"""What the processes are killed over: a shop, its claims, and what must be in its tables and at Order Protection."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from typing import Any

import attrs

from op_core.demo.seed import fill
from op_core.demo.shop import DemoShop
from op_core.models import Line, Order
from op_core.order_protection import jsonmoney
from op_core.sandbox import Sandbox

__all__ = ["SECRET", "TOKEN", "Story", "settings"]

TOKEN, SECRET = "not-a-real-token-0000", "not-a-real-secret-0000"
_ROUTE = """
[stores.main.report.{verb}]
path = "/v1/claims/{{claim_id}}/resolutions"
[stores.main.report.{verb}.body]
verb = "{{verb}}"
reference = "{{reference}}"
shopId = "{{shop_id}}"
amount = "{{amount}}"
"""
_SETTINGS = """
[ledger]
url = "{ledger}"
[stores.main]
id = "main-1"
adapter = "custom_store"
api_url = "{api}"
api_token = "{token}"
webhook_secrets = ["{secret}"]
verify_claims = "always"
[stores.main.settings]
backend = "op_core.demo.shop:DemoShop"
options = {{ database = "shop.db" }}
[stores.main.limits]
hold_above = {{ USD = "100000", EUR = "100000", JPY = "10000000", BHD = "100000" }}
actions_per_hour = 100000
[stores.main.protection]
on_added = "bill"
on_removed = "refund"
[stores.main.resolutions]
store_credit = "act"
[stores.main.export]
tracking_wait = "1 s"
[stores.main.timing]
deadline = "3 s"
lease = "4 s"
quiet_period = "4 s"
"""
_PREMIUM = Decimal("2.95")


def settings(ledger: str, api: str) -> str:
    """Return op.toml. The timing is short, so that what a killed process left is taken up within seconds."""
    text = _SETTINGS.format(ledger=ledger, api=api, token=TOKEN, secret=SECRET)
    return text + "".join(_ROUTE.format(verb=verb) for verb in ("refund", "store_credit"))


@attrs.define
class Story:
    """
    A shop and the claims about its orders.

    Attributes:
        owed: What must be in the shop: order and kind of effect to the money, or to how many where it is none.
    """

    sandbox: Sandbox
    folder: Path
    owed: dict[tuple[str, str], Decimal] = attrs.field(factory=lambda: defaultdict(Decimal))
    claims: int = 0
    _orders: Iterator[tuple[Order, Line]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._orders = iter(())

    @property
    def shop(self) -> DemoShop:
        """The shop whose tables are counted."""
        return DemoShop("shop.db", directory=self.folder)

    def sell(self, claims: int) -> None:
        """Fill the shop with sales enough for twice as many claims, and with goods enough to send all of them again."""
        shop = self.shop
        ids = fill(shop, claims * 3 + 20, now=datetime.now(UTC))
        with sqlite3.connect(self.folder / "shop.db") as connection:
            connection.execute("UPDATE products SET quantity = 100000 WHERE quantity IS NOT NULL")
        connection.close()
        self._orders = _bearing([order for order in map(shop.order, ids) if order is not None])

    def decide(self, number: int) -> None:
        """Let so many claims be filed and decided, each another way, each webhook be sent twice."""
        for _ in range(number):
            order, line = next(self._orders)
            _, kinds = next(_KINDS) if line.quantity > 1 else (0, (("REFUND", 100),))
            item = {"sourceItemId": line.id, "quantity": 1}
            filed = self.sandbox.local.claims.file({"source_order_id": order.id, "items": [item]})
            resolutions = [
                {"type": kind, "details": {"items": [item | {"percentage": percentage}]}} for kind, percentage in kinds
            ]
            claim_id = filed["claim_id"]
            self.sandbox.local.claims.approve(claim_id, {"resolutions": resolutions})
            for resolution in self.sandbox.local.claims.find(claim_id)["resolutions"]:
                self._owe(order.id, resolution)
            if self.claims % 5 == 0:
                self.sandbox.local.claims.message(claim_id, {"message": "The claim was decided."})
                self.owed[order.id, "note"] += 1
            if self.claims % 3 == 1 and len(order.payments) == 1:  # else a refund may find too little of its payment
                self._protect(order)
            self.claims += 1

    def _owe(self, order_id: str, resolution: dict[str, Any]) -> None:
        if resolution["type"] == "RESHIP":
            self.owed[order_id, "replacement"] += 1
        else:
            self.owed[order_id, resolution["type"].lower()] += Decimal(resolution["details"]["total_refund_amount"])

    def _protect(self, order: Order) -> None:
        """Add protection to an order that has none, and take it from one that has."""
        said: dict[str, Any] = {"source_order_id": order.id, "action": "add"}
        paid = order.premium_paid
        if paid is None:
            said["amount"] = _PREMIUM if order.currency != "JPY" else Decimal(295)
            self.owed[order.id, "protection_charge"] += said["amount"]
        else:
            said["action"] = "remove"
            self.owed[order.id, "protection_refund"] += paid.amount
        self.sandbox.local.claims.protect(said)

    def lost_and_doubled(self, stored: Counter[str]) -> tuple[list[str], list[str]]:
        """
        Compare what is owed with the shop's own tables, and what was acknowledged with what is stored.

        Args:
            stored: How often op-core has stored a webhook, by the SHA-256 of its body.
        """
        shop, lost = self.shop, []
        doubled = [f"{times} effects under {reference}" for reference, times in shop.doubled().items()]
        there: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for effect in shop.effects():
            there[effect.order_id, effect.kind] += 1 if effect.amount is None else effect.amount.amount
        for key in sorted({*self.owed, *there}):
            if there[key] != self.owed[key]:
                (doubled if there[key] > self.owed[key] else lost).append(
                    f"{key[1]} of {key[0]}: {there[key]}, owed {self.owed[key]}"
                )
        said: Counter[str] = Counter()
        for delivery in self.sandbox.local.store.all("delivery"):
            if delivery["state"] != "delivered":
                lost.append(f"delivery {delivery['id']} is {delivery['state']}")
            sha = hashlib.sha256(jsonmoney.dumps(delivery["payload"])).hexdigest()
            said[sha] += sum(attempt["status"] == HTTPStatus.OK for attempt in delivery["attempts"])
        lost += [
            f"webhook {sha} was answered 200 {times} times, and is stored {stored[sha]} times"
            for sha, times in said.items()
            if stored[sha] < times
        ]
        return lost, doubled

    def refused(self) -> int:
        """Return how often a webhook was not taken, for want of a database, or of room on its disk."""
        attempts = [one for delivery in self.sandbox.local.store.all("delivery") for one in delivery["attempts"]]
        return sum(attempt["status"] not in (None, HTTPStatus.OK) for attempt in attempts)

    def untold(self) -> list[str]:
        """Return the effects that Order Protection was not told of, by their references."""
        told = {report["report"]["reference"] for report in self.sandbox.local.store.all("report")}
        orders = Counter(
            order["originalSourceOrderId"]
            for order in self.sandbox.local.store.all("order")
            if order["originalSourceOrderId"]
        )
        missing = [
            f"{effect.kind} {effect.reference}"
            for effect in self.shop.effects()
            if effect.kind in ("refund", "store_credit") and effect.reference not in told
        ]
        sent = {order_id: n for (order_id, kind), n in self.owed.items() if kind == "replacement"}
        return [*missing, *(f"replacement of {one}" for one, n in sent.items() if orders[one] != n)]


_KINDS = cycle(
    enumerate(
        (
            (("REFUND", 100),),
            (("RESHIP", 100),),
            (("STORE_CREDIT", 100),),
            (("REFUND", 100), ("RESHIP", 100)),
            (("REFUND", 50),),
        )
    )
)


def _bearing(orders: list[Order]) -> Iterator[tuple[Order, Line]]:
    """Yield the orders that can bear a claim about a line, which has two units where one of its lines has."""
    for order in orders:
        lines = [line for line in order.lines if not line.is_protection]
        if order.shipping_address is not None and lines:
            yield order, max(lines, key=lambda line: line.quantity)
