"""A clock that a test moves by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs

__all__ = ["START", "Clock"]

START = datetime(2025, 6, 1, 12, tzinfo=UTC)


@attrs.define
class Clock:
    """Call it for the time, UTC. It stands still until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def move(self, **span: float) -> None:
        """Move it on by what `timedelta` takes, such as ``minutes=3``."""
        self.now += timedelta(**span)
