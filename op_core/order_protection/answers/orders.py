"""Orders and fulfillments as the API answers them. Pages: ORD-G, ORD-L (orders), FUL-G (fulfillments)."""

from __future__ import annotations

from op_core.order_protection.answers.reading import (
    Read,
    ReadAmount,
    ReadMany,
    ReadText,
    ReadTexts,
    ReadTime,
    ReadUpper,
    ReadWhole,
)

__all__ = ["ReadFulfilledItem", "ReadFulfillment", "ReadOrder", "ReadOrderItem"]


class ReadFulfilledItem(Read):
    """An item in a parcel, under either name of its id (C-12)."""

    what = "fulfilled item"
    source_item_id: ReadText = None
    quantity: ReadWhole = None


class ReadFulfillment(Read):
    """A parcel (pages FUL-G, ORD-G). The status is in capitals, known or not (C-14); tracking is always many."""

    id: ReadText = None
    source_fulfillment_id: ReadText = None
    source_order_id: ReadText = None
    fulfillment_status: ReadUpper = None
    source_item_ids: ReadMany[ReadFulfilledItem] = ()
    tracking_company: ReadText = None
    tracking_number: ReadTexts = ()
    tracking_url: ReadTexts = ()
    created_at: ReadTime = None
    updated_at: ReadTime = None


class ReadOrderItem(Read):
    """One item of an order (page ORD-G). *id* is Order Protection's own, *source_item_id* the shop's."""

    id: ReadText = None
    source_item_id: ReadText = None
    source_product_id: ReadText = None
    source_variant_id: ReadText = None
    sku: ReadText = None
    product_name: ReadText = None
    quantity: ReadWhole = None
    refunded_quantity: ReadWhole = None
    price: ReadAmount = None
    discount: ReadAmount = None
    tax: ReadAmount = None


class ReadOrder(Read):
    """
    An order as Order Protection holds it (page ORD-G).

    Attributes:
        id: Order Protection's own id.
        source_order_id: The shop's id.
        original_source_order_id: The order that it replaces, under either name (C-9).
        policy_cancelled_at: When its protection ended.
        premium_paid: None also where the answer has a date in its place (C-11).
    """

    what = "order"
    id: ReadText = None
    source_order_id: ReadText = None
    source_order_number: ReadText = None
    original_source_order_id: ReadText = None
    original_order_id: ReadText = None
    source_created_at: ReadTime = None
    source_updated_at: ReadTime = None
    source_cancelled_at: ReadTime = None
    policy_cancelled_at: ReadTime = None
    platform_id: ReadText = None
    currency: ReadText = None
    total: ReadAmount = None
    subtotal: ReadAmount = None
    premium_paid: ReadAmount = None
    premium_cost: ReadAmount = None
    fulfillments: ReadMany[ReadFulfillment] = ()
    order_items: ReadMany[ReadOrderItem] = ()
