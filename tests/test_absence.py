"""A shop that is away: how long it is left alone, and what ends it."""

import pytest

from op_core.absence import Absence
from op_core.errors import ShopAway


class Clock:
    """Seconds, moved by hand."""

    now = 100.0

    def __call__(self):
        """Return them."""
        return self.now


@pytest.fixture
def clock():
    """Give a clock that stands still."""
    return Clock()


@pytest.fixture
def absence(clock):
    """Give a shop that is well."""
    return Absence(clock)


def test_a_well_shop_may_be_asked(absence):
    """Nothing is said, and nothing waits."""
    assert (None, 0, 0) == (absence.reason, absence.wait, absence.check())


def test_nobody_asks_until_the_pause_is_over(absence, clock):
    """Whoever wants to is told the same words, without a call."""
    absence.begin("op_get_order", "no connection")
    with pytest.raises(ShopAway, match="no connection"):
        absence.check()
    clock.now += 1

    assert (0, "no connection") == (absence.wait, absence.reason)
    assert 1 == absence.check()


def test_the_pause_grows_to_a_minute(absence, clock):
    """A second, then twice as long each time; an answer ends that."""
    pauses = []
    for _ in range(8):
        absence.begin("op_get_order", "no connection")
        pauses.append(absence.wait)
        clock.now += absence.wait
    absence.answered("op_get_order", absence.check())
    absence.begin("op_get_order", "no connection")

    assert [1, 2, 4, 8, 16, 32, 60, 60] == pauses
    assert 1 == absence.wait


def test_calls_that_were_under_way_do_not_make_it_longer(absence, clock):
    """Four threads that find it away are one absence."""
    for hook in ("op_get_order", "op_get_order", "op_issue_refund"):
        absence.begin(hook, "no connection")
    assert 1 == absence.wait


def test_a_hook_that_works_does_not_speak_for_another(absence, clock):
    """Where a user may only read, reads go well, and the store stays parked until a write does."""
    absence.begin("op_issue_refund", "may only read")
    clock.now += 1
    absence.answered("op_get_order", absence.check())
    assert "may only read" == absence.reason
    absence.begin("op_issue_refund", "may only read")
    assert 2 == absence.wait
    clock.now += 2
    absence.answered("op_issue_refund", absence.check())
    assert absence.reason is None


def test_every_hook_that_said_so_has_to_answer(absence, clock):
    """One that answered is not waited for again."""
    absence.begin("op_get_order", "no connection")
    absence.begin("op_export_orders", "no connection")
    clock.now += 1
    absence.answered("op_export_orders", absence.check())
    assert absence.reason is not None
    absence.answered("op_get_order", absence.check())
    assert absence.reason is None


def test_a_hook_that_nobody_calls_any_more_is_not_waited_for(absence, clock):
    """After a minute in which nothing went wrong any answer will do."""
    absence.begin("op_export_products", "no connection")
    clock.now += 60
    absence.answered("op_get_order", absence.check())
    assert absence.reason is not None
    clock.now += 1
    absence.answered("op_get_order", absence.check())
    assert absence.reason is None


def test_a_shop_that_says_how_long_is_left_alone_for_that_long(absence, clock):
    """The longest of several words counts, and none counts for more than an hour, nor for less than the usual pause."""
    absence.begin("op_get_order", "429", 0.2)
    assert 1 == absence.wait
    absence.begin("op_issue_refund", "429", 90)
    absence.begin("op_get_order", "429", 30)
    assert 90 == absence.wait
    clock.now += 90
    absence.check()
    absence.begin("op_get_order", "429", 1e9)
    assert 3600 == absence.wait


def test_a_call_that_began_before_proves_nothing(absence, clock):
    """A slow answer of the time before does not call a shop well that is away since."""
    mark = absence.check()
    absence.begin("op_get_order", "no connection")
    absence.answered("op_get_order", mark)

    assert "no connection" == absence.reason
