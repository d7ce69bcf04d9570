"""
Orders and fulfillments as we send them: each body refuses itself where its page would refuse it.

Pages: ORD-C (create order), ORD-U (update order), FUL-C and FUL-U (fulfillments). `NotSendable` names field and rule
and shows no value: most of them are somebody's.
"""

from __future__ import annotations

import enum
from typing import Any

from pydantic import Field

from op_core.models import FulfillmentStatus
from op_core.order_protection.schema.fields import Amount, Currency, Id, Many, SampledAmount, Sent, Text, Time

__all__ = [
    "CreateFulfillment",
    "CreateOrder",
    "FulfilledItem",
    "OrderItem",
    "PlatformId",
    "UpdateFulfillment",
    "UpdateOrder",
    "WireAddress",
]


class PlatformId(enum.StrEnum):
    """The platforms that the API knows (page ORD-C); ``api`` is every other one."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    MAGENTO = "magento"
    BIGCOMMERCE = "bigcommerce"
    API = "api"


class FulfilledItem(Sent):
    """So many units of one item in a parcel (page FUL-C)."""

    page = "FUL-C"
    source_item_id: Id
    quantity: int = Field(strict=True, ge=1)


class CreateFulfillment(Sent):
    """``POST /v1/orders/{sourceOrderId}/fulfillments`` (page FUL-C); times stand in its fuller copy only."""

    page = "FUL-C"
    source_fulfillment_id: Id
    source_item_ids: Many[FulfilledItem]
    fulfillment_status: FulfillmentStatus
    tracking_company: Text | None = None
    tracking_number: Many[Text] | None = None
    tracking_url: Many[Text] | None = None
    created_at: Time | None = None
    updated_at: Time | None = None


class UpdateFulfillment(Sent):
    """``PUT /v1/orders/{sourceOrderId}/fulfillments/{sourceFulfillmentId}`` (page FUL-U): the status, no more."""

    page = "FUL-U"
    status: FulfillmentStatus


class OrderItem(Sent):
    """
    One item of an order (page ORD-C, known from its sample only).

    Attributes:
        price: Of one unit.
        description: The variant in words.
    """

    page = "ORD-C"
    source_item_id: Id
    product_name: Text
    quantity: int = Field(strict=True, ge=0)
    price: Amount
    sku: Text | None = None
    source_product_id: Text | None = None
    source_variant_id: Text | None = None
    product_url: Text | None = None
    product_image: Text | None = None
    description: Text | None = None


class WireAddress(Sent):
    """A shipping address (page ORD-C, known from its sample only; state and country have two letters there)."""

    page = "ORD-C"
    first_name: Text | None = None
    last_name: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    state: Text | None = None
    zip: Text | None = None
    country: Text | None = None


class CreateOrder(Sent):
    """
    ``POST /v1/orders`` (page ORD-C).

    Attributes:
        source_order_id: The shop's immutable id; every later path is built from it.
        original_source_order_number: For a replacement: the *id* of the order that it replaces (C-9).
        premium_paid: The premium after discounts.
        customer_email: The page asks for neither e-mail nor phone; the guide says that one of them names the customer.
        tags: Joined by commas.
    """

    page = "ORD-C"
    source_order_id: Id
    source_created_at: Time
    platform_id: PlatformId
    currency: Currency
    total: Amount
    subtotal: Amount
    order_items: Many[OrderItem]
    address: WireAddress
    original_source_order_number: Text | None = None
    source_order_number: Text | None = None
    source_updated_at: Time | None = None
    source_cancelled_at: Time | None = None
    premium_paid: Amount | None = None
    premium_cost: Amount | None = None
    premium_discount: Amount | None = None
    risk_level: Text | None = None
    discount_total: Amount | None = None
    shipping_cost: Amount | None = None
    shipping_cost_tax: Amount | None = None
    tax: Amount | None = None
    customer_email: Text | None = None
    customer_name: Text | None = None
    customer_phone: Text | None = None
    tags: Text | None = None
    fulfillments: Many[CreateFulfillment] | None = None


class UpdateOrder(Sent):
    """
    ``PUT /v1/orders/{sourceOrderId}`` (page ORD-U): only what its sample shows; no items, no address (G-15).

    Attributes:
        policy_cancelled_at: When protection ended; a None that was set says that it holds. Seen only where orders are
            read (page ORD-G), so it goes out only where the store's switch ``cancels_protection`` says so (G-2).
    """

    page = "ORD-U"
    original_source_order_id: Text | None = None
    source_order_number: Text | None = None
    source_created_at: Time | None = None
    source_updated_at: Time | None = None
    source_cancelled_at: Time | None = None
    platform_id: PlatformId | None = None
    currency: Currency | None = None
    premium_paid: SampledAmount | None = None
    total: SampledAmount | None = None
    subtotal: SampledAmount | None = None
    discount_total: SampledAmount | None = None
    shipping_cost: SampledAmount | None = None
    shipping_cost_tax: SampledAmount | None = None
    tax: SampledAmount | None = None
    customer_email: Text | None = None
    customer_name: Text | None = None
    customer_phone: Text | None = None
    policy_cancelled_at: Time | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the body as it goes out; see `Sent.to_wire`."""
        body = super().to_wire()
        if "policy_cancelled_at" in self.model_fields_set:
            body.setdefault("policyCancelledAt", None)
        return body
