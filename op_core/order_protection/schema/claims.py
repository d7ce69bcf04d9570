"""
Claims as a shop files them, and the words that they are told in.

Pages: CLM-C (a claim about an order of the online store), CLM-F (an offline claim: a sale of another channel, not tied
to an order). The pages mark few fields as required; what their samples show and do not mark is optional here.
"""

from __future__ import annotations

import enum

from pydantic import Field

from op_core.order_protection.schema.fields import Amount, Id, Many, Period, Sent, Text, Time, Url

__all__ = [
    "ClaimAddress",
    "ClaimCategory",
    "ClaimFiledFrom",
    "ClaimOptions",
    "ClaimState",
    "Claimant",
    "ClaimedItem",
    "FileClaim",
    "FileOfflineClaim",
    "FulfillmentIssues",
    "Issue",
    "IssueType",
    "OfflineAddress",
    "RequestedResolution",
    "ResolutionWish",
    "SalesChannel",
    "Warranty",
]


class IssueType(enum.StrEnum):
    """What is wrong (page CLM-F); webhooks know all but the last two (page WH-CC, C-16)."""

    STOLEN = "STOLEN"
    DAMAGED = "DAMAGED"
    ORDER_DELIVERED_NOT_RECEIVED = "ORDER_DELIVERED_NOT_RECEIVED"
    DEFECTIVE_ITEM = "DEFECTIVE_ITEM"
    WRONG_ITEM = "WRONG_ITEM"
    MISSING_ITEM = "MISSING_ITEM"
    RETURNED_TO_SENDER = "RETURNED_TO_SENDER"
    MULTIPLE = "MULTIPLE"
    TRACKING_NOT_MOVING = "TRACKING_NOT_MOVING"
    WRONG_ADDRESS = "WRONG_ADDRESS"


class ClaimState(enum.StrEnum):
    """The states of a claim (page WH-CC)."""

    APPROVED = "APPROVED"
    ARCHIVED = "ARCHIVED"
    CLOSED = "CLOSED"
    COMMUNICATING = "COMMUNICATING"
    DENIED = "DENIED"
    DISMISSED = "DISMISSED"
    NEW = "NEW"
    OPEN = "OPEN"
    RESOLVED = "RESOLVED"
    RESOLVED_BY_BRAND = "RESOLVED_BY_BRAND"
    TEMPORARILY_DISMISSED = "TEMPORARILY_DISMISSED"
    WAITING_FOR_BRAND = "WAITING_FOR_BRAND"
    WAITING_FOR_CUSTOMER = "WAITING_FOR_CUSTOMER"
    WAITING_FOR_OP = "WAITING_FOR_OP"


class RequestedResolution(enum.StrEnum):
    """What a customer may ask for (page CLM-F)."""

    RESHIP = "RESHIP"
    REFUND = "REFUND"
    STORE_CREDIT = "STORE_CREDIT"


class SalesChannel(enum.StrEnum):
    """Where it was sold (pages CLM-C, CLM-F)."""

    ONLINE = "ONLINE"
    IN_STORE = "IN_STORE"


class ClaimCategory(enum.StrEnum):
    """What covers it (pages CLM-C, CLM-F)."""

    SHIPPING = "SHIPPING"
    WARRANTY = "WARRANTY"


class ClaimFiledFrom(enum.StrEnum):
    """Where it was filed (pages CLM-C, CLM-F)."""

    EXTERNAL = "EXTERNAL"
    INTERNAL = "INTERNAL"


class ClaimOptions(Sent):
    """Switches of a claim, known from the samples only."""

    page = "CLM-C"
    from_valet: bool | None = Field(default=None, strict=True)
    require_customer_signature: bool | None = Field(default=None, strict=True)


class Issue(Sent):
    """
    What is wrong with some units of one item (page CLM-C).

    Attributes:
        details: The customer's own words.
        images: Addresses of pictures.
    """

    page = "CLM-C"
    issue_type: IssueType
    quantity: int = Field(strict=True, ge=1)
    source_item_id: Id
    source_product_id: Text | None = None
    source_variant_id: Text | None = None
    details: Text | None = None
    images: Many[Url] | None = None


class FulfillmentIssues(Sent):
    """What is wrong with one parcel (page CLM-C). Copies of the page name the id in two ways (C-17)."""

    page = "CLM-C"
    source_fulfillment_id: Id
    issues: Many[Issue] = Field(min_length=1)


class ClaimAddress(Sent):
    """Where a replacement shall go (older copy of page CLM-C only, C-17)."""

    page = "CLM-C"
    first_name: Text | None = None
    last_name: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    state: Text | None = None
    zip: Text | None = None
    country: Text | None = None
    order_id: Text | None = None


class ResolutionWish(Sent):
    """
    What the customer asks for (page CLM-C).

    Attributes:
        customer_signature: Address of a picture.
        warranty_period: An ISO 8601 duration, such as ``P1Y`` (fuller copy).
        updated_shipping_address: Older copy only (C-17).
    """

    page = "CLM-C"
    desired_method: RequestedResolution | None = None
    customer_signature: Url | None = None
    warranty_period: Period | None = None
    updated_shipping_address: ClaimAddress | None = None


class FileClaim(Sent):
    """``POST /v1/claims/{sourceOrderId}`` (page CLM-C): a claim about an order of the online store."""

    page = "CLM-C"
    email: Id
    sales_channel: SalesChannel = SalesChannel.ONLINE
    claim_category: ClaimCategory = ClaimCategory.SHIPPING
    fulfillment_issues: Many[FulfillmentIssues] | None = None
    resolution: ResolutionWish | None = None
    claim_filed_from: ClaimFiledFrom = ClaimFiledFrom.EXTERNAL
    options: ClaimOptions | None = None


class Claimant(Sent):
    """Who claims (page CLM-F, known from its sample only)."""

    page = "CLM-F"
    email: Text | None = None
    phone_number: Text | None = None


class ClaimedItem(Sent):
    """
    What the claim is about (page CLM-F, known from its sample only).

    Attributes:
        price: Of one unit, major units; no page says its currency.
        details: The customer's own words.
    """

    page = "CLM-F"
    source_product_id: Text | None = None
    source_variant_id: Text | None = None
    name: Text | None = None
    images: Many[Url] | None = None
    source_item_id: Text | None = None
    sku: Text | None = None
    details: Text | None = None
    product_image: Url | None = None
    price: Amount | None = None
    sub_issue_id: Text | None = None


class Warranty(Sent):
    """What covers the item (page CLM-F, known from its sample only)."""

    page = "CLM-F"
    date_of_purchase: Time | None = None
    receipt_required: bool | None = Field(default=None, strict=True)
    receipt_images: Many[Url] | None = None
    warranty_period: Period | None = None
    product_description: Text | None = None


class OfflineAddress(Sent):
    """
    An address with its place on the map (page CLM-F, known from its sample only).

    Attributes:
        lat: Degrees north.
        lng: Degrees east.
        address_origin: The sample says ``CONCIERGE``.
    """

    page = "CLM-F"
    first_name: Text | None = None
    last_name: Text | None = None
    address1: Text | None = None
    city: Text | None = None
    zip: Text | None = None
    country: Text | None = None
    address2: Text | None = None
    state: Text | None = None
    state_abr: Text | None = None
    country_abr: Text | None = None
    lat: Amount | None = None
    lng: Amount | None = None
    address_origin: Text | None = None


class FileOfflineClaim(Sent):
    """
    ``POST /v1/claims/offline`` (page CLM-F): a warranty claim for a sale of another channel.

    Attributes:
        store_id: Order Protection's own id of the store.
        signature: Address of a picture; may be empty.
    """

    page = "CLM-F"
    customer: Claimant
    item: ClaimedItem
    warranty: Warranty
    shipping_address: OfflineAddress
    store_id: Id
    signature: Url
    sales_channel: SalesChannel
    claim_category: ClaimCategory
    issue_type: IssueType
    resolution: RequestedResolution
    claim_filed_from: ClaimFiledFrom = ClaimFiledFrom.EXTERNAL
    options: ClaimOptions | None = None
