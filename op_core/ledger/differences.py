"""Rows of what a sweep found to be told differently: by Order Protection, and by the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.ledger.schema import (
    actions,
    bodies,
    claims,
    deliveries,
    differences,
    exported_fulfillments,
    exported_orders,
    filings,
    plans,
)
from op_core.ledger.traces import FORGOTTEN
from op_core.ledger.upsert import put_row

__all__ = ["Difference", "claims_planned", "concerns", "listing", "orders_since", "replace", "unplanned"]


@attrs.frozen
class Difference:
    """
    One thing that both know of a claim and tell differently. No personal data.

    Attributes:
        what: ``state``, ``listed``, ``order``, ``resolutions``, ``paid <type>``, ``items``, ``undecided`` or
            ``store credit``.
        ours: What the ledger says; None for nothing.
        theirs: What Order Protection says; None for nothing.
    """

    claim_id: str
    order_id: str
    what: str
    ours: str | None
    theirs: str | None


def concerns(connection: sa.Connection, store_id: str, order_id: str) -> bool:
    """Tell whether the order has a claim that an approval was planned for, or something that differed before."""
    written = sa.select(differences.c.what).where(
        differences.c.store_id == store_id, differences.c.order_id == order_id
    )
    return connection.execute(written.limit(1)).first() is not None or bool(
        claims_planned(connection, store_id, order_id)
    )


def replace(
    connection: sa.Connection,
    store_id: str,
    order_id: str,
    found: Iterable[Difference],
    left: Collection[str],
    now: datetime,
) -> list[Difference]:
    """
    Write down what differs for the claims of one order, and forget what differs no more.

    Args:
        connection: Of the transaction.
        store_id: The store's permanent id.
        order_id: The shop's id of the order that was looked at.
        found: What differs now.
        left: Claims that were not compared; what is written of them stays.
        now: The time, UTC.

    Returns:
        What is new, or told in other words than before.
    """
    now_found = {(one.claim_id, one.what): one for one in found}
    where = sa.and_(
        differences.c.store_id == store_id,
        sa.or_(differences.c.order_id == order_id, differences.c.claim_id.in_({one for one, _ in now_found})),
    )
    before = {(row.claim_id, row.what): row for row in connection.execute(sa.select(differences).where(where))}
    for (claim_id, what), row in before.items():
        if row.order_id == order_id and claim_id not in left and (claim_id, what) not in now_found:
            connection.execute(
                differences.delete().where(
                    differences.c.store_id == store_id, differences.c.claim_id == claim_id, differences.c.what == what
                )
            )
    for key, one in now_found.items():
        first_at = before[key].first_at if key in before else now
        values = {"order_id": order_id, "ours": one.ours, "theirs": one.theirs, "first_at": first_at, "seen_at": now}
        put_row(connection, differences, {"store_id": store_id, "claim_id": one.claim_id, "what": one.what}, values)
    return [
        one
        for key, one in now_found.items()
        if key not in before or (before[key].ours, before[key].theirs) != (one.ours, one.theirs)
    ]


def listing(connection: sa.Connection, store_id: str) -> list[sa.Row[Any]]:
    """Return everything that differed when it was looked at last, by order and claim."""
    query = sa.select(differences).where(differences.c.store_id == store_id)
    ordered = query.order_by(differences.c.order_id, differences.c.claim_id, differences.c.what)
    return list(connection.execute(ordered))


def orders_since(connection: sa.Connection, store_id: str, since: datetime, heard_since: datetime) -> list[str]:
    """
    Return the orders whose claims are worth asking for, as far as the ledger knows, sorted.

    Args:
        connection: Of a snapshot.
        store_id: The store's permanent id.
        since: Orders and parcels exported since then; webhooks about claims that came, and actions for claims that
            were planned or settled since then, or are not settled yet.
        heard_since: Claims without a decision that were heard of since then, or filed by the shop: months may pass
            until they are decided, and the order does not change in that time.
    """
    acted = sa.or_(actions.c.planned_at >= since, actions.c.settled_at >= since, actions.c.settled_at.is_(None))
    undecided = sa.and_(
        claims.c.denied_at.is_(None),
        ~sa.exists().where(plans.c.store_id == store_id, plans.c.claim_id == claims.c.claim_id),
        claims.c.claim_id.in_(
            sa.select(deliveries.c.claim_id).where(
                deliveries.c.store_id == store_id,
                deliveries.c.claim_id.is_not(None),
                deliveries.c.received_at >= heard_since,
            )
        ),
    )
    wanted = [
        (
            exported_orders,
            sa.and_(exported_orders.c.at >= since, exported_orders.c.state.not_in(("not_exportable", FORGOTTEN))),
        ),
        (exported_fulfillments, exported_fulfillments.c.at >= since),
        (deliveries, sa.and_(deliveries.c.received_at >= since, deliveries.c.claim_id.is_not(None))),
        (actions, sa.and_(actions.c.claim_id.is_not(None), acted)),
        (differences, sa.true()),
        (claims, undecided),
        (filings, sa.func.coalesce(filings.c.settled_at, filings.c.begun_at) >= heard_since),
    ]
    ids = [
        sa.select(table.c.order_id).where(table.c.store_id == store_id, table.c.order_id.is_not(None), where)
        for table, where in wanted
    ]
    return sorted(connection.execute(sa.union(*ids)).scalars())


def claims_planned(connection: sa.Connection, store_id: str, order_id: str) -> set[str]:
    """Return the claims of an order that an approval was planned for."""
    of_order = sa.select(actions.c.claim_id).where(
        actions.c.store_id == store_id, actions.c.order_id == order_id, actions.c.claim_id.is_not(None)
    )
    planned = sa.select(plans.c.claim_id).where(plans.c.store_id == store_id, plans.c.claim_id.in_(of_order))
    return set(connection.execute(planned).scalars())


def unplanned(connection: sa.Connection, store_id: str, needle: bytes) -> list[tuple[int, str]]:
    """Return id and state of every webhook in whose body *needle* stands, and that waits or is in quarantine."""
    if connection.dialect.name == "postgresql":
        at = sa.func.position(sa.literal(needle, sa.LargeBinary).op("IN")(bodies.c.body))
    else:
        at = sa.func.instr(bodies.c.body, sa.literal(needle, sa.LargeBinary))
    query = (
        sa.select(deliveries.c.id, deliveries.c.state)
        .join(
            bodies,
            sa.and_(bodies.c.store_id == deliveries.c.store_id, bodies.c.sha256 == deliveries.c.body_sha256),
        )
        .where(deliveries.c.store_id == store_id, deliveries.c.state.in_(("received", "quarantined")), at > 0)
        .order_by(deliveries.c.id)
    )
    return [(row.id, row.state) for row in connection.execute(query)]
