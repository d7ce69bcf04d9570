"""How an order and its parcels read back, in the forms in which the pages show them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from op_core.sandbox.answers import Document, OwnBody
from op_core.sandbox.claim_view import ResolutionForm

__all__ = ["Forms", "order_view"]

_PREMIUMS = ("premiumPaid", "premiumCost")
_LINKS = ("originalSourceOrderId", "originalSourceOrderNumber")


class Forms(OwnBody):
    """
    How answers are spelled, where pages differ. The first of each is what the sandbox says by itself.

    Attributes:
        replaced: Which name, or both, the replaced order has where an order is read (C-9).
        amounts: Amounts of orders, as numbers or as text (C-10).
        premiums: ``premiumPaid`` and ``premiumCost`` as numbers, or as the dates that the samples of ORD-G and ORD-L
            show in their place (C-11).
        parcels: Parcels inside an order: as page FUL-G has them, or as the sample of ORD-G does: items by ``id``, one
            tracking number as text, statuses in small letters (C-12, C-14).
        resolutions: What was decided: ``by_page``, with ``resolutionType`` on CLM-O and ``resolution`` on CLM-L; or
            under one of the names on both (C-18).
    """

    replaced: Literal["both", "originalSourceOrderId", "originalSourceOrderNumber"] = "both"
    amounts: Literal["number", "text"] = "number"
    premiums: Literal["number", "date"] = "number"
    parcels: Literal["FUL-G", "ORD-G"] = "FUL-G"
    resolutions: ResolutionForm = "by_page"


def order_view(order: Document, parcels: list[Document], forms: Forms) -> Document:
    """Return the order with its parcels as page ORD-G shows it."""
    shown = {
        name: value
        for name, value in order.items()
        if name not in _LINKS or forms.replaced in ("both", name)
    }  # fmt: skip
    if forms.replaced != "both":
        link = order.get("originalSourceOrderId") or order.get("originalSourceOrderNumber")
        shown[forms.replaced] = link
    if forms.amounts == "text":
        shown = {name: _text(value) for name, value in shown.items()}
        shown["orderItems"] = [
            {name: _text(value) if name != "quantity" else value for name, value in item.items()}
            for item in order["orderItems"]
        ]
    if forms.premiums == "date":
        shown |= {name: order["createdAt"] for name in _PREMIUMS if name in order}
    return shown | {"fulfillments": [_parcel(one) for one in parcels] if forms.parcels == "ORD-G" else parcels}


def _text(value: object) -> object:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _parcel(parcel: Document) -> Document:
    tracking = parcel.get("trackingNumber") or [None]
    return {name: value for name, value in parcel.items() if name != "trackingUrl"} | {
        "fulfillmentStatus": parcel["fulfillmentStatus"].lower(),
        "trackingNumber": tracking[0],
        "sourceItemIds": [
            {"id": item["sourceItemId"], "quantity": item["quantity"]} for item in parcel["sourceItemIds"]
        ],
    }
