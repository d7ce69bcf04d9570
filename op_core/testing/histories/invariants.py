"""What must hold in every world, and at the end of every history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa

from op_core.claims.states import SETTLED, UNDER_WAY
from op_core.ledger import actions, deliveries, schema
from op_core.ledger.actions import Action
from op_core.testing.histories.world import World
from op_core.testing.subject import Effected

__all__ = ["at_the_end", "is_held", "now"]

_KEPT = sa.select(sa.func.count()).select_from(schema.deliveries)


def now(world: World) -> str | None:
    """Say what is wrong with a world, whatever may come; None: nothing."""
    effects = world.subject.effects()
    twice = [reference for reference, n in Counter(one.reference for one in effects).items() if n > 1]
    if twice:
        return f"doubled: the shop holds {', '.join(twice)} more than once"
    given = sum((one.amount.amount for one in effects if one.amount is not None), Decimal(0))
    if given > (paid := world.order.paid.amount):
        return f"doubled: {given} were given back, {paid} were paid"
    if len(effects) > (most := _asked(world)):
        return f"doubled: the shop did {len(effects)} things, it was asked for {most}"
    return _against_the_ledger(world, effects)


def _against_the_ledger(world: World, effects: Sequence[Effected]) -> str | None:
    known = {one.reference: one for one in world.ledger.read(actions.listing, world.store.id)}
    for one in effects:
        if one.reference not in known or not known[one.reference].attempt:
            return f"lost: the shop holds {one.reference}, and the ledger knows of no call"
    made = {one.reference for one in effects}
    for action in known.values():
        if action.state == "done" and action.reference not in made:
            return f"lost: {action.reference} is done, and the shop holds nothing"
    kept = world.ledger.read(lambda connection: connection.execute(_KEPT).scalar_one())
    if kept < len(world.heard):
        return f"lost: {len(world.heard)} webhooks were answered with 200, {kept} are kept"
    return None


def _asked(world: World) -> int:
    """Return how many effects the webhooks ask for at most, however often each was sent."""
    said = {*world.heard, *world.unheard} - {"denied"}
    if "echo" in said and "changed" not in said:  # on, off and on again is none
        said = (said - {"echo"}) | {"claim"}
    return len(said)


def at_the_end(world: World) -> str | None:
    """Say what is wrong with a world in which nothing more happens by itself; None: nothing."""
    made = {one.reference for one in world.subject.effects()}
    waiting = world.ledger.read(deliveries.listing, world.store.id, "received", 1)
    if waiting:
        return f"lost: delivery {waiting[0].id} is never taken up"
    found = world.ledger.read(actions.listing, world.store.id)
    if "claim" in world.heard and not found:
        return "lost: an approved claim has no action"
    for action in found:
        if action.state not in SETTLED and not (_waits(world, action, made) or _is_behind(world, action, found, made)):
            return f"lost: {action.reference} stays {action.state}, and nobody is asked"
        if action.state in ("refused", "declined", "replaced") and action.reference in made:
            return f"lost: {action.reference} is {action.state}, and the shop holds it"
    return None


def _is_asked(action: Action) -> bool:
    return action.needs_person and bool(action.holds) and all(one["reason"] for one in action.holds)


def _waits(world: World, action: Action, made: set[str]) -> bool:
    """Tell whether a person is asked about it, or it is in the shop's own queue, whose job is not the world's."""
    queued = action.state == "pending" and action.reference in made and action.reference not in world.paid
    return queued or _is_asked(action)


def _is_behind(world: World, action: Action, found: Sequence[Action], made: set[str]) -> bool:
    """Tell whether it waits in line for one of its order that waits."""
    return action.state == "due" and any(one.state in UNDER_WAY and _waits(world, one, made) for one in found)


def is_held(world: World) -> bool:
    """Tell whether something waits for a person."""
    return any(one.needs_person for one in world.ledger.read(actions.listing, world.store.id))
