"""Rows of shapes: one for every form in which a delivery or an answer came, with what was new in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from op_core.ledger.schema import bodies, shapes

__all__ = ["SeenShape", "body", "find", "get", "learn", "learned", "listing", "put_news", "seen"]

_KEEP = {
    "postgresql": postgresql.insert(bodies).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(bodies).on_conflict_do_nothing(),
}
_SEE = {
    "postgresql": postgresql.insert(shapes).on_conflict_do_nothing().returning(shapes.c.id),
    "sqlite": sqlite.insert(shapes).on_conflict_do_nothing().returning(shapes.c.id),
}


def _paths(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n"))


def _news(text: str | None) -> dict[str, Any] | None:
    return None if text is None else dict(json.loads(text))


@attrs.frozen
class SeenShape:
    """
    One form in which one thing came.

    Attributes:
        what: The topic, or method, route and page of an answer.
        news: What was new in it when it came first, or since some of it was learned; None: nothing.
        reason: Why an answer of this form could not be read.
        body_sha256: Of the first body of this form, where it was kept.
        delivery_id: The delivery that was the first of this form.
    """

    id: int
    store_id: str
    what: str
    shape: str
    paths: tuple[str, ...] = attrs.field(converter=_paths, repr=False)
    news: dict[str, Any] | None = attrs.field(converter=_news)
    reason: str | None
    body_sha256: str | None
    delivery_id: int | None
    first_at: datetime
    learned_at: datetime | None

    @property
    def is_new(self) -> bool:
        """Tell whether a person should look at it."""
        return self.learned_at is None and (self.news is not None or self.reason is not None)


def _row(row: sa.Row[Any]) -> SeenShape:
    return SeenShape(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name


def find(connection: sa.Connection, store_id: str, what: str, shape: str) -> SeenShape | None:
    """Return the row of one form of one thing, if it came before."""
    row = connection.execute(
        sa.select(shapes).where(shapes.c.store_id == store_id, shapes.c.what == what, shapes.c.shape == shape)
    ).first()
    return _row(row) if row else None


def get(connection: sa.Connection, shape_id: int) -> SeenShape | None:
    """Return one row."""
    row = connection.execute(sa.select(shapes).where(shapes.c.id == shape_id)).first()
    return _row(row) if row else None


def seen(
    connection: sa.Connection,
    store_id: str,
    what: str,
    shape: str,
    paths: Iterable[str],
    now: datetime,
    *,
    news: dict[str, Any] | None = None,
    reason: str | None = None,
    kept: bytes | None = None,
    body_sha256: str | None = None,
    delivery_id: int | None = None,
) -> bool:
    """
    Write down that something came in a form; tell whether it is the first time.

    Args:
        news: What is new in it.
        reason: Why it could not be read.
        kept: The body, to be stored; or *body_sha256* of one that is stored already.
    """
    if kept is not None:
        body_sha256 = hashlib.sha256(kept).hexdigest()
        connection.execute(_KEEP[connection.dialect.name], {"store_id": store_id, "sha256": body_sha256, "body": kept})
    row = {
        "store_id": store_id,
        "what": what,
        "shape": shape,
        "paths": "\n".join(paths),
        "news": None if news is None else json.dumps(news),
        "reason": reason,
        "body_sha256": body_sha256,
        "delivery_id": delivery_id,
        "first_at": now,
    }
    return connection.execute(_SEE[connection.dialect.name], row).first() is not None


def body(connection: sa.Connection, shape: SeenShape) -> bytes | None:
    """Return the first body of this form, where it was kept."""
    raw: bytes | None = connection.execute(
        sa.select(bodies.c.body).where(bodies.c.store_id == shape.store_id, bodies.c.sha256 == shape.body_sha256)
    ).scalar()
    return raw


def learned(connection: sa.Connection, store_id: str, what: str) -> list[tuple[str, ...]]:
    """Return the paths of every form of one thing that a person accepted, in the order of learning."""
    rows = connection.execute(
        sa.select(shapes.c.paths)
        .where(shapes.c.store_id == store_id, shapes.c.what == what, shapes.c.learned_at.is_not(None))
        .order_by(shapes.c.learned_at, shapes.c.id)
    )
    return [_paths(text) for text in rows.scalars()]


def listing(
    connection: sa.Connection, store_id: str | None = None, what: str | None = None, *, new: bool = False
) -> list[SeenShape]:
    """Return what came in which form, the oldest first; or only what is *new*."""
    query = sa.select(shapes).order_by(shapes.c.id)
    if store_id is not None:
        query = query.where(shapes.c.store_id == store_id)
    if what is not None:
        query = query.where(shapes.c.what == what)
    if new:
        query = query.where(
            shapes.c.learned_at.is_(None), sa.or_(shapes.c.news.is_not(None), shapes.c.reason.is_not(None))
        )
    return [_row(row) for row in connection.execute(query)]


def learn(connection: sa.Connection, ids: Sequence[int], now: datetime) -> int:
    """Accept these forms and return how many were not accepted before."""
    result = connection.execute(
        shapes.update().where(shapes.c.id.in_(ids), shapes.c.learned_at.is_(None)).values(learned_at=now)
    )
    return result.rowcount


def put_news(connection: sa.Connection, shape_id: int, news: dict[str, Any] | None) -> None:
    """Say anew what is new in a form, after others were learned."""
    connection.execute(
        shapes.update().where(shapes.c.id == shape_id).values(news=None if news is None else json.dumps(news))
    )
