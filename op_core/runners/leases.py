"""
The heart of a runner: it renews the leases of calls that still run, given up or not.

While it beats, nobody else may call for the same action; a call that hangs keeps its action locked.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import attrs

from op_core.claims.desk import Desk
from op_core.errors import LedgerError
from op_core.faults import where
from op_core.ledger import actions

__all__ = ["Heart"]

log = logging.getLogger("op_core")
_BEATS = 4  # renewals of a lease within its time
_PATIENCE = 5.0  # seconds that stopping waits for a renewal under way


@attrs.define(eq=False)
class Heart:
    """
    One daemon thread for all runs of a runner, side by side or one after another. Use it as a context for each run.

    It starts with a run, and ends when no run goes on and no call of these stores lives; so it outlives the run whose
    call hangs. It starts again with the next run, also in a child process.
    """

    desks: Sequence[Desk]
    _runs: int = attrs.field(init=False, default=0)
    _stopped: bool = attrs.field(init=False, default=False)
    _thread: threading.Thread | None = attrs.field(init=False, default=None)
    _changed: threading.Condition = attrs.field(init=False, factory=threading.Condition)

    def __attrs_post_init__(self) -> None:
        """See to it that a child begins anew."""
        forget = weakref.WeakMethod(self._forget)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())

    def _forget(self) -> None:
        self._changed, self._thread, self._runs = threading.Condition(), None, 0

    def __enter__(self) -> Self:
        """Beat for one more run."""
        with self._changed:
            self._runs += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._beat, name="op-core leases", daemon=True)
                self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End one run."""
        with self._changed:
            self._runs -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        """End with the last run, whatever hangs: its action is ``unknown`` once the lease ends, and is asked for."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            thread = None if self._runs else self._thread
        if thread is not None:
            thread.join(_PATIENCE)

    def _beat(self) -> None:
        pause = min((desk.store.timing.lease.total_seconds() for desk in self.desks), default=60.0) / _BEATS
        while self._goes_on(pause):
            for desk, names in self._live():
                _renew(desk, names)

    def _goes_on(self, pause: float) -> bool:
        with self._changed:
            if self._changed.wait_for(self._is_over, pause):
                self._thread = None  # under the lock: a run that begins now starts another one
                return False
            return True

    def _is_over(self) -> bool:
        return not self._runs and (self._stopped or not self._live())

    def _live(self) -> list[tuple[Desk, list[str]]]:
        live = [(desk, [name for name in desk.shop.calls.live if name.startswith("OP-")]) for desk in self.desks]
        return [(desk, names) for desk, names in live if names]


def _renew(desk: Desk, names: list[str]) -> None:
    try:
        desk.ledger.write(actions.renew, desk.store.id, names, desk.ledger.now() + desk.store.timing.lease)
    except LedgerError as error:
        log.warning("leases of store %s: %s", desk.store.name, error)
    except Exception as error:  # noqa: BLE001 - it must beat on for the others
        log.error("leases of store %s: %s", desk.store.name, where(error))  # noqa: TRY400 - its text may hold a value
