"""What a running Medusa answers, scrubbed and kept for the tests that replay it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from op_rest_shop import RestShopAdapter

from op_core.models import LineQuantity, Order
from op_core.requests import (
    CheckStockRequest,
    Effect,
    ExportOrdersRequest,
    ExportProductsRequest,
    FindRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
)

__all__ = ["record"]

_PERSONAL = {"first_name": "Some", "last_name": "Body", "phone": "+15550100", "address_1": "1 Main St", "address_2": ""}
_PERSONAL |= {"email": "somebody@example.com", "company": None, "city": "Springfield", "postal_code": "12345"}


def record(shop: RestShopAdapter, order: Order, effects: Sequence[Effect], file: Path) -> None:
    """Keep each answer of one order's reads and of effects on it, by what was asked, in the order that they came."""
    kept: list[dict[str, Any]] = []
    send = shop.client.session.send

    def listening(request: Any) -> Any:
        response = send(request)
        path = request.path + ("?" + "&".join("=".join(pair) for pair in request.query) if request.query else "")
        kept.append(
            {"method": request.method, "path": path, "status": response.status, "body": json.loads(response.body)}
        )
        return response

    shop.client.session.send = listening  # type: ignore[method-assign]  # the one place where answers pass
    page = shop.op_export_orders(request=ExportOrdersRequest("main", None, None, 3))
    ids = tuple(one.id for one in page.orders)
    shop.op_lookup_fulfillments(request=LookupFulfillmentsRequest("main", ids))
    shop.op_export_products(request=ExportProductsRequest("main", None, None, 3))
    units = tuple(LineQuantity(line.id, 1) for line in order.lines)
    shop.op_check_stock(request=CheckStockRequest("main", order, units))
    for request in effects:
        verb = shop.writers[request.key.verb]
        ask = FindRequest("main", request.key, request.reference, request.order)
        verb.look(ask)
        verb.make(request)
        verb.look(ask)
    shop.op_get_order(request=GetOrderRequest("main", order.id))
    lines = [json.dumps(_scrubbed(each), ensure_ascii=False, sort_keys=True, separators=(",", ":")) for each in kept]
    file.write_text("[" + ",\n".join(lines) + "]\n", encoding="utf-8")


def _scrubbed(value: Any) -> Any:
    """Leave out what is personal, and Medusa's second spelling of each number."""
    if isinstance(value, dict):
        kept = {name: _scrubbed(inner) for name, inner in value.items() if not name.startswith("raw_")}
        return {name: _PERSONAL.get(name, inner) if inner else inner for name, inner in kept.items()}
    return [_scrubbed(inner) for inner in value] if isinstance(value, list) else value
