"""One world: a ledger in memory, a shop, a clock, two workers, and what flies between them. It can be set back."""

from __future__ import annotations

import contextlib
import math
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import attrs

from op_core.absence import Absence
from op_core.claims import engine, intake
from op_core.claims.desk import Desk
from op_core.ledger import Ledger, actions, deliveries, schema, stores
from op_core.models import Order
from op_core.settings import StoreSettings
from op_core.storefront import Storefront
from op_core.testing.api import ScriptedApi
from op_core.testing.clock import Clock
from op_core.testing.histories.flights import Fate, Flight, Flights
from op_core.testing.scene import SECRET, settings_of
from op_core.testing.subject import CannotHold, Subject
from op_core.webhooks.receive import Receiver

__all__ = ["KINDS", "LAG", "WORKERS", "Saved", "World"]

WORKERS, KINDS = (1, 2), ("plan", "act", "ask")
LAG = timedelta(seconds=20)  # that the shop's search lags behind, or more where it says so
_KEPT = {"shapes", "bodies", "stores", "facts"}  # of no claim
_HEADERS = {"X-Webhook-Secret": SECRET}


@attrs.frozen
class Saved:
    """A world at one moment."""

    ledger: bytes
    shop: object
    now: datetime
    desks: dict[int, Desk]
    flights: tuple[Flight, ...]
    seen: dict[int, dict[str, list[Any]]]
    unheard: tuple[str, ...]
    heard: tuple[str, ...]
    paid: tuple[str, ...]
    left: dict[str, int]


@attrs.define(eq=False)
class World:
    """
    See the module; `build` makes one.

    Attributes:
        order: What everything is about, as the shop held it at the beginning.
        bodies: Name of a webhook to its body.
        flights: Calls that nobody waits for any more.
        seen: Worker to what it read some time ago and has not taken up: deliveries, due and unsure actions.
        unheard: Webhooks that were sent and not answered with 200: they are sent again.
        heard: Webhooks that were answered with 200.
        paid: References of what the shop had queued and has done since.
        left: How often each event may still happen.
    """

    subject: Subject
    order: Order
    store: StoreSettings
    clock: Clock
    ledger: Ledger
    bodies: Mapping[str, bytes]
    left: dict[str, int]
    receiver: Receiver = attrs.field(init=False)
    shop: Storefront = attrs.field(init=False)
    desks: dict[int, Desk] = attrs.field(init=False, factory=dict)
    flights: tuple[Flight, ...] = attrs.field(init=False, default=())
    seen: dict[int, dict[str, list[Any]]] = attrs.field(init=False, factory=dict)
    unheard: tuple[str, ...] = attrs.field(init=False, default=())
    heard: tuple[str, ...] = attrs.field(init=False, default=())
    paid: tuple[str, ...] = attrs.field(init=False, default=())
    _fate: Fate = attrs.field(init=False, default="ok")

    @classmethod
    def build(
        cls, subject: Subject, order: Order, bodies: Mapping[str, bytes], left: Mapping[str, int], **settings: Any
    ) -> World:
        """Build it; every body was seen before, so that its shape is no news."""
        clock = Clock()
        lag = max(LAG.seconds, math.ceil(subject.lag))
        store = settings_of(timing={"search_lag": f"{lag} s"}, **settings)
        ledger = Ledger.open("sqlite://", clock=clock)
        ledger.write(stores.introduce, store.id, store.name, clock())
        world = cls(subject, order, store, clock, ledger, bodies, dict(left))
        world.receiver = Receiver(ledger, {store.name: store.id}, {store.name: store.webhook_secrets})
        deadline = store.timing.deadline.total_seconds()
        world.shop = Storefront.of(store.name, subject.adapter, deadline=deadline)
        subject.tick(clock())
        for worker in WORKERS:
            world.restart(worker)
        for name in bodies:
            world.send(name)
            world.plan(1)
        ledger.write(_empty)
        world.heard = ()
        for worker in WORKERS:
            world.restart(worker)
        return world

    def restart(self, worker: int) -> None:
        """Let a worker's process die, if it lives, and another begin; what it sent flies on."""
        self.flights = tuple(
            attrs.evolve(one, worker=None, late=None) if one.worker == worker else one for one in self.flights
        )
        self.seen[worker] = {}
        calls = Flights(loop=self.shop.calls.loop, world=self, worker=worker, clock=lambda: self.clock().timestamp())
        shop = attrs.evolve(self.shop, calls=calls, absence=Absence(calls.clock))
        self.desks[worker] = Desk(self.store, self.ledger, shop, ScriptedApi(), lambda: 1.0)

    # --- What a worker does ----------------------------------------------------------------------------------------

    def read(self, worker: int, kind: str) -> list[Any]:
        """Return what a worker has to take up: what it saw some time ago, or what is there now."""
        old = self.seen[worker].pop(kind, None)
        return self.waiting(kind) if old is None else old

    def waiting(self, kind: str) -> list[Any]:
        """Return what is there now to plan, act on or ask about."""
        query: Any = {"plan": deliveries.waiting, "act": actions.due, "ask": actions.unsure}[kind]
        return list(self.ledger.read(query, self.store.id, self.clock(), 100))

    def kinds(self) -> list[str]:
        """Return what kinds of work there are now."""
        gone = self.ledger.read(actions.expired, self.store.id, self.clock())
        return [kind for kind in KINDS if self.waiting(kind) or (kind == "ask" and gone)]

    def plan(self, worker: int) -> None:
        """Take up the oldest delivery."""
        for delivery in self.read(worker, "plan")[:1]:
            intake.take(self.desks[worker], delivery)

    def act(self, worker: int, fate: Fate = "ok") -> None:
        """Call for the first action that is due."""
        self._fate = fate
        for action in self.read(worker, "act")[:1]:
            engine.act(self.desks[worker], action)

    def ask(self, worker: int) -> None:
        """Give up on callers that are gone, and ask about the first action that is unsure."""
        engine.expire(self.desks[worker])
        for action in self.read(worker, "ask")[:1]:
            engine.ask(self.desks[worker], action)

    def look(self, worker: int) -> None:
        """Read what there is to do, and take it up later."""
        self.seen[worker] = {kind: found for kind in KINDS if (found := self.waiting(kind))}

    def take_fate(self) -> Fate:
        """Return what becomes of the next call; the one after it goes well."""
        fate, self._fate = self._fate, "ok"
        return fate

    def go_on_elsewhere(self, worker: int) -> None:
        """Let a lease end while its worker stands still, and the other one do what it can."""
        other = next(one for one in WORKERS if one != worker)
        for _ in range(3):
            self.clock.now += self.store.timing.lease
            self.subject.tick(self.clock())
            self.ask(other)
        self.act(other)

    # --- What happens around it ------------------------------------------------------------------------------------

    def send(self, name: str) -> None:
        """Send a webhook; it is sent again until somebody says 200."""
        self.unheard += (name,)
        answer = self.receiver.receive(self.store.name, _HEADERS, self.bodies[name])
        if answer.status == 200:  # noqa: PLR2004 - the one status that the sender hears
            self.unheard = tuple(one for one in self.unheard if one != name)
            self.heard += (name,)

    def land(self) -> None:
        """Let the first call that travels reach the shop."""
        first = next(one for one in self.flights if one.send is not None)
        self.flights = tuple(one.landed() if one is first else one for one in self.flights)

    def answer(self) -> None:
        """Let the oldest call that flies end."""
        first, *rest = self.flights
        self.flights = tuple(rest)
        first.landed().arrive()

    def pass_time(self, *, stalled: bool) -> bool:
        """
        Let time pass until something is due, and tell whether anything ever is. The shop pays what it has queued.

        Args:
            stalled: No process renews its leases meanwhile. A call that nobody holds a lease for reaches the shop
                within the time after which "not found" counts: that is what the setting promises.
        """
        self._pay()
        until = self._next(beating=set() if stalled else {one.reference for one in self.flights if one.worker})
        if until is None:
            return False
        timing = self.store.timing
        for one in self.flights:
            beats = not stalled and one.worker is not None
            latest = one.seen + timing.quiet_period - timing.search_lag
            if one.send is not None and not beats and until > latest:
                self.clock.now = max(self.clock.now, min(latest, until))
                self.subject.tick(self.clock())
                self.land()
        self.clock.now = until
        self.subject.tick(until)
        beating = [one for one in self.flights if one.worker is not None and not stalled]
        if beating:
            self.flights = tuple(attrs.evolve(one, seen=until) if one in beating else one for one in self.flights)
            names = [one.reference for one in beating]
            self.ledger.write(actions.renew, self.store.id, names, until + timing.lease)
        return True

    def _pay(self) -> None:
        for action in self.ledger.read(actions.listing, self.store.id):
            if action.state == "pending" and action.reference not in self.paid:
                with contextlib.suppress(CannotHold, LookupError):  # it stays queued: the shop's job is not the world's
                    self.subject.settle(action.reference)
                    self.paid += (action.reference,)

    def _next(self, beating: set[str]) -> datetime | None:
        now = self.clock()
        waiting = self.ledger.read(
            lambda connection: (
                [
                    at
                    for row in connection.execute(
                        schema.actions.select().where(
                            schema.actions.c.state.in_(("due", "calling", "unknown"))
                            | schema.actions.c.reference.in_(self.paid)
                        )
                    )
                    for at in (row.not_before, None if row.reference in beating else row.lease_until)
                ]
                + [row.not_before for row in connection.execute(schema.deliveries.select()) if row.state == "received"]
            )
        )
        return min((at for at in waiting if at is not None and at > now), default=None)

    # --- Going back ------------------------------------------------------------------------------------------------

    def save(self) -> Saved:
        """Return the world as it is."""
        return Saved(
            ledger=zlib.compress(self.driver.serialize(), 1),
            shop=self.subject.save(),
            now=self.clock.now,
            desks=dict(self.desks),
            flights=self.flights,
            seen={worker: dict(found) for worker, found in self.seen.items()},
            unheard=self.unheard,
            heard=self.heard,
            paid=self.paid,
            left=dict(self.left),
        )

    def load(self, saved: Saved) -> None:
        """Set it back."""
        self.driver.deserialize(zlib.decompress(saved.ledger))
        self.clock.now = saved.now
        self.subject.load(saved.shop)
        self.subject.tick(saved.now)
        self.desks = dict(saved.desks)
        self.flights, self.unheard, self.heard = saved.flights, saved.unheard, saved.heard
        self.paid = saved.paid
        self.seen = {worker: dict(found) for worker, found in saved.seen.items()}
        self.left, self._fate = dict(saved.left), "ok"

    def close(self) -> None:
        """Close the ledger and end what its calls began; the subject is not the world's."""
        self.shop.calls.close()
        self.shop.observers.close()
        self.ledger.close()

    @property
    def driver(self) -> Any:
        """The driver's own connection."""
        with self.ledger.engine.connect() as connection:
            return cast("Any", connection.connection.driver_connection)


def _empty(connection: Any) -> None:
    for table in schema.metadata.sorted_tables:
        if table.name not in _KEPT:
            connection.execute(table.delete())
