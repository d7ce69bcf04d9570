"""
A whole store in memory, driven by hand: for tests that state a rule of the claim logic.

    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.run()
    assert ["done"] == scene.states()

Shop, API and clock are doubles; the ledger is real. Everything runs in the calling thread, one step after another, so
that a test can stop, fail or crash it at any place and go on with `restart`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self, cast

import attrs
import sqlalchemy as sa

from op_core.absence import Absence
from op_core.claims import engine, intake, people, reporting
from op_core.claims.desk import Desk
from op_core.errors import Unreadable
from op_core.export import Exported, Exporter
from op_core.ledger import Ledger, actions, deliveries, reports, schema, stores
from op_core.ledger.actions import Action
from op_core.ledger.deliveries import Delivery
from op_core.ledger.reports import Report
from op_core.money import Money
from op_core.order_protection import dialects
from op_core.order_protection.client import Client
from op_core.order_protection.events import ClaimApproved
from op_core.runners.embedded import Embedded, Work
from op_core.settings import StoreSettings
from op_core.storefront import Storefront
from op_core.testing.api import ScriptedApi
from op_core.testing.clock import Clock
from op_core.testing.model_shop import ModelShop, an_order
from op_core.webhooks.receive import Receiver

__all__ = ["SECRET", "Scene", "settings_of"]

SECRET = "not-a-real-secret-0000"  # noqa: S105 - made up, for tests
_MOST = 100  # rounds; more means that it would never end
_MOVING = [
    sa.select(table.c.id, *moves).where(table.c.store_id == sa.bindparam("store_id")).order_by(table.c.id)
    for table, *moves in (
        (schema.deliveries, schema.deliveries.c.state),
        (schema.actions, schema.actions.c.state, schema.actions.c.attempt),
        (schema.reports, schema.reports.c.state),
    )
]


def settings_of(name: str = "main", **changes: Any) -> StoreSettings:
    """
    Return the settings of a store that may give back up to 1,000 USD by itself.

    Args:
        name: Of the store; its id is ``<name>-1``.
        changes: Keys of ``[stores.x]`` that differ, as in op.toml.
    """
    usual: dict[str, Any] = {
        "name": name,
        "id": f"{name}-1",
        "adapter": "model",
        "api_url": "https://api.example.com",
        "api_token": "not-a-real-token-0000",
        "webhook_secrets": [SECRET],
        "limits": {"hold_above": {"USD": "1000"}},
    }
    return StoreSettings.model_validate(usual | changes)


@attrs.define(eq=False)
class Scene:
    """One store. See the module; `make` makes one."""

    store: StoreSettings
    shop: Any
    api: ScriptedApi
    clock: Clock
    ledger: Ledger
    observers: Mapping[str, object]
    desk: Desk = attrs.field(init=False)

    @classmethod
    def make(
        cls,
        shop: Any = None,
        *,
        url: str = "sqlite://",
        observers: Mapping[str, object] | None = None,
        **settings: Any,
    ) -> Self:
        """
        Set the scene.

        Args:
            shop: An adapter's instance; left out, a `ModelShop` with `an_order`.
            url: Of the ledger.
            observers: Name to observer.
            settings: As `settings_of` takes them.
        """
        clock = Clock()
        if shop is None:
            shop = ModelShop([an_order()])
        store, ledger = settings_of(**settings), Ledger.open(url, clock=clock, upgrade=True)
        ledger.write(stores.introduce, store.id, store.name, clock())
        scene = cls(store, shop, ScriptedApi(), clock, ledger, observers or {})
        scene.restart()
        return scene

    def restart(self, **changes: Any) -> None:
        """Begin anew as a new process would: of the old one only ledger, shop and API are left."""
        self.store = self.store.model_copy(update=changes)
        timing = self.store.timing
        shop = Storefront.of(
            self.store.name,
            self.shop,
            observers=self.observers,
            deadline=timing.deadline.total_seconds(),
            calls=timing.calls,
        )
        shop.absence = Absence(lambda: self.clock().timestamp())
        self.desk = Desk(self.store, self.ledger, shop, self.api, lambda: 1.0)

    # --- What happens ----------------------------------------------------------------------------------------------

    def deliver(self, body: bytes, *, listed: str | None = "APPROVED") -> int:
        """
        Store a webhook, and return its id.

        Args:
            body: As it came.
            listed: The state under which the API lists an approved claim from now on; None: it does not list it.
        """
        try:
            event = dialects.read(body)
        except Unreadable:
            event = None
        if listed is not None and isinstance(event, ClaimApproved) and event.order_id is not None:
            self.api.list_claim(event.claim_id, event.order_id, listed)
        return self.ledger.write(deliveries.store, self.store.id, body, self.clock())

    def plan(self) -> list[str]:
        """Take up what was delivered, oldest first, and return what became of it."""
        waiting = self.ledger.read(deliveries.waiting, self.store.id, self.clock(), 1000)
        return [intake.take(self.desk, delivery) for delivery in waiting]

    def act(self) -> list[str]:
        """Call the shop for each action that is due, and return what became of it."""
        due = self.ledger.read(actions.due, self.store.id, self.clock(), 1000)
        return [engine.act(self.desk, action) for action in due]

    def ask(self) -> list[str]:
        """Give up on callers that are gone, then ask the shop about each action that is unsure."""
        engine.expire(self.desk)
        unsure = self.ledger.read(actions.unsure, self.store.id, self.clock(), 1000)
        return [engine.ask(self.desk, action) for action in unsure]

    def report(self) -> list[str]:
        """Send each report that is due."""
        due = self.ledger.read(reports.due, self.store.id, self.clock(), 1000)
        return [reporting.report(self.desk, one) for one in due]

    def export(self) -> Exported:
        """Send what is new of the shop's orders."""
        return self.work.exporter.run()

    def run(self) -> None:
        """Do every step until nothing moves any more, at this time."""
        before = self._look()
        for _ in range(_MOST):
            for step in (self.plan, self.act, self.ask, self.report):
                step()
            after = self._look()
            if after == before:
                return
            before = after
        raise AssertionError(f"{_MOST} rounds, and it still moves")

    def wait(self, **span: float) -> None:
        """Move the clock, then `run`."""
        self.clock.move(**span)
        self.run()

    def _look(self) -> object:
        return self.ledger.read(
            lambda connection: [connection.execute(each, {"store_id": self.store.id}).all() for each in _MOVING]
        )

    # --- What is there ---------------------------------------------------------------------------------------------

    def deliveries(self) -> list[Delivery]:
        """Return all deliveries, oldest first."""
        return self.ledger.read(deliveries.listing, self.store.id, None, 1000)[::-1]

    def actions(self, verb: str | None = None) -> list[Action]:
        """Return all actions, or those of one verb, in the order of their planning."""
        return [one for one in self.ledger.read(actions.listing, self.store.id) if verb in (None, one.verb)]

    def states(self, verb: str | None = None) -> list[str]:
        """Return the states of `actions`."""
        return [one.state for one in self.actions(verb)]

    def action(self, verb: str | None = None) -> Action:
        """Return the only action (of that verb)."""
        (only,) = self.actions(verb)
        return only

    def holds(self, verb: str | None = None) -> list[list[str]]:
        """Return the codes of the holds of each of `actions`."""
        return [[found["code"] for found in one.holds] for one in self.actions(verb)]

    def reports(self) -> list[Report]:
        """Return all reports, oldest first."""
        return self.ledger.read(reports.listing, self.store.id)

    # --- What a person decides -------------------------------------------------------------------------------------

    def approve(self, action: Action, **said: Any) -> Action:
        """Approve it; see `op_core.claims.people`."""
        return self._decide(people.approve, action, **said)

    def decline(self, action: Action, reason: str = "not wanted") -> Action:
        """Decline it."""
        return self._decide(people.decline, action, reason=reason)

    def record(self, action: Action, done: str | None = None, amount: Money | None = None) -> Action:
        """Say that it was done, or (None) that it was not."""
        return self._decide(people.record, action, done=done, amount=amount)

    def retry(self, action: Action) -> Action:
        """Have it called again."""
        return self._decide(people.retry, action)

    def _decide(self, decision: Callable[..., Action], action: Action, **said: Any) -> Action:
        return self.ledger.write(decision, action.id, who="a person", now=self.clock(), **said)

    # --- The parts around it ---------------------------------------------------------------------------------------

    @property
    def work(self) -> Work:
        """The store's work, for a runner."""
        api = cast("Client", self.api)
        exporter = Exporter(store=self.store, ledger=self.ledger, shop=self.desk.shop, api=api)
        return Work(self.desk, exporter)

    @property
    def runner(self) -> Embedded:
        """An embedded runner for this store alone."""
        return Embedded({self.store.name: self.work})

    @property
    def receiver(self) -> Receiver:
        """The door of this store."""
        return Receiver(self.ledger, {self.store.name: self.store.id}, {self.store.name: self.store.webhook_secrets})
