"""
Calls into a shop's code: with a deadline, in either colour.

A hook may be ``def`` or ``async def``. Each call runs in a daemon thread of its own, at most so many per store, so
that a shop that hangs starves only itself. What a hook returns to be awaited runs on the store's own event loop, and
the thread waits for it. A call whose time is out is waited for no more, and goes on: neither a thread nor what a
coroutine began elsewhere can be stopped, so nothing is cancelled, and the call counts as live until it has ended.
"""

from __future__ import annotations

import contextvars
import inspect
import os
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import attrs

from op_core.errors import NotSent
from op_core.loops import Loop

__all__ = ["Calls", "Late", "OutOfTime"]

Late = Callable[[Future[Any]], None]


class OutOfTime(Exception):
    """The call did not end before its deadline. It may still run."""


@attrs.define(eq=False)
class Calls:
    """
    The calls of one store, or of one observer.

    Args:
        limit: How many may run at once. A call that hangs keeps its place until it ends.
        loop: Where what is to be awaited runs; it may be shared with other calls.
        clock: Gives seconds that never go back; for deadlines.
    """

    limit: int = 4
    loop: Loop = attrs.field(factory=Loop, repr=False)
    clock: Callable[[], float] = attrs.field(default=time.monotonic, repr=False)
    _places: threading.Semaphore = attrs.field(init=False, repr=False)
    _live: dict[str, int] = attrs.field(init=False, repr=False)
    _hanging: int = attrs.field(init=False, repr=False)  # calls that were given up and have not ended
    _lock: threading.Lock = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Make the places; and see to it that a child process, which has none of these threads, begins anew."""
        self._forget()
        forget = weakref.WeakMethod(self._forget)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())

    def _forget(self) -> None:
        self._places, self._lock = threading.Semaphore(self.limit), threading.Lock()
        self._live, self._hanging = {}, 0

    @property
    def live(self) -> frozenset[str]:
        """The names of the calls that have not ended, given up or not."""
        with self._lock:
            return frozenset(self._live)

    def mark(self) -> float:
        """Return now, for `run` to count from."""
        return self.clock()

    def run(
        self,
        function: Callable[[], Any],
        seconds: float,
        *,
        name: str = "",
        late: Late | None = None,
        since: float | None = None,
    ) -> Any:
        """
        Call *function* and await what it returns, if that is to be awaited.

        Args:
            function: The call.
            seconds: How long to wait for a place and for the result.
            name: Under which the call counts as `live`.
            late: Told the result if it comes after the time was out.
            since: A `mark` from which the seconds count; now, if it is left out.

        Raises:
            NotSent: No place became free in time, all hang, or the time was out; the function was not called.
            OutOfTime: It was called and did not end in time.
        """
        latest = (self.clock() if since is None else since) + seconds
        call = self._begin(function, name, latest)
        if not call.ended.wait(max(latest - self.clock(), 0)) and self._given_up(call, late):
            raise OutOfTime(f"no answer within {seconds:g} s")
        return call.result.result()

    def close(self) -> None:
        """Close the loop; what still runs goes on to its end."""
        self.loop.close()

    def _begin(self, function: Callable[[], Any], name: str, latest: float) -> _Call:
        hang = f"all {self.limit} calls of this store hang"
        if self._hanging >= self.limit:
            raise NotSent(hang)
        if not self._places.acquire(timeout=max(latest - self.clock(), 0)):
            raise NotSent(hang)

        def check() -> None:
            if self.clock() > latest:  # whoever asked may have lost the right to call meanwhile
                raise NotSent("the time was out before the call began")

        def begin() -> Any:
            check()
            return function()

        call = _Call(begin, name, contextvars.copy_context())
        with self._lock:
            self._live[name] = self._live.get(name, 0) + 1
        try:
            check()
            threading.Thread(target=self._work, args=(call,), name=f"op-core call {name}", daemon=True).start()
        except BaseException as error:
            self._leave(call)
            if isinstance(error, RuntimeError):
                raise NotSent(f"no thread for the call: {error}") from None
            raise
        return call

    def _work(self, call: _Call) -> None:
        value: Any = None
        failure: Exception | None = None
        try:
            value = call.context.run(call.function)
            if inspect.isawaitable(value):
                value = self.loop.submit(value).result()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            failure = error
        except BaseException as error:  # noqa: BLE001 - a hook that calls sys.exit() must not end who asked it
            failure = RuntimeError(f"the call ended with {type(error).__name__}")
        self._leave(call)  # first: whoever is told the result may count on the call being over
        if failure is not None:
            call.result.set_exception(failure)
        else:
            call.result.set_result(value)
        call.ended.set()
        if call.late is not None:
            call.late(call.result)

    def _given_up(self, call: _Call, late: Late | None) -> bool:
        """Stop waiting, unless the call has ended at this very moment."""
        with self._lock:
            if call.left:
                return False
            call.given_up, call.late = True, late
            self._hanging += 1
            return True

    def _leave(self, call: _Call) -> None:
        with self._lock:
            call.left = True
            self._hanging -= call.given_up
            self._live[call.name] -= 1
            if not self._live[call.name]:
                del self._live[call.name]
        self._places.release()


@attrs.define(eq=False)
class _Call:
    """
    One call. *left* and *given_up* change under the lock of its `Calls`, so that a result is either returned or late.

    Attributes:
        left: It is over, and its place is free.
        given_up: It was not over in time; its result, if any, goes to *late*.
        ended: Its result is there.
    """

    function: Callable[[], Any]
    name: str
    context: contextvars.Context
    left: bool = False
    given_up: bool = False
    late: Late | None = None
    result: Future[Any] = attrs.field(factory=Future)
    ended: threading.Event = attrs.field(factory=threading.Event)
