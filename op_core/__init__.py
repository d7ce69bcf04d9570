"""
op-core: the merchant's half of Order Protection, once for any storefront.

Export orders, receive decisions, reship or refund exactly once, report back.
"""

from importlib.metadata import version as _version
from typing import Any

from op_core.hooks import hookimpl, hookspec

__all__ = ["Core", "hookimpl", "hookspec", "load"]
__version__ = _version("op-core")


def __getattr__(name: str) -> Any:
    """Import the front lazily: an adapter that needs only `hookimpl` should not load the ledger."""
    if name in ("Core", "load"):
        from op_core import core  # noqa: PLC0415 - lazily, as said

        return getattr(core, name)
    raise AttributeError(f"module 'op_core' has no attribute {name!r}")
