"""Calls into a shop's code: with a deadline, in either colour, at most so many at once."""

import asyncio
import contextvars
import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from op_core.calls import Calls, OutOfTime
from op_core.errors import NotSent

LONG = 10.0


async def later(value):
    """Give the value on the loop."""
    await asyncio.sleep(0)
    return value


@pytest.mark.parametrize("function", [lambda: 7, lambda: later(7)], ids=["def", "async def"])
def test_both_colours_return_their_value(function):
    """What is returned to be awaited is awaited; the caller does not see the difference."""
    assert 7 == Calls().run(function, LONG)


def raises():
    """Fail."""
    raise LookupError("7")


async def raises_later():
    """Fail on the loop."""
    raise LookupError("7")


@pytest.mark.parametrize("function", [raises, raises_later], ids=["def", "async def"])
def test_both_colours_raise_their_error(function):
    """The error comes out where the call was made."""
    with pytest.raises(LookupError, match="7"):
        Calls().run(function, LONG)


@pytest.mark.parametrize("leave", [SystemExit, KeyboardInterrupt])
def test_a_hook_that_wants_to_end_the_process_only_fails(leave):
    """``sys.exit()`` in a shop's code ends nobody who asked it."""

    def function():
        raise leave

    with pytest.raises(RuntimeError, match=leave.__name__):
        Calls().run(function, LONG)


async def where():
    """Say on which loop it runs, and in which thread."""
    return id(asyncio.get_running_loop()), threading.current_thread().name


def test_async_hooks_of_a_store_share_one_loop():
    """One event loop in one thread, so that an adapter may keep one client in it."""
    calls = Calls()

    assert calls.run(where, LONG) == calls.run(where, LONG) == Calls(loop=calls.loop).run(where, LONG)
    assert "op-core loop" == calls.run(where, LONG)[1]


def test_a_call_that_takes_too_long_is_given_up():
    """The time is out; the thread may live on, and is counted as live until it ends."""
    release, calls = threading.Event(), Calls()
    told = []
    with pytest.raises(OutOfTime, match="no answer within"):
        calls.run(lambda: release.wait(LONG), 0.05, name="OP-1", late=lambda future: told.append(future.result()))
    assert {"OP-1"} == calls.live
    release.set()
    for thread in threading.enumerate():
        if thread.name == "op-core call OP-1":
            thread.join(LONG)

    assert frozenset() == calls.live
    assert [True] == told


def let_go(calls, *events):
    """Let calls that hang end, and wait until they have."""
    for event in events:
        event.set()
    for thread in threading.enumerate():
        if thread.name.startswith("op-core call"):
            thread.join(LONG)
    assert frozenset() == calls.live


def test_an_async_call_that_is_given_up_is_live_until_its_work_has_ended():
    """It may work in a thread that nobody can stop: it is not cancelled, and keeps its name and its place."""
    release, calls, told = threading.Event(), Calls(), []

    async def hook():
        return await asyncio.to_thread(release.wait, LONG)

    with pytest.raises(OutOfTime):
        calls.run(hook, 0.05, name="OP-1", late=lambda future: told.append(future.result()))
    assert {"OP-1"} == calls.live
    let_go(calls, release)

    assert [True] == told


def test_a_result_is_returned_or_late_and_never_both():
    """Whatever comes first, the end or the deadline: exactly one side has it."""
    for _ in range(200):
        calls, go, told = Calls(), threading.Event(), []
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(calls.run, lambda go=go: go.wait(0.001), 0.001, late=told.append)
        let_go(calls)

        assert isinstance(asked.exception(), OutOfTime) == bool(told)
        assert len(told) <= 1


def test_the_time_counts_from_the_mark():
    """Whoever was held up since it asked for the right to call may have lost it, and does not call."""
    now, called = [100.0], []
    calls = Calls(1, clock=lambda: now[0])
    mark = calls.mark()
    now[0] += 29
    assert calls.run(lambda: True, 30, since=mark)
    now[0] += 2
    with pytest.raises(NotSent, match="the time was out before the call began"):
        calls.run(lambda: called.append(1), 30, since=mark)

    assert [] == called
    assert calls.run(lambda: True, 30)


def test_nobody_waits_for_a_place_once_all_hang():
    """Calls that were given up keep their places; the next one is surely not sent, at once."""
    release, calls = threading.Event(), Calls(2)
    for _ in range(2):
        with pytest.raises(OutOfTime):
            calls.run(lambda: release.wait(LONG), 0.05)
    with pytest.raises(NotSent, match="all 2 calls of this store hang"):
        calls.run(raises, 3600)
    let_go(calls, release)

    assert calls.run(lambda: True, LONG)


def test_a_store_has_so_many_places():
    """All places hang: the next call is surely not sent, and others are not held up by it."""
    release, calls, other = threading.Event(), Calls(2), Calls(2)
    with ThreadPoolExecutor(2) as pool:
        hanging = [pool.submit(calls.run, lambda: release.wait(LONG), LONG, name="OP-1") for _ in range(2)]
        while len([thread for thread in threading.enumerate() if thread.name == "op-core call OP-1"]) < 2:
            threading.Event().wait(0.001)
        with pytest.raises(NotSent, match="all 2 calls of this store hang"):
            calls.run(raises, 0.05)
        assert 1 == other.run(lambda: 1, LONG)
        release.set()

    assert [True, True] == [future.result() for future in hanging]
    assert 1 == calls.run(lambda: 1, LONG)


def test_context_variables_reach_the_shop():
    """What the caller's context says (a trace, a tenant) is there in the call."""
    variable = contextvars.ContextVar("variable", default="nothing")
    variable.set("said")

    assert "said" == Calls().run(variable.get, LONG)


def _child(calls, answers):
    try:
        answers.put((sorted(calls.live), calls.run(lambda: later(os.getpid()), LONG)))
    except BaseException as error:  # noqa: BLE001 - the parent is told
        answers.put(repr(error))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork_they_start_again():
    """A child has neither the parent's loop nor its threads."""
    calls = Calls(1)
    assert 1 == calls.run(lambda: later(1), LONG)
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=_child, args=(calls, answers))
    child.start()

    assert ([], child.pid) == answers.get()
    child.join(LONG)
