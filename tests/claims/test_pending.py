"""Pending: the shop took it and will do it. It is asked about, never called again."""

from datetime import timedelta

import attrs
import pytest

from op_core.hooks import hookimpl
from op_core.models import Found, Outcome
from op_core.testing import bodies
from op_core.testing.clock import START
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


@pytest.fixture
def scene():
    """Give a store with a refund that the shop's own job will pay."""
    scene = Scene.make()
    scene.shop.faults = {("refund", 1): "pending"}
    scene.deliver(bodies.approved())
    scene.run()
    return scene


def calls(scene):
    return [call.verb for call in scene.shop.calls]


def test_it_is_polled_and_never_called_again(scene):
    """Every five minutes ``op_find_refund``, and never ``op_issue_refund``."""
    assert ["pending"] == scene.states()
    for _ in range(3):
        scene.wait(minutes=5)

    assert ["refund", "find_refund", "find_refund", "find_refund"] == calls(scene)


def test_it_is_reported_when_it_is_done(scene):
    """No report while the money is queued; one when the shop says that it moved."""
    assert [] == scene.reports()
    scene.shop.settle(scene.action().reference)
    scene.wait(minutes=5)

    assert ("done", "moved") == (scene.action().state, scene.action().money)
    assert 1 == len(scene.reports())


def test_it_is_held_after_the_pending_limit(scene):
    """After three days a person is asked, and the shop is still asked as well."""
    scene.wait(days=2, hours=23)
    assert [[]] == scene.holds()
    scene.wait(hours=2)

    assert [["pending_too_long"]] == scene.holds()
    assert ["pending"] == scene.states()
    assert scene.action().needs_person
    scene.shop.settle(scene.action().reference)
    scene.wait(hours=1)
    assert ["done"] == scene.states()
    assert [[]] == scene.holds()


def test_the_shop_says_when_to_ask_again():
    """``ask_at`` of the outcome is kept."""

    class Slow(ModelShop):
        @hookimpl
        def op_issue_refund(self, request):
            """Take it, for tomorrow."""
            return Outcome("pending", shop_id="r1", money="queued", ask_at=START + timedelta(days=1))

        @hookimpl
        def op_find_refund(self, request):
            """Say what became of it."""
            self.requests.append(request)
            return Found(Outcome("done", shop_id="r1", money="moved"))

    scene = Scene.make(Slow([an_order()]))
    scene.deliver(bodies.approved())
    scene.run()
    scene.wait(hours=23)
    assert [] == scene.shop.requests
    scene.wait(hours=1)

    assert ["done"] == scene.states()
    assert "r1" == scene.shop.requests[0].shop_id


def test_what_was_taken_and_cannot_be_found_is_not_called_again(scene):
    """The shop said that it has it: "not there" is no reason to ask it to do it again."""
    scene.shop.faults = lambda verb, nth: "hidden"
    scene.wait(hours=2)

    assert ["pending"] == scene.states()
    assert 1 == calls(scene).count("refund")


def test_it_counts_against_the_caps(scene):
    """What is pending is as good as given."""
    scene.deliver(bodies.approved(bodies.resolution("REFUND", bodies.item("1", 1, "40.01"), total="40.01"),
                                  claim="C2", event="e2"))  # fmt: skip
    scene.run()

    assert ["above_paid"] in scene.holds()


def test_a_pending_refund_that_the_shop_refuses_in_the_end_is_refused():
    """What a find answers is believed as the call's own answer is."""

    class Fickle(ModelShop):
        @hookimpl
        def op_find_refund(self, request):
            """Say no after all."""
            return Found(Outcome("refused", shop_id="r1", reason="the card is closed"))

    scene = Scene.make(Fickle([an_order()], faults={("refund", 1): "pending"}))
    scene.deliver(bodies.approved())
    scene.run()
    scene.wait(minutes=5)

    assert ["refused"] == scene.states()
    assert "the card is closed" == scene.action().reason


@attrs.define(eq=False)
class Postponing(ModelShop):
    """It has taken the refund, and answers each question as it is told."""

    answer: object = None

    @hookimpl
    def op_find_refund(self, request):
        """Say it."""
        return Found(self.answer)


def postponed(ask_at):
    shop = Postponing([an_order()], faults={("refund", 1): "pending"})
    scene = Scene.make(shop)
    scene.deliver(bodies.approved())
    scene.run()
    scene.shop.answer = Outcome(
        "pending", shop_id="r1", money="queued", ask_at=None if ask_at is None else START + ask_at
    )
    return scene


SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=n) for n in (1, 60, 3600, 86400))


@pytest.mark.parametrize(
    ("now", "ask_at", "next_at"),
    [
        (HOUR, None, HOUR + 5 * MINUTE),
        (HOUR, 2 * HOUR, 2 * HOUR),
        (HOUR, timedelta(), HOUR + SECOND),
        (HOUR, 30 * DAY, 3 * DAY),
        (3 * DAY - SECOND, 30 * DAY, 3 * DAY),
        (3 * DAY, 30 * DAY, 30 * DAY),
        (3 * DAY, timedelta(), 3 * DAY + 5 * MINUTE),
        (4 * DAY, 4 * DAY + MINUTE, 4 * DAY + 5 * MINUTE),
    ],
)
def test_the_next_question_comes_when_the_shop_says_and_the_limit_is_not_missed(now, ask_at, next_at):
    """A time that is over does not make us ask without end, and one that is far off does not hide the limit."""
    scene = postponed(ask_at)
    scene.clock.now = START + now
    scene.ask()

    assert START + next_at == scene.action().not_before
    assert [["pending_too_long"] if now >= 3 * DAY else []] == scene.holds()


@pytest.mark.parametrize("state", ["done", "refused"])
def test_what_the_shop_does_in_the_end_leaves_no_hold(state):
    """However long it took: done or refused, nobody is asked about it any more."""
    scene = postponed(None)
    scene.wait(days=4)
    assert [["pending_too_long"]] == scene.holds()
    scene.shop.answer = Outcome(state, shop_id="r1", money="moved" if state == "done" else None)
    scene.wait(minutes=5)

    assert ([state], [[]]) == (scene.states(), scene.holds())
