"""The adapter ``sql_shop``: a shop whose truth is a SQL database, through one mapping file."""

from __future__ import annotations

from op_sql_shop.adapter import SqlShopAdapter
from op_sql_shop.settings import SqlShopSettings

__all__ = ["SqlShopAdapter", "SqlShopSettings"]
