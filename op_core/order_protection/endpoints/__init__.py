"""
Every documented call as pure values: what is sent, and how its answer is read. Nothing here sends.

`orders`, `claims`, `products`, `quotes`, `oauth` and `partners` follow the API's pages; `reports` makes
the calls that no page documents. A function returns a `Call`; a client of either colour makes it.
"""

from __future__ import annotations

from op_core.order_protection.endpoints.claims import claims_of_order, file_claim, file_offline_claim, list_claims
from op_core.order_protection.endpoints.oauth import authorize_url, revoke_token, token, verify_session
from op_core.order_protection.endpoints.orders import (
    create_fulfillment,
    create_order,
    get_order,
    list_fulfillments,
    list_orders,
    update_fulfillment,
    update_order,
)
from op_core.order_protection.endpoints.partners import (
    create_settings_context,
    get_settings,
    get_settings_context,
    list_pricing_rules,
    partner_widget,
    widget_config,
)
from op_core.order_protection.endpoints.products import create_product, update_product
from op_core.order_protection.endpoints.quotes import partner_quote, quote
from op_core.order_protection.endpoints.reading import Page
from op_core.order_protection.endpoints.reports import PLACEHOLDERS, Route, report

__all__ = [
    "PLACEHOLDERS",
    "Page",
    "Route",
    "authorize_url",
    "claims_of_order",
    "create_fulfillment",
    "create_order",
    "create_product",
    "create_settings_context",
    "file_claim",
    "file_offline_claim",
    "get_order",
    "get_settings",
    "get_settings_context",
    "list_claims",
    "list_fulfillments",
    "list_orders",
    "list_pricing_rules",
    "partner_quote",
    "partner_widget",
    "quote",
    "report",
    "revoke_token",
    "token",
    "update_fulfillment",
    "update_order",
    "update_product",
    "verify_session",
    "widget_config",
]
