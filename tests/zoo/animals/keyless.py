"""The reference for a shop that knows no keys: a second call makes a second effect. No animal by itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from op_corner_shop import CornerShopAdapter, mapping

from op_core.models import Outcome
from op_core.requests import Effect

__all__ = ["Keyless"]


class Keyless(CornerShopAdapter):
    """Nothing but the question whether it was made keeps it from being made twice."""

    def _made(self, name: str, request: Effect, body: Mapping[str, Any]) -> Outcome:
        made = self.client.post("orders", request.order.id, name, key=uuid.uuid4().hex, body=body)
        return mapping.outcome(made.get(name.removesuffix("s")), request)
