"""Orders per second exported to a sink that answers at once, beside what the same HTTP client reaches without us."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import attrs
import httpx
from figures import Figure, Sample, in_turns
from servers import serving
from webhooks import send

from op_core import hookimpl
from op_core.capabilities import Capability, Support
from op_core.export import Exporter
from op_core.export.encode import to_create
from op_core.ledger import Ledger
from op_core.models import Line, Order, OrderPage
from op_core.money import Money
from op_core.order_protection.client import Client
from op_core.order_protection.jsonmoney import dumps
from op_core.requests import ExportOrdersRequest
from op_core.settings import StoreSettings
from op_core.storefront import Storefront
from op_core.testing.model_shop import an_order

__all__ = ["measure"]

_TOKEN = "bench-token-not-a-secret"
_START = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


@attrs.define(eq=False)
class _IdleShop:
    """An adapter whose orders are in memory. It cannot tell of parcels, so that each order is one call."""

    orders: tuple[Order, ...]
    capabilities = MappingProxyType({"op_export_orders": Capability(Support.SUPPORTED)})

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        first = int(request.cursor or 0)
        last = first + request.limit
        return OrderPage(self.orders[first:last], str(last), last >= len(self.orders))


def _order(n: int) -> Order:
    lines = tuple(
        Line(id=f"{n}-{k}", name=f"Item {k}", quantity=k, unit_price=Money("20.00", "USD"), sku=f"SKU-{k}",
             product_id=f"P{k}", variant_id=f"V{k}", url=f"https://shop.example.com/p/{k}")
        for k in (1, 2, 3)
    )  # fmt: skip
    return an_order(id=str(n), number=f"#{n}", updated_at=_START + timedelta(seconds=n), lines=lines)


def _settings(url: str) -> StoreSettings:
    return StoreSettings.model_validate({
        "name": "main",
        "id": "bench-1",
        "adapter": "idle",
        "api_url": url,
        "api_token": _TOKEN,
        "webhook_secrets": ["bench-webhook-secret-not-a-secret"],
    })  # fmt: skip


def measure(folder: Path, rounds: int, count: int) -> Figure:
    """Measure *rounds*, each on a new ledger with so many orders of three lines."""
    orders = tuple(_order(n) for n in range(count))
    bodies = [_encoded(order) for order in orders]
    numbers = iter(range(rounds))
    with serving("sink") as sink:
        settings = _settings(f"http://127.0.0.1:{sink.port}")
        ours, ceiling = in_turns(
            rounds,
            lambda: _ours(folder / f"export-{next(numbers)}.db", settings, orders),
            lambda: _client_alone(settings, bodies),
        )
        alone, _ = send(sink, 1.0, 0)
    encoding = _timed(count, lambda: [_encoded(order) for order in orders])
    beside = {"encoding alone": encoding.rate, "the sink alone": alone.rate}
    in_flight = settings.export.in_flight
    is_ = f"the same httpx.Client, {in_flight} threads, prepared bodies of {len(bodies[-1])} bytes"
    return Figure("orders exported", is_, ours, ceiling, beside)


def _encoded(order: Order) -> bytes:
    return dumps(to_create(order, "api").to_wire())


def _ours(path: Path, settings: StoreSettings, orders: tuple[Order, ...]) -> Sample:
    ledger = Ledger.open(f"sqlite:///{path}")
    client = Client(settings.api_url, _TOKEN)
    try:
        exporter = Exporter(settings, ledger, Storefront.of("main", _IdleShop(orders)), client)
        sample = _timed(len(orders), lambda: _all_created(exporter, len(orders)))
    finally:
        client.close()
        ledger.close()
    return sample


def _all_created(exporter: Exporter, count: int) -> None:
    exported = exporter.run()
    if exported.created != count:
        raise RuntimeError(f"{count} orders, exported: {exported}")


def _client_alone(settings: StoreSettings, bodies: list[bytes]) -> Sample:
    threads = settings.export.in_flight
    headers = {"Authorization": f"Bearer {_TOKEN}", "Accept": "application/json", "Content-Type": "application/json"}
    limits = httpx.Limits(max_connections=20, max_keepalive_connections=20)
    with httpx.Client(headers=headers, limits=limits) as client, ThreadPoolExecutor(threads) as pool:

        def post(body: bytes) -> None:
            client.post(f"{settings.api_url}/v1/orders", content=body).raise_for_status()

        return _timed(len(bodies), lambda: list(pool.map(post, bodies)))


def _timed(count: int, work: Callable[[], object]) -> Sample:
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return Sample(count / wall, cpu / count * 1e6)
