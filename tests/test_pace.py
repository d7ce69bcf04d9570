"""Requests evenly spread over time."""

from op_core.pace import Pace


def test_turns_come_evenly():
    """Five a second are 0.2 s apart, however many are asked for at once."""
    pace = Pace(5, clock=lambda: 100.0)

    assert [0.0, 0.2, 0.4, 0.6] == [round(pace.turn(), 6) for _ in range(4)]


def test_nobody_waits_for_a_turn_that_was_not_taken():
    """After a pause the next one comes at once."""
    now = [0.0]
    pace = Pace(5, clock=lambda: now[0])
    pace.turn()
    now[0] = 10.0

    assert 0.0 == pace.turn()
    assert 0.2 == round(pace.turn(), 6)


def test_without_a_rate_nobody_waits():
    """As many as are asked for."""
    assert [0.0, 0.0] == [Pace(None).turn() for _ in range(2)]
