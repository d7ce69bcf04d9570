"""Group commit: many writes, one COMMIT; each is acknowledged after it, and none takes another along."""

import asyncio
import multiprocessing
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from op_core.errors import LedgerError
from op_core.ledger import Ledger, stores
from op_core.ledger.schema import facts
from op_core.ledger.writer import Conflict
from op_core.testing.crash import SimulatedCrash, armed


@pytest.fixture
def ledger(ledger_url):
    """Give an empty ledger, once on each database."""
    ledger = Ledger.open(ledger_url, upgrade=True)
    yield ledger
    ledger.close()


def put(connection, name):
    connection.execute(facts.insert().values(name=name, value="x"))
    return name


def names(ledger):
    return set(ledger.read(lambda connection: connection.execute(sa.select(facts.c.name)).scalars().all()))


def together(ledger, *works):
    """Submit writes while the writer is busy, so that they share a commit; return what became of each."""
    begun, go = threading.Event(), threading.Event()

    def hold(connection):
        begun.set()
        go.wait(10)

    first = ledger.writer.submit(hold)
    begun.wait(10)
    futures = [ledger.writer.submit(work) for work in works]
    go.set()
    first.exception(10)
    return [future.exception() or future.result() for future in futures]


def test_what_was_acknowledged_is_there(ledger, ledger_url):
    """After `write` another connection sees it."""
    ledger.write(put, "a")
    other = Ledger.open(ledger_url)

    assert {"a"} == names(other)
    other.close()


def test_a_failing_write_takes_no_other_along(ledger):
    """An error, a broken rule of the database and bad SQL end their own write only."""
    ledger.write(put, "there")
    done = together(
        ledger,
        lambda connection: put(connection, "a"),
        lambda connection: (put(connection, "half"), 1 / 0),
        lambda connection: put(connection, "there"),
        lambda connection: connection.execute(sa.text("SELECT nothing FROM nowhere")),
        lambda connection: put(connection, "b"),
    )

    assert ["a", "ZeroDivisionError", "Conflict", "LedgerError", "b"] == [
        one if isinstance(one, str) else type(one).__name__ for one in done
    ]
    assert {"there", "a", "b"} == names(ledger)


def test_writes_that_wait_share_one_commit(ledger):
    """The cost of a commit is shared by all who wait for one."""
    commits = []
    with armed(commits.append):
        together(ledger, *[lambda connection, n=n: put(connection, str(n)) for n in range(20)])

    assert 2 == commits.count("commit:after")
    assert 20 == len(names(ledger))


def test_nothing_is_acknowledged_before_the_commit_has_returned(ledger):
    """Where the COMMIT does not come about, nobody is told that it did."""

    def die(point):
        if point == "commit:before":
            raise SimulatedCrash

    with armed(die):
        outcomes = together(ledger, lambda connection: put(connection, "a"), lambda connection: put(connection, "b"))

    assert [SimulatedCrash, SimulatedCrash] == [type(one) for one in outcomes]
    assert set() == names(ledger)


def test_a_commit_that_fails_is_an_error_for_all_in_it(ledger):
    """A database that is gone cannot be written to, and says so to each."""
    ledger.write(put, "a")

    def fail(_):
        raise sa.exc.OperationalError("COMMIT", {}, Exception("disk full"))

    sa.event.listen(ledger.engine, "commit", fail)
    outcomes = together(ledger, lambda connection: put(connection, "b"), lambda connection: put(connection, "c"))
    sa.event.remove(ledger.engine, "commit", fail)

    assert ["LedgerError"] * 2 == [type(one).__name__ for one in outcomes]
    assert "disk full" in str(outcomes[0])
    assert {"a"} == names(ledger)
    assert "d" == ledger.write(put, "d")


def test_an_error_shows_no_value_that_was_written(ledger):
    """What was to be written may be personal data."""
    ledger.write(put, "customer@example.com")
    with pytest.raises(Conflict) as conflict:
        ledger.write(put, "customer@example.com")
    with pytest.raises(LedgerError) as other:
        ledger.write(
            lambda connection: connection.execute(sa.text("SELECT :x FROM nowhere"), {"x": "customer@example.com"})
        )

    assert "customer@example.com" not in str(other.value)
    assert "customer@example.com" not in str(conflict.value)


def test_it_writes_for_an_event_loop_as_well(ledger):
    """`awrite` blocks nobody."""

    async def many():
        return await asyncio.gather(*[ledger.awrite(put, str(n)) for n in range(5)])

    assert ["0", "1", "2", "3", "4"] == asyncio.run(many())


def test_who_gives_up_waiting_takes_no_other_along(ledger):
    """A caller that is cancelled while its write waits (a client hung up) stops neither the writer nor its batch."""
    begun, go = threading.Event(), threading.Event()

    def hold(connection):
        begun.set()
        go.wait(10)

    async def give_up():
        waiting = asyncio.ensure_future(ledger.awrite(put, "given up"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    first = ledger.writer.submit(hold)
    begun.wait(10)
    asyncio.run(give_up())
    other = ledger.writer.submit(lambda connection: put(connection, "other"))
    go.set()
    first.result(10)

    assert "other" == other.result(10)
    assert "after" == ledger.write(put, "after")


def test_what_is_queued_is_written_before_it_closes(ledger, ledger_url):
    """`close` loses nothing, and a later write opens it again."""
    futures = [ledger.writer.submit(lambda connection, n=n: put(connection, str(n))) for n in range(50)]
    ledger.close()

    assert all(future.done() for future in futures)
    assert "later" == ledger.write(put, "later")


def _child(ledger, first, answers):
    try:
        sides = [server_side(ledger)] if first == "read" else []
        ledger.write(put, f"child {first}")
        answers.put((sorted(names(ledger)), [*sides, server_side(ledger)]))
        ledger.close()
    except BaseException as error:  # noqa: BLE001 - the parent is told
        answers.put(repr(error))


@pytest.mark.parametrize("first", ["read", "write"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_it_opens_again_after_a_fork(ledger, first):
    """Neither thread nor connections are shared with the parent, whatever the child does first."""
    ledger.write(put, "parent")
    before = server_side(ledger)
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=_child, args=(ledger, first, answers))
    child.start()
    said, sides = answers.get()
    child.join(10)
    assert before is None or before not in sides
    ledger.write(put, "parent again")

    assert sorted(["parent", f"child {first}"]) == said
    assert {"parent", f"child {first}", "parent again"} == names(ledger)
    assert before == server_side(ledger)


def server_side(ledger):
    """Return which of PostgreSQL's processes serves this one: a connection that two share is broken for both."""
    with ledger.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            return None
        return connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()


def _open(url, answers, go):
    go.wait(10)
    try:
        ledger = Ledger.open(url, upgrade=True)
        ledger.write(stores.set_fact, f"{multiprocessing.current_process().pid}", "here")
        ledger.close()
        answers.put("ok")
    except BaseException as error:  # noqa: BLE001 - the parent is told
        answers.put(repr(error))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_processes_may_open_one_new_file_at_one_time(tmp_path):
    """gunicorn, cron and CLI on one file must work, also the very first time."""
    url = f"sqlite:///{tmp_path}/new.db"
    context = multiprocessing.get_context("fork")
    answers, go = context.SimpleQueue(), context.Event()
    children = [context.Process(target=_open, args=(url, answers, go)) for _ in range(6)]
    for child in children:
        child.start()
    go.set()

    assert ["ok"] * 6 == [answers.get() for _ in children]
    for child in children:
        child.join(10)
    ledger = Ledger.open(url)
    assert 6 == len(names(ledger))
    ledger.close()


def test_the_database_s_clock_counts_on_postgresql(postgres_url):
    """Leases and limits use the database's clock there: machines may disagree about the time."""
    ledger = Ledger.open(postgres_url, upgrade=True)
    asked = []
    sa.event.listen(ledger.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    ledger.now()
    ledger.write(ledger.now)

    assert 2 == sum("clock_timestamp" in statement for statement in asked)
    ledger.close()


def test_a_program_that_forgets_to_close_it_ends(sqlite_url):
    """What was written is there, and nothing keeps the process."""
    program = (
        "import sys; from op_core.ledger import Ledger, stores; "
        "Ledger.open(sys.argv[1], upgrade=True).write(stores.set_fact, 'a', 'here')"
    )
    subprocess.run([sys.executable, "-c", program, sqlite_url], check=True, timeout=60)

    assert {"a"} == names(Ledger.open(sqlite_url))
