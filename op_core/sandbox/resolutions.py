"""
The resolutions of a decision, in the shape of page WH-CA, from as little as a person cares to type.

An item that is named by ``sourceItemId`` is filled in from the order; any other one is taken as it stands, odd or
not. So are a ``total_refund_amount`` and a ``shipping_address`` that are given, null included.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from op_core.money import exponent
from op_core.order_protection.jsonmoney import number_from
from op_core.sandbox.answers import Document, OwnBody, Refusal, check_own

__all__ = ["ClaimedUnits", "claimed", "item_names", "resolved"]

_Amount = Annotated[Decimal, BeforeValidator(number_from)]
_PRECISE = Context(prec=80)
_ADDRESS = ("address1", "address2", "city", "state", "zip", "country")  # no name, no phone (page WH-CA)


class ClaimedUnits(OwnBody):
    """So many units of an item of the order."""

    source_item_id: str = Field(min_length=1, validation_alias=AliasChoices("sourceItemId", "source_item_id"))
    quantity: int = Field(default=1, strict=True, ge=1)


class _ShortItem(ClaimedUnits):
    """What is to be done about them; amounts are those of the reading that is switched on."""

    percentage: _Amount = Decimal(100)
    flat_amount: _Amount | None = None
    price: _Amount | None = None
    discount: _Amount = Decimal(0)
    tax: _Amount = Decimal(0)


def claimed(order: Document, item: ClaimedUnits, place: str) -> Document:
    """Return the item of the order, or refuse with 400."""
    for known in order["orderItems"]:
        if known["sourceItemId"] == item.source_item_id:
            return dict(known)
    raise Refusal(400, f"{place}.sourceItemId: the order has no such item", f"{place}.sourceItemId")


def item_names(known: Document, ids: Literal["source", "own"]) -> Document:
    """Return how webhooks name an item of the order; whose ids they are is not documented (G-5)."""
    own = ids == "own"
    return {
        "product_id": f"op_{known.get('sourceProductId', '')}" if own else known.get("sourceProductId", ""),
        "variant_id": f"op_{known.get('sourceVariantId', '')}" if own else known.get("sourceVariantId", ""),
        "sku": known.get("sku", ""),
        "item_id": known["id"] if own else known["sourceItemId"],
        "item_name": known["productName"],
    }


def resolved(
    order: Document,
    given: Document,
    default_items: list[Document],
    *,
    reading: Literal["unit", "line"],
    ids: Literal["source", "own"],
    place: str,
) -> Document:
    """
    Return one resolution with all that page WH-CA has.

    Args:
        order: The order that the claim is about.
        given: ``{"type": …, "details": {…}}``; only the type is needed.
        default_items: The items of the claim: what is resolved where *given* names no items.
        reading: What the amounts of an item are of.
        ids: Whose ids the items carry.
        place: Where *given* stands in the request, for refusals.

    Raises:
        Refusal: 400 for a resolution without a type, an item that the order does not have, or a total that cannot be
            computed.
    """
    details = given.get("details", {})
    if not isinstance(given.get("type"), str) or not isinstance(details, dict):
        raise Refusal(400, f"{place}: expected a type (text) and details (an object)", place)
    entries = details.get("items", default_items)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refusal(400, f"{place}.details.items: expected a list of objects", f"{place}.details.items")
    items = [
        _filled(order, entry, reading, ids, f"{place}.details.items[{index}]")
        if "sourceItemId" in entry or "source_item_id" in entry
        else entry
        for index, entry in enumerate(entries)
    ]
    whole = {"currency": order["currency"], "shipping_amount": 0, "shipping_amount_tax": 0} | details | {"items": items}
    if "total_refund_amount" not in whole:
        whole["total_refund_amount"] = _total(given["type"], whole, reading, place)
    if given["type"] == "RESHIP" and "shipping_address" not in whole:
        whole["shipping_address"] = {name: order["address"].get(name) or "" for name in _ADDRESS}
    return {"type": given["type"], "details": whole}


def _filled(order: Document, entry: Document, reading: str, ids: Literal["source", "own"], place: str) -> Document:
    try:
        item = check_own(_ShortItem, entry)
    except Refusal as refusal:
        raise Refusal(400, f"{place}.{refusal.message}", f"{place}.{refusal.field}") from None
    known = claimed(order, item, place)
    price = known["price"] * (item.quantity if reading == "line" else 1) if item.price is None else item.price
    return item_names(known, ids) | {
        "price": price,
        "discount": item.discount,
        "tax": item.tax,
        "resolution_percentage": item.percentage,
        "resolution_flat_amount": item.flat_amount,
        "quantity": item.quantity,
    }


def _total(kind: str, details: Document, reading: str, place: str) -> Decimal:
    """
    Reckon ``total_refund_amount``: sum of (price - discount + tax) x percentage, and shipping with its tax.

    That is the arithmetic of the samples (page WH-CA), times the quantity in the reading ``unit``, rounded half-up
    on the sum. For FLAT_RATE, the flat amounts take the place of the items' (G-6, an assumption).
    """
    try:
        parts = [_number(details[name]) for name in ("shipping_amount", "shipping_amount_tax")]
        parts += [_number(item["resolution_flat_amount"]) for item in details["items"]] if kind == "FLAT_RATE" else []
        parts += _shares(details["items"], reading) if kind != "FLAT_RATE" else []
        step = Decimal(1).scaleb(-exponent(details["currency"]))
        return sum(parts, Decimal(0)).quantize(step, rounding=ROUND_HALF_UP, context=_PRECISE)
    except (KeyError, ValueError, TypeError, InvalidOperation):
        field = f"{place}.details.total_refund_amount"
        raise Refusal(400, f"{field}: cannot be computed from these items; give it", field) from None


def _shares(items: Iterable[Document], reading: str) -> list[Decimal]:
    return [
        (_number(item["price"]) - _number(item["discount"]) + _number(item["tax"]))
        * (_number(item["quantity"]) if reading == "unit" else 1)
        * _number(item["resolution_percentage"])
        / 100
        for item in items
    ]


def _number(value: Any) -> Decimal:
    return number_from(value)
