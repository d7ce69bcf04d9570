"""Promise 1, late: a call that outlived its deadline or its lease. Its effect is never made twice."""

import threading

import pytest

from op_core.claims import engine
from op_core.errors import NotSent, PersonError
from op_core.hooks import hookimpl
from op_core.ledger import actions
from op_core.models import Outcome
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

TIMING = {"deadline": "1.5 s", "lease": "2 min", "quiet_period": "60 s"}


class HangingShop(ModelShop):
    """Its first refund hangs until `go` is set, and then does *what*."""

    go = None
    what = None

    @hookimpl
    def op_issue_refund(self, request):
        """Hang once."""
        if self.go is None:
            self.go = threading.Event()
            self.go.wait(10)
            return self.what(request) if self.what else super().op_issue_refund(request)
        return super().op_issue_refund(request)


@pytest.fixture
def scene():
    """Give a store whose first call hangs; it is let go at the end."""
    scene = Scene.make(HangingShop([an_order()]), timing=TIMING)
    scene.deliver(bodies.approved())
    scene.plan()
    yield scene
    let_go(scene)


def let_go(scene):
    """End the hanging call and wait until its result is written."""
    name = f"op-core call {scene.action().reference}"
    scene.shop.go.set()
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(10)


def test_a_call_without_an_answer_in_time_is_unknown(scene):
    """The deadline is kept whatever the shop does."""
    assert ["unknown"] == scene.act()
    assert "no answer within 1.5 s" == scene.action().reason


def test_while_the_abandoned_call_lives_the_shop_is_not_asked(scene):
    """An abandoned thread keeps its action locked: whatever the shop says now says nothing."""
    scene.act()
    for _ in range(3):
        scene.wait(minutes=10)

    assert [] == scene.shop.calls
    assert ["unknown"] == scene.states()


def test_another_process_waits_for_the_lease(scene):
    """Another process does not see the thread; the lease tells it that somebody may still be calling."""
    scene.act()
    before = scene.desk
    scene.restart()
    scene.wait(seconds=119)
    assert [] == scene.shop.calls
    scene.wait(seconds=1)

    assert ["find_refund"] == [call.verb for call in scene.shop.calls][:1]
    scene.desk = before


def test_a_late_result_is_the_truth(scene):
    """The call ends after its deadline: what it says is written down, and the shop is not asked."""
    scene.act()
    let_go(scene)

    assert ["done"] == scene.states()
    assert "refund-1" == scene.action().shop_id
    assert ["waiting"] == [one.state for one in scene.reports()]
    scene.wait(minutes=10)
    assert 1 == len(scene.shop.effects)


@pytest.mark.parametrize(
    "what",
    [lambda _: None, lambda _: 1 / 0, lambda _: Outcome("unknown", reason="?")],
    ids=["None", "error", "unknown"],
)
def test_a_late_failure_begins_the_quiet_period_anew(scene, what):
    """The effect may have happened at the very end of the call: "not found" counts from then on."""
    scene.shop.what = what
    scene.act()
    scene.clock.move(minutes=10)
    let_go(scene)
    scene.run()
    scene.wait(seconds=59)
    assert ["unknown"] == scene.states()
    assert [] == [call for call in scene.shop.calls if call.verb == "refund"]

    scene.wait(minutes=2)
    assert ["done"] == scene.states()


def test_a_late_not_sent_is_no_licence_to_call_again_at_once(scene):
    """After the deadline only the shop's own word counts."""
    scene.shop.what = lambda _: (_ for _ in ()).throw(NotSent("late"))
    scene.act()
    let_go(scene)

    assert ["unknown"] == scene.states()


def test_a_result_that_comes_after_the_lease_is_not_lost():
    """A process that slept over its lease still tells what its call did; nobody knows better meanwhile."""
    scene = Scene.make(ModelShop([an_order()], find=False))

    class Sleepy(ModelShop):
        @hookimpl
        def op_issue_refund(self, request):
            """Let another process find the lease run out, in the middle of the call."""
            outcome = super().op_issue_refund(request)
            scene.clock.move(minutes=3)
            other = Scene.make(scene.shop)
            other.ledger.close()
            other.ledger, other.clock = scene.ledger, scene.clock
            other.restart()
            other.run()
            return outcome

    scene.shop = Sleepy([an_order()], find=False)
    scene.restart()
    scene.deliver(bodies.approved())
    scene.run()

    assert ["done"] == scene.states()
    assert [[]] == scene.holds()
    assert 1 == len(scene.shop.effects)


def test_a_result_after_the_shop_was_asked_in_vain_stops_the_second_call():
    """Asked, not found, due again; then the first call says that it was done: it is not called again."""
    scene = Scene.make(HangingShop([an_order()]), timing=TIMING)
    scene.deliver(bodies.approved())
    scene.plan()
    scene.act()
    first = scene.desk
    scene.restart()
    scene.clock.move(minutes=3)
    scene.ask()
    assert ["due"] == scene.states()
    scene.desk = first
    let_go(scene)
    scene.run()

    assert ["done"] == scene.states()
    assert 1 == len(scene.shop.effects)


def test_a_late_result_is_the_truth_whatever_a_person_said_no_to():
    """Asked, not found, due again and declined; then the first call says that it was done: it was."""
    scene = Scene.make(HangingShop([an_order()]), timing=TIMING)
    scene.deliver(bodies.approved())
    scene.plan()
    scene.act()
    first = scene.desk
    scene.restart()
    scene.clock.move(minutes=3)
    scene.ask()
    assert "declined" == scene.decline(scene.action()).state
    scene.desk = first
    let_go(scene)

    assert (["done"], "refund-1") == (scene.states(), scene.action().shop_id)


@pytest.mark.parametrize("fault", ["away", "not_sent"])
def test_a_late_result_stops_the_third_call_where_the_second_never_arrived(fault):
    """Called, asked in vain, called again and not reached; then the first call says that it did it: once is enough."""
    scene = Scene.make(HangingShop([an_order()], faults={("refund", 1): fault}), timing=TIMING)
    scene.deliver(bodies.approved())
    scene.plan()
    scene.act()
    first = scene.desk
    scene.restart()
    scene.clock.move(minutes=3)
    scene.ask()
    assert (["due"], []) == (scene.act(), scene.shop.effects)
    second, scene.desk = scene.desk, first
    let_go(scene)
    scene.desk = second
    scene.wait(minutes=10)

    assert (["done"], 1) == (scene.states(), len(scene.shop.effects))


def test_a_late_result_does_not_overwrite_a_person_s_word(scene):
    """A fencing token stops a late result from overwriting a newer one."""
    scene.act()
    scene.clock.move(minutes=3)
    scene.record(scene.action(), "by-hand-1")
    let_go(scene)

    assert "by-hand-1" == scene.action().shop_id


def test_a_call_that_may_still_run_cannot_be_recorded(scene):
    """Until its lease is over, nobody can know that nothing more happens."""
    scene.act()

    with pytest.raises(PersonError, match="still runs"):
        scene.record(scene.action())


def test_leases_are_longer_than_deadlines_and_begin_with_the_intent():
    """The intent is committed, with its lease, before the shop is called."""
    scene = Scene.make()
    seen = []

    class Looking(ModelShop):
        @hookimpl
        def op_issue_refund(self, request):
            """Look at the ledger in the middle of the call."""
            seen.append((scene.action(), request))
            return super().op_issue_refund(request)

    scene.shop = Looking([an_order()])
    scene.restart()
    scene.deliver(bodies.approved())
    scene.run()
    ((action, request),) = seen

    assert ("calling", 1) == (action.state, action.attempt)
    assert action.lease_until > request.deadline > scene.clock()


def test_a_caller_that_died_is_found_by_its_lease(scene):
    """An action that is calling under a lease that ran out becomes unknown, and the shop is asked."""
    action = scene.action()
    until = scene.clock()
    scene.shop.go = threading.Event()
    scene.ledger.write(
        actions.move, action, "calling", scene.clock(), attempt=1, begun_at=scene.clock(), lease_until=until
    )

    assert 1 == engine.expire(scene.desk)
    assert ["unknown"] == scene.states()
    assert "whoever called the shop is gone; nothing tells whether it landed" == scene.action().reason
    scene.wait(minutes=2)
    assert ["done"] == scene.states()
