"""Rows of what was decided: claims, the plans made for them, and what is known of an order's protection."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.ledger.schema import claims, plans, protections
from op_core.money import Money

__all__ = [
    "Claim",
    "Plan",
    "Protection",
    "claim",
    "learn",
    "plans_of",
    "protection",
    "record",
    "set_protection",
    "set_told",
]


@attrs.frozen
class Claim:
    """What deliveries said of a claim so far."""

    store_id: str
    claim_id: str
    order_id: str | None
    op_order_id: str | None
    approved_at: datetime | None
    denied_at: datetime | None

    @property
    def is_denied(self) -> bool:
        """Tell whether the last word is a denial: deliveries come in any order, so only their own times count."""
        return self.denied_at is not None and (self.approved_at is None or self.approved_at <= self.denied_at)


@attrs.frozen
class Plan:
    """One set of resolutions as it was said: a claim may have been decided more than once."""

    id: int
    store_id: str
    claim_id: str
    content: list[dict[str, Any]] = attrs.field(converter=json.loads, repr=False)
    content_hash: str
    delivery_id: int
    planned_at: datetime


@attrs.frozen
class Protection:
    """
    Whether an order is protected, as far as we know, and what was paid for it.

    Attributes:
        by_shop: The shop itself changed it last; else Order Protection did, by a webhook.
        told_on_at: When the export last told that the shop's order has a premium.
        told_off_at: When it last told that the order has none any more.
    """

    is_on: bool
    paid: Money | None
    changed_at: datetime
    by_shop: bool = False
    told_on_at: datetime | None = None
    told_off_at: datetime | None = None


# Built once: to build a statement anew takes longer than to execute it.
_CLAIM = sa.select(claims).where(
    claims.c.store_id == sa.bindparam("store_id"), claims.c.claim_id == sa.bindparam("claim_id")
)
_PLANS = (
    sa.select(plans)
    .where(plans.c.store_id == sa.bindparam("store_id"), plans.c.claim_id == sa.bindparam("claim_id"))
    .order_by(plans.c.id)
)
_LEARN, _RECORD = claims.insert(), plans.insert()


def claim(connection: sa.Connection, store_id: str, claim_id: str) -> Claim | None:
    """Return what is known of a claim."""
    row = connection.execute(_CLAIM, {"store_id": store_id, "claim_id": claim_id}).first()
    return Claim(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's documented name


def learn(connection: sa.Connection, store_id: str, claim_id: str, **known: Any) -> None:
    """Keep what a delivery says of a claim; None says nothing, and of two times the later one stays."""
    said = {name: value for name, value in known.items() if value is not None}
    where = sa.and_(claims.c.store_id == store_id, claims.c.claim_id == claim_id)
    before = claim(connection, store_id, claim_id)
    for name in ("approved_at", "denied_at"):
        if before is not None and name in said and (earlier := getattr(before, name)) is not None:
            said[name] = max(said[name], earlier)
    if before is None:
        connection.execute(_LEARN, {"store_id": store_id, "claim_id": claim_id, **said})
    elif said:
        connection.execute(claims.update().where(where).values(**said))


def plans_of(connection: sa.Connection, store_id: str, claim_id: str) -> list[Plan]:
    """Return the plans made for a claim, oldest first."""
    rows = connection.execute(_PLANS, {"store_id": store_id, "claim_id": claim_id})
    return [Plan(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name


def record(
    connection: sa.Connection,
    store_id: str,
    claim_id: str,
    content: list[dict[str, Any]],
    content_hash: str,
    delivery_id: int,
    now: datetime,
) -> None:
    """Write down a set of resolutions."""
    row = {
        "store_id": store_id,
        "claim_id": claim_id,
        "content": json.dumps(content),
        "content_hash": content_hash,
        "delivery_id": delivery_id,
        "planned_at": now,
    }
    connection.execute(_RECORD, row)


def protection(connection: sa.Connection, store_id: str, order_id: str) -> Protection | None:
    """Return what is known of an order's protection."""
    row = connection.execute(
        sa.select(protections).where(protections.c.store_id == store_id, protections.c.order_id == order_id)
    ).first()
    if row is None:
        return None
    paid = Money(row.amount, row.currency) if row.amount is not None else None
    return Protection(row.is_on, paid, row.changed_at, bool(row.by_shop), row.told_on_at, row.told_off_at)


def set_protection(
    connection: sa.Connection,
    store_id: str,
    order_id: str,
    *,
    is_on: bool,
    paid: Money | None,
    now: datetime,
    by_shop: bool = False,
) -> None:
    """Write down whether an order is protected, what was paid for it, and who said so."""
    values = {
        "by_shop": by_shop,
        "is_on": is_on,
        "amount": None if paid is None else str(paid.amount),
        "currency": None if paid is None else paid.currency,
        "changed_at": now,
    }
    where = sa.and_(protections.c.store_id == store_id, protections.c.order_id == order_id)
    if connection.execute(protections.update().where(where).values(**values)).rowcount == 0:
        connection.execute(protections.insert().values(store_id=store_id, order_id=order_id, **values))


def set_told(connection: sa.Connection, store_id: str, order_id: str, *, is_on: bool, now: datetime) -> None:
    """Write down that the shop's word on an order's protection is being told; where nothing is known, do nothing."""
    where = sa.and_(protections.c.store_id == store_id, protections.c.order_id == order_id)
    connection.execute(protections.update().where(where).values({"told_on_at" if is_on else "told_off_at": now}))
