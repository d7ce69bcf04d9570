"""
Run every order of events up to a bound, breadth first, so that the first failure found is among the shortest.

A history is an order of events that was run. Where it comes to a world that another one came to before, it is counted
and not carried on. Each new world is carried to its end: every call arrives, both processes die, others begin, what was
not heard is sent again, and time passes until nothing moves by itself. Then each action is over, or waits for a person.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import attrs

from op_core.testing.histories import invariants
from op_core.testing.histories.canonical import key
from op_core.testing.histories.events import happen, possible
from op_core.testing.histories.world import WORKERS, Saved, World

__all__ = ["Counts", "Failure", "explore", "replay"]

_MOST_STEPS = 60  # to an end; more means that it would never end


@attrs.frozen
class Failure:
    """A history that breaks a promise: its events, and what is wrong."""

    events: tuple[str, ...]
    reason: str


@attrs.define
class Counts:
    """
    What was found.

    Attributes:
        histories: Orders of events that were run.
        worlds: Different worlds that they came to.
        held: Histories to a new world that end with something waiting for a person.
        depth: Events of the longest one.
        complete: Nothing was left out; else every order of fewer events than *depth* was run, and some of as many.
    """

    histories: int = 0
    worlds: int = 0
    held: int = 0
    depth: int = 0
    complete: bool = True
    failures: list[Failure] = attrs.field(factory=list)

    @property
    def lost(self) -> int:
        """Histories in which something was lost."""
        return sum(not one.reason.startswith("doubled") for one in self.failures)

    @property
    def doubled(self) -> int:
        """Histories in which something took effect twice."""
        return sum(one.reason.startswith("doubled") for one in self.failures)

    @property
    def bound(self) -> str:
        """Up to where every order was run."""
        if self.complete:
            return f"every order, the longest of {self.depth} events"
        return f"every order of fewer than {self.depth} events, and some of {self.depth}"

    def __add__(self, other: Counts) -> Counts:
        """Add two of them up."""
        return Counts(
            self.histories + other.histories,
            self.worlds + other.worlds,
            self.held + other.held,
            max(self.depth, other.depth),
            self.complete and other.complete,
            [*self.failures, *other.failures],
        )

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.histories} histories, {self.lost} lost, {self.doubled} doubled, {self.held} held"


@attrs.define
class _Explorer:
    world: World
    depth: int
    most: int | None
    tell: Callable[[Counts], None]
    counts: Counts = attrs.field(factory=Counts)
    _seen: set[bytes] = attrs.field(factory=set)
    _ends: dict[bytes, bool] = attrs.field(factory=dict)  # worlds that were carried to an end: whether it is held

    def run(self) -> Counts:
        todo: deque[tuple[tuple[str, ...], Saved]] = deque([((), self.world.save())])
        self._seen.add(key(self.world))
        while todo and not self.counts.failures:
            events, saved = todo.popleft()
            for event in self._each(saved):
                after = (*events, event)
                new = self._look(after)
                if self.counts.failures:
                    break
                if self.most is not None and self.counts.histories >= self.most:
                    self.counts.complete = False
                    return self.counts
                if new is not None and len(after) < self.depth:
                    todo.append((after, new))
        return self.counts

    def _each(self, saved: Saved) -> Iterator[str]:
        """Let each event happen that may, and each again with a crash at every point that it passes."""
        self.world.load(saved)
        for event in list(possible(self.world)):
            self.world.load(saved)
            points = happen(self.world, event)
            if points is None:
                continue
            yield event
            for n in range(1, len(points) + 1) if saved.left["crash"] else ():
                self.world.load(saved)
                happen(self.world, f"{event}@{n}")
                yield f"{event}@{n}"

    def _look(self, events: tuple[str, ...]) -> Saved | None:
        """Count the history that has just happened; return its world if it is new."""
        self.counts.histories += 1
        self.counts.depth = len(events)
        self.tell(self.counts)
        name = key(self.world)
        if name in self._seen:
            return None
        wrong, saved = invariants.now(self.world), self.world.save()
        if wrong is None:
            self._seen.add(name)
            self.counts.worlds += 1
            wrong, held = self._end()
            self.counts.held += held
        if wrong is not None:
            self.counts.failures.append(Failure(events, wrong))
        return saved

    def _end(self) -> tuple[str | None, bool]:
        passed: list[bytes] = []
        wrong, held = _carry_on(self.world, self._ends, passed)
        if wrong is None:
            self._ends.update(dict.fromkeys(passed, held))
        return wrong, held


def _carry_on(world: World, ends: dict[bytes, bool], passed: list[bytes]) -> tuple[str | None, bool]:
    """Carry a world to its end, or to one whose end is known."""
    while world.flights:
        world.answer()
    for worker in WORKERS:
        world.restart(worker)
    for name in world.unheard:
        happen(world, f"send {name}")
    for _ in range(_MOST_STEPS):
        if (wrong := invariants.now(world)) is not None:
            return wrong, False
        here = key(world, settled=True)
        if here in ends:
            return None, ends[here]
        passed.append(here)
        if kinds := world.kinds():
            happen(world, f"{kinds[0]} 1")
        elif happen(world, "time") is None:
            return invariants.at_the_end(world), invariants.is_held(world)
    return "lost: it never comes to an end", False


def explore(
    world: World, *, depth: int, most: int | None = None, tell: Callable[[Counts], None] = lambda _: None
) -> Counts:
    """
    Run every order of events of a world, and stop at the first that breaks a promise.

    Args:
        world: As it begins.
        depth: Events in one history at most.
        most: Histories at most.
        tell: Told the counts after each history.
    """
    return _Explorer(world, depth, most, tell).run()


def replay(world: World, events: list[str], tell: Callable[[str], None] = lambda _: None) -> str | None:
    """Run one history, and its end; say what is wrong with it, or None."""
    for event in events:
        if happen(world, event) is None:
            raise ValueError(f"{event!r} cannot happen here")
        tell(event)
        if (wrong := invariants.now(world)) is not None:
            return wrong
    return _carry_on(world, {}, [])[0]
