"""
What we read from the API: tolerant, for the pages contradict each other and the API will grow.

Each value keeps everything that came in ``raw``; a known field that cannot be read is None, and nothing is refused.
Pages: ORD-G (get order), FUL-G (fulfillments of an order), CLM-O (claims of an order), CLM-L (all claims).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from op_core.order_protection.jsonmoney import number_from
from op_core.order_protection.schema import WireModel, time_from

__all__ = [
    "ReadClaim",
    "ReadClaimItem",
    "ReadClaimResolution",
    "ReadFulfilledItem",
    "ReadFulfillment",
    "ReadOrder",
    "ReadOrderItem",
]


def _text_or_none(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    return str(value)


def _upper_or_none(value: object) -> str | None:
    return value.upper() if isinstance(value, str) and value else None


def _amount_or_none(value: object) -> Decimal | None:
    try:
        return number_from(value)
    except ValueError:
        return None


def _time_or_none(value: object) -> datetime | None:
    try:
        return time_from(value)
    except ValueError:
        return None


def _whole_or_none(value: object) -> int | None:
    amount = _amount_or_none(value)
    return int(amount) if amount is not None and amount == amount.to_integral_value() else None


def _texts(value: object) -> tuple[str, ...]:
    many = value if isinstance(value, list | tuple) else [value]
    return tuple(text for text in map(_text_or_none, many) if text is not None)


def _objects(value: object) -> object:
    return [part for part in value if isinstance(part, dict | WireModel)] if isinstance(value, list | tuple) else []


_ReadText = Annotated[str | None, BeforeValidator(_text_or_none)]
_ReadUpper = Annotated[str | None, BeforeValidator(_upper_or_none)]
_ReadAmount = Annotated[Decimal | None, BeforeValidator(_amount_or_none)]
_ReadTime = Annotated[datetime | None, BeforeValidator(_time_or_none)]
_ReadWhole = Annotated[int | None, BeforeValidator(_whole_or_none)]
_ReadFlag = Annotated[bool | None, BeforeValidator(lambda value: value if isinstance(value, bool) else None)]
_ReadTexts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
_T = TypeVar("_T")
_ReadMany = Annotated[tuple[_T, ...], BeforeValidator(_objects)]


class _Read(WireModel):
    """
    An answer, or a part of one.

    Attributes:
        raw: The object as it came, with what nobody knows yet.
    """

    raw: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _keep(cls, data: Any) -> Any:
        return {**data, "raw": data} if isinstance(data, dict) else data


class ReadFulfilledItem(_Read):
    """An item in a parcel; ORD-G calls its id ``id``, FUL-G ``sourceItemId`` (C-12)."""

    source_item_id: _ReadText = Field(default=None, validation_alias=AliasChoices("sourceItemId", "id"))
    quantity: _ReadWhole = None


class ReadFulfillment(_Read):
    """A parcel (pages FUL-G, ORD-G). The status is in capitals, known or not (C-14); tracking is always many."""

    id: _ReadText = None
    source_fulfillment_id: _ReadText = None
    source_order_id: _ReadText = None
    fulfillment_status: _ReadUpper = None
    source_item_ids: _ReadMany[ReadFulfilledItem] = ()
    tracking_company: _ReadText = None
    tracking_number: _ReadTexts = ()
    tracking_url: _ReadTexts = ()
    created_at: _ReadTime = None
    updated_at: _ReadTime = None


class ReadOrderItem(_Read):
    """One item of an order (page ORD-G). *id* is Order Protection's own, *source_item_id* the shop's."""

    id: _ReadText = None
    source_item_id: _ReadText = None
    source_product_id: _ReadText = None
    source_variant_id: _ReadText = None
    sku: _ReadText = None
    product_name: _ReadText = None
    quantity: _ReadWhole = None
    refunded_quantity: _ReadWhole = None
    price: _ReadAmount = None
    discount: _ReadAmount = None
    tax: _ReadAmount = None


class ReadOrder(_Read):
    """
    An order as Order Protection holds it (page ORD-G).

    Attributes:
        id: Order Protection's own id.
        source_order_id: The shop's id.
        original_source_order_id: The order that it replaces, under either name (C-9).
        policy_cancelled_at: When its protection ended.
        premium_paid: None also where the answer has a date in its place (C-11).
    """

    id: _ReadText = None
    source_order_id: _ReadText = None
    source_order_number: _ReadText = None
    original_source_order_id: _ReadText = Field(
        default=None, validation_alias=AliasChoices("originalSourceOrderId", "originalSourceOrderNumber")
    )
    original_order_id: _ReadText = None
    source_created_at: _ReadTime = None
    source_updated_at: _ReadTime = None
    source_cancelled_at: _ReadTime = None
    policy_cancelled_at: _ReadTime = None
    platform_id: _ReadText = None
    currency: _ReadText = None
    total: _ReadAmount = None
    subtotal: _ReadAmount = None
    premium_paid: _ReadAmount = None
    premium_cost: _ReadAmount = None
    fulfillments: _ReadMany[ReadFulfillment] = ()
    order_items: _ReadMany[ReadOrderItem] = ()


class ReadClaimItem(_Read):
    """One item that a claim is about (page CLM-O)."""

    id: _ReadText = None
    item_id: _ReadText = None
    quantity: _ReadWhole = None


class ReadClaimResolution(_Read):
    """
    What was decided about a claim (pages CLM-O, CLM-L).

    Attributes:
        resolution_type: Under either name, in capitals: ``resolutionType`` (CLM-O) or ``resolution`` (CLM-L, C-18).
        claim_state: Only on CLM-L.
    """

    id: _ReadText = None
    resolution_type: _ReadUpper = Field(default=None, validation_alias=AliasChoices("resolutionType", "resolution"))
    claim_state: _ReadUpper = None
    paid_value: _ReadAmount = None
    paid_currency: _ReadText = None
    paid_original_value: _ReadAmount = None
    shipping_amount: _ReadAmount = None
    include_shipping: Annotated[
        bool | None, BeforeValidator(lambda value: value if value in (True, False) else None)
    ] = None
    created_at: _ReadTime = None
    deleted_at: _ReadTime = None


class ReadClaim(_Read):
    """
    A claim (page CLM-O).

    Attributes:
        id: The claim's id, as in the webhooks.
        order_id: Order Protection's own id of the order.
        source_order_id: The shop's id of the order.
        claim_state: In capitals: one of the 14 states of page WH-CC, or one that nobody knows yet.
    """

    id: _ReadText = None
    order_id: _ReadText = None
    source_order_id: _ReadText = None
    source_order_number: _ReadText = None
    store_id: _ReadText = None
    claim_state: _ReadUpper = None
    claim_type: _ReadUpper = None
    resolution_requested: _ReadUpper = None
    resolution_date: _ReadTime = None
    created_at: _ReadTime = None
    updated_at: _ReadTime = None
    deleted_at: _ReadTime = None
    claim_items: _ReadMany[ReadClaimItem] = ()
    claim_resolutions: _ReadMany[ReadClaimResolution] = ()
