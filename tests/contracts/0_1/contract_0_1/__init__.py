"""The Corner Shop as op-core's adapter ``corner_shop``."""

from contract_0_1.adapter import CornerShopAdapter
from contract_0_1.settings import CornerShopSettings

__all__ = ["CornerShopAdapter", "CornerShopSettings"]
