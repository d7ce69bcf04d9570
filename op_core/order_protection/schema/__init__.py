"""What we send to the API, page by page: `orders`, `claims`, `products`, each made of `fields`."""

from __future__ import annotations

from op_core.models import ProductStatus
from op_core.order_protection.schema.claims import (
    ClaimAddress,
    Claimant,
    ClaimCategory,
    ClaimedItem,
    ClaimFiledFrom,
    ClaimOptions,
    ClaimState,
    FileClaim,
    FileOfflineClaim,
    FulfillmentIssues,
    Issue,
    IssueType,
    OfflineAddress,
    RequestedResolution,
    ResolutionWish,
    SalesChannel,
    Warranty,
)
from op_core.order_protection.schema.fields import Sent, WireModel
from op_core.order_protection.schema.orders import (
    CreateFulfillment,
    CreateOrder,
    FulfilledItem,
    OrderItem,
    PlatformId,
    UpdateFulfillment,
    UpdateOrder,
    WireAddress,
)
from op_core.order_protection.schema.products import (
    CreateProduct,
    InventoryType,
    ProductType,
    UpdateProduct,
)

__all__ = [
    "ClaimAddress",
    "ClaimCategory",
    "ClaimFiledFrom",
    "ClaimOptions",
    "ClaimState",
    "Claimant",
    "ClaimedItem",
    "CreateFulfillment",
    "CreateOrder",
    "CreateProduct",
    "FileClaim",
    "FileOfflineClaim",
    "FulfilledItem",
    "FulfillmentIssues",
    "InventoryType",
    "Issue",
    "IssueType",
    "OfflineAddress",
    "OrderItem",
    "PlatformId",
    "ProductStatus",
    "ProductType",
    "RequestedResolution",
    "ResolutionWish",
    "SalesChannel",
    "Sent",
    "UpdateFulfillment",
    "UpdateOrder",
    "UpdateProduct",
    "Warranty",
    "WireAddress",
    "WireModel",
]
