"""What is proven."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import attrs

from op_sql_shop.client import Client
from op_sql_shop.converters import Forms
from op_sql_shop.mapping import ShopMapping
from op_sql_shop.reading import Reader
from op_sql_shop.references import References
from op_sql_shop.writing import Writer

__all__ = ["Subject"]


@attrs.frozen
class Subject:
    """
    One store.

    Attributes:
        store: Its name.
        mapping: Its mapping.
        client: The way into its database.
        forms: How that holds money and times.
        reader: What reads it.
        writers: Verb to what makes it.
        references: Our table.
        clock: Gives the time, UTC.
    """

    store: str
    mapping: ShopMapping
    client: Client
    forms: Forms
    reader: Reader
    writers: Mapping[str, Writer]
    references: References
    clock: Callable[[], datetime]
