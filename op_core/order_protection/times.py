"""Times of the wire: ISO 8601, UTC."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["time_from", "wire_time"]


def time_from(value: object) -> datetime:
    """
    Return the UTC time that *value* is: an aware datetime, or ISO 8601 text with its zone.

    Raises:
        ValueError: For anything else, a naive time included. The value is not shown.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("expected a time such as 2025-01-31T09:00:00.000Z") from None
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise ValueError("expected a time with its zone, such as 2025-01-31T09:00:00.000Z")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a time within the years 1 to 9999") from None


def wire_time(value: datetime) -> str:
    """Write a UTC time as the samples of page ORD-C do: ``2025-01-31T09:00:00.000Z``."""
    return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
