"""Times of a shop that knows only its own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from op_sql_shop.converters import Forms

NIGHT = datetime(2029, 10, 28, tzinfo=UTC)  # clocks go back at 01:00 in Berlin, 3 h later in New York a week on


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])
@given(begin=st.integers(-400, 4000), later=st.integers(0, 300))
@example(begin=50, later=20)  # Berlin: 02:50 in summer time, and 02:10 after it
def test_no_later_change_is_before_since(zone, begin, later):
    """Also in the hour that the clocks show twice: what changed in it a second time is not passed over."""
    forms = Forms("decimal", "text", ZoneInfo(zone), "%Y-%m-%d %H:%M:%S", 2, floats=False)
    since = NIGHT + timedelta(minutes=5 * begin)

    assert forms.since(since) <= forms.time(since + timedelta(minutes=later))


def test_since_is_the_time_itself_on_every_other_day():
    """Nothing is read again without need."""
    forms = Forms("decimal", "naive", ZoneInfo("Europe/Berlin"), "", 2, floats=False)

    assert datetime(2029, 7, 1, 14) == forms.since(datetime(2029, 7, 1, 12, tzinfo=UTC))  # noqa: DTZ001 - what the shop holds
