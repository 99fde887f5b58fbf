"""The year in halves and weeks: pure arithmetic, in Danish time."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from reviews import weeks
from reviews.weeks import Half


def test_every_week_belongs_to_one_half_year_and_a_year_has_all_of_its_weeks() -> None:
    halves = [Half(year, number) for year in range(2020, 2034) for number in (1, 2)]
    found = [week for half in halves for week in weeks.weeks(half)]
    assert all(later - earlier == timedelta(days=7) for earlier, later in pairwise(found))
    assert {len(list(weeks.weeks(half))) for half in halves} == {25, 26, 27}
    assert all(week.weekday() == 0 and weeks.half_of(week) in halves for week in found)
    assert next(weeks.weeks(Half(2026, 1))) == date(2025, 12, 29), "its Thursday is New Year's Day"
    assert (Half(2026, 1).before, Half(2026, 2).before) == (Half(2025, 2), Half(2026, 1))


@pytest.mark.parametrize(
    ("at", "is_over"), [("2026-11-22T23:59", False), ("2026-11-23T00:59", False), ("2026-11-23T01:00", True)]
)
def test_a_week_can_be_drawn_an_hour_after_its_last_day_in_danish_time(at: str, is_over: bool) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=weeks.DENMARK).astimezone(UTC)
    found = weeks.whole(Half(2026, 2), datetime(2026, 11, 15, 23, tzinfo=UTC), now)
    assert (found == [date(2026, 11, 16)]) is is_over


def test_a_week_of_which_the_log_lacks_an_hour_is_not_drawn_and_the_clock_may_change_in_it() -> None:
    late = datetime(2026, 10, 18, 22, 1, tzinfo=UTC)
    found = weeks.whole(Half(2026, 2), late, datetime(2026, 11, 4, tzinfo=UTC))
    assert found == [date(2026, 10, 26)], "the one that begins before the log does is left out"
    in_time = weeks.whole(Half(2026, 2), late - timedelta(minutes=1), datetime(2026, 11, 4, tzinfo=UTC))
    assert in_time == [date(2026, 10, 19), date(2026, 10, 26)], "summer time ends on the 25th"


@pytest.mark.parametrize("written", ["", "2026", "2026-3", "20261-1", "x026-1", "²026-1", "2026-1-1"])
def test_what_is_no_half_year_is_none(written: str) -> None:
    assert weeks.read(written) is None
    assert weeks.read("2026-1") == Half(2026, 1)
