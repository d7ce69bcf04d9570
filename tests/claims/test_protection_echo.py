"""Protection that the shop itself changes: no webhook that echoes what was told moves money; a true change does."""

import pytest

from op_core.ledger import plans
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import an_order

PREMIUM = Money("4.25", "USD")
NO_ID = ("slash", "camel")

# --- An echo moves no money -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["reference", *NO_ID])
def test_what_the_shop_cancelled_is_not_given_back(protected, dialect):
    """The shop cancels protection and tells it; the same as a webhook, however often, plans nothing."""
    protected.shop_says(None)
    protected.export()
    for copy in range(3):
        protected.event(f"echo-{copy}", added=False, dialect=dialect)

    assert [0] == protected.said_premiums()
    assert ([], []) == (protected.actions(), protected.made())
    assert ["duplicate"] * 3 == [one.state for one in protected.deliveries()]


@pytest.mark.parametrize("dialect", ["reference", *NO_ID])
def test_what_the_shop_added_is_not_billed(scene, dialect):
    """The shop adds protection and tells it; the same as a webhook, however often, plans nothing."""
    scene.shop_says(PREMIUM)
    scene.export()
    for copy in range(3):
        scene.event(f"echo-{copy}", added=True, dialect=dialect)

    assert ([], []) == (scene.actions(), scene.made())
    assert ["duplicate"] * 3 == [one.state for one in scene.deliveries()]


@pytest.mark.parametrize("dialect", ["reference", *NO_ID])
def test_what_the_dashboard_removed_is_given_back_once(protected, dialect):
    """Removed in the dashboard, given back, told by the export, and echoed: one refund of the premium."""
    protected.event("removed", added=False, dialect=dialect)
    protected.shop_says(None)
    protected.export()
    protected.event("echo", added=False, dialect=dialect)

    assert [0] == protected.said_premiums()
    assert ["refund_protection"] == protected.made()


@pytest.mark.parametrize("dialect", ["reference", *NO_ID])
def test_what_the_dashboard_added_is_billed_once(scene, dialect):
    """Added in the dashboard, billed, told by the export, and echoed: one charge of the premium."""
    scene.event("added", added=True, dialect=dialect)
    scene.shop_says(PREMIUM)
    scene.export()
    scene.event("echo", added=True, dialect=dialect)

    assert [PREMIUM.amount] == scene.said_premiums()
    assert ["charge_protection"] == scene.made()


def test_a_premium_that_was_there_from_the_start_needs_no_state(scene):
    """An order that was posted with a premium is protected: its echo is a duplicate, and a removal is a change."""
    scene.shop.orders["2"] = an_order(id="2", premium=PREMIUM, updated_at=scene.clock())
    scene.export()
    assert scene.ledger.read(plans.protection, "main-1", "2") is None
    scene.event("echo", added=True, order="2")
    scene.event("removed", added=False, order="2")

    assert ["duplicate", "planned"] == [one.state for one in scene.deliveries()]
    assert ["refund_protection"] == scene.made()


@pytest.mark.parametrize("dialect", NO_ID)
def test_a_late_copy_of_an_echo_of_the_first_export(scene, dialect):
    """A second copy, after the dashboard removed protection, is held: without an id it may be a change."""
    scene.shop.orders["2"] = an_order(id="2", premium=PREMIUM, updated_at=scene.clock())
    scene.export()
    scene.event(None, added=True, order="2", dialect=dialect)
    scene.event(None, added=False, order="2", dialect=dialect)
    scene.event(None, added=True, order="2", dialect=dialect)

    assert ["refund_protection"] == scene.made()
    assert [["flip"]] == scene.holds("charge_protection")


# --- A true change still acts -----------------------------------------------------------------------------------------


def test_the_dashboard_adds_what_the_shop_had_cancelled(protected):
    """After the shop's own cancellation, protection that the dashboard adds is billed."""
    protected.shop_says(None)
    protected.export()
    protected.clock.move(hours=1)
    protected.event("added", added=True)

    assert ["charge_protection"] == protected.made()


def test_the_dashboard_removes_what_the_shop_had_added(scene):
    """After the shop's own addition, the premium is given back: it is known as paid by the shop's order."""
    scene.shop_says(PREMIUM)
    scene.export()
    scene.event("removed", added=False)

    assert ["refund_protection"] == scene.made()


def test_a_premium_that_the_shop_raised_is_known_as_paid(scene):
    """The shop changes the premium of an order that it protected: the new one may be given back, no more."""
    for premium in (PREMIUM, Money("6.00", "USD")):
        scene.shop_says(premium)
        scene.export()
    scene.event("removed", added=False, amount="6.00")

    assert ["refund_protection"] == scene.made()


def test_a_premium_that_the_shop_billed_itself_is_known_as_paid(scene):
    """A charge that a person declined is not paid; a premium that the shop then put on the order is."""
    scene.restart(protection=scene.store.protection.model_copy(update={"on_added": "hold"}))
    scene.event("added", added=True)
    scene.decline(scene.action())
    scene.shop_says(PREMIUM)
    scene.export()
    scene.event("removed", added=False)

    assert ["refund_protection"] == scene.made()


def test_a_premium_that_the_shop_billed_after_absorbing_it_is_known_as_paid(scene):
    """Absorbed first, then put on the order by the shop, and not exported yet: a removal gives that premium back."""
    scene.restart(protection=scene.store.protection.model_copy(update={"on_added": "absorb"}))
    scene.event("added", added=True)
    scene.shop_says(PREMIUM)
    scene.event("removed", added=False)

    assert ["refund_protection"] == scene.made()


# --- Both sides at once -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exported", [True, False])
@pytest.mark.parametrize("on_removed", ["hold", "refund"])
def test_what_the_shop_gave_back_itself_waits(protected, exported, on_removed):
    """A give-back that is held, or not begun, does not act by itself once the shop took the premium off its order."""
    protected.restart(protection=protected.store.protection.model_copy(update={"on_removed": on_removed}))
    protected.deliver(bodies.protection(added=False, event="removed"))
    protected.plan()
    protected.shop_says(None)
    if exported:
        protected.export()
    held = protected.action()
    if on_removed == "hold" and not exported:
        protected.approve(held)
    protected.run()

    assert [] == protected.made()
    assert "amended" in protected.holds()[0]
    protected.approve(protected.action())
    protected.run()
    assert ["refund_protection"] == protected.made()


@pytest.mark.parametrize("exported", [True, False])
def test_what_the_shop_billed_itself_waits(scene, exported):
    """A charge that has not begun does not act by itself once the shop put a premium on its order."""
    scene.deliver(bodies.protection(added=True, event="added"))
    scene.plan()
    scene.shop_says(PREMIUM)
    if exported:
        scene.export()
    scene.run()

    assert ([], [["amended"]]) == (scene.made(), scene.holds())


def test_a_charge_for_what_the_shop_cancelled_waits(protected):
    """Removed, added again and not billed yet; the shop cancels by itself: nobody is billed."""
    protected.shop_says(None)
    protected.export()
    protected.shop_says(PREMIUM)
    protected.export()
    protected.event("removed", added=False)
    protected.made()
    protected.shop.faults = {("charge_protection", 1): "not_sent"}
    protected.event("added", added=True)
    protected.shop_says(None)
    protected.export()
    protected.wait(hours=1)

    assert [] == protected.made()
    assert "held" == protected.states("charge_protection")[0]


@pytest.mark.parametrize("exported_before", [True, False])
def test_both_sides_cancel(protected, exported_before):
    """The dashboard removes what the shop has just taken off its order, untold: a person decides whether money goes."""
    if exported_before:  # a state is known
        protected.shop_says(None)
        protected.export()
        protected.shop_says(PREMIUM)
        protected.export()
    protected.shop_says(None)
    protected.event("removed", added=False)

    assert [] == protected.made()
    assert ["held"] == protected.states()


def test_both_sides_add(protected):
    """The dashboard adds what the shop has just put on its order, untold: a person decides whether money goes."""
    protected.shop_says(None)
    protected.export()
    protected.shop_says(PREMIUM)
    protected.event("added", added=True)

    assert ([], [["amended"]]) == (protected.made(), protected.holds())
