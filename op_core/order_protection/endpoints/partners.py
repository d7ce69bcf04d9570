"""
A partner's own settings on a store, as far as their bodies are known. Pages: DEV-EP, DEV-CHK.

Known are the body of POST, which needs ``variantKey``, and calls without a body. What they answer is cut from the
pages: it comes back as the JSON that it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from op_core.errors import NotSendable
from op_core.order_protection.endpoints.paths import filled
from op_core.order_protection.endpoints.reading import json_of
from op_core.order_protection.messages import Call, Request

__all__ = ["create_settings_context", "get_settings", "get_settings_context", "list_pricing_rules", "partner_widget",
           "widget_config"]  # fmt: skip

Query = tuple[tuple[str, str], ...]
_CONTEXT = "/v2/settings/context"
_WIDGET = "/v2/widget/config/partner/{applicationId}"


def _get(route: str, page: str, path: str = "", query: Query = (), *, public: bool = False) -> Call[Any]:
    request = Request(
        method="GET", path=path or route, query=query, repeatable=True, page=page, route=route, authorized=not public
    )
    return Call(request, json_of)


def create_settings_context(variant_key: str, overrides: Mapping[str, Any] | None = None) -> Call[Any]:
    """
    Make a cohort of sparse overrides over the merchant's settings (page DEV-EP; scope ``write_settings``).

    Args:
        variant_key: The cohort's stable id.
        overrides: Further fields, by their names on the wire; which there are is cut from the page.
    """
    if not variant_key:
        raise NotSendable("variantKey: required, and empty (page DEV-EP)")
    body = {**(overrides or {}), "variantKey": variant_key}
    return Call(Request(method="POST", path=_CONTEXT, body=body, page="DEV-EP", route=_CONTEXT), json_of)


def get_settings_context() -> Call[Any]:
    """Ask for the cohorts of this application (page DEV-EP; scope ``read_store``)."""
    return _get(_CONTEXT, "DEV-EP")


def get_settings() -> Call[Any]:
    """Ask for the merchant's settings (page DEV-EP; scope ``read_store``)."""
    return _get("/v2/settings", "DEV-EP")


def list_pricing_rules() -> Call[Any]:
    """Ask for the pricing rules (page DEV-EP; its scopes are by type of ruleset)."""
    return _get("/v2/pricing/rules", "DEV-EP")


def widget_config() -> Call[Any]:
    """Ask for the configuration of the widget (page DEV-EP; its scopes are by type of widget)."""
    return _get("/v2/widget/config", "DEV-EP")


def partner_widget(application_id: str, variant_key: str) -> Call[Any]:
    """Ask for the widget's configuration of a partner's cohort (page DEV-CHK); no scope is stated."""
    path = filled(_WIDGET, applicationId=(application_id, "application id"))
    return _get(_WIDGET, "DEV-CHK", path, (("key", variant_key),), public=True)
