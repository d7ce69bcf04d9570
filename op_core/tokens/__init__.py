"""
Credentials of a store behind one seam: its own API token, or the token of an app, renewed before it ends.

`AppToken` gives the app's token once for all threads and processes; `App` is what people do with the app: let it in,
look, throw it out. What the ledger keeps of either is sealed.
"""

from __future__ import annotations

from op_core.order_protection.bearer import FixedToken, TokenProvider
from op_core.tokens.app import App, AppStatus
from op_core.tokens.app_token import AppToken

__all__ = ["App", "AppStatus", "AppToken", "FixedToken", "TokenProvider"]
