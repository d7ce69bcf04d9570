"""Reports are sent once: by one process, and not again where nobody knows whether the first one arrived."""

from contextlib import suppress

import attrs
import pytest

from op_core.claims import reporting
from op_core.errors import (
    MayHaveLanded,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    Unauthorized,
)
from op_core.ledger import reports
from op_core.testing import bodies
from op_core.testing.api import Lost, ScriptedApi
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.scene import Scene

RESHIP = bodies.approved(bodies.resolution("RESHIP"))
ROUTE = {
    "refund": {
        "path": "/claims/{claim_id}/done",
        "body": {"amount": "{amount}", "currency": "{currency}", "outcome": "{outcome}", "id": "{shop_id}"},
    }
}


def a_scene(body=RESHIP, **settings):
    scene = Scene.make(**settings)
    scene.deliver(body)
    scene.plan()
    scene.act()
    return scene


def states(scene):
    return [one.state for one in scene.reports()]


@pytest.mark.parametrize("body", [RESHIP, bodies.approved()], ids=["replacement", "route"])
def test_of_two_processes_one_sends_a_report(ledger_url, body):
    """It is claimed before its call; who comes second does nothing, and writes nothing."""
    scene = a_scene(body, url=ledger_url, report=ROUTE)
    (due,) = scene.ledger.read(reports.due, scene.store.id, scene.clock(), 9)
    second = []

    class Meanwhile(ScriptedApi):
        def _call(self, name, effect):
            second.append(reporting.report(scene.desk, due))
            return super()._call(name, effect)

    first = reporting.report(attrs.evolve(scene.desk, api=Meanwhile()), due)
    assert ("sent", ["waiting"]) == (first, second)
    scene.wait(days=1)

    assert ["sent"] == states(scene)
    assert [] == scene.api.sent + scene.api.posted
    scene.ledger.close()


@pytest.mark.parametrize("error", [MayHaveLanded("no answer"), ServerFailed("down", status=503)])
def test_a_route_whose_answer_is_lost_is_called_once(error):
    """It may have arrived, and nobody knows what a second call would do: only ``report --since`` repeats it."""
    scene = a_scene(bodies.approved(), report=ROUTE)
    scene.api.faults["send"] = [Lost(error)]
    for _ in range(30):
        scene.wait(hours=1)
    (report,) = scene.reports()
    assert ("failed", 1) == (report.state, len(scene.api.sent))
    assert f"it may have arrived; only `report --since` sends it again: {error}" == report.reason
    scene.ledger.write(reports.again, scene.store.id, report.made_at)
    scene.run()

    assert (["sent"], 2) == (states(scene), len(scene.api.sent))


@pytest.mark.parametrize(
    "error",
    [
        RequestNotSent("down"),
        Unauthorized("token", status=401),
        RateLimited("slow", status=429, retry_after=60),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_route_that_was_surely_not_taken_is_called_later(error):
    """Nothing arrived, so that it may be repeated."""
    scene = a_scene(bodies.approved(), report=ROUTE)
    scene.api.faults["send"] = [error]
    scene.run()
    assert ["waiting"] == states(scene)
    scene.wait(minutes=2)

    assert (["sent"], 1) == (states(scene), len(scene.api.sent))


@pytest.mark.parametrize(
    ("body", "ends"), [(RESHIP, ["confirmed"]), (bodies.approved(), ["failed"])], ids=["replacement", "route"]
)
def test_a_process_that_ends_after_the_call_leaves_a_report_of_unknown_outcome(body, ends):
    """Its lease keeps others away; then the replacement is posted again and read, and a route is left to a person."""
    scene = a_scene(body, report=ROUTE)

    def end(point):
        if point == "commit:before" and scene.api.posted + scene.api.sent:
            raise SimulatedCrash(point)

    with suppress(SimulatedCrash), armed(end):
        scene.report()
    scene.restart()
    scene.wait(seconds=119)
    assert ["waiting"] == states(scene)
    assert reports.BEGUN == scene.reports()[0].reason
    scene.wait(minutes=1)

    assert ends == states(scene)
    assert 1 == len(scene.api.posted + scene.api.sent)


def test_a_result_that_comes_after_the_lease_overwrites_nothing():
    """Another process has settled the report by then; the late one tells nobody."""
    scene = a_scene(bodies.approved(), report=ROUTE)
    (due,) = scene.ledger.read(reports.due, scene.store.id, scene.clock(), 9)

    class Slow(ScriptedApi):
        def _call(self, name, effect):
            scene.wait(minutes=3)
            return super()._call(name, effect)

    late = reporting.report(attrs.evolve(scene.desk, api=Slow()), due)

    assert ("waiting", ["failed"], []) == (late, states(scene), scene.api.sent)


@pytest.mark.parametrize(
    ("body", "ends"), [(RESHIP, ["sent"]), (bodies.approved(), ["failed"])], ids=["replacement", "route"]
)
def test_a_fault_of_ours_sends_no_route_twice(body, ends):
    """What broke after the call may have arrived; a replacement is posted again."""
    scene = a_scene(body, report=ROUTE)
    fault = ZeroDivisionError("ours")
    scene.api.faults |= {"create_order": [fault], "send": [fault]}
    scene.runner.run_once()
    assert "a fault in op-core" in scene.reports()[0].reason
    scene.wait(minutes=5)

    assert ends == states(scene)
