"""
Group commit: one writer thread per process, many writes per COMMIT.

Each write runs in a savepoint of its own, so that one that fails takes no other with it. It is acknowledged after
the COMMIT has returned, never before.
"""

from __future__ import annotations

import os
import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.errors import LedgerError
from op_core.testing.crash import crash_point

__all__ = ["Conflict", "Writer", "named"]

Work = Callable[[sa.Connection], Any]
_LOCK = 0x6F70636F7265  # "opcore"; locks of this kind are the database's own
_MOST = 256  # writes in one commit: enough to share the cost, few enough to keep the wait short


class Conflict(LedgerError):
    """Another write got there first: a unique key stands in the way. Look again, then decide."""


def named(error: sa.exc.SQLAlchemyError) -> LedgerError:
    """Return an error of ours that says what the database said, and no value that was written."""
    cause = str(getattr(error, "orig", None) or error).splitlines()[0]
    return LedgerError(f"the ledger could not be used: {cause}")


@attrs.define(eq=False)
class Writer:
    """
    The only thread that writes. It starts at the first write, and again in a child after a fork.

    Args:
        engine: The ledger's database.
        inline: Write in the calling thread instead, one commit each: for an in-memory database.
    """

    engine: sa.Engine
    inline: bool = False
    _queue: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = attrs.field(factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        """See to it that a child begins anew, whatever it does first and in however many threads."""
        forget = weakref.WeakMethod(self._forget)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())

    def _forget(self) -> None:
        """Drop what a fork copies and cannot share: the thread, its queue, and the right to its connections."""
        self._lock = threading.Lock()
        if not self.inline:
            self._queue, self._thread = queue.SimpleQueue(), None
            self.engine.dispose(close=False)

    def submit(self, work: Work) -> Future[Any]:
        """Queue *work*; the future is done after its COMMIT, or holds why there was none."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # who stops waiting must not stop the writer
        if self.inline:
            with self._lock:
                self._commit([(work, future)])
            return future
        self._start()
        self._queue.put((work, future))
        return future

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep an in-memory database, which has one connection for all, to one reader or writer at a time."""
        if self.inline:
            with self._lock:
                yield
        else:
            yield

    def close(self) -> None:
        """Write what is queued, then end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _start(self) -> None:
        thread = self._thread
        if thread is not None and thread.is_alive():
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="op-core ledger", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            ending = False
            while len(batch) < _MOST and not ending:
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    ending = True
                else:
                    batch.append(item)
            self._commit(batch)
            if ending:
                return

    def _commit(self, batch: list[tuple[Work, Future[Any]]]) -> None:
        results: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            with self.engine.connect().execution_options(op_core_write=True) as connection, connection.begin():
                _alone(connection)
                results = [(future, *_one(connection, work)) for work, future in batch]
                crash_point("commit:before")
            crash_point("commit:after")
        except sa.exc.SQLAlchemyError as error:
            _fail(batch, named(error))
        except BaseException as error:  # noqa: BLE001 - whoever waits must hear of it, also of a simulated crash
            _fail(batch, error)
        else:
            for future, result, failure in results:
                if failure is None:
                    future.set_result(result)
                else:
                    future.set_exception(failure)


def _alone(connection: sa.Connection) -> None:
    """Wait until no other process writes: what is read here is then still so when it commits, as it is on SQLite."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _one(connection: sa.Connection, work: Work) -> tuple[Any, Exception | None]:
    """Run one write in its savepoint; a fault of it must not take the others along."""
    connection.exec_driver_sql("SAVEPOINT op_core")  # a Connection.begin_nested() takes three times as long
    try:
        result = work(connection)
    except Exception as error:  # noqa: BLE001 - as above
        _undo(connection, error)
        if isinstance(error, sa.exc.IntegrityError):
            return None, Conflict(str(error.orig).splitlines()[0])  # PostgreSQL's next line shows the values
        return None, named(error) if isinstance(error, sa.exc.SQLAlchemyError) else error
    connection.exec_driver_sql("RELEASE SAVEPOINT op_core")
    return result, None


def _undo(connection: sa.Connection, error: Exception) -> None:
    """Go back to the savepoint; where it is gone, so are the writes before it: SQLite's answer to a full disk."""
    if connection.invalidated:
        raise error
    try:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT op_core")
    except sa.exc.SQLAlchemyError as gone:
        raise named(error if isinstance(error, sa.exc.SQLAlchemyError) else gone) from None


def _fail(batch: list[tuple[Work, Future[Any]]], error: BaseException) -> None:
    for _, future in batch:
        future.set_exception(error)
