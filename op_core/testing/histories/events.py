"""
What may happen next in a world, and how it happens.

An event is a word or three, such as ``plan 1``, ``act 2/lost`` or ``decline 1``; ``act 1@3`` crashes worker 1 at the
third crash point that it passes. So a history is a line of text, and can be run again.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from op_core.claims import people
from op_core.errors import LedgerError, PersonError
from op_core.ledger import actions
from op_core.ledger.actions import Action
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.histories.flights import BORDER, FATES, Fate
from op_core.testing.histories.world import KINDS, WORKERS, World

__all__ = ["BUDGETS", "happen", "possible"]

BUDGETS = ("fate", "crash", "person", "look", "stall", "restart")
"""What may happen so often in one history: a call with a fate, a crash, a decision, a late reader, and so on."""
_PERSON = ("approve", "decline", "retry", "record")


def possible(world: World) -> Iterator[str]:
    """Yield what may happen next, crashes left out: they are known once the event was run."""
    yield from (f"send {name}" for name in world.bodies if world.left.get(name) or name in world.unheard)
    there = world.kinds()
    for worker in _different(world):
        yield from (f"{kind} {worker}" for kind in KINDS if kind in there or kind in world.seen[worker])
        if world.left["fate"] and ("act" in there or "act" in world.seen[worker]):
            yield from (f"act {worker}/{fate}" for fate in FATES)
        if world.left["look"] and there and not world.seen[worker]:
            yield f"look {worker}"
        if world.left["restart"] and (world.seen[worker] or any(one.worker == worker for one in world.flights)):
            yield f"restart {worker}"
    if any(one.send is not None for one in world.flights):
        yield "land"
    if world.flights:
        yield "answer"
        if world.left["stall"] and any(one.worker is not None for one in world.flights):
            yield "stall"
    yield "time"
    if world.left["person"]:
        yield from _decisions(world)


def _different(world: World) -> tuple[int, ...]:
    """Return the workers, or the first where nothing tells them apart."""
    idle = not any(world.seen.values()) and all(one.worker is None for one in world.flights)
    return WORKERS[:1] if idle else WORKERS


def _decisions(world: World) -> Iterator[str]:
    for action in world.ledger.read(actions.listing, world.store.id):
        if action.needs_person or action.state == "refused":
            yield from (f"{word} {action.id}" for word in _PERSON)


def happen(world: World, event: str) -> list[str] | None:
    """
    Let *event* happen.

    Returns:
        The crash points that it passed; None: it could not happen.
    """
    words, _, crash = event.partition("@")
    points: list[str] = []

    def passing(point: str) -> None:
        points.append(point)
        if crash and len(points) == int(crash):
            raise SimulatedCrash(point)

    try:
        with armed(passing):
            if not _do(world, words):
                return None
    except LedgerError:
        pass  # a runner logs it, and takes the item up again
    except SimulatedCrash:
        world.left["crash"] -= 1
        world.restart(_worker(words))
    world.subject.tick(world.clock())
    return points


def _worker(words: str) -> int:
    verb, _, rest = words.partition(" ")
    return int(rest.partition("/")[0]) if verb in KINDS else WORKERS[0]  # the receiver lives with the first


def _do(world: World, words: str) -> bool:
    verb, _, rest = words.partition(" ")
    if verb in ("land", "answer"):
        getattr(world, verb)()
        return True
    if verb in ("time", "stall"):
        if verb == "stall":
            world.left["stall"] -= 1
        return world.pass_time(stalled=verb == "stall")
    if verb == "send":
        if rest not in world.unheard:
            world.left[rest] -= 1
        else:
            world.unheard = tuple(name for name in world.unheard if name != rest)
        world.send(rest)
        return True
    if verb in _PERSON:
        world.left["person"] -= 1
        return _decide(world, verb, int(rest))
    worker, _, fate = rest.partition("/")
    if fate:
        world.left["fate"] -= 1
        world.act(int(worker), _fate(fate))
        return True
    if verb in ("look", "restart"):
        world.left[verb] -= 1
    getattr(world, verb)(int(worker))
    return True


def _fate(text: str) -> Fate:
    return next(fate for fate in BORDER if fate == text)


def _decide(world: World, verb: str, action_id: int) -> bool:
    """Let a person decide, who looks at the newest plan and into the shop, and tells the truth."""
    action = world.ledger.read(actions.get, action_id)
    assert action is not None
    try:
        world.ledger.write(_decision, world, verb, action)
    except PersonError:
        return False
    return True


def _decision(connection: sa.Connection, world: World, verb: str, action: Action) -> None:
    now = world.clock()
    if verb == "approve":
        people.approve(connection, action.id, who="a person", now=now, plan=action.content_hash)
    elif verb == "decline":
        people.decline(connection, action.id, who="a person", now=now, reason="not wanted")
    elif verb == "retry":
        people.retry(connection, action.id, who="a person", now=now)
    else:
        if any(one.reference == action.reference and one.send is not None for one in world.flights):
            raise PersonError("a call still travels: a person waits for it")
        made = [one.shop_id for one in world.subject.effects() if one.reference == action.reference]
        people.record(connection, action.id, who="a person", now=now, done=made[0] if made else None)
