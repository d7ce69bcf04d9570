"""
An event loop in a thread of its own, for what hooks return to be awaited.

Each store has one, and each of its observers: whoever blocks a loop keeps only itself waiting.
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import Awaitable
from concurrent.futures import Future
from typing import Any

import attrs

__all__ = ["Loop"]

_PATIENCE = 1.0  # seconds that closing waits for the thread
_left_by_forks: list[_Thread] = []  # kept: a copied loop must not be closed, its selector is still the parent's


@attrs.define(eq=False)
class Loop:
    """One event loop. It starts with the first thing to await, again after `close`, and again in a child process."""

    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)
    _thread: _Thread | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        """See to it that a child begins anew."""
        forget = weakref.WeakMethod(self._forget)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())

    def submit(self, awaitable: Awaitable[Any]) -> Future[Any]:
        """Await it there; the future is done when it has really ended, for nobody cancels it."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = _Thread()
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(self._thread.wait_for(awaitable), self._thread.loop)

    def close(self) -> None:
        """End the loop: at once if nothing is awaited there, else with the last of it."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            asyncio.run_coroutine_threadsafe(thread.end(), thread.loop)
            if not thread.awaited:
                thread.join(_PATIENCE)

    def _forget(self) -> None:
        if self._thread is not None:
            _left_by_forks.append(self._thread)
        self._lock, self._thread = threading.Lock(), None


class _Thread(threading.Thread):
    """Runs one loop until `end`, then closes it."""

    def __init__(self) -> None:
        super().__init__(name="op-core loop", daemon=True)
        self.loop = asyncio.new_event_loop()
        self.awaited: set[asyncio.Task[Any] | None] = set()

    async def wait_for(self, awaitable: Awaitable[Any]) -> Any:
        task = asyncio.current_task()
        self.awaited.add(task)
        try:
            return await awaitable
        except (KeyboardInterrupt, SystemExit) as error:  # asyncio would end the loop with it, and all that it runs
            raise RuntimeError(f"the call ended with {type(error).__name__}") from None
        finally:
            self.awaited.discard(task)

    async def end(self) -> None:
        while waiting := [task for task in self.awaited if task is not None]:
            await asyncio.wait(waiting)
        self.loop.stop()

    def run(self) -> None:
        try:
            self.loop.run_forever()
            self.loop.run_until_complete(_tidy(asyncio.all_tasks(self.loop)))
        finally:
            self.loop.close()


async def _tidy(left: set[asyncio.Task[Any]]) -> None:
    """End what hooks began on the side and nobody awaits."""
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
