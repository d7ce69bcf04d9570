"""What became of an export, in numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, Self, TypeVar

import attrs

__all__ = ["Counts", "Exported", "ExportedProducts", "Progress"]

C = TypeVar("C", bound="Counts")


@attrs.frozen
class Counts:
    """
    How many of which. Sums by ``+``.

    Attributes:
        seen: What the shop gave, once per page.
    """

    seen: int = 0

    def __add__(self, other: Self) -> Self:
        """Add two of them up."""
        return type(self)(*(a + b for a, b in zip(attrs.astuple(self), attrs.astuple(other), strict=True)))


@attrs.frozen
class Exported(Counts):
    """
    Orders and their parcels.

    Attributes:
        created: Orders made known.
        updated: Orders updated.
        unchanged: Orders that say nothing new.
        not_exportable: Orders and parcels that lack what the API needs; listed with the reason, not sent.
        not_sendable: Orders and parcels with a change that no call can carry.
        refused: Orders and parcels that the API does not take, or that hold a value it would not take.
        replacements: Our own replacements, which the report step sends.
        forgotten: Orders whose customer was forgotten: nothing of them is sent any more.
        fulfillments_created: Parcels made known.
        fulfillments_updated: Parcels whose status was updated.
        fulfillments_waiting: Parcels that still wait for their tracking.
        failed: Orders that could not be asked for or sent this time; they stay to be sent.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    not_exportable: int = 0
    not_sendable: int = 0
    refused: int = 0
    replacements: int = 0
    forgotten: int = 0
    fulfillments_created: int = 0
    fulfillments_updated: int = 0
    fulfillments_waiting: int = 0
    failed: int = 0


@attrs.frozen
class ExportedProducts(Counts):
    """
    Products, each variant one of its own.

    Attributes:
        created: Products made known.
        updated: Products updated.
        unchanged: Products that say nothing new.
        not_exportable: Products that lack what the API needs; listed with the reason, not sent.
        not_sendable: Products with a change that no call can carry.
        refused: Products that the API does not take, or that hold a value it would not take.
        gone: Products that the shop has no more; Order Protection was told.
        missing: Products that the shop did not give, so many that nobody was told.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    not_exportable: int = 0
    not_sendable: int = 0
    refused: int = 0
    gone: int = 0
    missing: int = 0


@attrs.frozen
class Progress(Generic[C]):
    """
    Where a run stands after a page.

    Attributes:
        pages: Pages done in this run.
        exported: What became of them.
        newest: The latest change seen in this run, UTC; None where no change has a time.
    """

    pages: int
    exported: C
    newest: datetime | None
