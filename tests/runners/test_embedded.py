"""The embedded runner: everything in one process, stores apart from each other, leases kept while calls live."""

import logging
import threading
import time

import attrs
import pytest

from op_core.errors import LedgerError
from op_core.hooks import hookimpl
from op_core.runners.embedded import Embedded
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


def many(count):
    """Return a scene with so many orders, each with an approved claim."""
    scene = Scene.make(ModelShop([an_order(id=str(n), number=str(n)) for n in range(count)]))
    for n in range(count):
        scene.deliver(bodies.approved(claim=f"C{n}", order=str(n), event=f"e{n}"))
    return scene


def until(condition, seconds=10.0):
    """Wait for another thread, at most so long."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        threading.Event().wait(0.005)


def test_one_run_works_until_nothing_is_due():
    """From delivery to report in one go, with what was done in numbers."""
    scene = many(70)
    summary = scene.runner.run_once()

    assert ["done"] * 70 == scene.states()
    assert (
        70 == summary.counts["delivery planned"] == summary.counts["action done"] == summary.counts["report no_route"]
    )
    assert {} == summary.failed


def test_a_run_with_nothing_to_do_does_nothing():
    """It ends at once."""
    scene = Scene.make()

    assert 0 == sum(scene.runner.run_once().counts.values())
    assert {} == Embedded({}).run_once().counts


def test_what_waits_for_its_time_is_left():
    """A run ends though something is due later."""
    scene = many(1)
    scene.shop.faults = {("refund", 1): "not_sent"}
    scene.runner.run_once()
    assert ["due"] == scene.states()
    scene.clock.move(minutes=1)
    scene.runner.run_once()

    assert ["done"] == scene.states()


def test_deliveries_about_one_claim_are_taken_up_as_they_arrived():
    """In one batch, at the same time as others: the short body finds the order that the one before it named."""
    for _ in range(3):
        scene = Scene.make(ModelShop([an_order(id=str(n), number=str(n)) for n in range(12)]))
        for n in range(12):
            scene.api.list_claim(f"C{n}", str(n))
            scene.deliver(bodies.created(f"C{n}", str(n), event=f"e{n}"))
            scene.deliver(bodies.approved(bodies.resolution("RESHIP"), claim=f"C{n}", dialect="camel"))
        summary = scene.runner.run_once()

        assert ["done"] * 12 == scene.states()
        assert 12 == summary.counts["action done"]
        assert "action held" not in summary.counts


class Failing(ModelShop):
    """Any of its reads fails with something that names a customer."""

    @hookimpl
    def op_get_order(self, request):
        """Fail."""
        raise RuntimeError("customer@example.com")


def test_a_store_that_fails_leaves_the_others_at_full_rate():
    """Stores are apart: a broken shop, a broken ledger, and one that works."""
    good, bad, broken = many(3), many(3), many(3)
    bad.shop = Failing()
    bad.restart()
    broken.ledger = _BrokenLedger(broken.ledger)
    broken.restart()
    works = {"good": good.work, "bad": bad.work, "broken": broken.work}
    summary = Embedded(works).run_once()

    assert ["done"] * 3 == good.states()
    assert ["received"] * 3 == [one.state for one in bad.deliveries()]
    assert {"broken": "the ledger could not be used: gone"} == summary.failed


class _BrokenLedger:
    def __init__(self, ledger):
        self.clock = ledger.clock

    def now(self):
        return self.clock()

    def read(self, *_):
        """Fail."""
        raise LedgerError("the ledger could not be used: gone")

    write = read


def test_a_shop_that_hangs_starves_only_itself():
    """Every place of one store is taken by calls that hang; the other store does not notice."""
    release = threading.Event()

    class Hanging(ModelShop):
        @hookimpl
        def op_get_order(self, request):
            """Hang."""
            release.wait(10)
            return super().op_get_order(request)

    slow, good = many(6), many(3)
    slow.shop = Hanging(slow.shop.orders)
    slow.restart()
    runner = Embedded({"slow": slow.work, "good": good.work})
    thread = threading.Thread(target=runner.run_once)
    thread.start()
    until(lambda: good.states() == ["done"] * 3)
    assert [] == slow.actions()
    release.set()
    thread.join()
    assert ["done"] * 6 == slow.states()


def test_a_fault_in_a_step_sets_one_item_aside():
    """What fails in a way that nobody foresaw waits a while, says where it failed, and stops no other."""
    scene = many(2)

    class Odd(ModelShop):
        @hookimpl
        def op_get_order(self, request):
            """Return an order that is not what its type promises."""
            order = super().op_get_order(request)
            return order if request.order_id == "1" else _Odd(order)

    scene.shop = Odd(scene.shop.orders)
    scene.restart()
    scene.runner.run_once()

    assert ["received", "planned"] == [one.state for one in scene.deliveries()]
    assert scene.deliveries()[0].reason
    assert scene.deliveries()[0].not_before > scene.clock()


def _Odd(order):  # noqa: N802 - it makes an odd order
    return attrs.evolve(order, lines=("no", "lines"))


def test_no_log_line_holds_personal_data(caplog):
    """Texts of foreign errors are dropped: type and place are enough."""
    caplog.set_level(logging.DEBUG)
    scene = many(1)
    scene.shop = Failing()
    scene.restart()
    scene.runner.run_once()

    assert "RuntimeError" in caplog.text
    assert "customer@example.com" not in caplog.text
    assert "customer@example.com" not in scene.deliveries()[0].reason


def test_two_runners_on_one_ledger_do_everything_once(sqlite_url):
    """Any number of processes may work; leases and fences decide who acts."""
    orders = [an_order(id=str(n), number=str(n)) for n in range(25)]
    shop = ModelShop(orders)
    one = Scene.make(shop, url=sqlite_url)
    two = Scene.make(shop, url=sqlite_url)
    two.api, two.clock = one.api, one.clock
    two.restart()
    for n in range(25):
        for _ in range(2):
            one.deliver(bodies.approved(claim=f"C{n}", order=str(n), event=f"e{n}"))
    threads = [threading.Thread(target=scene.runner.run_once) for scene in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one.run()

    assert ["done"] * 25 == one.states()
    assert 25 == len(shop.effects)
    assert {} == shop.doubled()
    assert {"planned": 25, "duplicate": 25} == {
        state: [each.state for each in one.deliveries()].count(state) for state in ("planned", "duplicate")
    }
    one.ledger.close()
    two.ledger.close()


def test_serve_works_until_it_is_stopped():
    """It wakes when something arrives, and ends after what is under way."""
    scene = many(1)
    runner = scene.runner
    thread = threading.Thread(target=runner.serve, daemon=True)
    thread.start()
    until(lambda: scene.states() == ["done"])
    scene.deliver(bodies.message(order="0"))
    runner.wake()
    until(lambda: scene.states() == ["done", "done"])
    runner.stop()
    thread.join(10)

    assert not thread.is_alive()


class Hangs(ModelShop):
    """Its refund hangs until `go` is set."""

    go = threading.Event()

    @hookimpl
    def op_issue_refund(self, request):
        """Hang, then refund."""
        self.go.wait(10)
        return super().op_issue_refund(request)


@pytest.fixture
def hanging():
    """Give a store with a call that is given up after a quarter of a second, and whose lease is 0.4 seconds."""
    Hangs.go = threading.Event()
    scene = Scene.make(Hangs([an_order()]), timing={"deadline": "0.8 s", "lease": "1.2 s", "quiet_period": "1 s"})
    scene.deliver(bodies.approved())
    yield scene
    Hangs.go.set()
    until(lambda: not scene.desk.shop.calls.live)


def test_the_lease_is_renewed_while_the_call_lives(hanging):
    """An abandoned thread keeps its action locked, for other processes too, also when the run is over."""
    hanging.runner.run_once()
    assert ["unknown"] == hanging.states()
    begun = hanging.action().lease_until
    hanging.clock.move(seconds=0.3)

    until(lambda: hanging.action().lease_until > begun, 3)


def test_the_lease_ends_with_the_call(hanging):
    """Once the thread has ended nobody renews, and the late result is written."""
    hanging.runner.run_once()
    Hangs.go.set()
    until(lambda: hanging.states() == ["done"])
    until(lambda: "op-core leases" not in {thread.name for thread in threading.enumerate()}, 3)

    assert 1 == len(hanging.shop.effects)
