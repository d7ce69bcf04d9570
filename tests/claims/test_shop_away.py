"""A shop that is away: the store waits as a whole, and nothing is lost, doubled or held by it."""

import attrs
import pytest

from op_core.errors import ShopAway
from op_core.hooks import hookimpl
from op_core.ledger import actions
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

AWAY = "no connection to the shop's database"
RESHIP = bodies.approved(bodies.resolution("RESHIP"))


class Recovering(Scene):
    """A scene in which the shop comes back."""

    def stay_away(self):
        """Leave the shop away for days, and try more often than any action is tried."""
        for _ in range(2 + self.store.timing.attempts):
            self.wait(hours=5)

    def heal(self):
        """Let it come back, and work."""
        self.shop.away, self.shop.faults = "", {}
        self.wait(minutes=1)

    def tried(self):
        """Return what came of each call."""
        return [one.result for one in self.ledger.read(actions.attempts_of, self.action().id)]


def a_scene(shop=None, body=None, **settings):
    scene = Recovering.make(shop, **settings)
    scene.deliver(body or bodies.approved())
    return scene


@pytest.fixture
def scene():
    """Give a store whose refund is due and whose shop may only be read."""
    scene = a_scene()
    scene.plan()
    scene.shop.faults = lambda verb, _: "away" if verb == "refund" else "ok"
    return scene


def test_an_action_is_never_held_for_it(ledger_url):
    """However long it lasts: no try is used up, and the effect takes place once when the shop is back."""
    scene = a_scene(url=ledger_url)
    scene.shop.faults = lambda verb, _: "away" if verb == "refund" else "ok"
    scene.stay_away()
    action = scene.action()
    assert ("due", 0, None, [], "scripted") == (
        action.state,
        action.tries,
        action.not_before,
        action.holds,
        action.reason,
    )
    scene.heal()

    assert (["done"], 1) == (scene.states(), len(scene.shop.effects))
    scene.ledger.close()


def test_a_long_absence_is_one_line_of_the_history(scene):
    """The first call is kept, with its reason; those that found the same are not."""
    scene.stay_away()
    assert ["call: begun", "result: shop away"] == scene.tried()
    scene.heal()

    assert ["call: begun", "result: shop away", "call: begun", "result: done"] == scene.tried()


def test_it_is_one_line_whatever_came_before_it(scene):
    """A call that was not sent is a line of its own."""
    scene.shop.faults = lambda verb, n: {1: "not_sent"}.get(n, "away") if verb == "refund" else "ok"
    scene.stay_away()

    assert ["call: begun", "result: not sent", "call: begun", "result: shop away"] == scene.tried()


def test_it_counts_for_no_brake():
    """What never reached the shop has not begun: `actions_per_hour` holds nothing because of it."""
    scene = a_scene(limits={"hold_above": {"USD": "1000"}, "actions_per_hour": 1})
    scene.shop.faults = lambda verb, _: "away" if verb == "refund" else "ok"
    scene.run()
    assert scene.action().begun_at is None
    scene.stay_away()
    scene.heal()

    assert ["done"] == scene.states()


def test_other_failures_use_tries_as_before(scene):
    """A call that was not sent is held in the end, away or not in between."""
    scene.shop.faults = lambda verb, n: {1: "not_sent", 2: "away"}.get(n, "not_sent") if verb == "refund" else "ok"
    scene.stay_away()

    assert [["never_sent"]] == scene.holds()
    assert scene.store.timing.attempts + 1 == sum(call.verb == "refund" for call in scene.shop.calls)


def test_nothing_is_asked_while_the_pause_lasts(scene):
    """The shop is left alone."""
    scene.run()
    calls = len(scene.shop.calls)
    scene.act()
    assert calls == len(scene.shop.calls)


def test_a_shop_that_cannot_be_read_is_the_same():
    """The action was not begun at all, and is taken up as soon as the shop is back."""
    scene = a_scene()
    scene.plan()
    scene.shop.away = AWAY
    scene.stay_away()
    action = scene.action()
    assert ("due", 0, 0, AWAY) == (action.state, action.attempt, action.tries, action.reason)
    scene.heal()

    assert ["done"] == scene.states()


def test_an_unknown_outcome_is_asked_for_when_the_shop_is_back():
    """The question waits too, without a hold."""
    scene = a_scene()
    scene.plan()
    scene.shop.faults = {("refund", 1): "lost"}
    scene.act()
    scene.shop.away = AWAY
    scene.stay_away()
    assert (["unknown"], [[]]) == (scene.states(), scene.holds())
    scene.heal()

    assert ["done"] == scene.states()
    assert 1 == len(scene.shop.effects)


def test_a_delivery_waits_and_one_that_needs_no_shop_is_planned():
    """Each is looked at within the pause; the first costs the next ones nothing."""
    scene = Recovering.make(ModelShop([an_order()], away=AWAY))
    scene.deliver(bodies.approved())
    scene.run()
    scene.deliver(bodies.denied())
    scene.run()
    waiting, planned = scene.deliveries()
    assert (("received", AWAY, 0), "planned") == ((waiting.state, waiting.reason, waiting.tries), planned.state)
    scene.stay_away()
    assert 0 == scene.deliveries()[0].tries
    scene.heal()

    assert "planned" == scene.deliveries()[0].state


def test_a_report_waits_without_a_try():
    """The replacement cannot be read for its report; however long, it is sent in the end."""
    scene = a_scene(body=RESHIP)
    scene.plan()
    scene.act()
    scene.shop.away = AWAY
    scene.stay_away()
    (report,) = scene.reports()
    assert ("waiting", 0, AWAY) == (report.state, report.tries, report.reason)
    scene.heal()

    assert ["sent"] == [one.state for one in scene.reports()]


# --- An adapter that says it wrongly -----------------------------------------------------------------------------


class Liar(ModelShop):
    """Its COMMIT is done and the answer is lost, and it says that nothing was sent."""

    told = 0

    @hookimpl
    def op_issue_refund(self, request):
        """Act, then say that nothing was done."""
        super().op_issue_refund(request)
        self.told += 1
        raise ShopAway(AWAY)


def test_a_wrong_word_has_no_second_effect():
    """Before a call after an absence the shop is asked: an effect that took place is found, and never repeated."""
    scene = a_scene(Liar([an_order()]))
    scene.run()
    assert ["due"] == scene.states()
    scene.heal()
    scene.stay_away()

    assert (["done"], 1, 1) == (scene.states(), len(scene.shop.effects), scene.shop.told)


@attrs.define(eq=False)
class Doubting(Liar):
    """It answers questions as it is told."""

    answer: object = None

    @hookimpl
    def op_find_refund(self, request):
        """Answer."""
        return self.answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (CannotTell("the index is being built"), "cannot_ask"),
        (Found(Outcome("pending", shop_id="r1")), "doubled"),
        (Found(Outcome("done", shop_id="r1")), "cannot_ask"),  # it does not say how the money moved
    ],
)
def test_a_doubt_is_for_a_person(answer, code):
    """What the shop says of an earlier call is heard: where it is not that there is none, nobody calls."""
    scene = a_scene(Doubting([an_order()], answer=answer))
    scene.run()
    scene.heal()

    assert ([[code]], 1) == (scene.holds(), len(scene.shop.effects))


def test_a_shop_that_answers_no_such_question_is_believed():
    """Without a look-up the adapter's word is all that there is."""
    scene = a_scene(ModelShop([an_order()], find=False))
    scene.shop.faults = {("refund", 1): "away"}
    scene.run()
    scene.heal()

    assert (["done"], 1) == (scene.states(), len(scene.shop.effects))


def test_nothing_found_means_that_it_may_call():
    """The usual case: the shop was away, and holds nothing."""
    scene = a_scene(Doubting([an_order()], answer=NotFound()))
    scene.shop.away = AWAY
    scene.run()
    scene.shop.away = ""
    scene.wait(minutes=1)

    assert 1 == scene.shop.told


def test_a_shop_that_asks_for_a_pause_is_given_it():
    """Not a call before it is over, however often the store is worked; then it is done, and no try is lost."""

    class Asking(ModelShop):
        @hookimpl
        def op_issue_refund(self, request):
            """Ask for a quarter of an hour, twice."""
            asked.append(request)
            if len(asked) < 3:
                raise ShopAway("429", wait=900)
            return self._change("refund", request)

    asked = []
    scene = a_scene(Asking([an_order()]))
    scene.run()
    for _ in range(14):
        scene.wait(minutes=1)
    assert 1 == len(asked)
    assert ("due", 0, "429") == (scene.action().state, scene.action().tries, scene.action().reason)

    scene.wait(minutes=1)
    scene.wait(minutes=15)
    assert ["done"] == scene.states()
