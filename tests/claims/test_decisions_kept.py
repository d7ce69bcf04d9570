"""What a person's decision leaves behind: who took it, when and why, and a row that nothing of before clings to."""

import pytest

from op_core.claims.outcomes import late
from op_core.ledger import actions
from op_core.models import Outcome
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


def a_refund(*faults, **settings):
    """Return a scene in which the first calls for a refund ended so, and a shop that cannot be asked about them."""
    scripted = {("refund", n): fault for n, fault in enumerate(faults, 1)}
    shop = ModelShop([an_order()], faults=scripted | {("find_refund", n): "raise" for n in range(1, 9)})
    scene = Scene.make(shop, **settings)
    scene.deliver(bodies.approved())
    scene.plan()
    scene.act()
    return scene


def held(**settings):
    """Return a scene whose refund waits because it is above a limit, and because the claim was denied."""
    scene = Scene.make(limits={"hold_above": {"USD": "1.00"}}, **settings)
    scene.deliver(bodies.approved())
    scene.plan()
    scene.deliver(bodies.denied())
    scene.plan()
    return scene


def found(action):
    """Return what a decision may change of an action, but its content."""
    said = ("state", "holds", "passed", "approved_hash", "tries", "not_before", "reason", "shop_id", "shop_order_id",
            "settled_at")  # fmt: skip
    return {name: getattr(action, name) for name in said}


def decisions(scene, action):
    kept = scene.ledger.read(actions.decisions_of, action.id)
    return [(one["who"], one["what"], one["at"], one["reason"]) for one in kept]


# --- Who, when and why ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scene", "decide", "what", "why"),
    [
        (held, lambda scene, one: scene.approve(one), "approve",
         "the amount is 20.00 USD, above limits.hold_above of 1.00 USD; the claim was denied: NOT_COVERED"),
        (held, lambda scene, one: scene.decline(one, "paid by phone"), "decline", "paid by phone"),
        (held, lambda scene, one: scene.record(one, "by-hand"), "record", "done as by-hand"),
        (held, lambda scene, one: scene.record(one), "record", "not done"),
        (lambda: a_refund("raise"), lambda scene, one: scene.record(one, "re-7"), "record", "done as re-7"),
        (lambda: a_refund("raise"), lambda scene, one: scene.record(one), "record", "not done"),
        (lambda: a_refund("refuse"), lambda scene, one: scene.retry(one), "retry", None),
    ],
    ids=["approve", "decline", "done by hand", "nothing done by hand", "done", "not done", "retry"],
)  # fmt: skip
def test_a_decision_is_kept_with_who_took_it_when_and_why(scene, decide, what, why):
    """An audit reads what was let pass, or why it was not, long after the holds themselves are gone."""
    scene = scene()
    scene.clock.move(hours=3)
    decide(scene, scene.action())

    assert [("a person", what, scene.clock(), why)] == decisions(scene, scene.action())


def test_what_another_plan_replaced_says_by_which():
    """Of two plans a person let one act: the other one names it."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.plan()
    scene.deliver(bodies.approved(bodies.resolution("REFUND", bodies.item(quantity=2), total="40.00"), event="e2"))
    scene.plan()
    old, new = scene.actions()
    scene.approve(new)

    assert [("a person", "replaced", scene.clock(), f"by action {new.id}")] == decisions(scene, old)


def test_a_plan_that_was_made_anew_says_so():
    """The amount came in later: whoever looks sees that op-core wrote it, and when."""
    scene = Scene.make(limits={"hold_above": {"USD": "1.00"}})
    for body in (bodies.created(), bodies.approved(dialect="camel"), bodies.approved(event="e2")):
        scene.deliver(body)
        scene.plan()

    assert [("op-core", "rewritten", scene.clock(), None)] == decisions(scene, scene.action())


# --- The row afterwards --------------------------------------------------------------------------------------------


def test_what_is_approved_begins_anew_as_the_plan_that_was_seen():
    """It names the plan and every hold that was passed; nothing of the tries before makes it wait or give up."""
    scene = a_refund("not_sent", "not_sent", timing={"attempts": 2})
    scene.deliver(bodies.denied())
    scene.plan()
    plan = scene.action().content_hash
    scene.approve(scene.action())

    assert {
        "state": "due", "holds": [], "passed": ["withdrawn"], "approved_hash": plan, "tries": 0, "not_before": None,
        "reason": scene.action().reason, "shop_id": None, "shop_order_id": None, "settled_at": None,
    } == found(scene.action())  # fmt: skip
    scene.act()
    assert ["due"] == scene.states(), "one try of two is left"
    scene.wait(hours=1)
    assert ["done"] == scene.states()


@pytest.mark.parametrize("first", ["refuse", "not_sent"])
def test_a_retry_acts_at_once_and_has_every_try(first):
    """Refused, or waiting for its next try: it is called now, and given up no sooner than the first time."""
    scene = a_refund(*(["not_sent", "refuse", "not_sent"] if first == "refuse" else ["not_sent"] * 2),
                     timing={"attempts": 2})  # fmt: skip
    if first == "refuse":
        scene.clock.move(hours=1)
        scene.act()
        assert ["refused"] == scene.states()
    scene.retry(scene.action())

    after = found(scene.action())
    assert ("due", [], 0, None, None) == tuple(
        after[name] for name in ("state", "holds", "tries", "not_before", "settled_at")
    )
    scene.act()
    assert ["due"] == scene.states(), "one try of two is left"
    scene.wait(hours=1)
    assert ["done"] == scene.states()


def test_what_a_retry_calls_again_waits_for_nothing():
    """A message that never reached the shop is no plan that could be made anew: its old question is over at once."""
    scene = Scene.make(ModelShop([an_order()], faults={("note", 1): "not_sent"}), timing={"attempts": 1})
    scene.deliver(bodies.message())
    scene.plan()
    scene.act()
    assert [["never_sent"]] == scene.holds()
    scene.retry(scene.action())

    assert ("due", [], None) == tuple(found(scene.action())[name] for name in ("state", "holds", "not_before"))


@pytest.mark.parametrize("fault", [None, "raise"], ids=["held", "unknown"])
@pytest.mark.parametrize("verb", ["refund", "reship"])
def test_a_person_s_word_that_it_was_done_leaves_nothing_open(verb, fault):
    """The shop's id is of what was made; of a replacement it is that of the new order as well, which is reported."""
    scene = Scene.make(limits={"hold_above": {"USD": "1.00"}} if fault is None else {"hold_above": {"USD": "99"}})
    scene.shop.faults = lambda call, _: "ok" if fault is None else "raise"
    scene.deliver(bodies.approved(bodies.resolution(verb.upper())))
    scene.plan()
    scene.act()
    scene.wait(hours=1)
    scene.record(scene.action(), "shop-7")

    assert {
        "state": "done", "holds": [], "shop_id": "shop-7", "shop_order_id": "shop-7" if verb == "reship" else None,
        "reason": "a person says so", "settled_at": scene.clock(),
    }.items() <= found(scene.action()).items()  # fmt: skip
    assert [scene.action().id] == [report.action_id for report in scene.reports()]
    assert not scene.action().needs_person


def test_a_person_s_word_that_it_was_not_done_leaves_nothing_open():
    """Refused on that word, with no question left; until a person tries it again, nothing acts."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "pending"}))
    scene.deliver(bodies.approved())
    scene.run()
    scene.wait(days=4)
    assert [["pending_too_long"]] == scene.holds()
    asked = list(scene.shop.requests)
    scene.record(scene.action())
    scene.wait(days=1)

    after = found(scene.action())
    assert ("refused", [], "a person says it was not done") == (after["state"], after["holds"], after["reason"])
    assert (asked, []) == (scene.shop.requests, scene.reports())


def test_that_nothing_was_done_by_hand_ends_no_hold():
    """What waits waits on, for the same reasons: the word says what happened, not what may."""
    scene = held()
    before = scene.action()
    scene.record(before)
    scene.run()

    assert found(before) == found(scene.action())
    assert before.fence < scene.action().fence
    assert [] == scene.shop.effects


def test_a_note_that_a_person_recorded_is_reported_to_nobody():
    """No decision asked for it: Order Protection hears only of what a claim or a premium owed."""
    scene = Scene.make(ModelShop([an_order()], faults=lambda *_: "raise"))
    scene.deliver(bodies.message())
    scene.run()
    scene.wait(hours=1)
    scene.record(scene.action(), "note-7")

    assert (["done"], []) == (scene.states(), scene.reports())


def test_of_two_calls_that_both_did_it_a_person_says_which_is_true():
    """The id that a person names stands, the question is over, and nothing is reported twice."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "raise"}))
    scene.deliver(bodies.approved())
    scene.plan()
    scene.act()
    first = scene.action()
    scene.wait(minutes=30)
    said = Outcome("done", "re-2", money="moved")
    scene.ledger.write(lambda connection: late(connection, scene.desk, scene.ledger.now(), first, said))
    assert [["doubled"]] == scene.holds()
    assert scene.action().needs_person
    scene.record(scene.action(), "re-2")

    after = found(scene.action())
    assert ("done", [], "re-2", "a person says so") == tuple(
        after[name] for name in ("state", "holds", "shop_id", "reason")
    )
    assert [("a person", "record", scene.clock(), "done as re-2")] == decisions(scene, scene.action())
    assert 1 == len(scene.reports())
