"""All calls of the sandbox, in the order in which their paths are tried."""

from __future__ import annotations

from op_core.sandbox.calls.claims import claim_calls
from op_core.sandbox.calls.oauth import app_calls, oauth_calls
from op_core.sandbox.calls.orders import order_calls
from op_core.sandbox.calls.own import own_calls
from op_core.sandbox.calls.partners import UNSERVED, partner_calls
from op_core.sandbox.calls.products import product_calls
from op_core.sandbox.calls.quotes import quote_calls, quote_setting
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.served import Served

__all__ = ["UNSERVED", "all_calls"]


def all_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the calls of the API, documented and assumed, and the sandbox's own."""
    return [
        *order_calls(local),
        *claim_calls(local),
        *product_calls(local),
        *quote_calls(local),
        *oauth_calls(local),
        *partner_calls(local),
        *own_calls(local),
        *app_calls(local),
        quote_setting(local),
    ]
