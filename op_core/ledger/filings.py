"""Rows of claims that the shop files: one for each key, so that a claim is filed once under it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

import attrs
import sqlalchemy as sa

from op_core.ledger.schema import filings

__all__ = ["Filing", "again", "begin", "get", "learn", "listing", "of_order", "settle"]

Kind = Literal["online", "offline"]
State = Literal["begun", "filed", "refused", "unknown"]


@attrs.frozen(kw_only=True)
class Filing:
    """
    One claim, as far as its filing is known.

    Attributes:
        key: It is filed once under it.
        order_id: The shop's; of an offline claim the one that the API made up, None until then.
        content_hash: Of what is said; nothing of it is kept but this.
        known_claims: Ids of the order's claims before it was filed.
        claim_id: The new claim's, once it shows.
        begun_at: When the call began that may have filed it; it tells one attempt from the next.
    """

    store_id: str
    key: str
    kind: Kind
    order_id: str | None
    content_hash: str
    state: State = "begun"
    known_claims: tuple[str, ...] = ()
    claim_id: str | None = None
    reason: str | None = None
    begun_at: datetime
    settled_at: datetime | None = None


def _of(row: sa.Row[Any]) -> Filing:
    said = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    return Filing(**said | {"known_claims": tuple(json.loads(said["known_claims"]))})


def _columns(filing: Filing) -> dict[str, Any]:
    return attrs.asdict(filing) | {"known_claims": json.dumps(filing.known_claims)}


def get(connection: sa.Connection, store_id: str, key: str) -> Filing | None:
    """Return what is known under a key."""
    row = connection.execute(sa.select(filings).where(filings.c.store_id == store_id, filings.c.key == key)).first()
    return _of(row) if row else None


def of_order(connection: sa.Connection, store_id: str, order_id: str) -> list[Filing]:
    """Return all filings about one order, oldest first."""
    rows = connection.execute(
        sa.select(filings)
        .where(filings.c.store_id == store_id, filings.c.order_id == order_id)
        .order_by(filings.c.begun_at)
    )
    return [_of(row) for row in rows]


def listing(connection: sa.Connection, store_id: str, state: State | None = None) -> list[Filing]:
    """Return a store's filings, oldest first, or those of one state."""
    chosen = [filings.c.store_id == store_id, *([] if state is None else [filings.c.state == state])]
    return [_of(row) for row in connection.execute(sa.select(filings).where(*chosen).order_by(filings.c.begun_at))]


def begin(connection: sa.Connection, filing: Filing) -> None:
    """Write down that a claim is about to be filed for the first time; `Conflict` where its key is there already."""
    connection.execute(filings.insert().values(**_columns(filing)))


def again(connection: sa.Connection, was: Filing, filing: Filing) -> bool:
    """Write down that it is about to be filed again; False where another process was first."""
    return _change(connection, was, (was.state,), _columns(filing))


def settle(connection: sa.Connection, filing: Filing) -> bool:
    """Write down what became of an attempt; False where another attempt was begun since."""
    return _change(connection, filing, ("begun", "unknown"), _columns(filing))


def learn(connection: sa.Connection, filing: Filing) -> None:
    """Write down the id of a claim that was filed."""
    _change(connection, filing, ("filed",), {"claim_id": filing.claim_id})


def _change(connection: sa.Connection, was: Filing, states: tuple[str, ...], columns: dict[str, Any]) -> bool:
    """Change the row of one attempt, if it is in one of these states."""
    result = connection.execute(
        filings.update()
        .where(
            filings.c.store_id == was.store_id,
            filings.c.key == was.key,
            filings.c.begun_at == was.begun_at,
            filings.c.state.in_(states),
        )
        .values(**columns)
    )
    return result.rowcount == 1
