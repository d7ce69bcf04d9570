"""One order to send, and what became of it: the values between the ledger's side and the wire's side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa

from op_core.errors import WireError
from op_core.export.encode import Cancels, NotExportable
from op_core.export.outcome import Exported
from op_core.export.premiums import Premiums
from op_core.models import Fulfillment, Order
from op_core.order_protection.client import Client

__all__ = ["Sent", "Task", "Terms", "encoded"]

T = TypeVar("T")


@attrs.frozen
class Terms:
    """
    How orders are sent.

    Attributes:
        api: Order Protection.
        platform_id: As in the store's settings.
        premiums: What may be said of an order's premium; it is written down before it is sent.
        cancels: What in an update takes protection away; see `op_core.order_protection.dialects.switches` (G-2).
        tracking_wait: How long a parcel waits for its tracking, from its making.
        now: The time by which it waits, UTC.
        again: Send also what was refused before and has not changed.
    """

    api: Client
    platform_id: str
    premiums: Premiums
    cancels: Cancels
    tracking_wait: timedelta
    now: datetime
    again: bool = False


@attrs.frozen
class Task:
    """
    One order and what the ledger knows of it.

    Attributes:
        order: As the shop holds it now.
        row: Its row in ``exported_orders``.
        parcels: Its fulfillments as the shop holds them; None where the shop cannot say.
        rows: Their rows in ``exported_fulfillments``, by id.
        is_replacement: It is a reship of ours.
    """

    order: Order
    row: sa.Row[Any] | None = None
    parcels: tuple[Fulfillment, ...] | None = ()
    rows: Mapping[str, sa.Row[Any]] = attrs.field(factory=dict)
    is_replacement: bool = False

    @property
    def is_there(self) -> bool:
        """Tell whether Order Protection has the order, in whatever form."""
        return self.row is not None and self.row.update_hash is not None


@attrs.define
class Sent:
    """
    What became of one order.

    Attributes:
        row: Columns to write for the order; None where nothing is new.
        parcels: Columns to write by fulfillment id; None: its row goes.
        count: In numbers.
        failure: Why its calls ended early. Then it must be sent again.
        look_again: Whether the shop is asked for it anew, though it says of no change.
    """

    order_id: str
    row: dict[str, Any] | None = None
    parcels: dict[str, dict[str, Any] | None] = attrs.field(factory=dict)
    count: Exported = attrs.field(factory=lambda: Exported(seen=1))
    failure: WireError | None = None
    look_again: bool = False

    def counted(self, what: str) -> None:
        """Count one more."""
        self.count += Exported(**{what: 1})


def encoded(encode: Callable[[], T]) -> T:
    """
    Return what *encode* returns; a value that its type does not promise must stop no other order.

    Raises:
        NotExportable: Or what else *encode* raises on purpose.
    """
    try:
        return encode()
    except (AttributeError, TypeError, ValueError) as error:  # their texts may show the value
        raise NotExportable(f"the adapter's value is not what its type promises: {type(error).__name__}") from None
