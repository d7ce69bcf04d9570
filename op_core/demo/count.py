"""Count, in the shop's own tables and in the sandbox's, whether anything was lost or doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from op_core.core import Core
from op_core.demo.scenario import CASES, MESSAGES, PROTECTIONS, Owed
from op_core.demo.shop import DemoShop
from op_core.ledger import actions, deliveries, reports
from op_core.models import Product

__all__ = ["DemoResult", "count"]


@attrs.frozen
class DemoResult:
    """
    What the demo ended with.

    Attributes:
        counts: By name, as ``op-core demo --json`` prints them.
        problems: What is not as it must be, in words; empty where all is well.
    """

    counts: Mapping[str, int]
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Tell whether nothing was lost, doubled or otherwise not as it must be."""
        return not self.problems


def count(core: Core, shop: DemoShop, there: Mapping[str, list[dict[str, Any]]]) -> DemoResult:
    """
    Compare what the shop holds with what it owes, and what the sandbox holds with what the shop has.

    Args:
        core: Whose ledger says what waits for a person.
        shop: Its own tables are counted, not what the ledger says of them.
        there: The sandbox's lists: orders, fulfillments, claims, products.
    """
    lost: list[str] = []
    doubled = [f"{reference}: {times} effects under one reference" for reference, times in shop.doubled().items()]
    _effects(shop, lost, doubled)
    orders = {order["sourceOrderId"] for order in there["orders"] if not order["originalSourceOrderId"]}
    sold = _sold(shop)
    lost += [f"{order_id} never reached Order Protection" for order_id in sorted(set(sold) - orders)]
    parcels = {parcel.id for parcel in shop.fulfillments(sold)}
    known = Counter(parcel["sourceFulfillmentId"] for parcel in there["fulfillments"])
    lost += [f"parcel {parcel} never reached Order Protection" for parcel in sorted(parcels - set(known))]
    doubled += [f"parcel {parcel} is there {times} times" for parcel, times in known.items() if times > 1]
    stock = {(one["productId"], one.get("variantId") or ""): one for one in there["products"]}
    lost += [f"what is left of {one.sku} is not what Order Protection knows" for one in _wrong(shop, stock)]
    listed = core.ledger.read(actions.listing)
    held = [action for action in listed if action.needs_person]
    wanted = sum(case.held for case in CASES)
    unfinished = [action for action in listed if action.state in ("due", "calling", "pending", "unknown")]
    problems = [*lost, *doubled, *(f"{action.key} is still {action.state}" for action in unfinished)]
    if len(held) != wanted:
        problems.append(f"{len(held)} actions wait for a person, {wanted} should")
    made = Counter(effect.kind for effect in shop.effects())
    told = core.ledger.read(reports.listing)
    counts = {
        "orders_exported": len(orders),
        "fulfillments_exported": len(known),
        "products_exported": len(stock),
        "claims": len(there["claims"]),
        "reships": made["replacement"],
        "refunds": made["refund"],
        "store_credits": made["store_credit"],
        "protection_changes": made["protection_charge"] + made["protection_refund"],
        "notes": made["note"],
        "reported": sum(report.state in ("sent", "confirmed") for report in told),
        "no_route": sum(report.state == "no_route" for report in told),
        "held": len(held),
        "quarantined": len(core.ledger.read(deliveries.listing, None, "quarantined", 1000)),
        "deliveries": len(core.ledger.read(deliveries.listing, None, None, 100_000)),
        "doubled": len(doubled),
        "lost": len(lost),
    }
    return DemoResult(counts, tuple(problems))


def _sold(shop: DemoShop) -> list[str]:
    """Return the ids of all orders that are sales, not replacements."""
    sold: list[str] = []
    cursor: str | None = None
    while True:
        page = shop.changed_orders(None, cursor, 500)
        sold += [order.id for order in page.orders if order.replaces is None]
        if page.done:
            return sorted(set(sold))
        cursor = page.cursor


def _wrong(shop: DemoShop, stock: Mapping[tuple[str, str], dict[str, Any]]) -> Iterable[Product]:
    """Yield each product whose stock after the last claim is not there; all of them are on one page."""
    for one in shop.products(None, None, 1000).products:
        known = stock.get((one.id, one.variant_id), {})
        expected = ("SIMPLE", 1) if one.quantity is None else ("FULL", one.quantity)
        if expected != (known.get("inventoryType"), known.get("inventoryQuantity")):
            yield one


def _effects(shop: DemoShop, lost: list[str], doubled: list[str]) -> None:
    """Compare what is owed with what is there, by order and kind: sums of money, numbers of the rest."""
    owed: Counter[tuple[str, str]] = Counter()
    for order_id, one in _owed():
        owed[order_id, one.kind] += 1 if one.amount is None else one.amount  # type: ignore[assignment]  # a Counter adds Decimals as well
    there: Counter[tuple[str, str]] = Counter()
    for effect in shop.effects():
        there[effect.order_id, effect.kind] += 1 if effect.amount is None else effect.amount.amount  # type: ignore[assignment]  # as above
    for key in sorted({*owed, *there}):
        order_id, kind = key
        if Decimal(there[key]) < Decimal(owed[key]):
            lost.append(f"{kind} on {order_id}: {there[key]} of {owed[key]}")
        elif Decimal(there[key]) > Decimal(owed[key]):
            doubled.append(f"{kind} on {order_id}: {there[key]}, owed {owed[key]}")


def _owed() -> Iterable[tuple[str, Owed]]:
    for case in CASES:
        yield from ((case.order_id, one) for one in case.owed)
    yield from ((f"order-{order}", owed) for order, _, _, owed in PROTECTIONS)
    yield from ((f"order-{order}", Owed("note")) for order in MESSAGES)
