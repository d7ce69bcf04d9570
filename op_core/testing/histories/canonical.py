"""
Which two worlds are the same: a hash of all that the future can depend on.

Times count by their distance from now, and not at all once they have passed; ids are in the order of making. Texts for
people, and when something was, are left out.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from op_core.ledger import schema
from op_core.testing.histories.world import WORKERS, World

__all__ = ["key"]

_D, _P, _A = schema.deliveries.c, schema.plans.c, schema.actions.c
_TIMES = {"not_before": 1, "lease_until": 1, "begun_at": -1, "unsure_since": -1}  # what counts: the rest, or the age
_QUERIES = [
    sa.select(_D.id, _D.body_sha256, _D.state, _D.content_hash, _D.tries, _D.not_before).order_by(_D.id),
    sa.select(schema.claims.c.claim_id, schema.claims.c.order_id, schema.claims.c.denied_at),
    sa.select(_P.claim_id, _P.content_hash).order_by(_P.id),
    sa.select(*(column for column in _A if column.name not in ("planned_at", "settled_at", "reason", "delivery_id")))
    .order_by(_A.id),
    sa.select(schema.attempts.c.action_id, schema.attempts.c.what, schema.attempts.c.result, schema.attempts.c.fence)
    .order_by(schema.attempts.c.id),
    sa.select(schema.decisions.c.action_id, schema.decisions.c.what).order_by(schema.decisions.c.id),
    sa.select(schema.protections.c.order_id, schema.protections.c.is_on, schema.protections.c.amount),
    sa.select(schema.reports.c.action_id, schema.reports.c.state).order_by(schema.reports.c.id),
]  # fmt: skip


def key(world: World, *, settled: bool = False) -> bytes:
    """
    Return the hash.

    Args:
        settled: Leave out what may still happen: only the ledger and the shop count.
    """
    parts: list[Any] = [
        world.ledger.read(lambda connection: [_rows(world, connection, query) for query in _QUERIES]),
        [(one.reference, one.shop_id) for one in world.subject.effects()],
        _age(world, world.subject.made()),
        world.unheard,
        sorted(set(world.heard)),
        sorted(world.paid),
    ]
    if not settled:
        parts += [
            [(one.reference, one.worker, one.send is None, _age(world, one.seen)) for one in world.flights],
            [_seen(world, worker) for worker in WORKERS],
            sorted(world.left.items()),
        ]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).digest()[:16]


def _rows(world: World, connection: sa.Connection, query: sa.Select[Any]) -> list[list[Any]]:
    result = connection.execute(query)
    times = [(n, _TIMES[name]) for n, name in enumerate(result.keys()) if name in _TIMES]
    rows = []
    for row in result:
        values = list(row)
        for n, sign in times:
            values[n] = _age(world, values[n]) if sign < 0 else _rest(world, values[n])
        rows.append(values)
    return rows


def _rest(world: World, at: datetime | None) -> float | None:
    return None if at is None else max((at - world.clock()).total_seconds(), 0)


def _age(world: World, at: datetime | None) -> float | None:
    most = world.store.timing.quiet_period
    return None if at is None else min(max(world.clock() - at, timedelta(0)), most).total_seconds()


def _seen(world: World, worker: int) -> list[Any]:
    return [
        (kind, [(one.id, getattr(one, "fence", None)) for one in found])
        for kind, found in sorted(world.seen[worker].items())
    ]
