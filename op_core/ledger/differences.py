"""Rows of what a sweep found to be told differently: by Order Protection, and by the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.ledger.schema import actions, bodies, deliveries, differences, exported_orders, plans

__all__ = ["Difference", "claims_planned", "listing", "orders_since", "replace", "unplanned"]


@attrs.frozen
class Difference:
    """
    One thing that both know of a claim and tell differently. No personal data.

    Attributes:
        what: ``state``, ``listed``, ``resolutions``, ``paid``, ``items`` or ``undecided``.
        ours: What the ledger says; None for nothing.
        theirs: What Order Protection says; None for nothing.
    """

    claim_id: str
    order_id: str
    what: str
    ours: str | None
    theirs: str | None


def replace(
    connection: sa.Connection, store_id: str, order_id: str, found: Iterable[Difference], now: datetime
) -> list[Difference]:
    """Write down what differs for the claims of one order, forget what differs no more, and return what is new."""
    where = sa.and_(differences.c.store_id == store_id, differences.c.order_id == order_id)
    before = {(row.claim_id, row.what): row for row in connection.execute(sa.select(differences).where(where))}
    connection.execute(differences.delete().where(where))
    new = []
    for one in found:
        known = before.get((one.claim_id, one.what))
        if known is None or (known.ours, known.theirs) != (one.ours, one.theirs):
            new.append(one)
        first_at = now if known is None else known.first_at
        connection.execute(
            differences.insert().values(store_id=store_id, **attrs.asdict(one), first_at=first_at, seen_at=now)
        )
    return new


def listing(connection: sa.Connection, store_id: str) -> list[sa.Row[Any]]:
    """Return everything that differed when it was looked at last, by order and claim."""
    query = sa.select(differences).where(differences.c.store_id == store_id)
    ordered = query.order_by(differences.c.order_id, differences.c.claim_id, differences.c.what)
    return list(connection.execute(ordered))


def orders_since(connection: sa.Connection, store_id: str, since: datetime) -> list[str]:
    """Return the orders that were exported, or acted upon for a claim, since a time."""
    about = sa.select(actions.c.order_id).where(
        actions.c.store_id == store_id,
        actions.c.claim_id.is_not(None),
        actions.c.order_id.is_not(None),
        sa.or_(actions.c.planned_at >= since, actions.c.settled_at >= since),
    )
    sent = sa.select(exported_orders.c.order_id).where(
        exported_orders.c.store_id == store_id,
        exported_orders.c.at >= since,
        exported_orders.c.state.not_in(("replacement", "not_exportable")),
    )
    return sorted(connection.execute(sa.union(about, sent)).scalars())


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
