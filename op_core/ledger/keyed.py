"""
Keyed hashes: what stays of a value that was erased, so that the same one is known again and nobody can guess it.

The key is this ledger's own, made at the first erasure. A plain hash of a name or an address is as good as the name:
whoever has a list of addresses hashes them all. Against somebody who holds the whole ledger it does not help.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from typing import Any

import sqlalchemy as sa

from op_core.ledger.stores import fact, set_fact

__all__ = ["SIGN", "is_keyed", "key_of", "keyed", "made_key", "spellings"]

_FACT = "erasure key"
SIGN = "k:"  # before a keyed hash, so that it is told from a plain one


def key_of(connection: sa.Connection) -> str | None:
    """Return this ledger's key; None where nothing was ever erased."""
    return fact(connection, _FACT)


def made_key(connection: sa.Connection) -> str:
    """Return this ledger's key, which is made where there is none."""
    key = key_of(connection)
    if key is None:
        key = secrets.token_hex(32)
        set_fact(connection, _FACT, key)
    return key


def keyed(key: str, value: Any) -> str:
    """Return the keyed hash of plain data."""
    said = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return SIGN + hmac.new(bytes.fromhex(key), said, hashlib.sha256).hexdigest()


def is_keyed(value: str) -> bool:
    """Tell whether a hash is a keyed one."""
    return value.startswith(SIGN)


def spellings(connection: sa.Connection, value: str) -> tuple[str, ...]:
    """Return a hash as it stands in the ledger: plainly, or keyed where what it names was erased."""
    key = key_of(connection)
    return (value,) if key is None else (value, keyed(key, value))
