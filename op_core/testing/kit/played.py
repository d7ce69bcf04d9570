"""An adapter under the real engine: a webhook comes, and the engine does what it does, until nothing more moves."""

from __future__ import annotations

from typing import Any, Self

import attrs

from op_core.claims.states import SETTLED
from op_core.ledger.actions import Action
from op_core.testing.scene import Scene
from op_core.testing.subject import CannotHold, Subject

__all__ = ["Played"]

_ENOUGH = {"USD": "1000", "JPY": "1000", "BHD": "1000"}  # what it may give by itself
_HOURS = (1, 1, 1, 1, 4, 24, 24, 24, 24)  # to a pending limit of three days, and beyond


@attrs.frozen
class Played:
    """A store whose shop is the subject's, and which may do by itself all that a decision can ask for."""

    subject: Subject
    scene: Scene

    @classmethod
    def by(cls, subject: Subject, **settings: Any) -> Self:
        """Connect it; *settings* as `settings_of` takes them."""
        usual: dict[str, Any] = {
            "limits": {"hold_above": _ENOUGH},
            "resolutions": {"store_credit": "act"},
            "protection": {"on_added": "bill", "on_removed": "refund"},
            "timing": {"search_lag": f"{int(-(-subject.lag // 1))} s"},
        }
        return cls(subject, Scene.make(subject.adapter, **(usual | settings)))

    def hear(self, *bodies: bytes) -> None:
        """Take these webhooks, one after the other, and go on until nothing moves by itself."""
        for body in bodies:
            self.scene.deliver(body)
            self._run()
        self.go_on()

    def go_on(self) -> None:
        """Let time pass until each action is over or waits for a person; the shop pays what it has queued."""
        for hours in _HOURS:
            if not self.left and all(one.state != "received" for one in self.scene.deliveries()):
                return
            for action in self.scene.actions():
                if action.state == "pending":
                    self._settle(action)
            self.scene.clock.move(hours=hours)
            self._run()

    @property
    def left(self) -> list[Action]:
        """The actions that are neither over nor waiting for a person."""
        return [one for one in self.scene.actions() if one.state not in SETTLED and not one.needs_person]

    def _run(self) -> None:
        self.subject.tick(self.scene.clock())
        self.scene.run()
        self.subject.tick(self.scene.clock())

    def _settle(self, action: Action) -> None:
        try:
            self.subject.settle(action.reference)
        except (CannotHold, LookupError):  # it is paid already, or queues nothing that can be paid by hand
            return
