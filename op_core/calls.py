"""
Calls into a shop's code: with a deadline, in either colour.

A hook may be ``def`` or ``async def``. Each call runs in a daemon thread of its own, at most so many per store, so
that a shop that hangs starves only itself. What a hook returns to be awaited runs on one event loop, which lives in
one thread for all stores. Both start lazily, and again after a fork.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import os
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

import attrs

from op_core.errors import NotSent

__all__ = ["Calls", "OutOfTime"]


class OutOfTime(Exception):
    """The call did not end before its deadline. Its thread may still run."""


@attrs.define(eq=False)
class _Loop:
    """The one event loop for hooks that are coroutines."""

    _loop: asyncio.AbstractEventLoop | None = None
    _pid: int = 0
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def submit(self, awaitable: Awaitable[Any]) -> Future[Any]:
        async def wait() -> Any:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(wait(), self._running())

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._pid != os.getpid():  # a fork copies neither the thread nor whoever held the lock
            self._lock, self._loop, self._pid = threading.Lock(), None, os.getpid()
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="op-core loop", daemon=True).start()
            return self._loop


_loop = _Loop()


@attrs.define(eq=False)
class Calls:
    """
    The calls of one store.

    Args:
        limit: How many may run at once. A call that hangs keeps its place until it ends.
    """

    limit: int = 4
    _places: threading.Semaphore = attrs.field(init=False, repr=False)
    _live: dict[str, int] = attrs.field(factory=dict, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, repr=False)
    _pid: int = attrs.field(factory=os.getpid, repr=False)

    def __attrs_post_init__(self) -> None:
        """Make the places."""
        self._places = threading.Semaphore(self.limit)

    @property
    def live(self) -> frozenset[str]:
        """The names of the calls whose thread has not ended, given up or not."""
        with self._lock:
            return frozenset(self._live)

    def run(
        self,
        function: Callable[[], Any],
        seconds: float,
        *,
        name: str = "",
        late: Callable[[Future[Any]], None] | None = None,
    ) -> Any:
        """
        Call *function* and await what it returns, if that is to be awaited.

        Args:
            function: The call.
            seconds: How long to wait for a place and for the result.
            name: Under which the call counts as `live`.
            late: Told the result if it comes after the time was out.

        Raises:
            NotSent: No place became free in time, or the time was out; the function was not called.
            OutOfTime: It was called and did not end in time.
        """
        if self._pid != os.getpid():
            self._pid, self._lock, self._live = os.getpid(), threading.Lock(), {}
            self._places = threading.Semaphore(self.limit)
        latest = time.monotonic() + seconds
        if not self._places.acquire(timeout=seconds):
            raise NotSent(f"all {self.limit} calls of this store hang")
        call: _Call = _Call(function, contextvars.copy_context(), lambda: self._leave(name), latest)
        self._enter(name)
        threading.Thread(target=call.work, name=f"op-core call {name}", daemon=True).start()
        if not call.done.wait(max(latest - time.monotonic(), 0)):
            call.give_up(late)
            if not call.result.done():
                raise OutOfTime(f"no answer within {seconds:g} s")
        return call.result.result()

    def _enter(self, name: str) -> None:
        with self._lock:
            self._live[name] = self._live.get(name, 0) + 1

    def _leave(self, name: str) -> None:
        with self._lock:
            self._live[name] -= 1
            if not self._live[name]:
                del self._live[name]
        self._places.release()


@attrs.define(eq=False)
class _Call:
    function: Callable[[], Any]
    context: contextvars.Context
    leave: Callable[[], None]
    latest: float
    result: Future[Any] = attrs.field(factory=Future)
    done: threading.Event = attrs.field(factory=threading.Event)
    _waiting: Future[Any] | None = None

    def work(self) -> None:
        value: Any = None
        failure: Exception | None = None
        try:
            value = self.context.run(self._begin)
            if inspect.isawaitable(value):
                self._waiting = _loop.submit(value)
                value = self._waiting.result()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            failure = error
        except BaseException as error:  # noqa: BLE001 - a hook that calls sys.exit() must not end who asked it
            failure = RuntimeError(f"the call ended with {type(error).__name__}")
        self.leave()  # first: whoever is told the result may count on the call being over
        if failure is not None:
            self.result.set_exception(failure)
        else:
            self.result.set_result(value)
        self.done.set()

    def _begin(self) -> Any:
        if time.monotonic() > self.latest:  # whoever asked may have lost the right to call meanwhile
            raise NotSent("the time was out before the call began")
        return self.function()

    def give_up(self, late: Callable[[Future[Any]], None] | None) -> None:
        """Cancel what can be cancelled; a thread cannot."""
        if late is not None:
            self.result.add_done_callback(late)
        if self._waiting is not None:
            self._waiting.cancel()
