"""Requests evenly spread over time, so that a side which counts them has nothing to refuse."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import attrs

__all__ = ["Pace"]


@attrs.define(eq=False)
class Pace:
    """
    Gives out turns.

    Args:
        per_second: How many a second; None: as many as are asked for.
        clock: Gives seconds that never go back.
    """

    per_second: float | None
    clock: Callable[[], float] = attrs.field(default=time.monotonic, repr=False)
    _next: float = attrs.field(init=False, default=0.0)
    _lock: threading.Lock = attrs.field(init=False, repr=False, factory=threading.Lock)

    def turn(self) -> float:
        """Take the next turn, and return the seconds until it comes."""
        if self.per_second is None:
            return 0.0
        with self._lock:
            now = self.clock()
            mine = max(now, self._next)
            self._next = mine + 1 / self.per_second
            return mine - now
