"""Every order of events, up to a bound: no effect is lost or doubled, and an engine that skips a promise is caught."""

from collections import Counter

import sqlalchemy as sa

from op_core.claims import amend, approvals, caps, engine
from op_core.ledger import actions, schema
from op_core.models import NotFound
from op_core.storefront import Storefront
from op_core.testing import bodies
from op_core.testing.crash import SimulatedCrash
from op_core.testing.histories import __main__ as command
from op_core.testing.histories import invariants
from op_core.testing.histories.events import BUDGETS, happen, possible
from op_core.testing.histories.explore import Counts, explore, replay
from op_core.testing.histories.scenes import SCENES, a_world
from op_core.testing.histories.world import World
from op_core.testing.model import Model
from op_core.testing.model_shop import an_order
from op_core.webhooks.receive import Answer, Receiver

FEW = {
    "refund, find, calls": 250,
    "refund, blind, calls": 250,
    "reship, find, crashes": 250,
    "refund, find, races": 250,
}
propose, receive = amend.propose, Receiver.receive


def found(scene):
    """Return the first failure in a scene, and see that it happens again."""
    (failure,) = explore(a_world(scene), depth=12, most=600).failures
    assert failure.reason == replay(a_world(scene), list(failure.events))
    return failure


def test_a_thousand_histories_lose_and_double_nothing():
    """A thousand orders of events: 0 lost, 0 doubled."""
    every = sum((explore(a_world(scene), depth=16, most=most) for scene, most in FEW.items()), Counts())
    assert [] == every.failures
    assert sum(FEW.values()) - 100 <= every.histories


def test_a_call_is_not_repeated_before_the_shop_was_asked(monkeypatch):
    """An engine that takes "not there" for granted, and asks nobody, doubles; the history is short."""
    monkeypatch.setattr(Storefront, "find", lambda *_: NotFound())
    failure = found("refund, find, calls")
    assert failure.reason.startswith("doubled")
    assert ("send claim", "plan 1") == failure.events[:2]


def test_a_duplicate_is_known_again(monkeypatch):
    """An engine that does not look at what it planned already does it twice."""
    blind = lambda contents, _plans, _actions, situation, again: propose(contents, [], [], situation, again=again)  # noqa: E731 - as short as the seam
    monkeypatch.setattr(approvals.amend, "propose", blind)
    assert found("refund, find, races").reason.startswith("doubled")


def test_a_late_writer_is_fenced(monkeypatch):
    """A ledger that lets whoever comes write, however old what it read is, doubles."""

    def change(connection, action, /, **columns):
        connection.execute(sa.update(schema.actions).where(schema.actions.c.id == action.id).values(**columns))

    monkeypatch.setattr(actions, "_change", change)
    assert found("refund, find, races").reason.startswith("doubled")


def test_the_intent_is_committed_before_the_call(monkeypatch):
    """An engine that calls in the transaction of its intent loses the call with a crash."""

    def call(desk, action, order):
        def work(connection):
            calling, request = engine._begin(connection, desk, action, order)
            desk.shop.act(calling.verb, request, lambda _: None)

        desk.ledger.write(work)
        return "calling"

    monkeypatch.setattr(engine, "_call", call)
    assert found("refund, find, crashes").reason.startswith("lost")


def test_two_hundred_is_said_after_the_commit(monkeypatch):
    """A receiver that says 200 whatever became of its commit loses the webhook with a crash."""

    def early(self, *request):
        try:
            return receive(self, *request)
        except SimulatedCrash:
            return Answer(200, "stored")

    monkeypatch.setattr(Receiver, "receive", early)
    failure = found("refund, find, crashes")
    assert ("send claim@1",) == failure.events
    assert failure.reason.startswith("lost")


def two_claims():
    """Build a world of two claims that each ask for 40.00 of the 60.00 that were paid."""
    said = bodies.resolution("STORE_CREDIT", bodies.item(price="40.00"), total="40.00")
    asked = {name: bodies.approved(said, claim=name, event=name) for name in ("claim", "other")}
    left = dict.fromkeys(BUDGETS, 0) | dict.fromkeys(asked, 1)
    shop = Model()
    return World.build(
        shop, shop.put(an_order()), asked, left, verify_claims="never", resolutions={"store_credit": "act"}
    )


def test_no_more_than_was_paid_is_given_back(monkeypatch):
    """An engine that skips the cap gives back more than was paid; with it, every order of the events is sound."""
    assert explore(two_claims(), depth=12).complete
    monkeypatch.setattr(caps, "money", lambda *_: [])
    (failure,) = explore(two_claims(), depth=12).failures
    assert "doubled: 80 were given back, 60.00 were paid" == failure.reason
    assert failure.reason == replay(two_claims(), list(failure.events))


def test_a_world_can_be_set_back():
    """A world that is loaded is the one that was saved: the same may happen, with the same end."""
    world = a_world("refund, find, calls")
    for event in ("send claim", "plan 1", "act 1/slow"):
        assert happen(world, event) is not None
    saved, before = world.save(), sorted(possible(world))
    assert happen(world, "answer") is not None
    assert ["done"] == [one.state for one in world.ledger.read(actions.listing)]
    world.load(saved)
    assert before == sorted(possible(world))
    assert ["unknown"] == [one.state for one in world.ledger.read(actions.listing)]


def test_a_shop_that_cannot_be_asked_holds_what_was_lost():
    """Where nobody can say whether a call landed, a person is asked."""
    world = a_world("refund, blind, calls")
    assert replay(world, ["send claim", "plan 1", "act 1/lost", "ask 1"]) is None
    assert invariants.is_held(world)


def test_every_scene_begins():
    """Whatever is asked of either shop begins with a webhook."""
    begins = Counter(next(iter(possible(a_world(scene)))) for scene in SCENES[:6])
    assert {"send claim": 6} == begins


def test_the_command_counts_and_replays(capsys):
    """The command says the counts in one line, and runs one history again."""
    scene = ["--scene", "refund, blind, calls"]
    assert 0 == command.main([*scene, "--most", "5", "--processes", "1"])
    said = capsys.readouterr().out
    assert "5 histories, 0 lost, 0 doubled, " in said
    assert "5 worlds, every order of fewer than 3 events, and some of 3" in said
    assert 0 == command.main([*scene, "--replay", "send claim, plan 1, act 1"])
    assert "nothing is lost or doubled" in capsys.readouterr().out
