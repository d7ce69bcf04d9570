"""A wire for adapters that call the shop's own objects in this process."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar, cast

import attrs

from op_core.testing.wires.counting import Counting

__all__ = ["CallWire"]

T = TypeVar("T")


@attrs.define(eq=False)
class CallWire(Counting):
    """
    Wrap what the adapter calls in `far`: each call of a public method, plain or ``async``, passes this wire.

    - ``raise before``: the shop does nothing; ``raise after``: it acts, and raises in the place of its answer
    - ``stall``: it acts, and `TimeoutError` is raised; ``late``: that is raised first, and the shop acts once its
      caller has called once more: what has looked in between, and found nothing, must not do it again
    - ``None``: it acts, and answers None; ``wrong type``: it acts, and answers a dictionary that nobody asked for
    """

    kinds: ClassVar[tuple[str, ...]] = ("raise before", "raise after", "stall", "late", "None", "wrong type")

    def far(self, shop: T) -> T:
        """Return *shop* as it is seen over this wire: what is no public method is the shop's own."""
        return cast("T", _Far(shop, self))

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call over the wire."""
        kind = self.count()
        if kind == "raise before":
            raise ConnectionError("the shop could not be reached")
        before = None if (late := self.landing()) is None else late()
        if kind == "late":
            self.delay(lambda: function(*args, **kwargs))
            raise TimeoutError("the shop did not answer in time")
        answer = function(*args, **kwargs)
        return _later(kind, answer, before) if inspect.isawaitable(answer) else _instead(kind, answer)


async def _later(kind: str, answer: Awaitable[Any], before: Any) -> Any:
    if inspect.isawaitable(before):
        await before
    return _instead(kind, await answer)


def _instead(kind: str, answer: Any) -> Any:
    if kind == "raise after":
        raise ConnectionError("the shop's answer was lost")
    if kind == "stall":
        raise TimeoutError("the shop did not answer in time")
    if kind == "None":
        return None
    return {"unexpected": 1} if kind == "wrong type" else answer


class _Far:
    def __init__(self, shop: Any, wire: CallWire) -> None:
        self.__shop, self.__wire = shop, wire

    def __getattr__(self, name: str) -> Any:
        found, wire = getattr(self.__shop, name), self.__wire
        if name.startswith("_") or not inspect.isroutine(found):
            return found
        return lambda *args, **kwargs: wire.call(found, *args, **kwargs)
