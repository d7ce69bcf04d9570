"""Amended: the same decision again changes nothing; another one waits, next to what it would replace."""

from decimal import Decimal

import attrs
import pytest

from op_core.errors import PersonError
from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

TWENTY = bodies.resolution("REFUND")
BOTH = bodies.resolution("REFUND", bodies.item(quantity=2), total="40.00")
LESS = bodies.resolution("REFUND", bodies.item(price="12.00"), total="12.00")
RESHIP = bodies.resolution("RESHIP", bodies.item("1"), total="20.00")
RESHIP_TWO = bodies.resolution("RESHIP", bodies.item("1", 2), total="40.00")


@pytest.fixture
def scene():
    """Give a store that has exported its order."""
    return Scene.make()


def given(scene):
    return [(effect.verb, str(effect.amount)) for effect in scene.shop.effects]


SAME = {
    "the same body": bodies.approved(),
    "another event id": bodies.approved(event="evt-other"),
    "slashes, no envelope": bodies.approved(dialect="slash"),
    "the short body": bodies.approved(dialect="camel"),
    "amounts as text": bodies.approved().replace(b"20.00", b'"20.0"'),
    "whole amounts": bodies.approved().replace(b"20.00", b"20"),
}


@pytest.mark.parametrize("again", SAME.values(), ids=SAME)
@pytest.mark.parametrize("begun", [False, True], ids=["before it is done", "after it is done"])
def test_the_same_decision_again_returns_the_first_result(scene, again, begun):
    """Same key, same content: the first result, in any dialect, under any event id."""
    scene.deliver(bodies.approved())
    if begun:
        scene.run()
    scene.deliver(again)
    scene.run()

    assert ["planned", "duplicate"] == [one.state for one in scene.deliveries()]
    assert ["done"] == scene.states()
    assert [("refund", "20.00 USD")] == given(scene)


def test_lines_and_resolutions_may_come_in_any_order(scene):
    """The order of a payload is not part of a decision."""
    two = (bodies.item("1", 2), bodies.item("2", 1, "15.00"))
    refund = bodies.resolution("STORE_CREDIT", *two, total="55.00")
    scene.deliver(bodies.approved(refund, TWENTY))
    scene.deliver(bodies.approved(TWENTY, bodies.resolution("STORE_CREDIT", *two[::-1], total="55.00"), event="e2"))

    assert ["planned", "duplicate"] == scene.plan()


def test_another_decision_before_the_first_has_begun_holds_both(scene):
    """Not begun: the new plan is held as amended with a line-by-line difference, and so is the old one."""
    scene.deliver(bodies.approved(TWENTY))
    scene.plan()
    scene.deliver(bodies.approved(BOTH, event="e2"))
    scene.run()

    assert ["held", "held"] == scene.states()
    assert [["amended"], ["amended"]] == scene.holds()
    assert "was: REFUND 20 USD for 1 of 1; now: REFUND 40 USD for 2 of 1" == scene.actions()[1].holds[0]["reason"]
    assert [] == scene.shop.effects


@pytest.mark.parametrize(("chosen", "amount"), [(0, "20.00 USD"), (1, "40.00 USD")], ids=["the old", "the new"])
def test_a_person_chooses_one_of_two_plans_that_have_not_begun(scene, chosen, amount):
    """Not begun, a person may replace it: one of the two acts, the other never can."""
    scene.deliver(bodies.approved(TWENTY))
    scene.plan()
    scene.deliver(bodies.approved(BOTH, event="e2"))
    scene.plan()
    scene.approve(scene.actions()[chosen])
    scene.run()

    assert "done" == scene.states()[chosen]
    assert "replaced" == scene.states()[1 - chosen]
    assert [("refund", amount)] == given(scene)
    with pytest.raises(PersonError, match="replaced, not held"):
        scene.approve(scene.actions()[1 - chosen])


def test_of_what_is_done_only_the_difference_can_be_approved(scene):
    """Begun or done, a person may approve the difference as action n+1."""
    scene.deliver(bodies.approved(TWENTY))
    scene.run()
    scene.deliver(bodies.approved(BOTH, event="e2"))
    scene.run()
    more = scene.actions()[1]

    assert ["done", "held"] == scene.states()
    assert (2, "20.00 USD") == (more.key.n, str(more.worth))
    scene.approve(more)
    scene.run()
    assert [("refund", "20.00 USD"), ("refund", "20.00 USD")] == given(scene)


@pytest.mark.parametrize(
    ("first", "then", "more", "units"),
    [
        (("1", 1, "20.00"), ("1", 2, "40.00"), "20.00 USD", [("1", 1)]),
        (("1", 2, "40.00"), ("1", 2, "60.00"), "20.00 USD", []),
    ],
    ids=["one unit more", "the same units"],
)
def test_a_difference_is_for_the_units_beyond_those_that_were_refunded(scene, first, then, more, units):
    """A shop counts what was refunded: the caps are those of the difference, and its units are told but once."""
    for n, (line, quantity, total) in enumerate((first, then)):
        price = str(Decimal(total) / quantity)
        said = bodies.resolution("REFUND", bodies.item(line, quantity, price), total=total)
        scene.deliver(bodies.approved(said, event=f"e{n}"))
        scene.run()
    scene.approve(scene.actions()[1])
    scene.run()
    made = scene.shop.effects[1]

    assert ["done", "done"] == scene.states()
    assert (more, units) == (str(made.amount), [(line.line_id, line.quantity) for line in made.lines])


def test_the_units_of_a_difference_are_told_once_however_it_is_shared_out():
    """Two payments give it back between them: told both times, a shop would count each unit as refunded twice."""
    halves = tuple(Payment(f"pay-{n}", Money("30.00", "USD"), Money("0.00", "USD")) for n in (1, 2))
    scene = Scene.make(ModelShop([an_order(payments=halves)]))
    for n, said in enumerate((TWENTY, BOTH)):
        scene.deliver(bodies.approved(said, event=f"e{n}"))
        scene.run()
    for part in scene.actions()[1:]:
        scene.approve(part)
    scene.run()

    assert ["20.00 USD", "10.00 USD", "10.00 USD"] == [str(effect.amount) for effect in scene.shop.effects]
    assert [1, 1, 0] == [sum(line.quantity for line in effect.lines) for effect in scene.shop.effects]


def test_the_units_of_a_difference_are_capped_again_before_its_call(scene):
    """What was refunded by hand in the meantime is not refunded once more."""
    for n, said in enumerate((TWENTY, BOTH)):
        scene.deliver(bodies.approved(said, event=f"e{n}"))
        scene.run()
    order = scene.shop.orders["1001"]
    by_hand = tuple(attrs.evolve(one, refunded_quantity=one.quantity) for one in order.lines)
    scene.shop.orders["1001"] = attrs.evolve(order, lines=by_hand)
    scene.approve(scene.actions()[1])
    scene.run()

    assert "above_ordered" in scene.holds()[-1]
    assert [("refund", "20.00 USD")] == given(scene)


def test_a_third_decision_counts_all_that_was_given_before(scene):
    """The difference is to everything done for the claim, not just to the decision before."""
    scene.deliver(bodies.approved(TWENTY))
    scene.run()
    scene.deliver(bodies.approved(LESS, event="e2"))
    scene.run()
    scene.deliver(bodies.approved(BOTH, event="e3"))
    scene.run()

    assert ["done", "held", "held"] == scene.states()
    assert "20.00 USD" == str(scene.actions()[2].worth)


def test_a_third_decision_stops_the_second_too(scene):
    """Of three plans that have not begun, at most one can ever act."""
    for n, decision in enumerate((TWENTY, LESS, BOTH)):
        scene.deliver(bodies.approved(decision, event=f"e{n}"))
        scene.plan()
    scene.approve(scene.actions()[2])
    scene.run()

    assert ["replaced", "replaced", "done"] == scene.states()
    assert [("refund", "40.00 USD")] == given(scene)


def test_less_than_was_given_is_never_taken_back(scene):
    """Money is never compensated: a smaller decision is shown, and cannot act."""
    scene.deliver(bodies.approved(TWENTY))
    scene.run()
    scene.deliver(bodies.approved(LESS, event="e2"))
    scene.run()

    assert [[], ["no_difference", "amended"]] == scene.holds()
    with pytest.raises(PersonError, match="given back already"):
        scene.approve(scene.actions()[1])


def test_more_units_of_a_reship_are_sent_alone(scene):
    """The difference between two reships is the units that are missing."""
    scene.deliver(bodies.approved(RESHIP))
    scene.run()
    scene.deliver(bodies.approved(RESHIP_TWO, event="e2"))
    scene.run()
    scene.approve(scene.actions()[1])
    scene.run()

    assert [1, 1] == [sum(line.quantity for line in effect.lines) for effect in scene.shop.effects]


def test_another_kind_of_resolution_waits_as_well(scene):
    """A decision is never silently swapped: refund first, reship now, is for a person."""
    scene.deliver(bodies.approved(TWENTY))
    scene.plan()
    scene.deliver(bodies.approved(RESHIP, event="e2"))
    scene.run()

    assert ["held", "held"] == scene.states()
    assert [] == scene.shop.effects


def test_what_stays_the_same_goes_on(scene):
    """Only the part that changed waits: the reship of both decisions is done."""
    scene.deliver(bodies.approved(TWENTY, bodies.resolution("RESHIP", bodies.item("2"), total="15.00")))
    scene.plan()
    scene.deliver(bodies.approved(LESS, bodies.resolution("RESHIP", bodies.item("2"), total="15.00"), event="e2"))
    scene.run()

    assert ["done"] == scene.states("reship")
    assert ["held", "held"] == scene.states("refund")


def test_a_redelivery_of_an_older_decision_changes_nothing(scene):
    """The first decision, delivered again after the second, is not a third."""
    scene.deliver(bodies.approved(TWENTY))
    scene.deliver(bodies.approved(BOTH, event="e2"))
    scene.deliver(bodies.approved(TWENTY))

    assert ["planned", "planned", "duplicate"] == scene.plan()


def test_one_event_id_with_two_bodies_is_a_conflict(scene):
    """The same event id with another body is a conflict: stored, held."""
    scene.deliver(bodies.approved(TWENTY, event="evt"))
    scene.run()
    scene.deliver(bodies.approved(bodies.resolution("RESHIP", bodies.item("2"), total="15"), claim="C2", event="evt"))
    scene.run()

    assert ["planned", "conflict"] == [one.state for one in scene.deliveries()]
    assert ["conflict"] == scene.holds("reship")[0]
    assert [("refund", "20.00 USD")] == given(scene)


def test_an_approved_plan_that_is_amended_waits_again(scene):
    """An approval is for the plan that was shown; it does not outlive an amendment."""
    scene.deliver(bodies.approved(bodies.resolution("REFUND", total="19.00")))
    scene.plan()
    scene.approve(scene.action())
    scene.deliver(bodies.approved(TWENTY, event="e2"))
    scene.run()

    assert ["held", "held"] == scene.states()
    assert [] == scene.shop.effects


def test_fewer_units_of_a_reship_send_nothing():
    """Two are on their way and one is decided now: there is nothing to send, and nobody can approve it."""
    scene = Scene.make()
    scene.deliver(bodies.approved(RESHIP_TWO))
    scene.run()
    scene.deliver(bodies.approved(RESHIP, event="e2"))
    scene.run()

    assert [[], ["no_difference", "amended"]] == scene.holds()
    with pytest.raises(PersonError, match="on their way already"):
        scene.approve(scene.actions()[1])
    assert 1 == len(scene.shop.effects)
