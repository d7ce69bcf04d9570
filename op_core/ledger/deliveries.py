"""Rows of what was asked: one for every webhook that arrived, its body stored once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from op_core.ledger.keyed import spellings
from op_core.ledger.schema import bodies, deliveries
from op_core.ledger.writer import Conflict

__all__ = [
    "Delivery",
    "body",
    "get",
    "ids_of_content",
    "known_event",
    "listing",
    "postpone",
    "replay",
    "settle",
    "store",
    "take_again",
    "waiting",
]


# Built once: to build them anew for each webhook takes longer than to execute them.
_KEEP = {
    "postgresql": postgresql.insert(bodies).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(bodies).on_conflict_do_nothing(),
}
_ARRIVED = deliveries.insert()
_ALL = sa.select(deliveries)
_GET = _ALL.where(deliveries.c.id == sa.bindparam("id"))
_BODY = sa.select(bodies.c.body).where(
    bodies.c.store_id == sa.bindparam("store_id"), bodies.c.sha256 == sa.bindparam("sha256")
)
_WAITING = (
    _ALL.where(
        deliveries.c.store_id == sa.bindparam("store_id"),
        deliveries.c.state == "received",
        sa.or_(deliveries.c.not_before.is_(None), deliveries.c.not_before <= sa.bindparam("now")),
    )
    .order_by(deliveries.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


@attrs.frozen
class Delivery:
    """One delivery; its columns are those of the table."""

    id: int
    store_id: str
    received_at: datetime
    body_sha256: str
    state: str
    reason: str | None
    topic: str | None
    dialect: str | None
    event_id: str | None
    content_hash: str | None
    claim_id: str | None
    order_id: str | None
    tries: int
    not_before: datetime | None
    settled_at: datetime | None
    shape: str | None


def _row(row: sa.Row[Any]) -> Delivery:
    return Delivery(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name


def store(connection: sa.Connection, store_id: str, content: bytes, now: datetime) -> int:
    """Keep one webhook as it arrived and return its id."""
    sha = hashlib.sha256(content).hexdigest()
    connection.execute(_KEEP[connection.dialect.name], {"store_id": store_id, "sha256": sha, "body": content})
    row = {"store_id": store_id, "received_at": now, "body_sha256": sha, "state": "received", "tries": 0}
    result = connection.execute(_ARRIVED, row)
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def get(connection: sa.Connection, delivery_id: int) -> Delivery | None:
    """Return one delivery."""
    row = connection.execute(_GET, {"id": delivery_id}).first()
    return _row(row) if row else None


def body(connection: sa.Connection, delivery: Delivery) -> bytes | None:
    """Return the body as it arrived, byte for byte; None where it was erased, or is kept no longer."""
    key = {"store_id": delivery.store_id, "sha256": delivery.body_sha256}
    raw: bytes | None = connection.execute(_BODY, key).scalar()
    return raw


def waiting(connection: sa.Connection, store_id: str, now: datetime, limit: int) -> list[Delivery]:
    """Return deliveries that are still to be planned, oldest first."""
    rows = connection.execute(_WAITING, {"store_id": store_id, "now": now, "limit": limit})
    return [_row(row) for row in rows]


def known_event(connection: sa.Connection, delivery: Delivery, event_id: str) -> Sequence[str]:
    """Return the contents' hashes under which this event id was settled before."""
    return connection.execute(
        sa.select(deliveries.c.content_hash).where(
            deliveries.c.store_id == delivery.store_id,
            deliveries.c.event_id == event_id,
            deliveries.c.id != delivery.id,
            deliveries.c.content_hash.is_not(None),
        )
    ).scalars().all()  # fmt: skip


def ids_of_content(
    connection: sa.Connection, delivery: Delivery, content_hash: str, states: Sequence[str] = ("planned",)
) -> set[str | None]:
    """Return the event ids under which this content was planned before; None for one that came without."""
    query = sa.select(deliveries.c.event_id).where(
        deliveries.c.store_id == delivery.store_id,
        deliveries.c.content_hash.in_(spellings(connection, content_hash)),
        deliveries.c.state.in_(states),
        deliveries.c.id != delivery.id,
    )
    return set(connection.execute(query).scalars())


def settle(connection: sa.Connection, /, delivery_id: int, state: str, now: datetime, **facts: str | None) -> None:
    """
    Write down what became of a delivery: its state, and what was read from it.

    Raises:
        Conflict: Another process took it up and was first.
    """
    result = connection.execute(
        deliveries.update()
        .where(deliveries.c.id == delivery_id, deliveries.c.state == "received")
        .values(state=state, settled_at=now, **facts)
    )
    if result.rowcount != 1:
        raise Conflict(f"delivery {delivery_id} was taken up by another process")


def postpone(
    connection: sa.Connection,
    delivery_id: int,
    not_before: datetime,
    reason: str,
    shape: str | None = None,
    *,
    counts: bool = True,
) -> None:
    """
    Plan it later: the shop, or the API, could not be asked.

    Args:
        shape: The hash of its shape, as far as it is known.
        counts: It was a try, so that the next one is later still.
    """
    connection.execute(
        deliveries.update()
        .where(deliveries.c.id == delivery_id, deliveries.c.state == "received")
        .values(
            tries=deliveries.c.tries + int(counts),
            not_before=not_before,
            reason=reason,
            shape=shape or deliveries.c.shape,
        )
    )


def replay(connection: sa.Connection, store_id: str, ids: Sequence[int] | None = None) -> int:
    """Put quarantined deliveries (or just those of *ids*) back in line and return how many."""
    query = deliveries.update().where(deliveries.c.store_id == store_id, deliveries.c.state == "quarantined")
    if ids is not None:
        query = query.where(deliveries.c.id.in_(ids))
    result = connection.execute(query.values(state="received", reason=None, tries=0, not_before=None, settled_at=None))
    return result.rowcount


def take_again(connection: sa.Connection, delivery_id: int) -> None:
    """Put a planned delivery back in line: what it lacked is known now."""
    connection.execute(
        deliveries.update()
        .where(deliveries.c.id == delivery_id, deliveries.c.state == "planned")
        .values(state="received", tries=0, not_before=None, settled_at=None)
    )


def listing(
    connection: sa.Connection, store_id: str | None = None, state: str | None = None, limit: int = 50
) -> list[Delivery]:
    """Return deliveries, newest first."""
    query = _ALL.order_by(deliveries.c.id.desc()).limit(limit)
    if store_id is not None:
        query = query.where(deliveries.c.store_id == store_id)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    return [_row(row) for row in connection.execute(query)]
