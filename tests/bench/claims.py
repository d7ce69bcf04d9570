"""Claims per second: from a stored delivery to a refund done and reported, by a shop and an API that do nothing."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import attrs
import sqlalchemy as sa
from figures import Figure, Sample, in_turns

from op_core import hookimpl
from op_core.capabilities import Capability, Support
from op_core.claims.desk import Desk
from op_core.export import Exporter
from op_core.ledger import Ledger, deliveries, stores
from op_core.models import NotFound, Order, Outcome
from op_core.order_protection.answers import ReadClaim
from op_core.order_protection.messages import Request, Response
from op_core.requests import FindRequest, GetOrderRequest, RefundRequest
from op_core.runners.embedded import Embedded, Work
from op_core.settings import StoreSettings
from op_core.storefront import Storefront
from op_core.testing.model_shop import an_order

__all__ = ["measure"]

_WARM = 16  # claims before those that count


@attrs.define(eq=False)
class _IdleShop:
    """An adapter that does nothing: it answers from memory, at once."""

    orders: dict[str, Order]
    capabilities = MappingProxyType(
        dict.fromkeys(("op_get_order", "op_issue_refund", "op_find_refund"), Capability(Support.SUPPORTED))
    )

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        return self.orders[request.order_id]

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        return Outcome("done", shop_id=request.reference, money="moved")

    @hookimpl
    def op_find_refund(self, request: FindRequest) -> NotFound:
        return NotFound()


class _IdleApi:
    """Order Protection that answers at once: the claim is approved, the report is taken."""

    def claims_of_order(self, order_id: str) -> list[ReadClaim]:
        return [ReadClaim.model_validate({"id": f"claim-{order_id}", "claimState": "APPROVED"})]

    def send(self, request: Request) -> Response:
        return Response(status=200, body=b'{"status":"ok"}')


def _settings() -> StoreSettings:
    return StoreSettings.model_validate({
        "name": "main",
        "id": "bench-1",
        "adapter": "idle",
        "api_url": "http://127.0.0.1:9",
        "api_token": "bench-token-not-a-secret",
        "webhook_secrets": ["bench-webhook-secret-not-a-secret"],
        "limits": {"hold_above": {"USD": "250.00"}, "actions_per_hour": 1_000_000},
        "report": {"refund": {"path": "/v1/claims/{claim_id}/resolutions", "body": {"shopId": "{shop_id}"}}},
    })  # fmt: skip


def _approved(n: int) -> bytes:
    item = {
        "item_id": "2", "sku": "BOOK-3", "item_name": "Notebook", "price": 15.0, "discount": 0.0, "tax": 0.0,
        "resolution_percentage": 100, "resolution_flat_amount": None, "quantity": 1,
    }  # fmt: skip
    details = {"items": [item], "currency": "USD", "total_refund_amount": 15.0, "shipping_amount": 0.0}
    return json.dumps({
        "id": f"event-{n}",
        "topic": "claim.approved",
        "created_at": "2025-01-02T03:04:05Z",
        "body": {
            "claim_id": f"claim-{n}",
            "order_id": f"op-{n}",
            "source_order_id": str(n),
            "resolutions": [{"type": "REFUND", "details": details}],
        },
    }).encode()  # fmt: skip


def measure(folder: Path, rounds: int, claims: int) -> Figure:
    """Measure *rounds*, each on a new ledger with so many deliveries."""
    numbers = iter(range(2 * rounds))
    ours, ceiling = in_turns(
        rounds,
        lambda: _ours(folder / f"claims-{next(numbers)}.db", claims),
        lambda: _raw(folder / f"claims-{next(numbers)}.db", claims),
    )
    return Figure(
        "claims refunded",
        "the same rows by raw sqlite3 in one thread: three commits for each claim",
        ours,
        ceiling,
    )


def _ours(path: Path, claims: int) -> Sample:
    ledger = Ledger.open(f"sqlite:///{path}")
    settings = _settings()
    ledger.write(stores.introduce, settings.id, "main", ledger.now())
    shop = Storefront.of("main", _IdleShop({str(n): an_order(id=str(n)) for n in range(_WARM + claims)}))
    api = _IdleApi()
    desk = Desk(settings, ledger, shop, api, lambda: 0.5)  # type: ignore[arg-type]  # what it needs of the API
    runner = Embedded({"main": Work(desk, Exporter(settings, ledger, shop, api))})  # type: ignore[arg-type]  # the same
    try:
        _arrive(ledger, settings.id, range(claims, claims + _WARM))
        runner.run_once()
        _arrive(ledger, settings.id, range(claims))
        counted = {"statements": 0, "commits": 0}
        _count(ledger, counted)
        begun, cpu = time.perf_counter(), time.process_time()
        summary = runner.run_once()
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    finally:
        ledger.close()
    expected = {"delivery planned": claims, "action done": claims, "report sent": claims}
    found = {name: count for name, count in summary.counts.items() if count}
    if found != expected or summary.failed:
        raise RuntimeError(f"expected {expected}, found {found}, failed: {summary.failed}")
    return Sample(
        claims / wall, cpu / claims * 1e6, {f"{name} each": count / claims for name, count in counted.items()}
    )


def _arrive(ledger: Ledger, store_id: str, numbers: range) -> None:
    def store(connection: sa.Connection) -> None:
        for n in numbers:
            deliveries.store(connection, store_id, _approved(n), ledger.now(connection))

    ledger.write(store)


def _count(ledger: Ledger, counted: dict[str, int]) -> None:
    def statement(*_: object) -> None:
        counted["statements"] += 1

    def commit(connection: sa.Connection) -> None:
        counted["commits"] += bool(connection.get_execution_options().get("op_core_write"))

    sa.event.listen(ledger.engine, "before_cursor_execute", statement)
    sa.event.listen(ledger.engine, "commit", commit)


# --- The ceiling -------------------------------------------------------------------------------------------------

_PLANNED = """
UPDATE deliveries SET state = 'planned', settled_at = :now, claim_id = :claim WHERE id = :n;
INSERT INTO claims (store_id, claim_id, order_id) VALUES ('bench-1', :claim, :order);
INSERT INTO plans (store_id, claim_id, content, content_hash, delivery_id, planned_at)
    VALUES ('bench-1', :claim, :body, :hash, :n, :now);
INSERT INTO actions (id, store_id, subject, verb, n, reference, claim_id, order_id, amount, currency, content,
    content_hash, delivery_id, state, exclusive, holds, rivals, passed, fence, attempt, tries, planned_at)
    VALUES (:n, 'bench-1', :claim, 'refund', 1, :hash, :claim, :order, '15.00', 'USD', :body, :hash, :n, 'due', 1,
    '[]', '[]', '[]', 0, 0, 0, :now)
"""
_BEGUN = """
UPDATE actions SET state = 'calling', fence = 1, attempt = 1, lease_until = :now, begun_at = :now,
    payment_id = 'pay-1' WHERE id = :n AND state = 'due' AND fence = 0;
INSERT INTO attempts (action_id, what, fence, at) VALUES (:n, 'call', 1, :now)
"""
_DONE = """
UPDATE actions SET state = 'done', fence = 2, lease_until = NULL, settled_at = :now, shop_id = :hash,
    money = 'moved' WHERE id = :n AND state = 'calling' AND fence = 1;
INSERT INTO attempts (action_id, what, fence, at, result) VALUES (:n, 'result', 1, :now, 'done');
INSERT INTO reports (store_id, action_id, state, tries, made_at) VALUES ('bench-1', :n, 'waiting', 0, :now)
"""


def _raw(path: Path, claims: int) -> Sample:
    steps = [step.split(";") for step in (_PLANNED, _BEGUN, _DONE)]
    ledger = Ledger.open(f"sqlite:///{path}")
    _arrive(ledger, "bench-1", range(claims))
    ledger.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        begun, cpu = time.perf_counter(), time.process_time()
        for n in range(claims):
            values = {
                "n": n + 1, "claim": f"claim-{n}", "order": str(n), "hash": f"{n:064}", "now": "2025-01-02 03:04:05",
                "body": "x" * 300,
            }  # fmt: skip
            for step in steps:
                connection.execute("BEGIN IMMEDIATE")
                for statement in step:
                    connection.execute(statement, values)
                connection.execute("COMMIT")
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return Sample(claims / wall, cpu / claims * 1e6)
