"""What is known as paid for an order's protection, and what a person is shown of a change of it."""

from decimal import Decimal

import pytest

from op_core.errors import PersonError
from op_core.money import Money
from op_core.testing import bodies

PREMIUM = Money("4.25", "USD")


def set_protection(scene, **changes):
    scene.restart(protection=scene.store.protection.model_copy(update=changes))


# --- What is paid --------------------------------------------------------------------------------------------------


def test_of_an_absorbed_premium_not_a_cent_is_given_back(scene):
    """The shop paid it itself: nothing is known as paid, however little is asked back."""
    set_protection(scene, on_added="absorb")
    scene.event("added", added=True, amount="0.98")
    assert (True, Money("0", "USD")) == (scene.state().is_on, scene.state().paid)
    scene.event("removed", added=False, amount="0.98")

    assert ([], [["above_premium"]]) == (scene.made(), scene.holds())


@pytest.mark.parametrize("amount", ["0.01", "0.98", "1.00"])
def test_a_small_premium_is_billed_and_given_back(scene, amount):
    """Most premiums are small: what is above nothing is an amount."""
    scene.event("added", added=True, amount=amount)
    assert (True, Money(amount, "USD")) == (scene.state().is_on, scene.state().paid)
    scene.event("removed", added=False, amount=amount)

    assert ["charge_protection", "refund_protection"] == scene.made()
    assert (False, None) == (scene.state().is_on, scene.state().paid)


@pytest.mark.parametrize(("limit", "held"), [("4.25", []), ("4.24", ["above_limit"])])
def test_a_premium_at_the_limit_is_not_above_it(scene, limit, held):
    """``hold_above`` holds what is above: the sum that the store named may still be billed by itself."""
    scene.restart(limits=scene.store.limits.model_copy(update={"hold_above": {"USD": Decimal(limit)}}))
    scene.event("added", added=True)

    assert [held] == scene.holds()


def test_a_premium_that_the_order_shows_while_it_is_billed_is_not_paid(scene):
    """The shop wrote the line and has not charged it: nobody may have it given back, not even a person."""
    scene.shop.faults = {("charge_protection", 1): "pending"}
    scene.event("added", added=True)
    scene.shop_says(PREMIUM)
    scene.event("removed", added=False)

    assert ["above_premium", "amended"] == scene.holds("refund_protection")[0]
    with pytest.raises(PersonError, match="no premium is known as paid"):
        scene.approve(scene.action("refund_protection"))


def test_a_premium_that_the_shop_took_off_untold_may_be_given_back_by_a_person(protected):
    """Both sides cancelled, and nobody said whether the shop gave it back: a person who knows may let it act."""
    for premium in (None, PREMIUM):
        protected.shop_says(premium)
        protected.export()
    protected.shop_says(None)
    protected.event("removed", added=False)
    assert [["amended"]] == protected.holds()
    assert "took the premium off the order" in protected.action().holds[0]["reason"]
    protected.approve(protected.action())
    protected.run()

    assert ["refund_protection"] == protected.made()


def test_of_two_doubtful_changes_the_one_that_was_done_last_counts(protected):
    """A person let the addition act, and then the removal: the order is without protection, and nothing goes back."""
    protected.shop_says(None)
    protected.export()
    cancelled_at = protected.clock()
    protected.shop_says(PREMIUM)
    protected.export()
    added_at = protected.clock()
    protected.event("echo of the cancellation", added=False, at=cancelled_at)
    protected.clock.move(hours=1)
    protected.event("removed", added=False)
    protected.event("echo of the addition", added=True, at=added_at)
    off, removed = protected.actions("refund_protection")
    protected.decline(removed)
    for doubtful in (protected.action("charge_protection"), off):
        protected.clock.move(hours=1)
        protected.approve(doubtful)
        protected.run()
    assert ["charge_protection", "refund_protection"] == protected.made()
    protected.clock.move(hours=1)
    protected.event("removed again", added=False)

    assert [] == protected.made()
    assert "duplicate" == protected.deliveries()[-1].state


# --- What a person is shown ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("premium", "said", "content"),
    [
        (None, {"added": True}, {"from": "protection.added", "premium": "unknown", "shown": False}),
        (PREMIUM, {"added": False}, {"from": "protection.removed", "premium": "4.25 USD", "shown": True}),
        (PREMIUM, {"added": False, "order": "9"}, {"from": "protection.removed", "premium": "unknown", "shown": None}),
    ],
    ids=["added", "removed", "an order that the shop does not know"],
)
def test_a_change_shows_what_the_order_showed_when_it_was_planned(scene, premium, said, content):
    """The premium that was known then, and whether the order had one: what the plan was made from."""
    scene.shop_says(premium)
    scene.deliver(bodies.protection(event="e1", **said))
    scene.plan()

    assert content == scene.action().content


def test_what_may_be_a_repeat_is_marked_as_doubtful(protected):
    """Only what a person lets act changes the state: the mark says which of the actions that is."""
    protected.shop_says(None)
    protected.export()
    at = protected.clock()
    protected.shop_says(PREMIUM)
    protected.export()
    protected.event("echo", added=False, at=at)

    assert protected.action().content["doubtful"] is True
    assert (["flip"], True) == (protected.holds()[0], protected.state().is_on)
