"""What the ledger holds about one order and its customer, and where else in it they are named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.claims import states
from op_core.ledger.keyed import SIGN
from op_core.ledger.schema import (
    actions,
    attempts,
    bodies,
    claims,
    decisions,
    deliveries,
    exported_orders,
    filings,
    plans,
    reports,
    shapes,
)

__all__ = [
    "ERASED",
    "FORGOTTEN",
    "StoredBody",
    "Traces",
    "answers",
    "forgotten_again",
    "stored",
    "traces",
    "unread_bodies",
]

ERASED = "erased"  # what stands in the place of words; and the state of a webhook that was given up unread
FORGOTTEN = "forgotten"  # the state of an exported order of which nothing is sent any more
Row = sa.Row[Any]
_OF_DELIVERY = sa.and_(bodies.c.store_id == deliveries.c.store_id, bodies.c.sha256 == deliveries.c.body_sha256)
_OF_SHAPE = sa.and_(bodies.c.store_id == shapes.c.store_id, bodies.c.sha256 == shapes.c.body_sha256)


@attrs.frozen
class Traces:
    """
    What is about an order.

    Attributes:
        order_id: The shop's.
        claims: Ids of its claims.
        deliveries: Its webhooks, oldest first, as far as they could be read.
        plans: The decisions of its claims, oldest first.
        actions: What was done about it, oldest first.
        filings: Claims that the shop filed.
        op_order_ids: Order Protection's own ids of the order.
        is_exported: It was looked at for sending, or a reship of ours made it.
        open: What is not over yet, in words.
    """

    order_id: str
    claims: tuple[str, ...]
    deliveries: tuple[Row, ...] = attrs.field(repr=False)
    plans: tuple[Row, ...] = attrs.field(repr=False)
    actions: tuple[Row, ...] = attrs.field(repr=False)
    filings: tuple[Row, ...] = attrs.field(repr=False)
    op_order_ids: tuple[str, ...]
    is_exported: bool
    open: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether the ledger has nothing about the order."""
        return not (self.claims or self.deliveries or self.actions or self.filings or self.is_exported)


def traces(connection: sa.Connection, store_id: str, order_id: str) -> Traces:
    """Return what is about an order."""

    def rows(table: sa.Table, *where: sa.ColumnElement[bool]) -> tuple[Row, ...]:
        query = sa.select(table).where(table.c.store_id == store_id, sa.or_(*where))
        return tuple(connection.execute(query.order_by(*table.primary_key.columns)))

    known = rows(claims, claims.c.order_id == order_id)
    own = {row.claim_id for row in known}
    own |= {row.claim_id for row in rows(actions, actions.c.order_id == order_id) if row.claim_id is not None}
    # What is said of one of its claims and names another order is about that order's customer.
    came = rows(
        deliveries,
        deliveries.c.order_id == order_id,
        sa.and_(deliveries.c.claim_id.in_(own), deliveries.c.order_id.is_(None)),
    )
    own |= {row.claim_id for row in came if row.claim_id is not None}
    acted = rows(
        actions,
        actions.c.order_id == order_id,
        sa.and_(actions.c.subject.in_([f"claim:{one}" for one in own]), actions.c.order_id.is_(None)),
    )
    made = rows(actions, actions.c.shop_order_id == order_id)  # by one of them this order was made, as a replacement
    filed = rows(filings, filings.c.order_id == order_id)
    owed = sa.select(reports.c.action_id).where(
        reports.c.action_id.in_([row.id for row in (*acted, *made)]), reports.c.state == "waiting"
    )
    still_open = [
        *(f"webhook {row.id} is {row.state}" for row in came if row.state == "received"),
        *(f"action {row.id} ({row.verb}) is {row.state}" for row in acted if _is_open(row)),
        *(f"the report of action {action_id} is not sent yet" for action_id in connection.execute(owed).scalars()),
        *(f"the claim filed as {row.key} is {row.state}" for row in filed if row.state in ("begun", "unknown")),
    ]
    return Traces(
        order_id,
        tuple(sorted(own)),
        came,
        rows(plans, plans.c.claim_id.in_(own)),
        acted,
        filed,
        tuple(row.op_order_id for row in known if row.op_order_id is not None),
        bool(made or rows(exported_orders, exported_orders.c.order_id == order_id)),
        tuple(still_open),
    )


def _is_open(row: Row) -> bool:
    return row.state not in states.SETTLED or (row.state == "done" and row.holds != "[]")


@attrs.frozen
class StoredBody:
    """One webhook that nobody has read yet: it waits, or is in quarantine."""

    delivery_id: int
    state: str
    body: bytes = attrs.field(repr=False)


def unread_bodies(connection: sa.Connection, store_id: str) -> Iterator[StoredBody]:
    """Yield a store's webhooks that nobody has read yet."""
    query = (
        sa.select(deliveries.c.id, deliveries.c.state, bodies.c.body)
        .join(bodies, _OF_DELIVERY)
        .where(deliveries.c.store_id == store_id, deliveries.c.state.in_(("received", "quarantined")))
        .order_by(deliveries.c.id)
    )
    for row in connection.execute(query):
        yield StoredBody(row.id, row.state, row.body)


def answers(connection: sa.Connection, store_id: str) -> Iterator[tuple[str, bytes]]:
    """Yield hash and body of each answer of the API that was kept."""
    query = sa.select(bodies.c.sha256, bodies.c.body).join(shapes, _OF_SHAPE)
    kept = query.where(bodies.c.store_id == store_id, shapes.c.delivery_id.is_(None)).distinct()
    for row in connection.execute(kept):
        yield row.sha256, row.body


def stored(
    connection: sa.Connection, store_id: str, after: int, limit: int
) -> list[tuple[int, str | None, bytes | None]]:
    """Return the next webhooks: id, the order that each is about, and its body; None of one whose body is gone."""
    of_claim = sa.and_(claims.c.store_id == deliveries.c.store_id, claims.c.claim_id == deliveries.c.claim_id)
    query = (
        sa.select(
            deliveries.c.id, sa.func.coalesce(deliveries.c.order_id, claims.c.order_id).label("about"), bodies.c.body
        )
        .select_from(deliveries.outerjoin(bodies, _OF_DELIVERY).outerjoin(claims, of_claim))
        .where(deliveries.c.store_id == store_id, deliveries.c.id > after)
        .order_by(deliveries.c.id)
        .limit(limit)
    )
    return [(row.id, row.about, row.body) for row in connection.execute(query)]


def forgotten_again(connection: sa.Connection, store_id: str) -> list[str]:
    """Return the orders that were forgotten and about which something was written down since, sorted."""
    gone = sa.select(exported_orders.c.order_id).where(
        exported_orders.c.store_id == store_id, exported_orders.c.state == FORGOTTEN
    )
    if connection.execute(gone.limit(1)).first() is None:
        return []

    def words(table: sa.Table, column: str) -> sa.Select[Any]:
        """Return the orders of actions beside which words stand that are not erased."""
        query = sa.select(actions.c.order_id).join(table, table.c.action_id == actions.c.id)
        return query.where(actions.c.store_id == store_id, actions.c.order_id.in_(gone), table.c[column] != ERASED)

    of_claim = sa.and_(claims.c.store_id == deliveries.c.store_id, claims.c.claim_id == deliveries.c.claim_id)
    named = sa.select(deliveries.c.order_id).join(bodies, _OF_DELIVERY)
    unnamed = sa.select(claims.c.order_id).join(deliveries, of_claim).join(bodies, _OF_DELIVERY)
    own_words = sa.select(actions.c.order_id).where(actions.c.store_id == store_id, actions.c.order_id.in_(gone))
    filed = sa.select(filings.c.order_id).where(filings.c.store_id == store_id, filings.c.order_id.in_(gone))
    found = sa.union(
        named.where(deliveries.c.store_id == store_id, deliveries.c.order_id.in_(gone)),
        unnamed.where(claims.c.store_id == store_id, claims.c.order_id.in_(gone), deliveries.c.order_id.is_(None)),
        own_words.where(actions.c.reason != ERASED),
        words(attempts, "reason"),
        words(decisions, "reason"),
        words(reports, "reason"),
        words(reports, "answer"),
        filed.where(sa.not_(filings.c.content_hash.startswith(SIGN))),
    )
    return sorted(connection.execute(found).scalars())
