"""Several calls of one page at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from op_core.errors import WireError

__all__ = ["Ended", "at_once"]


class Ended(Protocol):
    """What became of one thing to send."""

    @property
    def failure(self) -> WireError | None:
        """Why its calls ended early; None where they did not."""


T = TypeVar("T")
E = TypeVar("E", bound=Ended)


def at_once(tasks: Iterable[T], send: Callable[[T], E], in_flight: int) -> list[E]:
    """
    Send each, *in_flight* at a time, and return what became of those that were begun, in their order.

    The first failure of the API begins no further one: it would meet that too.
    """
    stop = threading.Event()

    def begin(task: T) -> E | None:
        if stop.is_set():
            return None
        ended = send(task)
        if ended.failure is not None:
            stop.set()
        return ended

    with ThreadPoolExecutor(in_flight, thread_name_prefix="op-core export") as pool:
        return [ended for ended in pool.map(begin, tasks) if ended is not None]
