"""Which call goes wrong: what every wire counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar

import attrs

__all__ = ["Counting"]


@attrs.define(eq=False)
class Counting:
    """
    Counts calls, from several threads at once, and names the one that goes wrong.

    Attributes:
        kinds: What can go wrong with one call.
        passed: Calls since `cut` or `mend`.
    """

    kinds: ClassVar[tuple[str, ...]] = ()

    passed: int = attrs.field(default=0, init=False)
    _nth: int = attrs.field(default=0, init=False)
    _kind: str = attrs.field(default="", init=False)
    _late: Callable[[], Any] | None = attrs.field(default=None, init=False, repr=False)
    _lands: int = attrs.field(default=0, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    def cut(self, nth: int, kind: str) -> None:
        """
        Let the *nth* call from now on, from 1, go wrong; all others pass.

        Raises:
            ValueError: There is no such call, or no such kind.
        """
        if nth < 1 or kind not in self.kinds:
            raise ValueError(f"call {nth}, {kind!r}: calls count from 1, and can go wrong as {', '.join(self.kinds)}")
        with self._lock:
            self.passed, self._nth, self._kind, self._late = 0, nth, kind, None

    def mend(self) -> None:
        """Let every call pass, and count anew."""
        with self._lock:
            self.passed, self._nth, self._kind, self._late = 0, 0, "", None

    def count(self) -> str:
        """Count a call that begins now, and say what goes wrong with it: a kind, or nothing."""
        with self._lock:
            self.passed += 1
            return self._kind if self.passed == self._nth else ""

    def delay(self, call: Callable[[], Any]) -> None:
        """Let a call that nobody waits for any more reach the shop after the next one, before the one after that."""
        with self._lock:
            self._late, self._lands = call, self.passed + 2

    def landing(self) -> Callable[[], Any] | None:
        """Return what reaches the shop before the call that was counted last, if anything does."""
        with self._lock:
            if self._late is None or self.passed < self._lands:
                return None
            late, self._late = self._late, None
            return late
