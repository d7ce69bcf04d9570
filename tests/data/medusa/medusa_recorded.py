"""What a live Medusa 2.21 answered, part by part."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from op_core.order_protection.jsonmoney import loads

__all__ = ["MEDUSA", "written"]

JSON = dict[str, Any]
RECORDED = loads(Path(__file__).with_name("exchanges.json").read_bytes())


def written(time: datetime) -> str:
    """Write a time as Medusa does: to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def recorded(method: str, path: str, key: str) -> Any:
    """Return that part of the last answer to such a call."""
    return [one for one in RECORDED if one["method"] == method and path in one["path"] and key in one["body"]][-1][
        "body"
    ][key]


class _Medusa:
    """What was recorded, part by part."""

    @cached_property
    def order(self) -> JSON:
        """An order without a line."""
        order = next(one["body"]["order"] for one in RECORDED if "original_total" in one["body"].get("order", {}))
        return order | {"fulfillments": []}

    @cached_property
    def parcel(self) -> JSON:
        """A parcel with one item and one label."""
        found = [one for each in recorded("GET", "id[]", "orders") for one in each["fulfillments"] if one["labels"]]
        return found[0]

    @cached_property
    def refund(self) -> JSON:
        """A refund, as its order has it."""
        found = recorded("GET", "payments.refunds", "order")["payment_collections"][0]["payments"][0]["refunds"]
        return found[0]

    @cached_property
    def claim(self) -> JSON:
        """A claim as it is confirmed."""
        return recorded("POST", "/request", "claim")

    @cached_property
    def outbound(self) -> JSON:
        """A line of an order that a claim has added."""
        return self.order_with_claim["items"][-1]

    @cached_property
    def order_with_claim(self) -> JSON:
        """The order once a claim on it was confirmed."""
        return recorded("GET", "/admin/orders/", "order")

    @cached_property
    def inventory(self) -> JSON:
        """What is in stock of one SKU."""
        return recorded("GET", "/admin/inventory-items", "inventory_items")[0]

    @cached_property
    def product(self) -> JSON:
        """A product with one variant."""
        return recorded("GET", "/admin/products", "products")[0]


MEDUSA = _Medusa()
