"""One renewal for whoever needs it: threads of a process, connections of many, and a child after a fork."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from op_core.errors import RequestNotSent
from op_core.ledger import Ledger


def test_many_ledgers_of_one_database_refresh_once(ledger_url, any_home, by_refresh, issuer):
    """What processes are: twelve providers, each with connections of its own, whose token was refused."""
    stale = by_refresh.process().token()
    any_home.clock.move(minutes=10)
    ledgers = [Ledger.open(ledger_url, clock=any_home.clock) for _ in range(4)]
    together = threading.Barrier(12)

    def refused(n):
        one = attrs.evolve(by_refresh, ledger=ledgers[n % 4]).process(wait=lambda _: threading.Event().wait(0.01))
        together.wait()
        return one.renewed(stale)

    with ThreadPoolExecutor(12) as pool:
        assert {"op_at_not_real_2"} == set(pool.map(refused, range(12)))
    for ledger in ledgers:
        ledger.close()
    assert ["RefreshGrant", "RefreshGrant"] == issuer.asked


def test_the_first_token_is_got_once_too(ledger_url, any_home, issuer):
    """There is no row yet, and the one who writes it first fetches."""
    ledgers = [Ledger.open(ledger_url, clock=any_home.clock) for _ in range(4)]
    together = threading.Barrier(8)

    def first(n):
        one = attrs.evolve(any_home, ledger=ledgers[n % 4]).process(wait=lambda _: threading.Event().wait(0.01))
        together.wait()
        return one.token()

    with ThreadPoolExecutor(8) as pool:
        assert {"op_at_not_real_1"} == set(pool.map(first, range(8)))
    for ledger in ledgers:
        ledger.close()
    assert ["StoreGrant"] == issuer.asked


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_does_not_wait_for_a_thread_of_its_parent(home):
    """A fork copies a lock that is held, and not the thread that would give it back."""
    one = home.process()
    held, done = threading.Event(), threading.Event()

    def hold():
        with one._lock:
            held.set()
            done.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    child = multiprocessing.get_context("fork").Process(target=one.token)
    child.start()
    child.join(20)
    ended = child.exitcode
    child.kill()
    done.set()
    holder.join()

    assert 0 == ended


def test_many_threads_refresh_once(by_code, issuer):
    """Sixteen threads whose token was refused at the same moment cause one refresh."""
    one = by_code.process()
    stale = one.token()
    by_code.clock.move(minutes=10)
    together = threading.Barrier(16)

    def refused(_):
        together.wait()
        return one.renewed(stale)

    with ThreadPoolExecutor(16) as pool:
        assert {"op_at_not_real_2"} == set(pool.map(refused, range(16)))
    assert ["RefreshGrant", "RefreshGrant"] == issuer.asked


class WatchedLock:
    """A lock that says when somebody comes to wait for it."""

    def __init__(self):
        self.lock, self.came = threading.Lock(), threading.Semaphore(0)

    def locked(self):
        return self.lock.locked()

    def __enter__(self):
        self.came.release()
        self.lock.acquire()

    def __exit__(self, *_):
        self.lock.release()


def test_who_waited_for_a_failure_shares_it(home, issuer):
    """Four threads without a token cause one round of calls that fails, not four after one another."""
    one = home.process()
    one._lock = WatchedLock()
    with ThreadPoolExecutor(3) as pool:
        others = []

        def fail():
            others.extend(pool.submit(one.token) for _ in range(3))
            assert all(one._lock.came.acquire(timeout=10) for _ in range(4))
            raise RequestNotSent("never")

        issuer.faults = [fail]
        with pytest.raises(RequestNotSent):
            one.token()

        assert [RequestNotSent] * 3 == [type(other.exception(10)) for other in others]
    assert 1 == len(issuer.asked)
