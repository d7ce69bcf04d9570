"""What is taken out of the ledger: bodies, and what else says who a customer is. Keys, amounts and states stay."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from op_core.claims import states
from op_core.ledger.actions import rewrite
from op_core.ledger.keyed import is_keyed, keyed
from op_core.ledger.schema import (
    actions,
    attempts,
    bodies,
    changes,
    decisions,
    deliveries,
    exported_fulfillments,
    exported_orders,
    filings,
    plans,
    reports,
    shapes,
)
from op_core.ledger.traces import ERASED, FORGOTTEN, Traces
from op_core.ledger.upsert import put_row

__all__ = ["drop_bodies", "erase", "old_answers", "old_bodies", "prunable", "put_action", "put_plan"]


def drop_bodies(connection: sa.Connection, store_id: str, hashes: Collection[str]) -> int:
    """Take bodies away, and what points at them from the forms that were seen; return how many there were."""
    listed = list(hashes)
    of_shape = sa.and_(shapes.c.store_id == store_id, shapes.c.body_sha256.in_(listed))
    connection.execute(shapes.update().where(of_shape).values(body_sha256=None))
    gone = bodies.delete().where(bodies.c.store_id == store_id, bodies.c.sha256.in_(listed))
    return connection.execute(gone).rowcount


def put_plan(connection: sa.Connection, plan_id: int, content: list[dict[str, Any]], content_hash: str) -> None:
    """Write a decision anew."""
    new = {"content": json.dumps(content), "content_hash": content_hash}
    connection.execute(plans.update().where(plans.c.id == plan_id).values(**new))


def put_action(
    connection: sa.Connection, action: sa.Row[Any], content: dict[str, Any], resolution_hash: str | None, key: str
) -> None:
    """Write anew what an action that is over was about. Why it ended as it did, only codes say from now on."""
    holds = [{**one, "reason": ERASED} for one in json.loads(action.holds)]
    new = {
        "content": json.dumps(content),
        "content_hash": _hidden(key, action.content_hash),
        "approved_hash": _hidden(key, action.approved_hash),
        "resolution_hash": resolution_hash,
        "holds": json.dumps(holds),
        "reason": _gone(action.reason),
    }
    rewrite(connection, action.id, **new)


def erase(
    connection: sa.Connection, store_id: str, found: Traces, given_up: Collection[int], key: str, now: datetime
) -> None:
    """
    Take out of the rows around the plans and actions of *found* all but ids, states, times and amounts.

    Args:
        connection: Of the transaction.
        store_id: The store's permanent id.
        found: What is about the order.
        given_up: Webhooks that nobody could read, to be erased with it.
        key: Of the hashes that stay.
        now: The time, UTC.
    """
    ids = [*(row.id for row in found.deliveries), *given_up]
    came = connection.execute(sa.select(deliveries).where(deliveries.c.id.in_(ids))).all()
    shared = sa.select(deliveries.c.body_sha256).where(deliveries.c.store_id == store_id, deliveries.c.id.not_in(ids))
    others = set(
        connection.execute(shared.where(deliveries.c.body_sha256.in_([row.body_sha256 for row in came]))).scalars()
    )
    drop_bodies(connection, store_id, {row.body_sha256 for row in came} - others)
    for row in came:
        new = {"content_hash": _hidden(key, row.content_hash), "reason": _gone(row.reason)}
        if row.body_sha256 not in others:
            new["body_sha256"] = _hidden(key, row.body_sha256)
        if row.id in given_up:
            new |= {"state": ERASED}
        connection.execute(deliveries.update().where(deliveries.c.id == row.id).values(**new))
    acted = [row.id for row in found.actions]
    for table, column in ((attempts, "reason"), (decisions, "reason"), (reports, "reason"), (reports, "answer")):
        said = table.update().where(table.c.action_id.in_(acted), table.c[column].is_not(None))
        connection.execute(said.values({column: ERASED}))
    for row in found.filings:
        where = sa.and_(filings.c.store_id == store_id, filings.c.key == row.key)
        new = {"content_hash": _hidden(key, row.content_hash), "reason": _gone(row.reason)}
        connection.execute(filings.update().where(where).values(**new))
    for table in (exported_fulfillments, changes):
        connection.execute(table.delete().where(table.c.store_id == store_id, table.c.order_id == found.order_id))
    nothing = {"state": FORGOTTEN, "order_hash": None, "update_hash": None, "reason": None, "at": now}
    put_row(connection, exported_orders, {"store_id": store_id, "order_id": found.order_id}, nothing)


def _gone(text: str | None) -> str | None:
    return None if text is None else ERASED


def _hidden(key: str, value: str | None) -> str | None:
    return value if value is None or is_keyed(value) else keyed(key, value)


def old_bodies(
    connection: sa.Connection, store_id: str, before: datetime, after: int, limit: int
) -> list[tuple[int, str]]:
    """Return the next webhooks, by number, that came before a time, UTC, and still have their body: with its hash."""
    # The store stands in an expression: by an index of it, all its webhooks would be sorted for each page.
    query = (
        sa.select(deliveries.c.id, deliveries.c.body_sha256)
        .join(bodies, sa.and_(bodies.c.store_id == store_id, bodies.c.sha256 == deliveries.c.body_sha256))
        .where(deliveries.c.store_id.concat("") == store_id)
        .where(deliveries.c.id > after, deliveries.c.received_at < before)
        .order_by(deliveries.c.id)
        .limit(limit)
    )
    return [(row.id, row.body_sha256) for row in connection.execute(query)]


def old_answers(connection: sa.Connection, store_id: str, before: datetime) -> list[str]:
    """Return hashes of the kept answers of the API, each the first of its form, that came before a time, UTC."""
    query = sa.select(shapes.c.body_sha256).where(
        shapes.c.store_id == store_id,
        shapes.c.delivery_id.is_(None),
        shapes.c.body_sha256.is_not(None),
        shapes.c.first_at < before,
    )
    return list(connection.execute(query).scalars())


def prunable(connection: sa.Connection, store_id: str, hashes: Collection[str], before: datetime) -> list[str]:
    """
    Return those of *hashes* whose bodies nothing needs any more.

    A webhook keeps its body that is younger, that waits or that nobody could read; and so does one whose order or
    claim has an action that is not over.
    """
    unsettled = sa.or_(
        actions.c.state.not_in(states.SETTLED), sa.and_(actions.c.state == "done", actions.c.holds != "[]")
    )
    of_store = actions.c.store_id == store_id
    not_over = actions.c.state.in_((*states.NOT_BEGUN, *states.UNDER_WAY))
    open_ones = sa.select(actions.c.delivery_id).where(of_store, not_over)
    kept = sa.exists().where(
        deliveries.c.store_id == bodies.c.store_id,
        deliveries.c.body_sha256 == bodies.c.sha256,
        sa.or_(
            deliveries.c.received_at >= before,
            deliveries.c.state.in_(("received", "quarantined")),
            deliveries.c.id.in_(open_ones),
            sa.exists().where(of_store, unsettled, actions.c.order_id == deliveries.c.order_id),
            sa.exists().where(of_store, unsettled, actions.c.subject == "claim:" + deliveries.c.claim_id),
        ),
    )
    query = sa.select(bodies.c.sha256).where(bodies.c.store_id == store_id, bodies.c.sha256.in_(list(hashes)))
    return list(connection.execute(query.where(sa.not_(kept))).scalars())
