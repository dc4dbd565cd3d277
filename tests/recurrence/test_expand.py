"""Expansion: windows, exdates, the last end, limits."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.recurrence import (
    ENDLESS,
    Recurrence,
    RecurrenceError,
    Rule,
    Series,
    expand,
    find_occurrence,
    last_end,
    parse_rrule,
)
from tests.support.recurrence import at, moved, rules, series, starts

WEEKLY = "FREQ=WEEKLY;COUNT=4"


def test_a_single_event_is_a_series_of_one() -> None:
    event = series(None, "2026-05-01T10:00")
    assert starts(event, "2026-05-01", "2026-05-02") == ["2026-05-01T10:00"]
    assert starts(event, "2026-05-02", "2026-05-03") == []


def test_a_window_holds_what_overlaps_it() -> None:
    """What is still running at its beginning is in; what ends just then or starts at its end is not."""
    event = series("FREQ=DAILY;COUNT=3", "2026-05-01T10:00", end_at=at("2026-05-01T12:00"))
    assert starts(event, "2026-05-02T11:59", "2026-05-03T10:00") == ["2026-05-02T10:00"]
    assert starts(event, "2026-05-02T12:00", "2026-05-03T10:01") == ["2026-05-03T10:00"]


def test_an_event_longer_than_its_period_overlaps_itself() -> None:
    event = series("FREQ=DAILY;COUNT=5", "2026-05-01T10:00", end_at=at("2026-05-03T10:00"))
    assert starts(event, "2026-05-03T11:00", "2026-05-03T12:00") == ["2026-05-02T10:00", "2026-05-03T10:00"]


def test_count_counts_excluded_occurrences() -> None:
    event = series(WEEKLY, "2026-05-01T10:00", exdates=["2026-05-08T10:00"])
    assert starts(event, "2026-01-01", "2027-01-01") == ["2026-05-01T10:00", "2026-05-15T10:00", "2026-05-22T10:00"]


def test_the_start_is_the_first_occurrence_even_where_the_rule_would_not_name_it() -> None:
    """A Friday start with a Tuesday rule: RFC 5545 3.8.5.3, DTSTART is the first instance and counts."""
    event = series("FREQ=WEEKLY;BYDAY=TU;COUNT=3", "2026-05-01T10:00")
    assert starts(event, "2026-01-01", "2027-01-01") == ["2026-05-01T10:00", "2026-05-05T10:00", "2026-05-12T10:00"]


# --- Ends and limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (series(None, "2026-05-01T10:00"), at("2026-05-01T11:00")),
        (series(WEEKLY, "2026-05-01T10:00"), at("2026-05-22T11:00")),
        (series("FREQ=WEEKLY;UNTIL=20260601", "2026-05-01T10:00"), at("2026-05-29T11:00")),
        (series("FREQ=DAILY;UNTIL=99970101", "2026-05-01T10:00"), at("9997-01-01T11:00")),
        (series("FREQ=WEEKLY", "2026-05-01T10:00"), ENDLESS),
        (series(WEEKLY, "2026-05-01T10:00", exdates=["2026-05-22T10:00"]), at("2026-05-15T11:00")),
        (
            series("FREQ=DAILY;COUNT=2", "2026-05-01T10:00", exdates=["2026-05-01T10:00", "2026-05-02T10:00"]),
            at("2026-05-01T11:00"),
        ),
        (
            moved(series(WEEKLY, "2026-05-01T10:00"), "20260508T100000Z", start_at=at("2026-09-01T10:00")),
            at("2026-09-01T11:00"),
        ),
        (
            moved(series(WEEKLY, "2026-05-01T10:00"), "20260522T100000Z", start_at=at("2026-05-02T10:00")),
            at("2026-05-15T11:00"),
        ),
        (moved(series(WEEKLY, "2026-05-01T10:00"), "20260522T100000Z", canceled=True), at("2026-05-15T11:00")),
    ],
)
def test_the_last_end_is_that_of_the_last_occurrence_that_takes_place(event: Series, expected: datetime) -> None:
    assert expected == last_end(event)


@settings(deadline=None, max_examples=60)
@given(rules(), st.integers(0, 400))
def test_the_last_end_agrees_with_the_expansion(rule: Rule, days: int) -> None:
    """For every finite rule, whichever end it has."""
    until = at("2026-05-01T10:00") + timedelta(days=days)
    text = rule.text if rule.count else f"{rule.text};UNTIL={until:%Y%m%dT%H%M%SZ}"
    event = series(text, "2026-05-01T10:00", "America/New_York")
    assert expand(event, at("2026-01-01"), at("9998-01-01"))[-1].end == last_end(event)


def test_more_occurrences_than_the_limit_are_an_error_that_says_so() -> None:
    event = series("FREQ=DAILY", "2026-05-01T10:00")
    assert len(expand(event, at("2026-05-01"), at("2040-01-08"))) == 5_000
    with pytest.raises(RecurrenceError, match="more than 5000 occurrences; ask for a shorter one"):
        expand(event, at("2026-05-01"), at("2040-01-09"))
    with pytest.raises(RecurrenceError, match="more than 5000"):
        expand(event, at("2026-05-01"), ENDLESS, limit=1_000_000)
    with pytest.raises(RecurrenceError, match="more than 3"):
        expand(event, at("2026-05-01"), at("2026-06-01"), limit=3)


def test_a_window_far_ahead_is_reached_at_once_and_rightly_aligned() -> None:
    """Every third day, 400 years later, in local time."""
    event = series("FREQ=DAILY;INTERVAL=3", "2026-05-01T10:00", "America/New_York")
    (occurrence,) = expand(event, at("2426-05-01"), at("2426-05-04"))
    assert (occurrence.start.date() - at("2026-05-01").date()).days % 3 == 0


@pytest.mark.parametrize(("start", "end"), [("2026-05-02", "2026-05-01"), ("2026-05-01", "2026-05-01")])
def test_an_empty_window_holds_nothing(start: str, end: str) -> None:
    assert starts(series("FREQ=DAILY", "2026-04-01T10:00"), start, end) == []


def test_windows_at_the_ends_of_the_calendar_are_no_error() -> None:
    for zone in ("America/New_York", "Pacific/Kiritimati"):
        event = series("FREQ=YEARLY", "2026-05-01T10:00", zone)
        assert expand(event, datetime.min.replace(tzinfo=UTC), at("2026-01-01")) == []
        assert expand(event, at("9900-01-01"), datetime.max.replace(tzinfo=UTC))


def test_an_event_that_lasts_for_ages_ends_with_the_calendar() -> None:
    for all_day in (False, True):
        event = series("FREQ=YEARLY;COUNT=1000", "1900-05-01T10:00", end_at=at("9900-01-01"), all_day=all_day)
        assert len(expand(event, at("2026-01-01"), at("2027-01-01"))) == 127
        assert last_end(event) is not None


def test_the_last_end_of_a_rule_that_fell_silent_long_before_its_until() -> None:
    """UNTIL is 7,900 years after the only occurrence; the search backwards is bounded."""
    event = series("FREQ=DAILY;INTERVAL=7;BYDAY=TU;UNTIL=99971231", "2026-05-04T10:00")
    assert last_end(event) == at("2026-05-04T11:00")


def test_without_a_start_nothing_takes_place() -> None:
    event = Series(start_at=None, recurrence=Recurrence(parse_rrule("FREQ=DAILY")))
    assert expand(event, at("2026-01-01"), at("2027-01-01")) == []
    assert None is last_end(event)
    assert None is find_occurrence(event, "2026-01-01")
