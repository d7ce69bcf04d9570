"""How a claim reads back: as page CLM-O shows the claims of an order, and as page CLM-L shows all of them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from op_core.sandbox.answers import Document

__all__ = ["ResolutionForm", "claim_node", "claim_view"]

ResolutionForm: TypeAlias = Literal["by_page", "resolutionType", "resolution"]  # C-18


def claim_view(claim: Document, order: Document, store_id: str, form: ResolutionForm = "by_page") -> Document:
    """Return the claim in the shape of the sample on page CLM-O. Amounts of the policy are the order's."""
    shared = {"claimId": claim["id"], "deletedAt": None}
    made = {"createdAt": claim["created_at"], "updatedAt": claim["created_at"]}
    return {
        "claimFiledFrom": claim["filed_from"],
        "customerId": f"customer_{order['id']}",
        **_shown(claim, order, store_id),
        "resolutionRequested": claim["requested"],
        "resolutionDate": claim["resolution_date"],
        "claimType": claim["type"],
        "claimMessages": _messages(claim, order, senders=True),
        "claimResolutions": _resolutions(claim, "resolution" if form == "resolution" else "resolutionType"),
        "claimStoreCredits": [{**shared, **_credit(one)} for one in claim["credits"]],
        "claimDocuments": [
            {**shared, **made, "id": one["id"], "url": one["url"], "documentType": one["type"]}
            for one in claim["documents"]
        ],
        "policy": {
            "id": f"policy_{order['id']}",
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


def claim_node(claim: Document, order: Document, store_id: str, form: ResolutionForm = "by_page") -> Document:
    """Return the claim as page CLM-L shows it: less of it, and ``claimType`` always null."""
    return {
        **_shown(claim, order, store_id),
        "claimType": None,
        "claimMessages": _messages(claim, order, senders=False),
        "claimResolutions": _resolutions(claim, "resolutionType" if form == "resolutionType" else "resolution"),
    }


def _shown(claim: Document, order: Document, store_id: str) -> Document:
    """Return what both pages show alike."""
    return {
        "id": claim["id"],
        "storeId": store_id,
        "orderId": order["id"],
        "sourceOrderId": order["sourceOrderId"],
        "sourceOrderNumber": order.get("sourceOrderNumber"),
        "authorName": order.get("customerName"),
        "authorEmail": claim["email"],
        "claimDescription": claim["description"],
        "claimState": claim["state"],
        "isOta": False,
        "otaDescription": None,
        "externalSource": "api",
        "policyId": f"policy_{order['id']}",
        "createdAt": claim["created_at"],
        "updatedAt": claim["updated_at"],
        "deletedAt": None,
        "claimItems": [
            {
                "id": item["id"],
                "claimId": claim["id"],
                "itemId": item["own"],
                "quantity": item["quantity"],
                "createdAt": claim["created_at"],
                "updatedAt": claim["created_at"],
                "deletedAt": None,
            }
            for item in claim["items"]
        ],
    }


def _messages(claim: Document, order: Document, *, senders: bool) -> list[Document]:
    return [
        {
            **({"senderType": message["sender"]} if senders else {}),
            "id": message["id"],
            "claimId": claim["id"],
            "message": message["message"],
            "authorName": order.get("customerName") if message["sender"] == "customer" else "Order Protection",
            "medias": [],
        }
        for message in claim["messages"]
    ]


def _resolutions(claim: Document, name: Literal["resolutionType", "resolution"]) -> list[Document]:
    """Return what was decided: with amounts under ``resolutionType``, without under ``resolution`` (C-18)."""
    return [
        {
            "id": one["id"],
            "claimId": claim["id"],
            name: one["type"],
            **(_paid(one) if name == "resolutionType" else {"claimState": claim["state"]}),
            "createdAt": one["created_at"],
            "updatedAt": one["created_at"],
            "deletedAt": None,
        }
        for one in claim["resolutions"]
    ]


def _paid(resolution: Document) -> Document:
    details = resolution["details"]
    return {
        "userId": "user_sandbox",
        "resolutionDetails": "",
        "paidValue": details["total_refund_amount"],
        "paidCurrency": details["currency"],
        "paidOriginalValue": details["total_refund_amount"],
        "includeShipping": bool(details["shipping_amount"]),
        "shippingAmount": details["shipping_amount"],
        "creditStore": resolution["type"] == "STORE_CREDIT",
    }


def _credit(credit: Document) -> Document:
    return {
        "code": credit["code"],
        "emailStatus": "SENT",
        "emailTime": credit["created_at"],
        "creditValue": credit["value"],
        "bonusValue": credit["bonus"],
        "totalValue": credit["value"] + credit["bonus"],
        "bonus": credit["bonus"],
        "bonusType": "FIXED" if credit["bonus"] else "NONE",
        "creditCurrency": credit["currency"],
        "exchangeRate": 1,
        "createdAt": credit["created_at"],
        "updatedAt": credit["created_at"],
    }
