"""Wall-clock time: changes of the clocks, all-day occurrences, and UNTIL in each of its forms."""

from datetime import timedelta

import pytest

from gather.recurrence import expand
from tests.support.recurrence import at, series, starts


def test_wall_clock_time_stays_over_the_change_of_the_clocks() -> None:
    event = series("FREQ=WEEKLY;COUNT=3", "2026-03-20T17:00", "Europe/Berlin")
    assert starts(event, "2026-03-01", "2026-05-01") == ["2026-03-20T17:00", "2026-03-27T17:00", "2026-04-03T16:00"]


def test_a_skipped_time_is_read_with_the_offset_before_the_gap() -> None:
    """02:30 does not exist in New York on 8 March 2026; it is 03:30 there."""
    event = series("FREQ=DAILY;COUNT=3", "2026-03-07T07:30", "America/New_York")
    assert starts(event, "2026-03-01", "2026-04-01") == ["2026-03-07T07:30", "2026-03-08T07:30", "2026-03-09T06:30"]


def test_of_two_equal_times_the_first_is_meant() -> None:
    """01:30 comes twice in New York on 1 November 2026."""
    event = series("FREQ=DAILY;COUNT=3", "2026-10-31T05:30", "America/New_York")
    assert starts(event, "2026-10-01", "2026-12-01") == ["2026-10-31T05:30", "2026-11-01T05:30", "2026-11-02T06:30"]


def test_a_series_that_starts_at_the_second_of_two_equal_times_starts_there() -> None:
    event = series("FREQ=DAILY;COUNT=2", "2026-11-01T06:30", "America/New_York")
    assert starts(event, "2026-10-01", "2026-12-01") == ["2026-11-01T06:30", "2026-11-02T06:30"]


def test_a_timed_occurrence_lasts_its_exact_duration_over_the_change_of_the_clocks() -> None:
    event = series("FREQ=DAILY;COUNT=2", "2026-03-27T22:00", "Europe/Berlin", end_at=at("2026-03-28T05:00"))
    last = expand(event, at("2026-03-28T12:00"), at("2026-03-30"))[0]
    assert timedelta(hours=7) == last.end - last.start


def test_an_all_day_occurrence_runs_from_midnight_to_midnight() -> None:
    """The day on which the clocks change has 23 hours."""
    event = series("FREQ=DAILY;COUNT=2", "2026-03-27T23:00", "Europe/Berlin", all_day=True)
    found = expand(event, at("2026-03-20"), at("2026-04-01"))
    assert [occurrence.id for occurrence in found] == ["20260328", "20260329"]
    assert [(each.end - each.start) / timedelta(hours=1) for each in found] == [24, 23]


def test_a_day_without_midnight_starts_when_it_starts() -> None:
    """In Beirut the clocks go from 00:00 to 01:00 on 29 March 2026."""
    event = series("FREQ=DAILY;COUNT=3", "2026-03-27T22:00", "Asia/Beirut", all_day=True)
    assert [occurrence.id for occurrence in expand(event, at("2026-03-20"), at("2026-04-10"))] == [
        "20260328",
        "20260329",
        "20260330",
    ]


# --- UNTIL -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20260503", 3),  # a date: to the end of that local day
        ("20260503T180000", 3),  # local: inclusive
        ("20260503T175959", 2),
        ("20260503T160000Z", 3),  # an instant: inclusive
        ("20260503T155959Z", 2),
        ("20260101", 1),  # before the start: the start stays
        ("99991231T235959Z", 50),
    ],
)
def test_until_is_inclusive_in_each_of_its_forms(until: str, count: int) -> None:
    """The start is aware; a naive, a date and a UTC UNTIL are all held against it."""
    event = series(f"FREQ=DAILY;UNTIL={until}", "2026-05-01T16:00", "Europe/Berlin")
    assert count == len(expand(event, at("2026-05-01"), at("2026-06-20")))


@pytest.mark.parametrize("until", ["20260503", "20260503T000000", "20260502T220000Z", "20260503T215959Z"])
def test_until_of_an_all_day_series_is_a_local_day(until: str) -> None:
    event = series(f"FREQ=DAILY;UNTIL={until}", "2026-04-30T22:00", "Europe/Berlin", all_day=True)
    assert [each.id for each in expand(event, at("2026-01-01"), at("2027-01-01"))] == [
        "20260501",
        "20260502",
        "20260503",
    ]
