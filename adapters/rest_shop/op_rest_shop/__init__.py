"""The adapter ``rest_shop``: a shop with an HTTP admin API, through one manifest."""

from __future__ import annotations

from op_rest_shop.adapter import RestShopAdapter
from op_rest_shop.settings import RestShopSettings

__all__ = ["RestShopAdapter", "RestShopSettings"]
