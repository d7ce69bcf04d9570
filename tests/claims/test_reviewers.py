"""Observers: every reviewer sees a plan before it acts, and none can stop a claim by failing to listen."""

import pytest

from op_core.hooks import hookimpl
from op_core.models import Hold
from op_core.testing import bodies
from op_core.testing.scene import Scene


class Reviewer:
    """Answers what it was made with, and remembers what it was asked."""

    def __init__(self, answer=None):
        self.answer = answer
        self.seen = []
        self.events = []

    @hookimpl
    def op_review_plan(self, request):
        """Review."""
        self.seen.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @hookimpl
    def op_event(self, request):
        """Take note, or fail."""
        self.events.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer


class AsyncReviewer:
    """The same in the other colour."""

    @hookimpl
    async def op_review_plan(self, request):
        """Review."""
        return Hold("an odd address", "fraud desk")


def a_scene(**observers):
    scene = Scene.make(observers=observers)
    scene.deliver(bodies.approved())
    scene.run()
    return scene


def test_every_reviewer_runs_and_every_reason_is_shown():
    """Two say no: both reasons stand there, each with who said it."""
    scene = a_scene(one=Reviewer(Hold("too many claims")), two=AsyncReviewer(), three=Reviewer())
    holds = {(hold["reason"], hold["actor"]) for hold in scene.action().holds}

    assert {("too many claims", "observer:one"), ("an odd address", "fraud desk")} == holds
    assert [] == scene.shop.effects
    scene.approve(scene.action())
    scene.run()
    assert ["done"] == scene.states()


def test_a_reviewer_sees_what_would_be_done():
    """Order, amount, lines and payment, before anything of it is done."""
    reviewer = Reviewer()
    scene = a_scene(one=reviewer)
    (request,) = reviewer.seen
    (planned,) = request.actions

    assert ("main", "C1", "1001") == (request.store, request.claim_id, request.order.id)
    assert ("refund", "20.00 USD", "pay-1") == (planned.key.verb, str(planned.amount), planned.payment_id)
    assert ["done"] == scene.states()


def test_a_reviewer_that_fails_holds():
    """An exception is itself a hold, and its text, which may hold personal data, is not shown."""
    scene = a_scene(one=Reviewer(RuntimeError("customer@example.com")))

    assert [["reviewer"]] == scene.holds()
    assert "customer@example.com" not in str(scene.action().holds)


def test_a_reviewer_that_answers_something_else_holds():
    """``True`` is no opinion that anybody knows how to read."""
    assert [["reviewer"]] == a_scene(one=Reviewer(answer=True)).holds()


def test_observers_are_told_what_happened():
    """Done, reported, held and quarantined, with facts and no personal data."""
    reviewer = Reviewer()
    scene = a_scene(one=reviewer)
    scene.deliver(b"nonsense")
    scene.run()
    scene.deliver(bodies.approved(claim="C2", event="e2"), listed=None)
    scene.run()

    assert ["action.done", "report.no_route", "delivery.quarantined", "action.held"] == [
        event.name for event in reviewer.events if event.name != "wire.new_shape"
    ]


def test_an_observer_that_fails_stops_nothing(caplog):
    """It is logged, without its text."""
    scene = Scene.make(observers={"one": _Deaf()})
    scene.deliver(bodies.approved())
    scene.run()

    assert ["done"] == scene.states()
    assert "observer:one" in caplog.text
    assert "customer@example.com" not in caplog.text


class _Clerk:
    """Keeps what it hears."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def op_event(self, request):
        """Keep it."""
        if request.name.startswith("action."):
            self.heard.append((request.name, request.subject))


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        (bodies.approved(bodies.resolution(total="19.99")), "main-1/claim:C1/refund/1"),
        (bodies.protection(added=True), "main-1/protection:1001/charge_protection/1"),
    ],
    ids=["claim", "protection"],
)
def test_whoever_watches_hears_at_once_what_waits_for_a_person(body, subject):
    """An action that is held when it is planned is told once, however often the webhook comes."""
    clerk = _Clerk()
    scene = Scene.make(observers={"clerk": clerk})
    for _ in range(2):
        scene.deliver(body, listed=None)
        scene.run()

    assert ["held"] == scene.states()
    (held,) = [name for event, name in clerk.heard if event == "action.held"]
    assert held.startswith(subject)


def test_whoever_watches_hears_of_a_note_that_waits():
    """Another text under an event id that was used already is no note that is simply added."""
    clerk = _Clerk()
    scene = Scene.make(observers={"clerk": clerk})
    for text in ("Claim opened.", "Claim closed."):
        scene.deliver(bodies.message(text, event="evt-1"))
        scene.run()

    assert ["done", "held"] == scene.states()
    assert ["action.done", "action.held"] == [event for event, _ in clerk.heard]


def test_whoever_watches_hears_what_a_denial_holds():
    """What waited to be done waits for a person now."""
    clerk = _Clerk()
    scene = Scene.make(observers={"clerk": clerk})
    scene.deliver(bodies.approved())
    scene.plan()
    assert [] == clerk.heard
    scene.deliver(bodies.denied())
    scene.run()

    assert [("action.held", "main-1/claim:C1/refund/1")] == clerk.heard


class _Deaf:
    @hookimpl
    def op_event(self, request):
        """Fail."""
        raise RuntimeError("customer@example.com")
