"""What became of an export, in numbers."""

from __future__ import annotations

from datetime import datetime

import attrs

__all__ = ["Exported", "Progress"]


@attrs.frozen
class Exported:
    """
    How many of which. Sums by ``+``.

    Attributes:
        seen: Orders that the shop gave, once per page.
        created: Orders made known.
        updated: Orders updated.
        unchanged: Orders that say nothing new.
        not_exportable: Orders and parcels that lack what the API needs; listed with the reason, not sent.
        not_sendable: Orders and parcels with a change that no call can carry.
        refused: Orders and parcels that the API does not take, or that hold a value it would not take.
        replacements: Our own replacements, which the report step sends.
        fulfillments_created: Parcels made known.
        fulfillments_updated: Parcels whose status was updated.
        fulfillments_waiting: Parcels that still wait for their tracking.
        failed: Orders that could not be asked for or sent this time; they stay to be sent.
    """

    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    not_exportable: int = 0
    not_sendable: int = 0
    refused: int = 0
    replacements: int = 0
    fulfillments_created: int = 0
    fulfillments_updated: int = 0
    fulfillments_waiting: int = 0
    failed: int = 0

    def __add__(self, other: Exported) -> Exported:
        """Add two of them up."""
        return Exported(*(a + b for a, b in zip(attrs.astuple(self), attrs.astuple(other), strict=True)))


@attrs.frozen
class Progress:
    """
    Where a run stands after a page.

    Attributes:
        pages: Pages done in this run.
        exported: What became of them.
        newest: The latest change seen in this run, UTC.
    """

    pages: int
    exported: Exported
    newest: datetime | None
