"""
The embedded runner: one process works through what is due, store by store.

Each store has threads of its own, so that one whose shop hangs takes nothing from the others. One whose shop is away
is parked: what needs no shop goes on, the rest is tried again after a pause, the store's own. Any number of these
runners, in any number of processes, may share a ledger: leases and fences decide who acts.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import attrs

from op_core.claims import engine, intake, outcomes, reporting
from op_core.claims.desk import Desk
from op_core.errors import LedgerError
from op_core.export import Exporter
from op_core.faults import where
from op_core.filing import Filer
from op_core.ledger import actions, deliveries, reports
from op_core.ledger.actions import Action
from op_core.pricing import Prices
from op_core.privacy import tidy
from op_core.runners.leases import Heart
from op_core.runners.sweeper import Sweeper
from op_core.tokens import App, TokenProvider

__all__ = ["Embedded", "Summary", "Work"]

T = TypeVar("T")
log = logging.getLogger("op_core")
_BATCH = 64
_IDLE = 1.0  # seconds between two looks when nothing wakes the runner


@attrs.frozen
class Work:
    """
    One store, ready to work.

    Attributes:
        closing: What is to be closed at the end.
        tokens: What gives the token of its requests.
        app: The app that the token is of; None: it is the store's own.
        prices: What the shop's cart asks; a runner needs none.
        filer: Files what the shop's support page takes in; likewise.
    """

    desk: Desk
    exporter: Exporter
    closing: tuple[Callable[[], None], ...] = ()
    tokens: TokenProvider | None = None
    app: App | None = None
    prices: Prices | None = None
    filer: Filer | None = None

    @property
    def sweeper(self) -> Sweeper:
        """What reads claims back; it has the exporter's patience with the API, not that of a call under a lease."""
        return Sweeper(attrs.evolve(self.desk, api=self.exporter.api))


@attrs.frozen
class Summary:
    """
    What one run did.

    Attributes:
        counts: Step and result to how often, such as ``"delivery planned"`` or ``"action done"``.
        failed: Store to what went wrong with it as a whole.
        parked: Store to why its shop is away, so that it waits as a whole.
    """

    counts: Mapping[str, int]
    failed: Mapping[str, str]
    parked: Mapping[str, str] = attrs.field(factory=dict)


@attrs.define(eq=False)
class Embedded:
    """
    Works for a set of stores.

    Args:
        stores: Name of each store to its work.
    """

    stores: Mapping[str, Work]
    _wake: dict[str, threading.Event] = attrs.field(init=False, factory=dict, repr=False)
    _away: set[str] = attrs.field(init=False, factory=set, repr=False)  # stores of which it was said
    _stop: threading.Event = attrs.field(init=False, factory=threading.Event, repr=False)
    _heart: Heart = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Make one alarm for each store, and one heart for all."""
        self._wake = {name: threading.Event() for name in self.stores}
        self._heart = Heart([work.desk for work in self.stores.values()])

    def run_once(self, only: Iterable[str] | None = None) -> Summary:
        """Work until nothing is due, and return what was done. Stores run side by side."""
        names = list(self.stores if only is None else only)
        counts: Counter[str] = Counter()
        failed: dict[str, str] = {}
        if not names:
            return Summary(counts, failed)
        with self._heart, ThreadPoolExecutor(len(names), thread_name_prefix="op-core store") as pool:
            for name, (done, error) in zip(names, pool.map(self._drain, names), strict=True):
                counts.update(done)
                if error is not None:
                    failed[name] = error
        away = {name: self.stores[name].desk.shop.absence.reason for name in names}
        return Summary(dict(counts), failed, {name: reason for name, reason in away.items() if reason is not None})

    def serve(self) -> None:
        """Work until `stop` is called. Blocks."""
        threads = [threading.Thread(target=self._keep_at_it, args=(name,), name=f"op-core store {name}")
                   for name in self.stores]  # fmt: skip
        with self._heart:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def wake(self) -> None:
        """Look now: something arrived."""
        for alarm in self._wake.values():
            alarm.set()

    def stop(self) -> None:
        """
        End `serve` after what is under way.

        Calls that were given up and still hang are then left alone: nobody renews their leases, so that their actions
        are ``unknown`` once these end, and whoever works next asks the shop what became of them.
        """
        self._stop.set()
        self.wake()
        self._heart.stop()

    def _keep_at_it(self, name: str) -> None:
        while not self._stop.is_set():
            self._drain(name)
            self._wake[name].wait(_IDLE)
            self._wake[name].clear()

    def _drain(self, name: str) -> tuple[Counter[str], str | None]:
        """Work through one store until nothing is due."""
        run = _Run(self.stores[name])
        try:
            while run.round() and not self._stop.is_set():
                pass
            run.tidy()
            if done := ", ".join(f"{count} {what}" for what, count in run.counts.items() if count):
                log.info("store %s: %s", name, done)
        except LedgerError as error:
            log.error("store %s: %s", name, error)  # noqa: TRY400 - the text says it all; a traceback may show values
            return run.counts, str(error)
        except Exception as error:  # noqa: BLE001 - one store's fault is not the others'
            log.error("store %s: %s in the runner", name, type(error).__name__)  # noqa: TRY400 - as above
            return run.counts, f"{type(error).__name__} in the runner"
        finally:
            run.close()
            self._tell_of(name)
        return run.counts, None

    def _tell_of(self, name: str) -> None:
        """Say once that a store is parked, and once that it works again."""
        reason = self.stores[name].desk.shop.absence.reason
        if reason is not None and name not in self._away:
            self._away.add(name)
            log.warning("store %s is parked: %s", name, reason)
        elif reason is None and name in self._away:
            self._away.discard(name)
            log.warning("store %s works again", name)


@attrs.define(eq=False)
class _Run:
    """One store, from here until nothing is due."""

    work: Work
    counts: Counter[str] = attrs.field(factory=Counter)
    _stuck: set[tuple[str, int]] = attrs.field(factory=set)  # what failed in this run: not again before the next one
    _pool: ThreadPoolExecutor = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        calls = self.work.desk.store.timing.calls
        self._pool = ThreadPoolExecutor(calls, thread_name_prefix=f"op-core {self.work.desk.store.name}")

    def close(self) -> None:
        self._pool.shutdown()

    def round(self) -> int:
        """Do one batch of every step and return how many moved something on; of a parked store what needs no shop."""
        desk, store_id = self.work.desk, self.work.desk.store.id
        read, now, absence = desk.ledger.read, desk.ledger.now, desk.shop.absence
        moved = self._each(_DELIVERIES, read(deliveries.waiting, store_id, now(), _BATCH))
        moved += engine.expire(desk)
        if not absence.wait:
            moved += self._each(_ACTIONS, read(actions.due, store_id, now(), _BATCH))
        if not absence.wait:
            moved += self._each(_ANSWERS, read(actions.unsure, store_id, now(), _BATCH))
        moved += self._each(_REPORTS, read(reports.due, store_id, now(), _BATCH))
        if not absence.wait:
            exported = self.work.exporter.marked()
            self.counts["orders exported"] += exported.created + exported.updated
        return moved

    def tidy(self) -> None:
        """Take away what the store keeps no longer."""
        kept = tidy(self.work.desk.ledger, self.work.desk.store)
        self.counts["bodies pruned"] += kept.bodies
        self.counts["orders forgotten"] += len(kept.forgotten)

    def _each(self, step: _Step[T], items: list[T]) -> int:
        """Do one step for each item, those of one lane in turn, lanes at the same time; count those that moved on."""
        lanes: dict[str, list[T]] = {}
        for item in items:
            if (step.name, _id(item)) not in self._stuck:
                lanes.setdefault(step.lane(self.work.desk, item), []).append(item)

        def one(item: T) -> int:
            state = self._one(step, item)
            self.counts[f"{step.name} {state}"] += 1
            if state == "failed" or state in step.same:
                self._stuck.add((step.name, _id(item)))
                return 0
            return 1

        moved = sum(self._pool.map(lambda lane: sum(map(one, lane)), lanes.values()))
        return moved or int(bool(lanes) and len(items) == _BATCH)  # what was put aside made room for others

    def _one(self, step: _Step[T], item: T) -> str:
        try:
            return step.take(self.work.desk, item)
        except LedgerError as error:
            log.warning("%s %s: %s", step.name, _id(item), error)
        except Exception as error:  # noqa: BLE001 - one item's fault is not the others'
            log.error("%s %s: %s", step.name, _id(item), where(error))  # noqa: TRY400 - its text may hold personal data
            step.postpone(self.work.desk, item, f"a fault in op-core: {where(error)}")
        return "failed"


@attrs.frozen
class _Step(Generic[T]):
    """
    One kind of work.

    Attributes:
        take: Does it, and returns the state in which the item was left.
        postpone: Puts an item that failed to the side for a while, so that it does not stand in the others' way.
        same: States in which an item is where it was.
        lane: Names what an item shares with others that must not be done at the same time.
    """

    name: str
    take: Callable[[Desk, T], str]
    postpone: Callable[[Desk, T, str], str]
    same: tuple[str, ...]
    lane: Callable[[Desk, T], str] = lambda _, item: str(_id(item))


def _order(_: Desk, action: Action) -> str:
    return f"order {action.order_id}" if action.exclusive else str(action.id)


_DELIVERIES = _Step("delivery", intake.take, intake.postpone, ("received",), intake.about)
_ACTIONS = _Step("action", engine.act, outcomes.fault, ("due",), _order)
_ANSWERS = _Step("answer", engine.ask, outcomes.wait, ("unknown", "pending"))
_REPORTS = _Step("report", reporting.report, reporting.postpone, ("waiting",))


def _id(item: Any) -> int:
    return int(item.id)
