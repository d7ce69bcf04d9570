"""
What was decided, in one normal form: spelling, order and dialect of a delivery leave no trace in it.

A content is plain JSON data; amounts are text with every digit that matters and none that does not.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Any

from op_core.claims import addresses
from op_core.order_protection.events import Resolution
from op_core.requests import OperationKey

__all__ = ["brief", "digest", "of_resolution", "outline", "reference", "set_hash", "text"]

Content = dict[str, Any]
_EVERY_DIGIT = Context(prec=100)  # more than any amount has; the usual 28 would round


def text(value: Decimal | None) -> str | None:
    """Write a number without the zeros that say nothing: ``22.0`` and ``22.00`` are one amount."""
    if value is None:
        return None
    return format(value.normalize(_EVERY_DIGIT), "f") if value else "0"


def digest(value: Any) -> str:
    """Hash plain data, whatever the order of its keys."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def reference(key: OperationKey) -> str:
    """
    Return what is written into the shop for an action: ``OP-`` and 26 letters and digits.

    It follows from the operation key alone, so that an older ledger, restored, asks the shop under the same one.
    """
    name = "\x1f".join((key.store, key.subject, key.verb, str(key.n)))
    return "OP-" + base64.b32encode(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()).decode()[:26]


def of_resolution(resolution: Resolution) -> Content:
    """Return what a resolution says, normalised."""
    lines = [
        {
            "item_id": line.item_id,
            "product_id": line.product_id,
            "variant_id": line.variant_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "price": text(line.price),
            "discount": text(line.discount),
            "tax": text(line.tax),
            "percentage": text(line.percentage),
            "flat_amount": text(line.flat_amount),
        }
        for line in resolution.lines
    ]
    return {
        "type": resolution.type,
        "lines": sorted(lines, key=digest),
        "currency": resolution.currency,
        "total": text(resolution.total),
        "shipping": text(resolution.shipping or Decimal(0)),
        "shipping_tax": text(resolution.shipping_tax or Decimal(0)),
        "address": None if resolution.address is None else addresses.normal(resolution.address),
    }


def brief(content: Content) -> bool:
    """Tell whether it comes from the short body, which has neither currency nor amounts (C-4)."""
    return content["currency"] is None and content["total"] is None


def outline(content: Content) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Return what even the short body says: the type, and how many of which item."""
    return content["type"], tuple(sorted((line["item_id"] or "", line["quantity"]) for line in content["lines"]))


def set_hash(contents: Iterable[Content]) -> str:
    """Hash all resolutions of a claim; their order says nothing."""
    return digest(sorted(digest(content) for content in contents))
