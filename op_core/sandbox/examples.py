"""One good body for each call of the API that needs much said: they stand in the description, and a test sends them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel

from op_core.order_protection.schema import (
    CreateFulfillment,
    CreateOrder,
    CreateProduct,
    FileClaim,
    FileOfflineClaim,
    UpdateFulfillment,
    UpdateOrder,
    UpdateProduct,
)
from op_core.sandbox.answers import Document

__all__ = ["EXAMPLES"]

_ADDRESS = {"address1": "1 Test Way", "city": "Testville", "state": "UT", "zip": "00000", "country": "US"}
_PARCEL = {
    "sourceFulfillmentId": "1001-parcel-1",
    "sourceItemIds": [{"sourceItemId": "1001-1", "quantity": 1}],
    "fulfillmentStatus": "FULFILLED",
    "trackingCompany": "FedEx",
    "trackingNumber": ["000000000000"],
    "trackingUrl": ["https://carrier.example/000000000000"],
}
EXAMPLES: Mapping[type[BaseModel], Document] = {
    CreateOrder: {
        "sourceOrderId": "1001",
        "sourceOrderNumber": "#1001",
        "sourceCreatedAt": "2025-01-31T09:00:00.000Z",
        "platformId": "api",
        "currency": "USD",
        "total": Decimal("95.40"),
        "subtotal": Decimal("89.99"),
        "shippingCost": Decimal("3.91"),
        "premiumPaid": Decimal("1.50"),
        "customerEmail": "customer@example.com",
        "orderItems": [
            {
                "sourceItemId": "1001-1",
                "sourceProductId": "lamp",
                "sourceVariantId": "lamp-red",
                "productName": "Lamp",
                "sku": "LAMP-RED",
                "quantity": 2,
                "price": Decimal("40.00"),
            },
            {"sourceItemId": "1001-2", "productName": "Mug", "quantity": 1, "price": Decimal("9.99")},
        ],
        "address": _ADDRESS,
        "fulfillments": [_PARCEL],
    },
    UpdateOrder: {"sourceUpdatedAt": "2025-02-01T09:00:00.000Z", "premiumPaid": Decimal(0), "total": Decimal("93.90")},
    CreateFulfillment: _PARCEL | {"sourceFulfillmentId": "1001-parcel-2"},
    UpdateFulfillment: {"status": "DELIVERED"},
    FileClaim: {
        "email": "customer@example.com",
        "fulfillmentIssues": [
            {
                "sourceFulfillmentId": "1001-parcel-1",
                "issues": [
                    {
                        "issueType": "DAMAGED",
                        "quantity": 1,
                        "sourceItemId": "1001-1",
                        "details": "The shade is broken.",
                        "images": ["https://pictures.example/shade.png"],
                    }
                ],
            }
        ],
        "resolution": {"desiredMethod": "RESHIP", "customerSignature": "https://pictures.example/signature.png"},
    },
    FileOfflineClaim: {
        "customer": {"email": "customer@example.com", "phoneNumber": "+15550000000"},
        "item": {"sourceItemId": "till-7", "name": "Lamp", "sku": "LAMP-RED", "price": Decimal("40.00")},
        "warranty": {
            "dateOfPurchase": "2025-01-31T09:00:00.000Z",
            "receiptRequired": True,
            "receiptImages": ["https://pictures.example/receipt.png"],
            "warrantyPeriod": "P1Y",
        },
        "shippingAddress": _ADDRESS,
        "storeId": "store_sandbox",
        "signature": "",
        "salesChannel": "IN_STORE",
        "claimCategory": "WARRANTY",
        "issueType": "DEFECTIVE_ITEM",
        "resolution": "REFUND",
    },
    CreateProduct: {
        "productId": "lamp",
        "variantId": "lamp-red",
        "name": "Lamp, red",
        "sku": "LAMP-RED",
        "status": "ACTIVE",
        "price": Decimal("40.00"),
        "inventoryType": "FULL",
        "inventoryQuantity": 7,
        "productType": "SIMPLE",
    },
    UpdateProduct: {"inventoryQuantity": 6},
}
