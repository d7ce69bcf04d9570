"""
Crash points: named places before and after every commit and every outside call.

`crash_point` does nothing until it is armed. A test arms it in process (`armed`), where the crash is an exception
that nothing catches, or by the environment variable ``OP_CRASH_POINT=name[:nth]``, where the process kills itself
with SIGKILL, so that nothing is tidied up.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["SimulatedCrash", "armed", "crash_point"]


class SimulatedCrash(BaseException):
    """The process died here, as far as the code under test can tell."""


def _from_environment() -> Callable[[str], None] | None:
    wanted = os.environ.get("OP_CRASH_POINT")
    if not wanted:
        return None
    name, _, nth = wanted.rpartition(":")  # names hold colons themselves, such as refund:before
    if not nth.isdigit():
        name, nth = wanted, "1"
    left = int(nth)

    def die(point: str) -> None:
        nonlocal left
        if point == name:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return die


_trigger: Callable[[str], None] | None = _from_environment()


def crash_point(name: str) -> None:
    """Die here if a test says so; else do nothing."""
    if _trigger is not None:
        _trigger(name)


@contextmanager
def armed(trigger: Callable[[str], None]) -> Iterator[None]:
    """Call *trigger* with the name of each crash point that is passed; it may raise `SimulatedCrash`."""
    global _trigger  # noqa: PLW0603 - one switch for the process is the point of it
    before, _trigger = _trigger, trigger
    try:
        yield
    finally:
        _trigger = before
