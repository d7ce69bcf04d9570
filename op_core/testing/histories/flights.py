"""Calls of the shop without a thread: a call answers at once, or flies on while the worker waits no more."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from op_core.calls import Calls, Late, OutOfTime
from op_core.errors import NotSent, Refused

if TYPE_CHECKING:
    from op_core.testing.histories.world import World

__all__ = ["BORDER", "FATES", "Fate", "Flight", "Flights"]

Fate: TypeAlias = Literal[
    "ok", "lost", "refuse", "not_sent", "slow", "travels", "paused", "error", "none", "wrong type"
]
"""
What becomes of one call that changes the shop.

- ``ok`` acts and answers
- ``lost`` acts, and the answer is lost
- ``refuse``, ``not_sent``: do not act
- ``slow`` acts, and answers when nobody waits any more
- ``travels`` acts, and answers, when nobody waits any more
- ``paused`` acts; before the worker hears of it its lease ends, and the other worker goes on
- ``error`` does not act, and fails in a way that nobody knows
- ``none``, ``wrong type``: act, and answer rubbish
"""
FATES: tuple[Fate, ...] = ("lost", "refuse", "not_sent", "slow", "travels", "paused")
BORDER: tuple[Fate, ...] = (*FATES, "error", "none", "wrong type")
"""Every fate. The last three are to the engine what ``lost`` is, so that an explorer can leave them out."""


@attrs.frozen(eq=False)
class Flight:
    """
    One call that nobody waits for any more.

    Attributes:
        worker: Whose it is; None once that process is dead.
        send: Acts in the shop; None: it has.
        answer: What the shop answered.
        late: Told the answer.
        seen: When its process was last seen alive.
    """

    reference: str
    worker: int | None
    send: Callable[[], Any] | None
    answer: Any
    late: Late | None
    seen: datetime

    def landed(self) -> Flight:
        """Act in the shop, if it has not; an error of it is its answer."""
        if self.send is None:
            return self
        try:
            answer = self.send()
        except Exception as error:  # noqa: BLE001 - whoever waits is told, as by a thread
            answer = error
        return attrs.evolve(self, send=None, answer=answer)

    def arrive(self) -> None:
        """Tell the worker, if it lives."""
        if self.late is None:
            return
        future: Future[Any] = Future()
        if isinstance(self.answer, Exception):
            future.set_exception(self.answer)
        else:
            future.set_result(self.answer)
        self.late(future)


@attrs.define(eq=False)
class Flights(Calls):
    """The calls of one worker's shop, in the calling thread."""

    world: World = attrs.field(kw_only=True, repr=False)
    worker: int = attrs.field(kw_only=True)

    @property
    def live(self) -> frozenset[str]:
        """The names of the calls that have not ended."""
        return frozenset(one.reference for one in self.world.flights if one.worker == self.worker)

    def run(
        self,
        function: Callable[[], Any],
        seconds: float,
        *,
        name: str = "",
        late: Late | None = None,
        since: float | None = None,  # noqa: ARG002 - no time passes before a call
    ) -> Any:
        """Call *function*, with the fate that the world has for it if it changes the shop."""
        if late is None:
            return self._called(function)
        fate = self.world.take_fate()
        if fate == "refuse":
            raise Refused("the shop says no")
        if fate == "not_sent":
            raise NotSent("no connection")
        if fate == "error":
            raise RuntimeError("it failed before it acted")
        if fate == "travels":
            return self._fly(name, partial(self._called, function), None, late, seconds)
        answer = self._called(function)
        if fate == "lost":
            raise ConnectionError("the answer was lost")
        if fate == "slow":
            return self._fly(name, None, answer, late, seconds)
        if fate in ("none", "wrong type"):
            return None if fate == "none" else {"unexpected": 1}
        if fate == "paused":
            self.world.go_on_elsewhere(self.worker)
        return answer

    def _called(self, function: Callable[[], Any]) -> Any:
        answer = function()
        return self.loop.submit(answer).result() if inspect.isawaitable(answer) else answer

    def _fly(self, name: str, send: Callable[[], Any] | None, answer: Any, late: Late, seconds: float) -> Any:
        self.world.clock.move(seconds=seconds)
        self.world.flights += (Flight(name, self.worker, send, answer, late, self.world.clock()),)
        raise OutOfTime(f"no answer within {seconds:g} s")
