"""An adapter under the real engine: a webhook comes, and the engine does what it does, until nothing more moves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Self, TypeVar

import attrs

from op_core.calls import Calls
from op_core.claims.states import SETTLED
from op_core.ledger.actions import Action
from op_core.storefront import Storefront
from op_core.testing.scene import Scene
from op_core.testing.subject import CannotHold, Subject

__all__ = ["Played"]

T = TypeVar("T")
_ENOUGH = {"USD": "1000", "JPY": "1000", "BHD": "1000"}  # what it may give by itself
_HOURS = (1, 1, 1, 1, 4, 24, 24, 24, 24)  # to a pending limit of three days, and beyond


@attrs.frozen
class Played:
    """A store whose shop is the subject's, and which may do by itself all that a decision can ask for."""

    subject: Subject
    scene: Scene

    @classmethod
    def by(cls, subject: Subject, store: Storefront, **settings: Any) -> Self:
        """
        Connect it.

        Args:
            subject: The adapter with its shop.
            store: Whose event loop its asynchronous hooks run on, in every play of a case.
            settings: As `settings_of` takes them.
        """
        usual: dict[str, Any] = {
            "limits": {"hold_above": _ENOUGH},
            "resolutions": {"store_credit": "act"},
            "protection": {"on_added": "bill", "on_removed": "refund"},
            "timing": {"search_lag": f"{math.ceil(subject.lag)} s"},
        }
        scene = Scene.make(subject.adapter, **(usual | settings))
        scene.desk.shop.calls = Calls(loop=store.calls.loop)
        return cls(subject, scene)

    def hear(self, *bodies: bytes) -> None:
        """Take these webhooks, one after the other, and go on until nothing moves by itself."""
        for body in bodies:
            self.scene.deliver(body)
            self._each(self.scene.run)
        self.go_on()

    def take(self, body: bytes) -> None:
        """Take a webhook, and plan what it asks for."""
        self.scene.deliver(body)
        self._each(self.scene.plan)

    def call(self) -> None:
        """Call the shop for what is due."""
        self._each(self.scene.act)

    def ask(self) -> list[str]:
        """Ask the shop for what is unsure, when "not there" counts, and return what became of each."""
        self.scene.clock.now += self.scene.store.timing.quiet_period
        return self._each(self.scene.ask)

    @property
    def unsure(self) -> bool:
        """Whether the shop is to be asked."""
        return any(one.state == "unknown" for one in self.scene.actions())

    def go_on(self) -> None:
        """Let time pass until each action is over or waits for a person; the shop pays what it has queued."""
        for hours in _HOURS:
            if not self.left and all(one.state != "received" for one in self.scene.deliveries()):
                return
            for action in self.scene.actions():
                if action.state == "pending":
                    self._settle(action)
            self.scene.clock.move(hours=hours)
            self._each(self.scene.run)

    @property
    def left(self) -> list[Action]:
        """The actions that are neither over nor waiting for a person."""
        return [one for one in self.scene.actions() if one.state not in SETTLED and not one.needs_person]

    def _each(self, step: Callable[[], T]) -> T:
        self.subject.tick(self.scene.clock())
        done = step()
        self.subject.tick(self.scene.clock())
        return done

    def _settle(self, action: Action) -> None:
        try:
            self.subject.settle(action.reference)
        except (CannotHold, LookupError):  # it is paid already, or queues nothing that can be paid by hand
            return
