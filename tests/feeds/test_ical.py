"""The iCalendar text: golden bytes, the RFC's demands, and what other people's parsers make of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from gather.events.model import Event, parse_event
from gather.feeds.calendar import vcalendar
from gather.feeds.ical import Wording, vevents
from gather.recurrence import expand
from tests.feeds.golden_files import GOLDEN, calendar_of
from tests.feeds.rfc_linter import lint, parse
from tests.feeds.samples import ORIGIN, SAMPLES, WEEKLY, document, event, many, utc


def lines_of(found: Event) -> list[str]:
    return vevents(found, ORIGIN).replace("\r\n ", "").split("\r\n")


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_bytes(name: str) -> None:
    """The text of each sample is byte for byte the one that was read and approved; renew with renew_golden.py."""
    assert calendar_of(SAMPLES[name]) == (GOLDEN / f"{name}.ics").read_bytes()


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_obey_the_rfc(name: str) -> None:
    assert lint(calendar_of(SAMPLES[name])) == []


def test_a_feed_of_many_obeys_the_rfc_and_is_parsed_whole() -> None:
    data = calendar_of(*many(200), *SAMPLES.values())
    assert lint(data) == []
    parsed = icalendar.Calendar.from_ical(data)
    assert [component.errors for component in parsed.walk() if component.errors] == []
    assert len({component["UID"] for component in parsed.walk("VEVENT")}) == 200 + len(SAMPLES)


def test_an_empty_feed_is_still_a_calendar() -> None:
    data = calendar_of()
    assert lint(data) == []
    assert icalendar.Calendar.from_ical(data).walk("VEVENT") == []


def test_the_head_asks_for_an_hour_and_names_the_calendar_twice() -> None:
    calendar = parse(vcalendar("Café; Nord, \\ Süd\nx", [], []).encode())
    assert calendar.first("REFRESH-INTERVAL") == ({"VALUE": "DURATION"}, "PT1H")
    assert calendar.first("X-PUBLISHED-TTL") == ({}, "PT1H")
    assert calendar.first("NAME") == calendar.first("X-WR-CALNAME") == ({}, r"Café\; Nord\, \\ Süd\nx")


@pytest.mark.parametrize("name", SAMPLES)
def test_recurring_ical_events_expands_what_we_expand(name: str) -> None:
    """A library that knows only the text finds the occurrences that the event has, at the same instants."""
    found = SAMPLES[name]
    window = (utc("2026-01-01"), utc("2031-01-01"))
    ours = {(occurrence.start, occurrence.end) for occurrence in expand(found, *window)}
    assert expanded_by_others(calendar_of(found), found, *window) == ours


def expanded_by_others(data: bytes, found: Event, start: datetime, end: datetime) -> set[tuple[datetime, datetime]]:
    zone = ZoneInfo(found.timezone or "UTC")
    parsed = icalendar.Calendar.from_ical(data)
    return {
        (as_instant(each.start, zone), as_instant(each.end, zone))
        for each in recurring_ical_events.of(parsed).between(start, end)
    }


def as_instant(moment: date, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=zone).astimezone(UTC)
    return moment.astimezone(UTC)


def test_dtstamp_is_the_last_change_and_not_the_time_of_rendering() -> None:
    lines = lines_of(event())
    assert {"DTSTAMP:20260402T093000Z", "LAST-MODIFIED:20260402T093000Z", "CREATED:20260401T080000Z"} <= {*lines}


def test_equal_data_gives_equal_bytes() -> None:
    again = {**WEEKLY, "overrides": dict(reversed(WEEKLY["overrides"].items()))}
    assert calendar_of(event("choir", **again)) == calendar_of(event("choir", **WEEKLY))


@pytest.mark.parametrize(
    ("rrule", "fields", "expected"),
    [
        ("FREQ=DAILY;UNTIL=20260610", {"timezone": "Europe/Paris"}, "20260610T215959Z"),
        ("FREQ=DAILY;UNTIL=20260610T120000", {"timezone": "Europe/Paris"}, "20260610T100000Z"),
        ("FREQ=DAILY;UNTIL=20260610T120000Z", {"timezone": "Europe/Paris"}, "20260610T120000Z"),
        ("FREQ=DAILY;UNTIL=20260610", {"timezone": "Asia/Tokyo", "allDay": True}, "20260610"),
        ("FREQ=DAILY;UNTIL=20260610T200000Z", {"timezone": "Asia/Tokyo", "allDay": True}, "20260611"),
        ("FREQ=DAILY;UNTIL=20260610T200000", {"timezone": "Asia/Tokyo", "allDay": True}, "20260610"),
    ],
)
def test_until_has_the_form_that_dtstart_demands(rrule: str, fields: dict[str, Any], expected: str) -> None:
    start = utc("2026-06-05T15:00")  # Midnight in Tokyo, 17:00 in Paris.
    lines = lines_of(event(startAt=start, recurrence={"rrule": rrule}, **fields))
    assert f"RRULE:FREQ=DAILY;UNTIL={expected}" in lines


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "DTSTART:20260606T160000Z"),
        ({"timezone": "UTC"}, "DTSTART:20260606T160000Z"),
        ({"timezone": "UTC", "recurrence": {"rrule": "FREQ=DAILY"}}, "DTSTART:20260606T160000Z"),
        ({"timezone": "Europe/Paris"}, "DTSTART;TZID=Europe/Paris:20260606T180000"),
        ({"timezone": "Asia/Tokyo", "startAt": utc("2026-06-06T15:00"), "allDay": True}, "DTSTART;VALUE=DATE:20260607"),
        # 02:30 comes twice on this night: the first can be said in local time, the second only in UTC.
        ({"timezone": "Europe/Rome", "startAt": utc("2026-10-25T00:30")}, "DTSTART;TZID=Europe/Rome:20261025T023000"),
        ({"timezone": "Europe/Rome", "startAt": utc("2026-10-25T01:30")}, "DTSTART:20261025T013000Z"),
    ],
)  # fmt: skip
def test_the_form_of_a_start(fields: dict[str, Any], expected: str) -> None:
    assert expected in lines_of(event(**fields))


def test_an_occurrence_that_a_change_of_the_clocks_skips_keeps_its_nominal_name() -> None:
    """02:30 does not exist on 2026-03-29 in Berlin; the EXDATE that hits it names 02:30, as the rule does."""
    weekly = event(
        startAt=utc("2026-03-22T01:30"),
        timezone="Europe/Berlin",
        recurrence={"rrule": "FREQ=WEEKLY", "exdates": [utc("2026-03-29T01:30")]},
    )
    assert "EXDATE;TZID=Europe/Berlin:20260329T023000" in lines_of(weekly)


def test_a_changed_occurrence_repeats_every_property_but_the_rule() -> None:
    master, moved, off = [
        component
        for component in parse(calendar_of(SAMPLES["weekly_with_changes"])).inside
        if component.name == "VEVENT"
    ]
    names = {name for name, _, _ in master.properties} - {"RRULE", "EXDATE"}
    assert {name for name, _, _ in moved.properties} == names | {"RECURRENCE-ID"}
    assert moved.first("RECURRENCE-ID") == ({"TZID": "America/New_York"}, "20261103T180000")
    assert moved.first("DTSTART") == ({"TZID": "America/New_York"}, "20261104T100000")
    assert moved.first("DESCRIPTION") == master.first("DESCRIPTION")
    assert (off.first("STATUS"), master.first("STATUS")) == (({}, "CANCELLED"), ({}, "CONFIRMED"))


def test_an_event_id_that_needs_escaping() -> None:
    lines = lines_of(event("a,b;c ü/%"))
    assert r"UID:a\,b\;c ü/%@events.example.org" in lines
    assert "URL:https://events.example.org/events/a%2Cb%3Bc%20%C3%BC%2F%25" in lines


def test_a_long_description_is_cut_with_an_ellipsis() -> None:
    (line,) = [line for line in lines_of(event(description="x" * 5000)) if line.startswith("DESCRIPTION:")]
    assert line == "DESCRIPTION:" + "x" * 3999 + "…"


def test_shorter_wordings_leave_the_times_alone() -> None:
    brief = Wording(description_length_max=0, inherited_description_length_max=0)
    full = vevents(SAMPLES["weekly_with_changes"], ORIGIN).replace("\r\n ", "")
    lines = vevents(SAMPLES["weekly_with_changes"], ORIGIN, brief).replace("\r\n ", "").split("\r\n")
    assert lines == [line for line in full.split("\r\n") if not line.startswith("DESCRIPTION")]


def test_rendering_grows_with_the_number_of_events_only() -> None:
    """A direct writer takes tens of microseconds an event; this bound only catches a wrong order of growth."""
    started = datetime.now(UTC)
    text = "".join(vevents(each, ORIGIN) for each in many(1_000))
    assert text.count("BEGIN:VEVENT") == 1_000
    assert datetime.now(UTC) - started < timedelta(seconds=5)


def test_what_is_malformed_still_renders() -> None:
    """Every stored fault that the model reads by a default gives a valid component."""
    stored = document(
        title=7, endAt=utc("2020-01-01"), timezone="Mars/Olympus", tags=[1], recurrence={"rrule": "FREQ=NEVER"}
    )
    found = parse_event("odd", stored)
    assert len(found.faults) >= 5
    assert lint(calendar_of(found)) == []
    assert "SUMMARY:Untitled event" in lines_of(found)
