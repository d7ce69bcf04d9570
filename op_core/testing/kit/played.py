"""An adapter under the real engine: a webhook comes, and the engine does what it does, until nothing more moves."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any, Self, TypeVar

import attrs
import pytest

from op_core.calls import Calls, Late
from op_core.claims.states import SETTLED
from op_core.ledger.actions import Action
from op_core.storefront import Storefront
from op_core.testing.api import ScriptedApi
from op_core.testing.clock import START
from op_core.testing.kit.cases import Suite
from op_core.testing.scene import Scene
from op_core.testing.subject import CannotHold, Subject

__all__ = ["Played", "PlayedSuite"]

T = TypeVar("T")
_ENOUGH = {"USD": "1000", "JPY": "1000", "BHD": "1000"}  # what it may give by itself
_HOURS = (1, 1, 1, 1, 4, 24, 24, 24, 24)  # to a pending limit of three days, and beyond


class PlayedSuite(Suite):
    """A suite that plays so often that nobody could read what the engine says of each broken call."""

    @pytest.fixture(autouse=True)
    def _in_silence(self, caplog: pytest.LogCaptureFixture) -> None:
        """Keep the log of the engine out of what a failure shows; the events that led to it are told."""
        caplog.set_level(logging.CRITICAL, "op_core")


class _Unheard(Calls):
    """Calls whose answer is lost where they change the shop."""

    def run(self, *args: Any, late: Late | None = None, **kwargs: Any) -> Any:
        answer = super().run(*args, late=late, **kwargs)
        if late is not None:
            raise ConnectionError("the answer was lost")
        return answer


@attrs.frozen
class Played:
    """
    A store whose shop is the subject's, and which may do by itself all that a decision can ask for.

    Attributes:
        begun: Its ledger, before anything happened.
    """

    subject: Subject
    scene: Scene
    store: Storefront
    begun: bytes = attrs.field(default=b"", repr=False)

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
        played = cls(subject, Scene.make(subject.adapter, **(usual | settings)), store)
        played._connect()
        return attrs.evolve(played, begun=played._driver.serialize())

    def anew(self) -> Self:
        """Return the play as it was before anything happened; the shop is not the play's."""
        self._driver.deserialize(self.begun)
        self.scene.clock.now, self.scene.api = START, ScriptedApi()
        self.scene.restart()
        self._connect()
        return self

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

    def call_in_vain(self) -> None:
        """Call the shop for what is due: it does what its adapter has it do, and the hook's answer is lost."""
        shop = self.scene.desk.shop
        calls, shop.calls = shop.calls, _Unheard(loop=shop.calls.loop)
        self._each(self.scene.act)
        shop.calls = calls

    def ask(self) -> list[str]:
        """Ask the shop for what is unsure, when "not there" counts, and return what became of each."""
        self.scene.clock.now += self.scene.store.timing.quiet_period
        return self._each(self.scene.ask)

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

    def _connect(self) -> None:
        self.scene.desk.shop.calls = Calls(loop=self.store.calls.loop)

    @property
    def _driver(self) -> Any:
        with self.scene.ledger.engine.connect() as connection:
            return connection.connection.driver_connection

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
