"""The short body (C-4): claim, store, type, item and quantity, and nothing else. Joined, or held; never guessed."""

import pytest

from op_core.testing import bodies
from op_core.testing.scene import Scene

RESHIP = bodies.resolution("RESHIP", total="20.00")
SHORT = bodies.approved(RESHIP, dialect="camel", store="store_123")


@pytest.fixture
def scene():
    """Give a store that knows its own id at Order Protection, and a claim that is listed as approved."""
    scene = Scene.make(op_store_id="store_123")
    scene.api.list_claim("C1")
    return scene


def run(scene, *deliveries):
    for body in deliveries:
        scene.deliver(body)
        scene.run()


@pytest.mark.parametrize("earlier", [bodies.created(), bodies.message()], ids=["claim.created", "message.created"])
def test_it_is_joined_to_its_order_through_an_earlier_delivery(scene, earlier):
    """What an earlier delivery of the claim said of the order holds."""
    run(scene, earlier, SHORT)

    assert ["done"] == scene.states("reship")
    assert "1001" == scene.action("reship").order_id


def test_without_an_earlier_delivery_it_is_held(scene):
    """``order unknown``: nothing acts on an order that nobody named."""
    run(scene, SHORT)

    assert [["order_unknown"]] == scene.holds()
    assert not scene.action().holds[0]["approvable"]


def test_its_order_may_become_known_later(scene):
    """The delivery that names the order sets it free, whichever of the two came first."""
    run(scene, SHORT, bodies.created())
    scene.wait(minutes=1)

    assert ["done"] == scene.states("reship")


def test_two_decisions_without_an_order_both_wait_when_it_is_known(scene):
    """An order that becomes known decides nothing between two decisions: neither acts."""
    more = bodies.resolution("RESHIP", bodies.item("1", 2))
    run(scene, SHORT, bodies.approved(more, dialect="camel"), bodies.created())
    scene.wait(minutes=1)

    assert ["held", "held"] == scene.states()
    assert [] == scene.shop.effects


def test_money_without_an_amount_is_held_never_computed(scene):
    """The lines and prices of the order are no amount."""
    run(scene, bodies.created(), bodies.approved(dialect="camel", store="store_123"))

    assert [["no_amount"]] == scene.holds("refund")
    assert not scene.action("refund").holds[0]["approvable"]


@pytest.mark.parametrize("kind", ["REFUND", "RESHIP"])
@pytest.mark.parametrize("known", [True, False], ids=["order known", "order unknown"])
def test_the_whole_body_completes_the_short_one(scene, kind, known):
    """One decision, said twice, keeps one key and takes effect once."""
    said = bodies.resolution(kind)
    run(scene, *([bodies.created()] if known else []), bodies.approved(said, dialect="camel"), bodies.approved(said))

    (action,) = [one for one in scene.actions() if one.verb != "note"]
    assert ("done", 1) == (action.state, action.key.n)
    assert 1 == len(scene.shop.effects)


def test_items_of_one_type_may_be_said_together_or_apart(scene):
    """Two resolutions of one item each, and one of two items, are the same decision in short."""
    whole = (bodies.resolution("RESHIP", bodies.item("1")), bodies.resolution("RESHIP", bodies.item("2")))
    run(scene, bodies.approved(*whole), bodies.approved(*whole, dialect="camel"))

    assert ["planned", "duplicate"] == [one.state for one in scene.deliveries()]


def test_the_whole_body_does_not_overrule_a_person(scene):
    """Declined is declined: the same decision in full is no second chance."""
    run(scene, bodies.created(), bodies.approved(bodies.resolution("REFUND"), dialect="camel"))
    scene.decline(scene.action())
    run(scene, bodies.approved())

    assert ["declined", "held"] == scene.states()
    assert [] == scene.shop.effects


def test_the_whole_body_does_not_overrule_a_denial(scene):
    """Withdrawn stays withdrawn when the decision arrives in full."""
    run(scene, SHORT, bodies.denied(), bodies.approved(RESHIP))

    assert ["held"] == scene.states()
    assert "withdrawn" in scene.holds()[0]


def test_the_whole_body_of_an_amendment_stays_held(scene):
    """A short amendment is held; said in full it is still one."""
    more = bodies.resolution("RESHIP", bodies.item("1", 2), total="40.00")
    run(scene, bodies.approved(RESHIP), bodies.approved(more, dialect="camel"), bodies.approved(more, event="e2"))

    assert 1 == len(scene.shop.effects)
    assert {"done", "held"} == set(scene.states())


def test_a_whole_body_that_comes_too_late_with_another_address_is_shown(scene):
    """What has begun cannot be sent elsewhere: a person sees the other address."""
    there = bodies.resolution("RESHIP", total="20.00", shipping_address=bodies.ADDRESS)
    run(scene, bodies.created(), SHORT, bodies.approved(there))

    assert ["done", "held"] == scene.states()
    assert [[], ["no_difference"]] == scene.holds()


@pytest.mark.parametrize(("store", "state"), [("store_123", "planned"), (None, "planned"), ("store_9", "quarantined")])
def test_another_store_s_body_is_quarantined(scene, store, state):
    """A ``storeId`` other than ``op_store_id`` is quarantined."""
    scene.deliver(bodies.approved(RESHIP, dialect="camel", store=store))
    scene.run()

    assert [state] == [one.state for one in scene.deliveries()]


def test_without_op_store_id_any_store_is_taken():
    """A store that does not say its id at Order Protection cannot tell."""
    scene = Scene.make()
    scene.deliver(bodies.approved(RESHIP, dialect="camel", store="store_9"))

    assert ["planned"] == scene.plan()


def test_a_restart_does_not_lose_what_was_approved_for_the_short_plan(scene):
    """An approval counts for the plan that was shown: the fuller plan is verified anew."""
    scene.api.claims = {"1001": {"C1": "DENIED"}}
    run(scene, bodies.created(), SHORT)
    assert [["not_confirmed"]] == scene.holds()
    scene.approve(scene.action())
    scene.deliver(bodies.approved(RESHIP), listed="DENIED")
    scene.run()

    assert [["not_confirmed"]] == scene.holds()
    assert [] == scene.shop.effects
