"""Overrides and exdates of single occurrences, and the names occurrences go by."""

import pytest

from gather.recurrence import Override, RecurrenceError, expand, find_occurrence
from tests.support.recurrence import at, moved, series, starts

WEEKLY = "FREQ=WEEKLY;COUNT=4"


def test_an_override_moves_its_occurrence_into_a_window_and_out_of_one() -> None:
    event = moved(series(WEEKLY, "2026-05-01T10:00"), "20260508T100000Z", start_at=at("2026-09-01T10:00"))
    assert starts(event, "2026-05-08", "2026-05-09") == []
    (occurrence,) = expand(event, at("2026-09-01"), at("2026-09-02"))
    assert ("20260508T100000Z", at("2026-09-01T11:00")) == (occurrence.id, occurrence.end)


def test_a_local_day_names_the_occurrence_too() -> None:
    """01:00 on 9 May in Berlin is still 8 May in UTC."""
    event = moved(series(WEEKLY, "2026-05-01T23:00", "Europe/Berlin"), "2026-05-09", title="Late")
    assert [
        occurrence.override and occurrence.override.title
        for occurrence in expand(event, at("2026-01-01"), at("2027-01-01"))
    ] == [None, "Late", None, None]


def test_an_override_of_an_excluded_or_unknown_occurrence_shows_nothing() -> None:
    excluded = moved(series(WEEKLY, "2026-05-01T10:00", exdates=["2026-05-08T10:00"]), "20260508T100000Z", title="x")
    unknown = moved(series(WEEKLY, "2026-05-01T10:00"), "20260509T100000Z", title="x")
    for event, count in ((excluded, 3), (unknown, 4)):
        found = expand(event, at("2026-01-01"), at("2027-01-01"))
        assert [None] * count == [occurrence.override for occurrence in found]


def test_an_override_end_before_its_start_falls_back_to_the_usual_length() -> None:
    event = moved(series(WEEKLY, "2026-05-01T10:00"), "20260508T100000Z", end_at=at("2026-05-08T09:00"))
    (occurrence,) = expand(event, at("2026-05-08"), at("2026-05-09"))
    assert at("2026-05-08T11:00") == occurrence.end


def test_a_moved_all_day_occurrence_runs_from_midnight_to_midnight_too() -> None:
    event = series(
        "FREQ=WEEKLY;COUNT=3",
        "2026-03-19T23:00",
        "Europe/Berlin",
        all_day=True,
        overrides={"20260327": Override(start_at=at("2026-03-29T10:00"), end_at=at("2026-03-31T10:00"))},
    )
    (occurrence,) = [each for each in expand(event, at("2026-03-01"), at("2026-05-01")) if each.override]
    assert (occurrence.start, occurrence.end) == (at("2026-03-28T23:00"), at("2026-03-30T22:00"))


# --- Names -----------------------------------------------------------------------------------------------------


NAMED = series(WEEKLY, "2026-05-01T10:00", exdates=["2026-05-15T10:00"])


@pytest.mark.parametrize("name", ["20260508T100000Z", "2026-05-08"])
def test_an_occurrence_is_found_by_either_name(name: str) -> None:
    assert [find_occurrence(NAMED, name)] == expand(NAMED, at("2026-05-08"), at("2026-05-09"))


@pytest.mark.parametrize(
    "name",
    [
        "20260508T100001Z",
        "20260509T100000Z",
        "2026-05-09",
        "20260529T100000Z",  # past COUNT
        "2026-05-15",  # excluded
    ],
)
def test_what_does_not_take_place_is_not_found(name: str) -> None:
    assert find_occurrence(NAMED, name) is None


@pytest.mark.parametrize("name", ["", "20260508", "20260508T100000", "2026-13-01", "20269999T000000Z", "x" * 2_000])
def test_a_name_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(RecurrenceError, match="occurrenceId"):
        find_occurrence(series(WEEKLY, "2026-05-01T10:00"), name)


@pytest.mark.parametrize("name", ["20260502", "2026-05-02"])
def test_an_all_day_occurrence_is_found_by_its_day(name: str) -> None:
    event = series("FREQ=DAILY;COUNT=3", "2026-04-30T22:00", "Europe/Berlin", all_day=True)
    found = find_occurrence(event, name)
    assert found is not None
    assert (found.id, found.start) == ("20260502", at("2026-05-01T22:00"))
