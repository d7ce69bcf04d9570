"""The Corner Shop as op-core's adapter ``corner_shop``."""

from op_corner_shop.adapter import CornerShopAdapter
from op_corner_shop.settings import CornerShopSettings

__all__ = ["CornerShopAdapter", "CornerShopSettings"]
