"""Where in a body the spellings differ: what is written, read back and described by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from op_core.order_protection.dialects.switches import Dialect

__all__ = ["FULLER_ONLY", "KEYS", "STATUSES", "UPDATED_AMOUNTS", "Body", "Place", "status_said"]

Body: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str, ...]  # keys on the way to an object; "[]" stands for each element of a list

STATUSES: Mapping[str, tuple[tuple[Place, str], ...]] = {
    "ORD-C": ((("fulfillments", "[]"), "fulfillmentStatus"),),
    "FUL-C": (((), "fulfillmentStatus"),),
    "FUL-U": (((), "status"),),
}
# page: where, the key of our models, and the switch that says how it is spelled
KEYS: Mapping[str, tuple[tuple[Place, str, str], ...]] = {
    "ORD-C": (((), "originalSourceOrderNumber", "create_replaces"),),
    "ORD-U": (((), "originalSourceOrderId", "update_replaces"),),
    "FUL-U": (((), "status", "update_status"),),
    "CLM-C": ((("fulfillmentIssues", "[]"), "sourceFulfillmentId", "claim_fulfillment"),),
}
UPDATED_AMOUNTS = ("premiumPaid", "total", "discountTotal", "shippingCost", "tax", "subtotal", "shippingCostTax")
FULLER_ONLY = ("salesChannel", "claimCategory", "claimFiledFrom", "options")  # what the older copy of CLM-C lacks


def status_said(status: str, dialect: Dialect) -> str:
    """Return a status as the store's API spells it."""
    status = dialect.not_delivered if status == "NOT_DELIVERED" else str(status)
    return status.capitalize() if dialect.statuses == "capitalised" else status
