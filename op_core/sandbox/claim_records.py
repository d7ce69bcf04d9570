"""What the sandbox keeps of a claim, whichever way it was filed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from op_core.sandbox.answers import Document, now
from op_core.sandbox.orders import new_id
from op_core.sandbox.resolutions import ClaimedUnits, claimed

__all__ = ["Units", "claimed_units", "new_claim", "whole_order"]

Units: TypeAlias = list[tuple[Document, int]]  # an item of the order, and how many of it


def whole_order(order: Document) -> Units:
    """Return all units of the order."""
    return [(item, item["quantity"]) for item in order["orderItems"] if item["quantity"]]


def claimed_units(order: Document, items: Sequence[ClaimedUnits], place: str) -> Units:
    """Return the units that *items* name, or refuse with 400 and their place."""
    return [(claimed(order, item, f"{place}[{index}]"), item.quantity) for index, item in enumerate(items)]


def new_claim(
    order: Document,
    units: Units,
    *,
    type: str,  # noqa: A002 - it is the claim's type
    description: str,
    requested: str | None,
    email: str | None,
    filed_from: str = "EXTERNAL",
    documents: Sequence[tuple[str, str]] = (),
    address: Document | None = None,
) -> Document:
    """
    Return a claim in the state ``NEW``.

    Args:
        order: What it is about.
        units: How many of which item.
        type: What is wrong.
        description: The customer's words.
        requested: What the customer asks for.
        email: Who claims.
        filed_from: ``EXTERNAL`` or ``INTERNAL``.
        documents: The type and the address of each.
        address: Where a replacement shall go; None: where the order went.
    """
    at = now()
    return {
        "id": new_id("claim"),
        "source_order_id": order["sourceOrderId"],
        "type": type,
        "state": "NEW",
        "description": description,
        "requested": requested,
        "email": email,
        "filed_from": filed_from,
        "address": address,
        "created_at": at,
        "updated_at": at,
        "resolution_date": None,
        "items": [
            {"id": new_id("item"), "own": item["id"], "source": item["sourceItemId"], "quantity": quantity}
            for item, quantity in units
        ],
        "documents": [{"id": new_id("document"), "type": kind, "url": url} for kind, url in documents],
        "messages": [],
        "resolutions": [],
        "credits": [],
    }
