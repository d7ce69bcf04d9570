"""Calls per second to an HTTP shop that takes 50 ms for each, beside the same httpx client alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from figures import Figure, Sample, in_turns
from op_rest_shop import RestShopAdapter, RestShopSettings

from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import GetOrderRequest, OperationKey, RefundRequest

__all__ = ["MANIFEST", "measure"]

_LATENCY = 0.05  # seconds
_AT_ONCE = 16
MANIFEST = """
[auth]
kind = "bearer"
token = { env = "SHOP_TOKEN" }
[orders]
get = "/orders"
items = "orders"
[order]
get = "/orders/{order_id}"
item = "order"
fields = { id = "id", number = "id", created_at = "at", currency = "currency", total = "total" }
[lines]
items = "lines"
fields = { id = "id", name = "name", quantity = "quantity", unit_price = "price" }
[payments]
items = "payments"
fields = { id = "id", captured = "captured", refunded = "refunded" }
[refund]
money = "moved"
id = "made.id"
[[refund.calls]]
name = "made"
post = "/payments/{payment_id}/refunds"
json = { amount = "{amount}", note = "{reference}" }
"""
_ANSWER = (
    b'{"id":"r1","order":{"id":"%b","at":"2030-01-01T00:00:00Z","currency":"USD","total":30.00,'
    b'"lines":[{"id":"l1","name":"Mug","quantity":2,"price":15.00}],'
    b'"payments":[{"id":"p1","captured":30.00,"refunded":0}]}}'
)


def measure(folder: Path, rounds: int, calls: int) -> list[Figure]:
    """Return how many refunds a second are made, with so many at once."""
    (folder / "rest.toml").write_text(MANIFEST, encoding="utf-8")
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            said = {"manifest": "rest.toml", "url": url, "env": {"SHOP_TOKEN": "fake"}, "connections": _AT_ONCE}
            shop = RestShopAdapter(RestShopSettings.model_validate(said), StoreInfo("bench", "bench", folder))
            order = shop.op_get_order(request=GetOrderRequest("bench", "1"))
            key = OperationKey("bench", "claim:1", "refund", 1)
            until = datetime.now(UTC) + timedelta(hours=1)
            amount = Money(Decimal("1.25"), "USD")
            request = RefundRequest(
                store="bench",
                key=key,
                reference="OP-BENCH",
                order=order,
                deadline=until,
                amount=amount,
                payment_id="p1",
            )
            client = httpx.Client(base_url=url, limits=httpx.Limits(max_connections=_AT_ONCE))

            def alone(_: int) -> None:
                body = {"amount": 1.25, "note": "OP-BENCH"}
                headers = {"Authorization": "Bearer fake"}
                client.post("/payments/p1/refunds", json=body, headers=headers).json()

            def ours(_: int) -> None:
                assert shop.op_issue_refund(request=request).state == "done"

            found = in_turns(rounds, lambda: _timed(calls, ours), lambda: _timed(calls, alone))
            shop.close()
            client.close()
        finally:
            server.terminate()
    is_ = f"the same httpx client alone: the same request, {_AT_ONCE} threads, a shop that takes 50 ms"
    return [Figure("HTTP shop: refunds of one call", is_, *found)]


def _timed(calls: int, work: Any) -> Sample:
    begun, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(work, range(calls)))
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return Sample(calls / wall, cpu / calls * 1e6)


async def _serve() -> None:
    """Answer every request the same but for the order's id, after the time that a shop takes."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                await reader.readexactly(length)
                await asyncio.sleep(_LATENCY)
                body = _ANSWER % head.split(b" ", 2)[1].rpartition(b"/")[2]
                said = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                writer.write(said + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
