"""What an update says of an order's protection, and what the ledger knows by then."""

import pytest

from op_core.errors import Unprocessable
from op_core.ledger import exports
from op_core.money import Money
from op_core.testing.crash import SimulatedCrash, armed

PREMIUM = Money("4.25", "USD")

# --- What an update says of the premium -------------------------------------------------------------------------------


def test_an_absorbed_premium_is_no_change_of_the_shop(scene):
    """Added in the dashboard and paid by the shop: the order has no premium, and no update says so."""
    scene.restart(protection=scene.store.protection.model_copy(update={"on_added": "absorb"}))
    scene.event("added", added=True)
    for premium in (None, Money("0.00", "USD")):
        scene.shop_says(premium, total=Money(f"6{scene.clock().hour}.00", "USD"))
        scene.export()

    assert ["nothing", "nothing"] == scene.said_premiums()
    assert scene.state().is_on


def test_a_premium_that_stays_on_the_order_is_not_told_again(protected):
    """A shop that keeps the line after it gave it back does not bring protection back with its next update."""
    protected.event("removed", added=False)
    protected.shop_says(PREMIUM, total=Money("61.00", "USD"))
    protected.export()

    assert ["nothing"] == protected.said_premiums()
    assert not protected.state().is_on


def test_what_came_of_an_earlier_removal_does_not_undo_a_later_addition(protected):
    """Removed, given back, added again, and only then exported: the missing premium is not told, but listed."""
    protected.event("removed", added=False)
    protected.restart(protection=protected.store.protection.model_copy(update={"on_added": "absorb"}))
    protected.event("added", added=True)
    protected.shop_says(None)
    protected.export()

    (row,) = protected.ledger.read(exports.states, "main-1")
    assert ["nothing"] == protected.said_premiums()
    assert ("not_sendable", True) == (row.state, "premium is not told" in row.reason)
    assert protected.state().is_on


def test_what_came_of_an_earlier_addition_does_not_undo_a_later_removal(scene):
    """Added, billed, removed (and waiting for a person), and only then exported: the premium is not told."""
    scene.event("added", added=True)
    scene.restart(protection=scene.store.protection.model_copy(update={"on_removed": "hold"}))
    scene.event("removed", added=False)
    scene.shop_says(PREMIUM)
    scene.export()

    assert ["nothing"] == scene.said_premiums()
    assert not scene.state().is_on
    for premium in (None, PREMIUM):  # taken off by hand, and later put on again by the shop itself
        scene.shop_says(premium)
        scene.export()
    assert ["nothing", "nothing", PREMIUM.amount] == scene.said_premiums()


def test_an_order_that_is_sent_anew_does_not_bring_protection_back(protected):
    """Posted again after Order Protection lost it: without the premium that was given back."""
    protected.event("removed", added=False)
    protected.ledger.write(exports.forget, "main-1")
    protected.api.posted.clear()
    protected.export()

    assert [None] == [order.premium_paid for order in protected.api.posted]
    protected.shop_says(None, total=Money("61.00", "USD"))
    protected.export()
    assert ["nothing"] == protected.said_premiums()


def test_an_order_that_is_sent_anew_says_what_the_shop_did_since(protected):
    """Cancelled by the shop, told, added again by the shop, and then posted again: with the premium."""
    protected.shop_says(None)
    protected.export()
    protected.shop_says(PREMIUM)
    protected.ledger.write(exports.forget, "main-1")
    protected.api.posted.clear()
    protected.export()

    assert [PREMIUM.amount] == [order.premium_paid for order in protected.api.posted]
    assert protected.state().is_on


# --- Written down before it is told -----------------------------------------------------------------------------------


def test_a_crash_between_the_state_and_the_call_is_told_by_the_next_run(protected):
    """The state is there, the call was never made: the next run tells, and the echo is still known."""
    protected.shop_says(None)

    def die(point):
        if point == "premium:noted":
            raise SimulatedCrash(point)

    with armed(die), pytest.raises(SimulatedCrash):
        protected.export()
    assert (False, []) == (protected.state().is_on, protected.api.put)
    protected.export()
    protected.event("echo", added=False)

    assert [0] == protected.said_premiums()
    assert [] == protected.actions()


def test_a_shop_that_changes_its_mind_before_it_was_told(protected):
    """Cancelled, never told, and added again: the state follows the shop, and a true removal is given back."""
    protected.shop_says(None)
    protected.api.faults["update_order"] = [Unprocessable("422", status=422)]
    protected.export()
    assert not protected.state().is_on
    protected.shop_says(PREMIUM, total=Money("61.00", "USD"))
    protected.export()
    protected.clock.move(hours=1)
    protected.event("removed", added=False)

    assert ["refund_protection"] == protected.made()


def test_an_update_that_is_refused_changes_nothing_about_the_state(protected):
    """The state is what the shop holds, whether or not the API takes it."""
    protected.shop_says(None)
    protected.api.faults["update_order"] = [Unprocessable("422", status=422)]
    protected.export()

    assert (False, True, None) == (protected.state().is_on, protected.state().by_shop, protected.state().paid)
