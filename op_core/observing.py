"""
The observers of one store: reviewers of plans, and whoever wants to hear of events.

None can stop the store. Each has places and an event loop of its own, so that one that hangs takes nothing from the
shop or from another one. A reviewer that does not answer holds; an event that is not taken is dropped and logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import attrs
import pluggy

from op_core.calls import Calls
from op_core.faults import where
from op_core.hooks import BROADCAST
from op_core.loops import Loop
from op_core.models import Hold
from op_core.requests import EventRequest, ReviewPlanRequest

__all__ = ["Observers"]

log = logging.getLogger("op_core")
_LISTENING = 5.0  # seconds that one observer may take for one event


@attrs.define(eq=False)
class Observers:
    """
    Whoever implements a broadcast hook; that may be the adapter too.

    Args:
        store: The store's name in the settings.
        deadline: Seconds that a reviewer may take.
        calls: Hook and name of the observer to the calls that it may take up.
    """

    store: str
    manager: pluggy.PluginManager = attrs.field(repr=False)
    deadline: float
    calls: Mapping[tuple[str, str], Calls] = attrs.field(repr=False)

    @classmethod
    def of(cls, store: str, manager: pluggy.PluginManager, deadline: float, limit: int, loop: Loop) -> Self:
        """
        Give each observer *limit* places for each of its hooks, and a loop.

        Args:
            loop: The adapter's own: what it holds may belong to it.
        """
        loops = {"adapter": loop}
        calls = {
            (hook, implementation.plugin_name): Calls(limit, loops.setdefault(implementation.plugin_name, Loop()))
            for hook in BROADCAST
            for implementation in getattr(manager.hook, hook).get_hookimpls()
        }
        return cls(store, manager, deadline, calls)

    @property
    def listen(self) -> bool:
        """Whether anybody is told of events."""
        return any(hook == "op_event" for hook, _ in self.calls)

    def review(self, request: ReviewPlanRequest) -> tuple[Hold, ...]:
        """Return every reviewer's hold. A reviewer that fails, or does not answer in time, holds."""
        holds: list[Hold] = []
        for actor, calls, call in self._each("op_review_plan", request):
            try:
                answer = calls.run(call, self.deadline, name=f"review {actor}")
            except Exception as error:  # noqa: BLE001 - a reviewer that cannot answer has not agreed
                holds.append(Hold(f"the reviewer failed: {where(error)}", actor))
                continue
            if isinstance(answer, Hold):
                holds.append(answer if answer.actor else attrs.evolve(answer, actor=actor))
            elif answer is not None:
                holds.append(Hold(f"the reviewer answered {type(answer).__name__}, expected Hold or None", actor))
        return tuple(holds)

    def event(self, request: EventRequest) -> None:
        """Tell every observer. One that fails or takes too long is logged and changes nothing."""
        for actor, calls, call in self._each("op_event", request):
            try:
                calls.run(call, min(self.deadline, _LISTENING), name=f"event {actor}")
            except Exception as error:  # noqa: BLE001 - an observer never stops a claim
                log.warning("%s of store %s missed %s: %s", actor, self.store, request.name, where(error))

    def close(self) -> None:
        """Close their loops; what still runs goes on to its end."""
        for calls in self.calls.values():
            calls.close()

    def _each(self, hook: str, request: Any) -> Iterator[tuple[str, Calls, Callable[[], Any]]]:
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            name = implementation.plugin_name
            arguments = [request] if "request" in implementation.argnames else []
            yield name, self.calls[hook, name], _bound(implementation.function, arguments)


def _bound(function: Callable[..., Any], arguments: list[Any]) -> Callable[[], Any]:
    return lambda: function(*arguments)
