"""Schedules: when functions run, by cron's fields, by App Engine's English, and by the clocks of a zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from firewarden.errors import FunctionsLoadError
from firewarden.triggers.schedules import timetable

START = datetime(2026, 1, 5, 9, 2, tzinfo=UTC)  # a Monday


def times(text: str, number: int = 3, *, zone: str | None = "UTC", start: datetime = START) -> list[str]:
    table, found, moment = timetable(text, zone, start=START), [], start
    for _ in range(number):
        after = table.after(moment)
        if after is None:
            break
        found.append(f"{after:%m-%d %H:%M}")
        moment = after
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* * * * *", ["01-05 09:03", "01-05 09:04", "01-05 09:05"]),
        ("*/5 * * * *", ["01-05 09:05", "01-05 09:10", "01-05 09:15"]),
        ("7-59/20 9,11 * * *", ["01-05 09:07", "01-05 09:27", "01-05 09:47"]),
        ("0 3 * * *", ["01-06 03:00", "01-07 03:00", "01-08 03:00"]),
        ("30 8 1 * *", ["02-01 08:30", "03-01 08:30", "04-01 08:30"]),
        ("0 0 * * sun", ["01-11 00:00", "01-18 00:00", "01-25 00:00"]),
        ("0 0 * * 7", ["01-11 00:00", "01-18 00:00", "01-25 00:00"]),
        ("0 0 * * MON-WED", ["01-06 00:00", "01-07 00:00", "01-12 00:00"]),
        ("0 0 10 * 2", ["01-06 00:00", "01-10 00:00", "01-13 00:00"]),  # either of both days
        ("0 0 1 jan,jul *", ["07-01 00:00", "01-01 00:00", "07-01 00:00"]),
        ("0 0 29 2 *", ["02-29 00:00", "02-29 00:00", "02-29 00:00"]),
        ("0 0 31 2 *", []),
        ("every 5 minutes", ["01-05 09:07", "01-05 09:12", "01-05 09:17"]),
        ("every 90 mins", ["01-05 10:32", "01-05 12:02", "01-05 13:32"]),
        ("every 12 hours", ["01-05 21:02", "01-06 09:02", "01-06 21:02"]),
        ("every 5 minutes synchronized", ["01-05 09:05", "01-05 09:10", "01-05 09:15"]),
        ("every 2 hours from 10:00 to 14:00", ["01-05 10:00", "01-05 12:00", "01-05 14:00"]),
        ("every day 03:00", ["01-06 03:00", "01-07 03:00", "01-08 03:00"]),
        ("every monday 09:00", ["01-12 09:00", "01-19 09:00", "01-26 09:00"]),
        ("Every Mon,Thursday  9:00", ["01-08 09:00", "01-12 09:00", "01-15 09:00"]),
        ("every tuesday of march 10:00", ["03-03 10:00", "03-10 10:00", "03-17 10:00"]),
        ("2nd,third mon of month 17:00", ["01-12 17:00", "01-19 17:00", "02-09 17:00"]),
        ("1st monday of sep,oct,nov 17:00", ["09-07 17:00", "10-05 17:00", "11-02 17:00"]),
        ("1,15 of month 00:00", ["01-15 00:00", "02-01 00:00", "02-15 00:00"]),
        ("1st day of jan,april 00:00", ["04-01 00:00", "01-01 00:00", "04-01 00:00"]),
    ],
)
def test_a_schedule_comes_when_it_says(text: str, expected: list[str]) -> None:
    assert times(text) == expected


def test_times_are_those_of_the_zone() -> None:
    assert times("0 9 * * *", 1, zone="Europe/Berlin") == ["01-06 08:00"]
    assert times("every day 09:00", 1, zone=None) == ["01-05 17:00"]  # Cloud Scheduler's zone: Los Angeles


def test_an_hour_that_is_skipped_does_not_come() -> None:
    """Berlin goes from 2:00 to 3:00 on 29 March 2026."""
    start = datetime(2026, 3, 28, 0, 0, tzinfo=UTC)
    assert times("30 2 * * *", 2, zone="Europe/Berlin", start=start) == ["03-28 01:30", "03-30 00:30"]


def test_an_hour_that_comes_twice_counts_once() -> None:
    """Berlin shows 2:30 twice on 25 October 2026."""
    start = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    found = times("30 2 * * *", 2, zone="Europe/Berlin", start=start)
    assert found == ["10-25 00:30", "10-26 01:30"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_after_always_goes_on_and_shows_the_time_that_was_asked_for(zone: str) -> None:
    table = timetable("15 */7 * * *", zone, start=START)
    moment = START
    for _ in range(1500):
        after = table.after(moment)
        assert after is not None
        assert moment < after <= moment + timedelta(hours=9)
        shown = after.astimezone(ZoneInfo(zone))
        assert (shown.minute, shown.hour % 7) == (15, 0)
        moment = after


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("60 * * * *", "minute: '60' is not within 0 to 59"),
        ("* * * 13 *", "month"),
        ("5-1 * * * *", "ends before it begins"),
        ("*/0 * * * *", "no step"),
        ("* * * *", "not understood"),
        ("every 0 minutes", "not understood"),
        ("every minute", "not understood"),
        ("every 7 minutes synchronized", "no multiple"),
        ("every 5 minutes from 12:00 to 9:00", "ends before it begins"),
        ("every monda 09:00", "none of"),
        ("every 09:00", "every what"),
        ("every day 25:00", "no time of a day"),
        ("32 of month 00:00", "no day"),
        ("1st day 00:00", "needs its month"),
    ],
)
def test_what_is_not_understood_is_refused(text: str, problem: str) -> None:
    with pytest.raises(FunctionsLoadError, match=problem):
        timetable(text, "UTC", start=START)


def test_a_zone_that_there_is_not_is_refused() -> None:
    with pytest.raises(FunctionsLoadError, match="Europe/Nowhere"):
        timetable("* * * * *", "Europe/Nowhere", start=START)
