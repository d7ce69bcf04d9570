"""The adapter ``custom_store``: a shop written in Python, in the same process, through `op_core.stubs`."""

from __future__ import annotations

from op_custom_store.adapter import CustomStoreAdapter
from op_custom_store.settings import CustomStoreSettings

__all__ = ["CustomStoreAdapter", "CustomStoreSettings"]
