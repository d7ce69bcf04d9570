"""The reference without its second look at what the shop made: what most adapters are, and no animal by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from op_corner_shop import CornerShopAdapter

from op_core.models import Outcome
from op_core.requests import Effect

__all__ = ["Trusting"]


class Trusting(CornerShopAdapter):
    """It takes what the shop made for what it asked for."""

    def _made(self, name: str, request: Effect, body: Mapping[str, Any]) -> Outcome:
        made = self.client.post("orders", request.order.id, name, key=request.reference, body=body)
        found = made[name.removesuffix("s")]
        return Outcome("done", found["id"], money="moved" if "amount" in found else None)
