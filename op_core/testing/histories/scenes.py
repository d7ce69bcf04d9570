"""The worlds that are explored: what is asked of the shop, and whether it can be asked back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from op_core.models import Order
from op_core.testing import bodies
from op_core.testing.histories.events import BUDGETS
from op_core.testing.histories.world import LAG, World
from op_core.testing.model import Model
from op_core.testing.model_shop import an_order
from op_core.testing.subject import Subject

__all__ = ["SCENES", "a_world"]

_WANTED = ("refund", "reship", "protection")
_MORE = ("store credit",)  # for an adapter's own sake: to the engine it is as a refund
_THEMES: dict[str, dict[str, int]] = {
    "crashes": {"claim": 2, "fate": 1, "crash": 1},
    "calls": {"claim": 1, "fate": 2, "stall": 1, "restart": 1, "echo": 1},
    "races": {"claim": 2, "fate": 1, "look": 1, "stall": 1},
    "people": {"claim": 1, "changed": 1, "echo": 1, "fate": 1, "person": 2},
    "changes": {"claim": 2, "changed": 1, "denied": 1, "echo": 1, "fate": 1},
}
_ALL = [f"{what}, {shop}, {theme}" for theme in _THEMES for what in (*_WANTED, *_MORE) for shop in ("find", "blind")]
SCENES = [scene for scene in _ALL if not scene.startswith(_MORE)]


def _bodies(wanted: str, order: Order) -> dict[str, bytes]:
    """Return name to webhook: what is asked for of an order such as `an_order` makes."""
    line, at = order.lines[0].id, order.id
    said = bodies.resolution
    if wanted == "refund":
        half = said("REFUND", bodies.item(line, 1), total="10.00", resolution_percentage="50")
        return {
            "claim": bodies.approved(said("REFUND", bodies.item(line, 1)), order=at),
            "changed": bodies.approved(half, order=at, event="evt-2"),
            "denied": bodies.denied(order=at),
        }
    if wanted == "store credit":
        return {"claim": bodies.approved(said("STORE_CREDIT", bodies.item(line, 1)), order=at)}
    if wanted == "reship":
        return {
            "claim": bodies.approved(said("RESHIP", bodies.item(line, 1)), order=at),
            "changed": bodies.approved(said("RESHIP", bodies.item(line, 2)), order=at, event="evt-2"),
        }
    return {
        "claim": bodies.protection(added=True, order=at, event="evt-on"),
        "echo": bodies.protection(added=True, order=at, event="evt-echo"),
        "changed": bodies.protection(added=False, order=at, event="evt-off"),
    }


def _unguarded(find: bool) -> Subject:  # noqa: FBT001 - as every subject is made
    return Model(find=find, lag=LAG.total_seconds(), guards=False)


def a_world(scene: str, subject: Callable[[bool], Subject] | None = None, **left: int) -> World:
    """
    Build the world of a scene.

    Args:
        scene: One of `SCENES`, or of its like for ``store credit``: what is asked for, whether the shop can be asked
            for what it did (``find``), and what happens around it.
        subject: Makes the shop, given whether it can be asked; left out, `Model`.
        left: How often each event may happen, where that differs from the scene's.

    Raises:
        ValueError: There is no such scene.
    """
    if scene not in _ALL:
        raise ValueError(f"there is no scene {scene!r}; there are {'; '.join(SCENES)}")
    what, shop, theme = scene.split(", ")
    made = (subject or _unguarded)(shop == "find")
    order = made.put(an_order())
    wanted = _bodies(what, order)
    budget = dict.fromkeys((*BUDGETS, *wanted), 0) | _THEMES[theme] | left
    settings: dict[str, Any] = {
        "verify_claims": "never",
        "protection": {"on_added": "bill"},
        "resolutions": {"store_credit": "act"},
    }
    return World.build(made, order, wanted, {name: budget[name] for name in (*BUDGETS, *wanted)}, **settings)
