"""Each end that a call or a question may have: all that it changes of an action, what is kept of it, who is told."""

from datetime import timedelta

import attrs
import pytest

from op_core.errors import NotSent, NotSupported, Refused, ShopAway
from op_core.hooks import hookimpl
from op_core.ledger import actions
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.requests import EventRequest
from op_core.testing import bodies
from op_core.testing.clock import START
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

HOUR = timedelta(hours=1)
CALLED = START + timedelta(seconds=10)  # when the second call is made
DONE, DONE_TOO = (Outcome("done", shop_id=f"r{n}", money="moved") for n in (1, 2))
QUEUED = Outcome("pending", shop_id="r1", money="queued", ask_at=CALLED + HOUR)


@attrs.define(eq=False)
class Scripted(ModelShop):
    """Its first refund is not sent; what it says and finds from then on is scripted."""

    says: object = None
    finds: object = None

    @hookimpl
    def op_issue_refund(self, request):
        """Say it, or raise it."""
        return said(NotSent("no line") if request.attempt == 1 else self.says)

    @hookimpl
    def op_find_refund(self, request):
        """Say it, or raise it."""
        return said(self.finds)


def said(what):
    if isinstance(what, Exception):
        raise what
    return what


class Clerk:
    """Hears what is told of actions."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def op_event(self, request):
        """Remember it."""
        if request.name.startswith("action."):
            self.heard.append(request)


class Watched(Scene):
    """A scene that tells what one step changed."""

    def begin(self):
        """Note how everything is."""
        self.observers["clerk"].heard.clear()
        return self.action(), self.tries()

    def tries(self):
        """Return what is kept of each call and question."""
        return [(one.result, one.reason) for one in self.ledger.read(actions.attempts_of, self.action().id)]

    def changed(self, begun):
        """Return what differs by now, and which tries came to those that were there; the fence is the ledger's own."""
        before, tries = begun
        after = self.action()
        names = [field.name for field in attrs.fields(type(after)) if field.name != "fence"]
        new = {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}
        return new, self.tries()[len(tries) :]

    def told(self):
        """Return the one event that was told of the action."""
        (event,) = self.observers["clerk"].heard
        return event


def a_scene(shop=None, *, body=None, act=True, **timing):
    scene = Watched.make(
        shop or Scripted([an_order()]), observers={"clerk": Clerk()}, timing={"search_lag": "3 s", **timing}
    )
    scene.deliver(body or bodies.approved())
    scene.plan()
    if act:
        scene.act()
    scene.clock.move(seconds=10)
    return scene


def held(code, reason):
    return [{"code": code, "reason": reason, "approvable": code == "never_sent"}]


# What the shop says to the second call: what changes besides that it began, what is kept, what is told.
CALLS = {
    "done": (
        DONE,
        {"state": "done", "shop_id": "r1", "money": "moved", "reason": None, "settled_at": CALLED},
        ("result: done", ""),
        "done",
    ),
    "refused": (
        Refused("the card is closed"),
        {"state": "refused", "reason": "the card is closed", "settled_at": CALLED},
        ("result: refused", "the card is closed"),
        "refused",
    ),
    "pending": (
        QUEUED,
        {"state": "pending", "shop_id": "r1", "money": "queued", "reason": None, "unsure_since": CALLED,
         "not_before": CALLED + HOUR},
        ("result: pending", ""),
        "pending",
    ),
    "unknown": (
        Outcome("unknown", reason="who knows"),
        {"state": "unknown", "reason": "who knows", "unsure_since": CALLED, "tries": 0,
         "not_before": CALLED + timedelta(seconds=3)},
        ("result: unknown", "who knows"),
        "unknown",
    ),
    "not sent": (
        NotSent("no line yet"),
        {"tries": 2, "reason": "no line yet", "not_before": CALLED + timedelta(seconds=8)},
        ("result: not sent", "no line yet"),
        "due",
    ),
    "not supported": (
        NotSupported("not in this country"),
        {"state": "held", "holds": held("not_supported", "not in this country")},
        ("result: not supported", "not in this country"),
        "held",
    ),
}  # fmt: skip


@pytest.mark.parametrize("end", CALLS)
def test_a_call_changes_what_its_end_says_and_nothing_else(end):
    """The row, the history that `explain` shows, and what observers are told agree on it."""
    says, changes, kept, name = CALLS[end]
    scene = a_scene()
    scene.shop.says = says
    begun = scene.begin()
    assert [changes.get("state", "due")] == scene.act()
    began = {"attempt": 2, "begun_at": CALLED, "not_before": None}

    assert (began | changes, [("call: begun", ""), kept]) == scene.changed(begun)
    action = scene.action()
    facts = {"verb": "refund", "reference": action.reference, "order_id": "1001"}
    assert EventRequest("main", f"action.{name}", CALLED, "main-1/claim:C1/refund/1", facts) == scene.told()


def test_a_call_that_found_the_shop_away_takes_nothing_from_the_action():
    """It was not begun by it: when it began before, and how often it was tried, stay; no lease is left over."""
    scene = a_scene()
    scene.shop.says = ShopAway("the database is down")
    begun = scene.begin()
    assert ["due"] == scene.act()

    kept = [("call: begun", ""), ("result: shop away", "the database is down")]
    assert ({"attempt": 2, "not_before": None, "reason": "the database is down"}, kept) == scene.changed(begun)


def test_the_last_of_the_tries_asks_a_person():
    """What surely never reached the shop waits for a person in the end, who may have it tried as often again."""
    scene = a_scene(attempts=2)
    scene.shop.says = NotSent("no line")
    begun = scene.begin()
    assert ["held"] == scene.act()
    changes, kept = scene.changed(begun)

    assert held("never_sent", "2 tries never reached the shop: no line") == changes["holds"]
    assert ("held", 0, [("call: begun", ""), ("result: not sent", "no line")]) == (
        changes["state"], changes["tries"], kept
    )  # fmt: skip


def test_a_replacement_moves_no_money_and_names_its_own_order():
    """That order is what the report is about, and what is left out of the export of sales."""
    scene = a_scene(ModelShop([an_order()]), body=bodies.approved(bodies.resolution("RESHIP")), act=False)
    begun = scene.begin()
    assert ["done"] == scene.act()
    made = {"shop_id": "1001-R1", "shop_order_id": "1001-R1"}

    began = {"state": "done", "attempt": 1, "begun_at": CALLED, "settled_at": CALLED}
    assert (began | made, [("call: begun", ""), ("result: done", "")]) == scene.changed(begun)


ASKED = CALLED + timedelta(minutes=2)  # when the shop is asked what became of the second call: "not there" counts
EARLY = CALLED + timedelta(seconds=30)  # or before that
AGAIN = timedelta(minutes=5)

# When and what the shop answers: what changes, what is kept.
ANSWERS = {
    "done": (
        ASKED,
        Found(DONE),
        {"state": "done", "shop_id": "r1", "money": "moved", "reason": None, "settled_at": ASKED},
        [("ask: found done", ""), ("result: done", "")],
    ),
    "refused": (
        ASKED,
        Found(Outcome("refused", reason="the card is closed")),
        {"state": "refused", "reason": "the card is closed", "settled_at": ASKED},
        [("ask: found refused", ""), ("result: refused", "the card is closed")],
    ),
    "pending": (
        ASKED,
        Found(Outcome("pending", shop_id="r1", money="queued")),
        {"state": "pending", "shop_id": "r1", "money": "queued", "reason": None, "unsure_since": ASKED,
         "not_before": ASKED + AGAIN},
        [("ask: found pending", ""), ("result: pending", "")],
    ),
    "two of them": (
        ASKED,
        Found(DONE, (DONE_TOO,)),
        {"not_before": None, "holds": held("doubled", "the shop holds 2 under one reference: r1, r2")},
        [("ask: found done", "")],
    ),
    "cannot tell": (
        ASKED,
        CannotTell("the index is being built"),
        {"not_before": None, "holds": held("cannot_ask", "the index is being built")},
        [("ask: cannot tell", "the index is being built")],
    ),
    "not there yet": (
        EARLY,
        NotFound(),
        {"not_before": CALLED + timedelta(seconds=60)},
        [("ask: not found", "")],
    ),
    "not there": (
        ASKED,
        NotFound(),
        {"state": "due", "not_before": None, "unsure_since": None, "reason": "asked: not there"},
        [("ask: not found", "")],
    ),
    "away": (ASKED, ShopAway("the database is down"), {"reason": "the database is down"}, []),
}  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_changes_what_it_says_and_nothing_else(answer):
    """A call whose end nobody knew is settled by what the shop holds, or waits, or is for a person, who hears of it."""
    at, finds, changes, kept = ANSWERS[answer]
    scene = a_scene()
    scene.shop.says = Outcome("unknown", reason="who knows")
    scene.act()
    scene.shop.finds, scene.clock.now = finds, at
    begun = scene.begin()
    state = changes.get("state", "unknown")
    assert [state] == scene.ask()

    assert (changes, kept) == scene.changed(begun)
    told = [f"action.{'held' if 'holds' in changes else state}"] if kept else []
    assert told == [one.name for one in scene.observers["clerk"].heard]


def test_a_question_without_an_answer_is_asked_again_later():
    """Its reason is kept, and the next one comes later than the one before."""
    scene = a_scene()
    scene.shop.says = Outcome("unknown", reason="who knows")
    scene.act()
    scene.shop.finds, scene.clock.now = RuntimeError("customer@example.com"), ASKED
    begun = scene.begin()
    scene.ask()
    changes, kept = scene.changed(begun)

    assert changes.pop("reason").startswith("op_find_refund failed: RuntimeError in ")
    assert ({"tries": 1, "not_before": ASKED + timedelta(seconds=4)}, []) == (changes, kept)


@pytest.mark.parametrize(
    ("finds", "kept"),
    [(NotFound(), [("ask: not found", "")]), (Found(Outcome("pending", shop_id="r1")), None)],
    ids=["not there", "still pending"],
)
def test_what_is_pending_stays_as_it_is_until_the_shop_has_done_it(finds, kept):
    """The shop's id, how the money moves and since when it waits are not lost by a question."""
    scene = a_scene()
    scene.shop.says = QUEUED
    scene.act()
    scene.shop.finds, scene.clock.now = finds, CALLED + HOUR
    begun = scene.begin()
    assert ["pending"] == scene.ask()

    found = [("ask: found pending", ""), ("result: pending", "")]
    assert ({"not_before": CALLED + HOUR + AGAIN}, kept or found) == scene.changed(begun)
