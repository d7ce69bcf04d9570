"""Where the processes are killed: every crash point that a claim passes, by the process that passes it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import attrs

from op_core.hooks import EFFECTS

__all__ = ["LEFT_OUT", "PATIENCE", "POINTS", "Kill", "planned"]

PATIENCE = 60  # seconds in which a process must come to its point

_RECEIVER = ("receive:before", "receive:after")
_EXPORTER = ("page:before", "page:after", "premium:noted")
_RUNNER = (
    *(f"{verb}:{when}" for verb in EFFECTS for when in ("before", "after")),
    "ask:before",
    "ask:after",
    "report:before",
    "report:after",
)
_BOTH = ("commit:before", "commit:after", "wire:before", "wire:after")
POINTS = (*_RECEIVER, *_EXPORTER, *_RUNNER, *_BOTH)
LEFT_OUT = {
    "filing:begun": "a support page files a claim; tests/filing/test_once.py",
    "filing:posted": "likewise",
    "token:before": "the token of an app is renewed; tests/tokens/test_processes.py",
    "token:after": "likewise",
}
"""Crash points of op_core that no decision of a claim comes by, and where they are passed."""


@attrs.frozen
class Kill:
    """
    One kill that is planned.

    Attributes:
        victim: The process.
        point: Where it kills itself; None: it is killed after *seconds*, wherever it is.
        nth: How often it passes the point before.
        seconds: For how long it works; one that is to come to a point, at most.
    """

    victim: str
    point: str | None
    nth: int
    seconds: float

    def __str__(self) -> str:
        """Say where it is to die."""
        return f"{self.victim} {self.point or 'anywhere'}"

    @property
    def armed(self) -> str | None:
        """What ``OP_CRASH_POINT`` says."""
        return self.point and f"{self.point}:{self.nth}"


def planned(kills: int, seed: int) -> Sequence[Kill]:
    """
    Return so many kills, each third at random, the others at the points by turns.

    Every point comes once before one comes in another process that passes it too.
    """
    chance = random.Random(seed)  # noqa: S311 - the same kills every time is the point of it
    wheel = [("serve", point) for point in (*_RECEIVER, *_EXPORTER)]
    again = []
    for point in (*_RUNNER, *_BOTH):
        first, second = chance.sample(("serve", "runner"), 2)
        wheel.append((first, point))
        again.append((second, point))
    chance.shuffle(wheel)
    chance.shuffle(again)
    wheel += again
    made = []
    for at in range(kills):
        if at % 3 == 2:
            made.append(Kill(chance.choice(("serve", "runner")), None, 1, chance.uniform(0, 3)))
        else:
            victim, point = wheel[(at - at // 3) % len(wheel)]
            made.append(Kill(victim, point, chance.randint(1, 8 if point in _BOTH else 2), PATIENCE))
    return made
