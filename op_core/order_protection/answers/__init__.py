"""What we read from the API, page by page: `orders`, `claims`, `quotes`, `oauth`; `reading` says how."""

from __future__ import annotations

from op_core.order_protection.answers.claims import (
    ReadClaim,
    ReadClaimDocument,
    ReadClaimItem,
    ReadClaimMessage,
    ReadClaimResolution,
    ReadOfflineClaim,
    ReadPolicy,
    ReadStoreCredit,
)
from op_core.order_protection.answers.oauth import ReadSession, ReadToken
from op_core.order_protection.answers.orders import ReadFulfilledItem, ReadFulfillment, ReadOrder, ReadOrderItem
from op_core.order_protection.answers.quotes import ReadPremium, ReadQuote, ReadQuoteRule, ReadQuoteTerms

__all__ = [
    "ReadClaim",
    "ReadClaimDocument",
    "ReadClaimItem",
    "ReadClaimMessage",
    "ReadClaimResolution",
    "ReadFulfilledItem",
    "ReadFulfillment",
    "ReadOfflineClaim",
    "ReadOrder",
    "ReadOrderItem",
    "ReadPolicy",
    "ReadPremium",
    "ReadQuote",
    "ReadQuoteRule",
    "ReadQuoteTerms",
    "ReadSession",
    "ReadStoreCredit",
    "ReadToken",
]
