"""How a claim reads back: the array of page CLM-O, as far as the sandbox knows what to put there."""

from __future__ import annotations

from op_core.sandbox.answers import Document

__all__ = ["claim_view"]


def claim_view(claim: Document, order: Document, store_id: str) -> Document:
    """
    Return the claim in the shape of the sample on page CLM-O.

    Store credits and documents are always empty: nothing in the sandbox makes any. ``claimState`` is ``NEW``,
    ``APPROVED`` or ``DENIED``.
    """
    shared = {"claimId": claim["id"], "deletedAt": None}
    policy_id = f"policy_{order['id']}"
    return {
        "claimFiledFrom": "EXTERNAL",
        "id": claim["id"],
        "customerId": f"customer_{order['id']}",
        "storeId": store_id,
        "orderId": order["id"],
        "sourceOrderId": order["sourceOrderId"],
        "sourceOrderNumber": order.get("sourceOrderNumber"),
        "authorName": order.get("customerName"),
        "authorEmail": order.get("customerEmail"),
        "claimDescription": claim["description"],
        "resolutionRequested": claim["requested"],
        "resolutionDate": claim["resolution_date"],
        "claimState": claim["state"],
        "claimType": claim["type"],
        "isOta": False,
        "otaDescription": None,
        "externalSource": "api",
        "policyId": policy_id,
        "createdAt": claim["created_at"],
        "updatedAt": claim["updated_at"],
        "deletedAt": None,
        "claimItems": [
            {
                **shared,
                "id": item["id"],
                "itemId": item["own"],
                "quantity": item["quantity"],
                "createdAt": claim["created_at"],
                "updatedAt": claim["created_at"],
            }
            for item in claim["items"]
        ],
        "claimMessages": [
            {
                "senderType": message["sender"],
                "id": message["id"],
                "claimId": claim["id"],
                "message": message["message"],
                "authorName": order.get("customerName") if message["sender"] == "customer" else "Order Protection",
                "medias": [],
            }
            for message in claim["messages"]
        ],
        "claimResolutions": [{**shared, **_resolution(one)} for one in claim["resolutions"]],
        "claimStoreCredits": [],
        "claimDocuments": [],
        "policy": {
            "id": policy_id,
            "customerAmount": order.get("premiumPaid"),
            "brandAmount": 0,
            "insuredAmount": order["total"],
            "premiumPaid": order.get("premiumPaid"),
            "premiumDiscountedAmount": order.get("premiumDiscount"),
            "premiumCurrency": order["currency"],
            "fundedBy": "customer",
            "claim": {},
            "createdAt": order["createdAt"],
            "updatedAt": order["updatedAt"],
            "removedAt": order["policyCancelledAt"],
            "deletedAt": None,
            "hybridOperator": "AND",
        },
        "viewClaimUrl": f"https://claim.orderprotection.com/view/{claim['id']}",
    }


def _resolution(resolution: Document) -> Document:
    details = resolution["details"]
    return {
        "id": resolution["id"],
        "userId": "user_sandbox",
        "resolutionType": resolution["type"],
        "resolutionDetails": "",
        "paidValue": details["total_refund_amount"],
        "paidCurrency": details["currency"],
        "paidOriginalValue": details["total_refund_amount"],
        "includeShipping": bool(details["shipping_amount"]),
        "shippingAmount": details["shipping_amount"],
        "creditStore": resolution["type"] == "STORE_CREDIT",
        "createdAt": resolution["created_at"],
        "updatedAt": resolution["created_at"],
    }
