"""A later word of Order Protection, of the shop or of a person counts, whatever way an action took meanwhile."""

from datetime import timedelta

import pytest

from op_core.claims.outcomes import finish, late
from op_core.errors import PersonError
from op_core.hooks import hookimpl
from op_core.models import Outcome
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

SAID = b"2025-06-01T11:00:00Z"
FIRST, OTHER = bodies.resolution(), bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")


def at(body, day):
    """Return a delivery that was said on another day of June."""
    return body.replace(SAID, f"2025-06-{day:02}T11:00:00Z".encode())


def test_a_decision_that_names_one_of_two_equal_refunds_gives_one():
    """The copy that is named no more waits for a person; the other one acts."""
    scene = Scene.make()
    scene.deliver(bodies.approved(FIRST, FIRST))
    scene.plan()
    scene.deliver(bodies.approved(FIRST, event="e2"))
    scene.run()

    assert ["done", "held"] == sorted(scene.states())
    assert 1 == len(scene.shop.effects)


def test_a_second_equal_refund_counts_its_own_units():
    """One refund of a line, then two of them: the second is another one, with a name of its own."""
    scene = Scene.make()
    scene.deliver(bodies.approved(FIRST))
    scene.run()
    scene.deliver(bodies.approved(FIRST, FIRST, event="e2"))
    scene.run()

    first, second = scene.actions()
    assert ("done", "held") == (first.state, second.state)
    assert f"{first.resolution_hash}#2" == second.resolution_hash


@pytest.mark.parametrize("days", [(12, 10, 11), (10, 12, 11)])
def test_the_latest_denial_counts_whenever_it_arrives(days):
    """An older denial that comes late does not bring back what the newer one took away."""
    newer, older, between = days
    scene = Scene.make(verify_claims="never")
    scene.deliver(at(bodies.denied(event="d1"), newer))
    scene.deliver(at(bodies.denied(event="d2"), older))
    scene.deliver(at(bodies.approved(), between))
    scene.run()

    assert [["withdrawn"]] == scene.holds()


def test_a_denial_that_an_approval_overtook_holds_nothing():
    """It was denied first and approved later, and the denial arrives last."""
    scene = Scene.make(verify_claims="never")
    scene.deliver(at(bodies.approved(), 12))
    scene.deliver(at(bodies.denied(), 10))
    scene.run()

    assert ["done"] == scene.states()
    assert ["planned", "planned"] == [one.state for one in scene.deliveries()]


def test_a_call_that_never_arrived_is_not_repeated_for_a_denied_claim():
    """Denied while it was called: what comes back as never sent waits for a person."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "not_sent"}), verify_claims="never")
    scene.deliver(bodies.approved())
    scene.plan()
    scene.act()
    scene.deliver(bodies.denied())
    scene.wait(minutes=30)

    assert [["withdrawn"]] == scene.holds()
    assert [] == scene.shop.effects


def test_what_was_unknown_and_is_not_there_is_not_repeated_for_a_denied_claim():
    """Denied while nobody knew: once the shop says that it is not there, it stays undone."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "raise"}), verify_claims="never")
    scene.deliver(bodies.approved())
    scene.plan()
    scene.act()
    scene.deliver(bodies.denied())
    scene.wait(minutes=30)

    assert [["withdrawn"]] == scene.holds()
    assert [] == scene.shop.effects


def test_a_refused_refund_that_was_decided_otherwise_cannot_be_retried():
    """The new decision stands in its place."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "refuse"}))
    scene.deliver(bodies.approved(FIRST))
    scene.run()
    scene.shop.faults = {}
    scene.deliver(bodies.approved(OTHER, event="e2"))
    scene.run()

    old, new = scene.actions()
    assert ("replaced", "held") == (old.state, new.state)
    with pytest.raises(PersonError, match="it is over"):
        scene.retry(old)


def test_a_refused_refund_of_a_denied_claim_is_not_retried_by_a_word():
    """Retrying it brings up the denial; only an approval that sees it acts."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "refuse"}), verify_claims="never")
    scene.deliver(bodies.approved())
    scene.run()
    scene.shop.faults = {}
    scene.deliver(bodies.denied())
    scene.run()
    scene.retry(scene.action())
    scene.run()

    assert [["withdrawn"]] == scene.holds()
    scene.approve(scene.action())
    scene.run()
    assert ["done"] == scene.states()


def test_a_late_word_of_the_shop_is_the_truth_against_a_persons():
    """Somebody said that it was not done; then the shop's answer arrives: it was."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "raise"}))
    scene.deliver(bodies.approved())
    scene.plan()
    scene.act()
    calling = scene.action()
    scene.record(calling)
    assert ["refused"] == scene.states()
    scene.ledger.write(
        lambda connection: late(
            connection, scene.desk, scene.ledger.now(), calling, Outcome("done", "re-1", money="moved")
        )
    )

    assert ["done"] == scene.states()
    assert 1 == len(scene.reports())


def test_an_order_that_the_shop_shows_later_is_planned_by_a_retry():
    """The decision came before the shop knew the order; once it does, a person's retry plans it."""
    scene = Scene.make()
    order = scene.shop.orders.pop("1001")
    scene.deliver(bodies.approved())
    scene.run()
    assert [["order_not_found"]] == scene.holds()
    scene.shop.orders["1001"] = order
    scene.retry(scene.action())
    scene.run()

    assert ["done"] == scene.states()


def test_a_plan_that_was_rewritten_is_approved_only_by_its_name():
    """Between two looks an amount came in: whoever approves must have seen it."""
    scene = Scene.make(limits={"hold_above": {"USD": "1.00"}})
    scene.deliver(bodies.created())
    scene.deliver(bodies.approved(dialect="camel"))
    scene.run()
    scene.deliver(bodies.approved(event="e2"))
    scene.run()

    with pytest.raises(PersonError, match="name the plan that you saw"):
        scene.approve(scene.action())
    scene.approve(scene.action(), plan=scene.action().content_hash[:12])
    scene.run()
    assert ["done"] == scene.states()


def test_pending_is_noticed_at_its_limit_however_late_the_shop_wants_to_be_asked():
    """A shop that says "ask in a year" does not keep a person from hearing of it."""
    scene = Scene.make(ModelShop([an_order()], faults={("refund", 1): "pending"}), limits={"hold_above": {"USD": "500"},
                       "pending_limit": "3 days"})  # fmt: skip
    scene.deliver(bodies.approved())
    scene.plan()
    scene.act()
    calling = scene.action()
    year = scene.ledger.now() + timedelta(days=365)
    scene.ledger.write(
        lambda connection: finish(
            connection, scene.desk, scene.ledger.now(), calling, Outcome("pending", "re-1", ask_at=year)
        )
    )
    scene.wait(days=4)

    assert [["pending_too_long"]] == scene.holds()


@pytest.mark.parametrize("spelling", [(None, None, "r1", "r2"), (None, "r1", "r2", None)])
def test_protection_that_may_be_a_repeat_is_never_billed_twice(spelling):
    """Added and removed in one spelling, and again in the other: nobody can tell the second pair from a repeat."""
    scene = Scene.make(protection={"on_added": "bill", "on_removed": "refund"}, limits={"hold_above": {"USD": "50"}})
    for n, event in enumerate(spelling):
        scene.deliver(bodies.protection(added=n in (0, 3) if spelling[1] else n % 2 == 0, event=event))
        scene.run()

    assert 1 == len([effect for effect in scene.shop.effects if effect.verb == "charge_protection"])


class WrongStock(ModelShop):
    """Answers about stock what no hook promises."""

    @hookimpl
    def op_check_stock(self, request):
        """Answer text."""
        return ("many",)


def test_an_adapter_that_answers_wrongly_is_brought_to_a_person():
    """It is not asked for ever: after some tries the action is held, and says what was found."""
    scene = Scene.make(WrongStock([an_order()]), timing={"attempts": 3})
    scene.deliver(bodies.approved(bodies.resolution("RESHIP")))
    for _ in range(3):
        scene.wait(hours=1)

    assert [["fault"]] == scene.holds()
    assert "op_check_stock" in scene.action().holds[0]["reason"]
    assert [] == scene.shop.effects
