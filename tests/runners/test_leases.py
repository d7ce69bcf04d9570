"""Promise 1: whoever may still reach the shop keeps its lease, and whoever lost it does not call."""

import asyncio
import multiprocessing
import threading
import time

import pytest

from op_core.claims import engine
from op_core.hooks import hookimpl
from op_core.ledger import actions
from op_core.runners.embedded import Embedded
from op_core.runners.leases import Heart
from op_core.testing import bodies
from op_core.testing.crash import armed
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

TIMING = {
    "deadline": "0.8 s",
    "lease": "1.2 s",
    "quiet_period": "1 s",
}  # short, but longer than a busy machine takes to begin a call


def until(condition, seconds=10.0):
    """Wait for another thread, at most so long."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        threading.Event().wait(0.005)


def hearts():
    """Return the threads that renew leases."""
    return [thread for thread in threading.enumerate() if thread.name == "op-core leases"]


class Gated(ModelShop):
    """Reading an order waits for `ready`; the refund says `begun`, then waits for `go`."""

    def __init__(self):
        super().__init__([an_order()])
        self.ready, self.reading, self.begun, self.go = (threading.Event() for _ in range(4))

    @hookimpl
    def op_get_order(self, request):
        """Wait, then answer."""
        self.reading.set()
        self.ready.wait(10)
        return super().op_get_order(request)

    def pay(self, request):
        """Wait, then refund."""
        self.begun.set()
        self.go.wait(10)
        return ModelShop.op_issue_refund(self, request)

    @hookimpl
    def op_issue_refund(self, request):
        """Pay."""
        return self.pay(request)


class InThread(Gated):
    """The same as a coroutine whose work is in a thread, where nobody can stop it."""

    @hookimpl
    async def op_issue_refund(self, request):
        """Pay."""
        return await asyncio.to_thread(self.pay, request)


@pytest.fixture(params=[Gated, InThread])
def scene(request):
    """Give a store whose refund hangs, planned and due; it is let go at the end."""
    shop = request.param()
    shop.ready.set()
    scene = Scene.make(shop, timing=TIMING)
    scene.deliver(bodies.approved())
    scene.plan()
    yield scene
    shop.go.set()
    until(lambda: not scene.desk.shop.calls.live)
    scene.desk.shop.close()
    until(lambda: not hearts())


def is_renewed(scene):
    """Tell that the lease is renewed, as time goes by."""
    before = scene.action().lease_until
    scene.clock.move(seconds=0.3)
    until(lambda: scene.action().lease_until > before, 3)
    return True


def test_a_call_that_was_given_up_keeps_its_action_locked(scene):
    """In either colour: nobody else calls while it lives, however often anybody looks; its late result is taken."""
    scene.runner.run_once()
    assert ["unknown"] == scene.states()
    for _ in range(3):
        assert is_renewed(scene)
        scene.runner.run_once()
    assert [] == scene.ledger.read(actions.unsure, scene.store.id, scene.clock(), 10)
    scene.shop.go.set()
    until(lambda: scene.states() == ["done"])

    assert 1 == len(scene.shop.effects)


def test_runs_that_overlap_share_one_heart(scene):
    """A web app runs once for each request: a short run that ends takes nothing from a longer one."""
    other = Scene.make()
    runner = Embedded({"main": scene.work, "other": other.work})
    scene.shop.ready.clear()
    scene.shop.reading.clear()
    long = threading.Thread(target=runner.run_once, args=(["main"],))
    long.start()
    assert scene.shop.reading.wait(10)
    runner.run_once(["other"])
    assert 1 == len(hearts())
    scene.shop.ready.set()
    long.join(10)
    assert ["unknown"] == scene.states()

    assert is_renewed(scene)


def test_whoever_stops_leaves_what_hangs(scene, caplog):
    """A closed process renews no lease, says so, and still takes a late result."""
    runner = scene.runner
    runner.run_once()
    assert 1 == len(hearts())
    runner.stop()
    assert [] == hearts()
    scene.desk.shop.close()
    assert scene.action().reference in caplog.text
    scene.shop.go.set()
    until(lambda: scene.states() == ["done"])

    assert 1 == len(scene.shop.effects)


def test_the_heart_survives_a_ledger_that_fails(scene):
    """What it cannot renew now it renews with the next beat."""

    class Failing:
        def __init__(self, ledger):
            self.ledger, self.left, self.failed = ledger, 2, threading.Event()

        def write(self, work, *args):
            """Fail twice."""
            self.left -= 1
            if self.left >= 0:
                raise ZeroDivisionError
            self.failed.set()
            return self.ledger.write(work, *args)

        def now(self):
            return self.ledger.now()

    scene.act()
    desk = type(scene.desk)(scene.store, Failing(scene.ledger), scene.desk.shop, scene.api, scene.desk.chance)
    heart = Heart([desk])
    with heart:
        assert desk.ledger.failed.wait(10)
    heart.stop()


def _child(heart, answers):
    with heart:
        answers.put(len(hearts()))
    heart.stop()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_a_fork_the_heart_beats_again():
    """A child has no thread of its parent's, and starts one with its first run."""
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    heart = Heart([Scene.make().desk])
    with heart:
        child = context.Process(target=_child, args=(heart, answers))
        child.start()
        assert 1 == answers.get()
        child.join(10)
    heart.stop()

    assert [] == hearts()


def test_whoever_was_held_up_after_its_intent_does_not_call():
    """Its lease is gone and another process called: the deadline counts from before the intent was committed."""
    now = [0.0]
    scene = Scene.make()
    scene.desk.shop.calls.clock = lambda: now[0]
    scene.deliver(bodies.approved())
    scene.plan()
    held_up = scene.desk
    (action,) = scene.actions()

    def others_go_on(at):
        if at == "refund:before" and not now[0]:
            now[0] = 600.0
            scene.restart()
            scene.wait(minutes=10)
            scene.wait(minutes=10)

    with armed(others_go_on):
        after = engine.act(held_up, action)

    assert 600.0 == now[0]
    assert "moved on" == after
    assert ["done"] == scene.states()
    assert 1 == len(scene.shop.effects)
    assert {} == scene.shop.doubled()
