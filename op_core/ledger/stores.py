"""Stores as the ledger knows them: by their permanent id."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from op_core.errors import StoreParked
from op_core.ledger.schema import facts, stores

__all__ = ["fact", "introduce", "known", "set_fact"]


def introduce(connection: sa.Connection, store_id: str, name: str, now: datetime) -> None:
    """
    Write the store down at its first use; a renamed store keeps its id.

    Raises:
        StoreParked: The name was used with another id before. A changed id would forget all that was done.
    """
    known = connection.execute(sa.select(stores.c.name).where(stores.c.id == store_id)).scalar()
    if known == name:
        return
    if known is not None:
        connection.execute(stores.update().where(stores.c.id == store_id).values(name=name))
        return
    before = connection.execute(sa.select(stores.c.id).where(stores.c.name == name)).scalar()
    if before is not None:
        raise StoreParked(name, f"its id is {store_id!r}, but this ledger knows it as {before!r}; an id is permanent")
    connection.execute(stores.insert().values(id=store_id, name=name, first_used_at=now))


def known(connection: sa.Connection, store_id: str) -> str | None:
    """Return the name under which a store was used last, or None."""
    return connection.execute(sa.select(stores.c.name).where(stores.c.id == store_id)).scalar()


def fact(connection: sa.Connection, name: str) -> str | None:
    """Return one fact about the ledger itself, such as ``recovering``."""
    return connection.execute(sa.select(facts.c.value).where(facts.c.name == name)).scalar()


def set_fact(connection: sa.Connection, name: str, value: str | None) -> None:
    """Write one fact down; None takes it away."""
    connection.execute(facts.delete().where(facts.c.name == name))
    if value is not None:
        connection.execute(facts.insert().values(name=name, value=value))
