"""Echoes that come late: after the shop, or the dashboard, said otherwise."""

import pytest

from op_core.money import Money

PREMIUM = Money("4.25", "USD")
NO_ID = ("slash", "camel")


def to_and_fro(scene):
    """Let the shop cancel and add again, both told at once."""
    scene.shop_says(None)
    scene.export()
    cancelled_at = scene.clock()
    scene.shop_says(PREMIUM)
    scene.export()
    scene.made()
    return cancelled_at


@pytest.mark.parametrize("dialect", ["reference", *NO_ID])
def test_a_late_echo_is_held_and_changes_no_state(protected, dialect):
    """The echo of a cancellation that comes after the shop's later word is no change; its copies ask nobody again."""
    cancelled_at = to_and_fro(protected)
    for copy in range(3):
        protected.event(f"echo-{copy}", added=False, at=cancelled_at, dialect=dialect)

    assert ([], [["flip"]]) == (protected.made(), protected.holds())
    assert (True, PREMIUM) == (protected.state().is_on, protected.state().paid)


def test_a_removal_after_the_echoes_time_acts(protected):
    """Made long after what the shop told, it is a change; the late echo beside it is not."""
    cancelled_at = to_and_fro(protected)
    protected.event("echo", added=False, at=cancelled_at)
    protected.decline(protected.action())
    protected.event("removed", added=False)

    assert ["refund_protection"] == protected.made()


def test_a_doubtful_event_counts_once_a_person_let_it_act(protected):
    """Approved and done, a removal that looked like an echo is the state; adding it again is billed."""
    cancelled_at = to_and_fro(protected)
    protected.event("removed", added=False, at=cancelled_at)
    protected.approve(protected.action())
    protected.run()
    assert ["refund_protection"] == protected.made()
    protected.event("removed again", added=False)
    protected.clock.move(hours=2)
    protected.event("added", added=True)

    assert ["charge_protection"] == protected.made()


def test_an_echo_of_a_give_back_that_comes_after_a_new_addition(protected):
    """Removed and given back; told; added again and billed; then the echo of what was told: nothing goes back."""
    protected.event("removed", added=False)
    protected.shop_says(None)
    protected.export()
    told_at = protected.clock()
    protected.clock.move(hours=1)
    protected.event("added", added=True)
    protected.event("echo", added=False, at=told_at)

    assert ["refund_protection", "charge_protection"] == protected.made()
    assert ["flip"] == protected.holds("refund_protection")[1]


@pytest.mark.parametrize("dialect", NO_ID)
def test_a_second_copy_of_an_echo_without_id_is_held(protected, dialect):
    """An echo that said nothing new may come again after a change; without an id nobody can tell it from another."""
    protected.shop_says(None)
    protected.export()
    protected.event(None, added=False, dialect=dialect)
    protected.event(None, added=True, dialect=dialect)
    protected.event(None, added=False, dialect=dialect)

    assert ["charge_protection"] == protected.made()
    assert [["flip"]] == protected.holds("refund_protection")


def test_an_event_older_than_what_the_shop_did_is_held(protected):
    """A removal from before the shop put the premium on: what it asks for, the shop has overtaken."""
    protected.event("removed", added=False)
    protected.shop_says(None)
    protected.export()
    protected.clock.move(hours=1)
    protected.event("added", added=True)
    protected.made()
    old = protected.clock()
    protected.clock.move(hours=1)
    protected.shop_says(PREMIUM)
    protected.export()
    protected.shop_says(None)
    protected.export()
    protected.shop_says(PREMIUM)
    protected.export()
    protected.event("late", added=False, at=old)

    assert [] == protected.made()
    assert "amended" in protected.holds("refund_protection")[-1]


def test_a_doubtful_addition_that_was_let_act_is_paid(scene):
    """Billed by a person's word, the premium is known as paid: it goes back when the protection is removed."""
    scene.event("added", added=True)
    scene.event("removed", added=False)
    scene.event(None, added=True, dialect="slash")
    assert [[], ["flip"]] == scene.holds("charge_protection")
    scene.approve(scene.actions("charge_protection")[1])
    scene.run()
    scene.event("removed again", added=False)

    assert ["charge_protection", "refund_protection"] * 2 == scene.made()
