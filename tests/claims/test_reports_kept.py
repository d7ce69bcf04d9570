"""What is kept of a report: whether and when it arrived, what was answered, and what waits for how long and why."""

from contextlib import suppress
from datetime import timedelta

import pytest

from op_core.errors import BadRequest, MayHaveLanded, RequestNotSent
from op_core.hooks import hookimpl
from op_core.ledger import exports
from op_core.order_protection.messages import Response
from op_core.testing import bodies
from op_core.testing.api import Lost, ScriptedApi
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.scene import Scene

RESHIP = bodies.approved(bodies.resolution("RESHIP"))
ROUTE = {"refund": {"path": "/done", "body": {"id": "{shop_id}"}}}


def a_scene(body=RESHIP, **settings):
    scene = Scene.make(**settings)
    scene.deliver(body)
    scene.plan()
    scene.act()
    scene.clock.move(minutes=1)
    return scene


def refused(scene):
    scene.api.faults["create_order"] = [BadRequest("no such field", status=400)]


def landed(scene):
    """Let the first post arrive, and its answer be lost."""
    scene.api.faults["create_order"] = [Lost(MayHaveLanded("no answer"))]
    scene.report()
    scene.clock.move(minutes=1)


@pytest.mark.parametrize(
    ("body", "before", "state", "arrived"),
    [
        (RESHIP, lambda _: None, "sent", True),
        (RESHIP, landed, "confirmed", True),
        (RESHIP, refused, "failed", False),
        (bodies.approved(), lambda _: None, "no_route", False),
    ],
    ids=["sent", "confirmed", "failed", "no route"],
)
def test_only_what_arrived_has_a_time_and_an_answer(body, before, state, arrived):
    """When Order Protection was told, and its answer; or why it was not."""
    scene = a_scene(body)
    before(scene)
    scene.report()
    (report,) = scene.reports()

    assert (state, None) == (report.state, report.not_before)
    assert (scene.clock() if arrived else None) == report.sent_at
    assert (arrived, not arrived) == (bool(report.answer), bool(report.reason))
    assert ("no such field" in (report.reason or "")) is (state == "failed")


@pytest.mark.parametrize("before", [lambda _: None, landed], ids=["sent", "confirmed"])
def test_a_replacement_that_is_there_is_known_as_one(before):
    """However that was learned, the export leaves it out: sent as an order of its own it would be a second one."""
    scene = a_scene()
    before(scene)
    scene.report()
    rows = scene.ledger.read(exports.known_orders, scene.store.id, ["1001-R1"])

    assert ("replacement", scene.action().reference, scene.clock()) == (
        rows["1001-R1"].state,
        rows["1001-R1"].reason,
        rows["1001-R1"].at,
    )


class Ear:
    """An observer that keeps what it hears of reports."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def op_event(self, request):
        """Keep it."""
        if request.name.startswith("report."):
            self.heard.append((request.name, request.subject, dict(request.facts)))


@pytest.mark.parametrize(
    ("body", "verb", "state"), [(RESHIP, "reship", "sent"), (bodies.approved(), "refund", "no_route")]
)
def test_observers_are_told_which_report_it_was(body, verb, state):
    """By the key of its action, what was done, and the reference under which the shop has it."""
    ear = Ear()
    scene = a_scene(body, observers={"ear": ear})
    scene.run()
    scene.desk.shop.observers.close()
    action = scene.action()

    said = {"verb": verb, "reference": action.reference}
    assert [(f"report.{state}", str(action.key), said)] == ear.heard


def test_a_report_that_waits_says_why():
    """Whoever asks sees what went wrong, before it is given up; it is not tried again at once."""
    scene = a_scene()
    scene.api.faults["create_order"] = [RequestNotSent("the line is down")]
    scene.report()
    (report,) = scene.reports()

    assert ("waiting", 1, "the line is down") == (report.state, report.tries, report.reason)
    assert scene.clock() < report.not_before
    assert [] == scene.report()


def test_a_report_is_left_alone_as_long_as_its_shop():
    """While the shop is away its replacement is not asked for: the report waits until the pause is over."""
    scene = a_scene()
    scene.shop.away = "closed for the night"
    scene.report()
    (report,) = scene.reports()

    assert ("waiting", scene.clock() + timedelta(seconds=scene.desk.shop.absence.wait)) == (
        report.state,
        report.not_before,
    )
    assert [] == scene.report()


@pytest.mark.parametrize(
    ("body", "kept"),
    [(b"\xe4 danke", "200: \ufffd danke"), (b"x" * 5000, f"200: {'x' * 2000}")],
    ids=["no UTF-8", "long"],
)
def test_a_report_is_sent_whatever_is_answered(body, kept):
    """The call was made and taken: an answer that nobody can read, or without end, makes it no other."""

    class Answering(ScriptedApi):
        def send(self, request):
            super().send(request)
            return Response(status=200, body=body)

    scene = Scene.make(report=ROUTE)
    scene.api = Answering()
    scene.restart()
    scene.deliver(bodies.approved())
    scene.run()
    (report,) = scene.reports()

    assert ("sent", kept) == (report.state, report.answer)


@pytest.mark.parametrize("point", ["report:before", "report:after"])
def test_a_report_that_is_cut_off_arrives_once(point):
    """A process that dies before its call, or after it, leaves a report that is sent, or found there."""
    scene = a_scene()
    passed = []

    def die(name):
        passed.append(name)
        if name == point:
            raise SimulatedCrash(name)

    with suppress(SimulatedCrash), armed(die):
        scene.report()
    assert (point, int(point == "report:after")) == (passed[-1], len(scene.api.posted))
    scene.restart()
    scene.wait(minutes=5)

    assert ["sent" if point == "report:before" else "confirmed"] == [one.state for one in scene.reports()]
    assert 1 == len(scene.api.posted)
