"""Observers apart from the shop: one that hangs stops neither the shop nor another observer."""

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from op_core import observing
from op_core.hooks import hookimpl
from op_core.models import Hold
from op_core.requests import EventRequest, ReviewPlanRequest
from op_core.storefront import Storefront
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

EVENT = EventRequest("main", "action.done", datetime(2030, 1, 1, tzinfo=UTC), "1", {})
PLAN = ReviewPlanRequest("main", "C1", an_order(), ())


class Hanging:
    """Hangs until `go` is set."""

    def __init__(self):
        self.go = threading.Event()

    @hookimpl
    def op_event(self, request):
        """Hang."""
        self.go.wait(10)

    @hookimpl
    def op_review_plan(self, request):
        """Hang."""
        self.go.wait(10)


class Listening:
    """Hears everything and has no objection."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def op_event(self, request):
        """Take note."""
        self.heard.append(request)

    @hookimpl
    async def op_review_plan(self, request):
        """Agree, on a loop."""
        self.heard.append(asyncio.get_running_loop())


@pytest.fixture
def hanging():
    """Give an observer that hangs, and let it go at the end."""
    observer = Hanging()
    yield observer
    observer.go.set()
    for thread in threading.enumerate():
        if thread.name.startswith(("op-core call event", "op-core call review")):
            thread.join(10)


def test_an_observer_that_hangs_stops_no_claim(hanging, caplog):
    """More events than the shop has places: they are dropped and logged, and every refund is done."""

    class Deaf:
        op_event = hanging.op_event

    scene = Scene.make(
        ModelShop([an_order(id=str(n), number=str(n)) for n in range(8)]),
        observers={"deaf": Deaf()},
        timing={"deadline": "0.8 s", "lease": "2 s"},
    )
    for n in range(8):
        scene.deliver(bodies.approved(claim=f"C{n}", order=str(n), event=f"e{n}"))
    scene.plan()
    scene.act()

    assert ["done"] * 8 == scene.states()
    assert "observer:deaf of store main missed action.done: OutOfTime" in caplog.text
    assert frozenset() == scene.desk.shop.calls.live


def test_an_event_is_given_up_after_a_short_time(hanging):
    """However long a shop may take, an observer holds nobody up for so long."""
    assert observing._LISTENING <= 5
    shop = Storefront.of("main", ModelShop(), observers={"deaf": hanging}, deadline=0.05)
    for _ in range(5):
        shop.event(EVENT)

    assert {"event observer:deaf"} == shop.observers.calls["op_event", "observer:deaf"].live


def test_a_reviewer_that_hangs_holds(hanging):
    """Nobody knows what it would have said; also when it has no place left."""
    shop = Storefront.of("main", ModelShop(), observers={"slow": hanging}, deadline=0.05, calls=2)
    answers = [shop.review(PLAN) for _ in range(3)]

    assert [1, 1, 1] == [len(holds) for holds in answers]
    assert {"observer:slow"} == {hold.actor for (hold,) in answers}
    assert "OutOfTime" in answers[0][0].reason
    assert "NotSent" in answers[2][0].reason


def test_an_observer_that_hangs_keeps_no_other_from_listening(hanging):
    """Nor from reviewing; and events that hang leave the same observer's reviews their places."""
    listening = Listening()
    shop = Storefront.of("main", ModelShop(), observers={"slow": hanging, "quick": listening}, deadline=0.05, calls=1)
    shop.event(EVENT)
    shop.event(EVENT)
    hanging.go.set()

    assert () == shop.review(PLAN)
    assert [EVENT, EVENT] == listening.heard[:2]
    shop.close()
    assert listening.heard[2].is_closed()


def test_the_adapter_reviews_on_its_own_loop():
    """What it keeps for its loop, such as a client, is there for all of its hooks."""

    class Both(ModelShop):
        @hookimpl
        async def op_get_order(self, request):
            """Remember the loop."""
            self.loop = asyncio.get_running_loop()
            return an_order()

        @hookimpl
        async def op_review_plan(self, request):
            """Compare the loop."""
            return None if self.loop is asyncio.get_running_loop() else Hold("another loop")

    shop = Storefront.of("main", Both())
    shop.get_order("1001")

    assert () == shop.review(PLAN)
    shop.close()
