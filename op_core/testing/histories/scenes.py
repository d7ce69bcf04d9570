"""The worlds that are explored: what is asked of the shop, and whether it can be asked back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from op_core.testing import bodies
from op_core.testing.histories.events import BUDGETS
from op_core.testing.histories.subject import Model, Subject
from op_core.testing.histories.world import LAG, World

__all__ = ["SCENES", "a_world"]

_WANTED: dict[str, dict[str, bytes]] = {
    "refund": {
        "claim": bodies.approved(),
        "changed": bodies.approved(bodies.resolution(total="10.00", resolution_percentage="50"), event="evt-2"),
        "denied": bodies.denied(),
    },
    "reship": {
        "claim": bodies.approved(bodies.resolution("RESHIP", bodies.item("1", 1))),
        "changed": bodies.approved(bodies.resolution("RESHIP", bodies.item("1", 2)), event="evt-2"),
    },
    "protection": {
        "claim": bodies.protection(added=True, event="evt-on"),
        "echo": bodies.protection(added=True, event="evt-echo"),
        "changed": bodies.protection(added=False, event="evt-off"),
    },
}
_THEMES: dict[str, dict[str, int]] = {
    "crashes": {"claim": 2, "fate": 1, "crash": 1},
    "calls": {"claim": 1, "fate": 2, "stall": 1, "restart": 1, "echo": 1},
    "races": {"claim": 2, "fate": 1, "look": 1, "stall": 1},
    "people": {"claim": 1, "changed": 1, "echo": 1, "fate": 1, "person": 2},
    "changes": {"claim": 2, "changed": 1, "denied": 1, "echo": 1, "fate": 1},
}
SCENES = [f"{what}, {shop}, {theme}" for theme in _THEMES for what in _WANTED for shop in ("find", "blind")]


def a_world(scene: str, subject: Callable[[bool], Subject] | None = None, **left: int) -> World:
    """
    Build the world of a scene.

    Args:
        scene: One of `SCENES`: what is asked for, whether the shop can be asked for what it did (``find``), and what
            happens around it.
        subject: Makes the shop, given whether it can be asked; left out, `Model`.
        left: How often each event may happen, where that differs from the scene's.

    Raises:
        ValueError: There is no such scene.
    """
    if scene not in SCENES:
        raise ValueError(f"there is no scene {scene!r}; there are {'; '.join(SCENES)}")
    what, shop, theme = scene.split(", ")
    wanted = _WANTED[what]
    budget = dict.fromkeys((*BUDGETS, *wanted), 0) | _THEMES[theme] | left
    settings: dict[str, Any] = {"verify_claims": "never", "protection": {"on_added": "bill"}}
    made = Model(find=shop == "find", lag=LAG.total_seconds()) if subject is None else subject(shop == "find")
    return World.build(made, wanted, {name: budget[name] for name in (*BUDGETS, *wanted)}, **settings)
