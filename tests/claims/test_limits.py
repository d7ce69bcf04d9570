"""Limits and proofs: holds, not errors, each of which a person may pass."""

import pytest

from op_core.errors import RequestNotSent, Unauthorized
from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


def decide(scene, *resolutions, listed="APPROVED", **said):
    scene.deliver(bodies.approved(*resolutions, **said), listed=listed)
    scene.run()


# --- hold_above ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "held"), [("20.00", False), ("19.99", True), ("0", True)])
@pytest.mark.parametrize("kind", ["REFUND", "RESHIP", "STORE_CREDIT"])
def test_what_is_worth_more_than_the_limit_is_held(kind, limit, held):
    """``hold_above``: refunds, credits and the list value of a reship. The limit itself goes through."""
    scene = Scene.make(limits={"hold_above": {"USD": limit}}, resolutions={"store_credit": "act"})
    decide(scene, bodies.resolution(kind))

    assert [["above_limit"] if held else []] == scene.holds()


def test_a_currency_that_is_not_named_is_held():
    """A store without a limit in that currency has not said that anything may go through."""
    scene = Scene.make(limits={"hold_above": {"EUR": "1000"}})
    decide(scene)

    assert [["above_limit"]] == scene.holds()
    assert "names no limit in USD" in scene.action().holds[0]["reason"]


def test_the_limit_is_of_the_whole_not_of_its_parts():
    """Split over payments, a refund is as large as before."""
    paid = tuple(Payment(f"p{n}", Money("10.00", "USD"), Money("0", "USD")) for n in range(2))
    scene = Scene.make(ModelShop([an_order(payments=paid)]), limits={"hold_above": {"USD": "15"}})
    decide(scene)

    assert [["above_limit"], ["above_limit"]] == scene.holds()


# --- actions_per_hour ----------------------------------------------------------------------------------------------


def test_a_store_that_runs_away_is_stopped():
    """``actions_per_hour``: the third of two is held, and the next hour is a new one."""
    orders = [an_order(id=str(n), number=str(n)) for n in range(4)]
    scene = Scene.make(ModelShop(orders), limits={"hold_above": {"USD": "1000"}, "actions_per_hour": 2})
    for n in range(3):
        decide(scene, claim=f"C{n}", order=str(n), event=f"e{n}")
    assert [[], [], ["velocity"]] == scene.holds()

    scene.clock.move(hours=1, seconds=1)
    decide(scene, claim="C3", order="3", event="e3")
    assert "done" == scene.states()[3]
    scene.approve(scene.actions()[2])
    scene.run()
    assert ["done"] * 4 == scene.states()


def test_notes_do_not_count():
    """Notes move nothing."""
    scene = Scene.make(limits={"hold_above": {"USD": "1000"}, "actions_per_hour": 1})
    for n in range(3):
        scene.deliver(bodies.message(event=f"e{n}"))
    decide(scene)

    assert ["done"] == scene.states("refund")


# --- verify_claims -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["APPROVED", "RESOLVED", "RESOLVED_BY_BRAND", "CLOSED"])
def test_a_claim_that_the_api_lists_as_decided_goes_through(state):
    """The claim is read back from the API before a money action."""
    scene = Scene.make()
    decide(scene, listed=state)

    assert ["done"] == scene.states()
    assert ["claims_of_order"] == scene.api.calls


@pytest.mark.parametrize("state", ["NEW", "DENIED", "IN_REVIEW", "SOMETHING_NEW", None])
def test_a_claim_that_the_api_does_not_list_as_decided_is_held(state):
    """The webhook's secret is static: whoever knows it could make a claim up."""
    scene = Scene.make()
    decide(scene, listed=state)

    assert [["not_confirmed"]] == scene.holds()
    assert [] == scene.shop.effects


def test_a_claim_of_another_order_proves_nothing():
    """The claim must be listed for that very order."""
    scene = Scene.make()
    scene.api.list_claim("C1", "1002")
    scene.api.list_claim("C2", "1001")
    decide(scene, listed=None)

    assert [["not_confirmed"]] == scene.holds()


@pytest.mark.parametrize("error", [RequestNotSent("down"), Unauthorized("token", status=401)])
def test_while_the_api_cannot_be_asked_nothing_is_called(error):
    """An outage of the API delays money; it never lets it through."""
    scene = Scene.make()
    scene.api.faults["claims_of_order"] = [error] * 2
    decide(scene)
    assert ["due"] == scene.states()
    assert [] == scene.shop.effects
    scene.wait(minutes=1)
    scene.wait(minutes=1)

    assert ["done"] == scene.states()


def test_a_store_may_trust_its_webhooks():
    """``verify_claims = "never"`` asks nobody."""
    scene = Scene.make(verify_claims="never")
    decide(scene, listed=None)

    assert ["done"] == scene.states()
    assert [] == scene.api.calls


def test_above_the_limit_a_claim_is_verified_after_the_approval():
    """``verify_claims = "above_limit"``: small ones go through, an approved large one is read back first."""
    scene = Scene.make(verify_claims="above_limit", limits={"hold_above": {"USD": "19"}})
    decide(scene, bodies.resolution("REFUND", bodies.item(price="5.00"), total="5.00"), claim="C2", listed=None)
    decide(scene, event="e2", listed=None)
    scene.approve(scene.actions()[1])
    scene.run()

    assert ["done", "held"] == scene.states()
    assert [[], ["not_confirmed"]] == scene.holds()


def test_a_note_needs_no_proof():
    """No money, no question."""
    scene = Scene.make()
    scene.deliver(bodies.message())
    scene.run()

    assert ["done"] == scene.states()
    assert [] == scene.api.calls
