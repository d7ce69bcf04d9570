"""The part of op.toml that is this adapter's: ``[stores.x.settings]``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import pydantic

from op_core.settings import Count, Duration, Secret

__all__ = ["SqlShopSettings"]

_Wait = Annotated[Duration, pydantic.Field(gt=timedelta(0))]


class SqlShopSettings(pydantic.BaseModel):
    """
    Where the shop's database is, and how it is read and written.

    Attributes:
        url: An SQLAlchemy URL: ``sqlite:///shop.db``, ``postgresql://…``, ``mysql://…`` or ``mariadb://…``. It may
            hold a password, so it is never shown.
        mapping: The mapping file; a relative path starts from the folder of op.toml.
        lock_timeout: How long a write waits for a row, or for a SQLite file, that somebody else holds.
        statement_timeout: The longest time of one statement. SQLite has no such limit.
        connections: Connections to the database at one time.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Secret = pydantic.Field(examples=[{"env": "SHOP_URL"}])
    mapping: str = pydantic.Field(examples=["shop.toml"])
    lock_timeout: _Wait = timedelta(seconds=5)
    statement_timeout: _Wait = timedelta(seconds=20)
    connections: Annotated[Count, pydantic.Field(ge=1, le=100)] = 4
