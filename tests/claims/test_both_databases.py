"""Promise 9: the same on SQLite and on PostgreSQL, and with several processes on one ledger."""

import threading
from contextlib import suppress

import pytest

from op_core.claims import intake
from op_core.hooks import hookimpl
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

TWO = (bodies.resolution("REFUND"), bodies.resolution("RESHIP", bodies.item("2"), total="15.00"))


@pytest.fixture
def scenes(ledger_url):
    """Give a maker of scenes of one store that share ledger, shop, API and clock, as processes do."""
    made = []

    def make(shop=None):
        scene = Scene.make(shop or (made[0].shop if made else None), url=ledger_url)
        if made:
            scene.api, scene.clock = made[0].api, made[0].clock
            scene.ledger.clock = made[0].clock
            scene.restart()
        made.append(scene)
        return scene

    yield make
    for scene in made:
        scene.ledger.close()


def at_once(*works):
    """Do all of them at the same time."""
    start = threading.Barrier(len(works))
    failed = []

    def run(work):
        start.wait(10)
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the test is told
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [] == failed


def test_a_claim_from_end_to_end(scenes):
    """Received, planned, done, reported, amended, denied: one life of a claim."""
    scene = scenes()
    scene.shop.faults = {("refund", 1): "lost"}
    for body in (bodies.created(), bodies.approved(*TWO), bodies.approved(*TWO), bodies.message()):
        scene.deliver(body)
    scene.run()
    scene.wait(minutes=5)
    assert ["done"] * 3 == scene.states()
    assert {"sent", "no_route"} == {one.state for one in scene.reports()}

    scene.deliver(bodies.approved(bodies.resolution("REFUND", bodies.item("1", 2), total="40.00"), TWO[1], event="e2"))
    scene.deliver(bodies.denied())
    scene.run()
    assert ["done", "done", "done", "held"] == scene.states()
    assert [["amended", "withdrawn"]] == [codes for codes in scene.holds() if codes]


def test_protection_from_end_to_end(scenes):
    """On, off and on again."""
    scene = scenes()
    scene.restart(protection=scene.store.protection.model_copy(update={"on_added": "bill", "on_removed": "refund"}))
    for n in range(3):
        scene.deliver(bodies.protection(added=n % 2 == 0, event=f"e{n}"))
        scene.run()

    assert ["done"] * 3 == scene.states()


def test_redeliveries_in_several_processes_are_one_effect(scenes):
    """The same webhook, stored by everybody and worked on by everybody at once."""
    all_of_them = [scenes() for _ in range(3)]
    for scene in all_of_them:
        for _ in range(2):
            scene.deliver(bodies.approved(*TWO))
    at_once(*[scene.runner.run_once for scene in all_of_them])
    all_of_them[0].run()

    assert ["done", "done"] == all_of_them[0].states()
    assert 2 == len(all_of_them[0].shop.effects)
    assert ["duplicate"] * 5 + ["planned"] == sorted(one.state for one in all_of_them[0].deliveries())


class Meeting(ModelShop):
    """Whoever asks for the order waits for a second one, so that each plans without knowing of the other."""

    meeting = threading.Barrier(2, timeout=1)

    @hookimpl
    def op_get_order(self, request):
        """Meet, or go on alone once somebody did not come."""
        with suppress(threading.BrokenBarrierError):
            self.meeting.wait()
        return super().op_get_order(request)


def test_two_decisions_at_one_time_are_one_first_and_one_amended(scenes):
    """Taken up by two processes at once, of two decisions about one claim only one is the first."""
    one = scenes(Meeting([an_order()]))
    one.deliver(bodies.created())
    one.plan()
    two = scenes()
    one.deliver(bodies.approved(TWO[0], event="e1"))
    one.deliver(bodies.approved(TWO[1], event="e2"))
    first, second = one.deliveries()[1:]
    at_once(lambda: intake.take(one.desk, first), lambda: intake.take(two.desk, second))

    assert {"refund", "reship"} == {action.verb for action in one.actions()}
    assert [["amended"], ["amended"]] == one.holds()
