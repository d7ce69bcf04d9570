"""
Rows of an app's credentials, one for each store; sealed before they come here.

The lease in a row says which one process fetches the next token. A token that comes late, after its lease, is still
written down, unless somebody wrote another one since: it may be the only one that the API takes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.ledger.schema import installs, tokens

__all__ = ["Install", "TokenRow", "begin", "end", "fail", "forget", "get", "pending", "put", "replace", "take"]


@attrs.frozen
class TokenRow:
    """One store's credentials; its columns are those of the table."""

    store_id: str
    client_id: str
    access_token: str | None = attrs.field(repr=False)
    refresh_token: str | None = attrs.field(repr=False)
    scopes: str | None
    ends_at: datetime | None
    version: int
    lease_until: datetime | None
    reason: str | None
    changed_at: datetime


@attrs.frozen
class Install:
    """An authorization under way; state and verifier are sealed."""

    store_id: str
    state: str = attrs.field(repr=False)
    verifier: str = attrs.field(repr=False)
    begun_at: datetime


def get(connection: sa.Connection, store_id: str) -> TokenRow | None:
    """Return the row of a store."""
    row = connection.execute(sa.select(tokens).where(tokens.c.store_id == store_id)).one_or_none()
    return None if row is None else TokenRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name


def _locked(connection: sa.Connection, store_id: str) -> TokenRow | None:
    row = connection.execute(sa.select(tokens).where(tokens.c.store_id == store_id).with_for_update()).one_or_none()
    return None if row is None else TokenRow(**row._mapping)  # noqa: SLF001 - as above


def _set(connection: sa.Connection, store_id: str, **columns: Any) -> None:
    connection.execute(tokens.update().where(tokens.c.store_id == store_id).values(**columns))


def take(
    connection: sa.Connection, store_id: str, client_id: str, version: int | None, now: datetime, until: datetime
) -> bool:
    """
    Take the lease for the next token.

    Args:
        version: Of the row that was seen; None where there was none.
        now: The time.
        until: When the lease ends.

    Returns:
        Whether it is ours: nobody has it, and the row is the one that was seen.

    Raises:
        Conflict: Another process writes the store's first row at the same moment.
    """
    row = _locked(connection, store_id)
    if row is None:
        if version is not None:
            return False
        first = {"store_id": store_id, "client_id": client_id, "version": 0, "lease_until": until, "changed_at": now}
        connection.execute(tokens.insert().values(**first))
        return True
    if row.version != (version or 0) or (row.lease_until is not None and row.lease_until > now):
        return False
    _set(connection, store_id, lease_until=until)
    return True


def put(
    connection: sa.Connection, store_id: str, version: int, lease: datetime, /, now: datetime, **columns: Any
) -> bool:
    """
    Write down a token that was fetched under *lease*; the row was of *version* then.

    Returns:
        Whether it was taken: False where the lease has passed to another, who has written its own.
    """
    row = _locked(connection, store_id)
    if row is None or (row.lease_until != lease and row.version != version):
        return False
    mine = row.lease_until == lease
    until = None if mine else row.lease_until
    _set(connection, store_id, version=row.version + 1, lease_until=until, reason=None, changed_at=now, **columns)
    return True


def fail(connection: sa.Connection, store_id: str, lease: datetime, now: datetime, reason: str | None = None) -> None:
    """
    Give the lease back without a token.

    Args:
        reason: Why there is none any more; None: it may be tried again at once, and what is there stays.
    """
    row = _locked(connection, store_id)
    if row is None or row.lease_until != lease:
        return
    gone = {} if reason is None else {"access_token": None, "ends_at": None, "reason": reason, "changed_at": now}
    _set(connection, store_id, lease_until=None, **gone)


def replace(connection: sa.Connection, store_id: str, /, now: datetime, **columns: Any) -> None:
    """Write down the first token of a new installation, whoever fetches another meanwhile; the authorization ends."""
    end(connection, store_id)
    row = _locked(connection, store_id)
    version = 0 if row is None else row.version + 1
    connection.execute(tokens.delete().where(tokens.c.store_id == store_id))
    connection.execute(tokens.insert().values(store_id=store_id, version=version, changed_at=now, **columns))


def forget(connection: sa.Connection, store_id: str) -> None:
    """Keep no credentials of a store."""
    connection.execute(tokens.delete().where(tokens.c.store_id == store_id))
    end(connection, store_id)


# --- Authorizations under way ------------------------------------------------------------------------------------


def begin(connection: sa.Connection, store_id: str, state: str, verifier: str, now: datetime) -> None:
    """Write an authorization down, in the place of an earlier one."""
    end(connection, store_id)
    connection.execute(installs.insert().values(store_id=store_id, state=state, verifier=verifier, begun_at=now))


def pending(connection: sa.Connection, store_id: str) -> Install | None:
    """Return the authorization that is under way."""
    row = connection.execute(sa.select(installs).where(installs.c.store_id == store_id)).one_or_none()
    return None if row is None else Install(**row._mapping)  # noqa: SLF001 - as above


def end(connection: sa.Connection, store_id: str) -> None:
    """Forget the authorization that was under way."""
    connection.execute(installs.delete().where(installs.c.store_id == store_id))
