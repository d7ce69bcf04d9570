"""A full disk takes nothing that was acknowledged."""

import threading

import sqlalchemy as sa

from op_core.errors import LedgerError
from op_core.ledger import Ledger, deliveries

ROOM = 20  # pages


def test_what_is_acknowledged_on_a_full_disk_is_there(tmp_path):
    """SQLite may undo a whole transaction when one write finds no room: then nobody in it is told 200."""
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'op.db'}")

    @sa.event.listens_for(ledger.engine, "connect")
    def limit(connection, _):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + ROOM}")

    ledger.engine.dispose()  # what is open has no limit yet
    together = threading.Event()
    ledger.writer.submit(lambda _: together.wait(10))  # the next three wait behind it, and share one commit

    def store(body):
        return ledger.writer.submit(lambda connection: deliveries.store(connection, "s", body, ledger.now(connection)))

    futures = [store(body) for body in (b"small", b"x" * 500_000, b"small too")]
    together.set()
    failures = [future.exception(10) for future in futures]

    stored = ledger.read(deliveries.listing)
    assert isinstance(failures[1], LedgerError)
    assert len([failure for failure in failures if failure is None]) == len(stored)
    ledger.close()


def test_the_ledger_works_again_once_there_is_room(tmp_path):
    """A write that failed for want of room leaves nothing behind that stands in the way of the next."""
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'op.db'}")
    full = True

    @sa.event.listens_for(ledger.engine, "connect")
    def limit(connection, _):
        if full:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages + ROOM}")

    ledger.engine.dispose()
    failure = ledger.writer.submit(
        lambda connection: deliveries.store(connection, "s", b"x" * 500_000, ledger.now(connection))
    ).exception(10)
    full = False
    ledger.engine.dispose()

    ledger.write(deliveries.store, "s", b"x" * 500_000, ledger.now())

    assert isinstance(failure, LedgerError)
    assert 1 == len(ledger.read(deliveries.listing))
    ledger.close()
