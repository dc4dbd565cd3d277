"""Cutting a file: lines keep their numbers, and nothing that stands inside a calendar stops the reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendars import source as source_module
from calendars.convert import convert
from calendars.fields import Options
from calendars.source import SourceError, read_source
from tests.support.calendars import calendar_text, event_text


def test_folded_lines_are_one_and_keep_the_number_of_their_first() -> None:
    found = read_source("a.ics", b"BEGIN:VCALENDAR\r\nX:a\r\n b\r\n\tc\r\nY:d\r\nEND:VCALENDAR\r\n")
    assert [(line.number, line.text) for line in found.calendars[0].lines] == [(2, "X:abc"), (5, "Y:d")]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_line_end_is_read(end: str) -> None:
    text = calendar_text(event_text()).replace("\r\n", end)
    assert [len(calendar.inside("VEVENT")) for calendar in read_source("a.ics", text.encode()).calendars] == [1]


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (calendar_text(event_text("SUMMARY:Gruß")).encode("utf-8-sig"), "Gruß"),
        (calendar_text(event_text("SUMMARY:Gruß")).encode("utf-16"), "Gruß"),
        (calendar_text(event_text("SUMMARY:Gruß")).encode("cp1252"), "Gruß"),
    ],
    ids=["utf-8 with mark", "utf-16", "windows-1252"],
)
def test_encodings(data: bytes, title: str) -> None:
    (event,) = convert([read_source("a.ics", data)], Options()).events
    assert event.fields["title"] == title


def test_windows_1252_is_reported_with_the_first_such_line() -> None:
    (fault,) = read_source("a.ics", calendar_text(event_text("SUMMARY:Gruß")).encode("cp1252")).faults
    assert (fault.number, "Windows-1252" in fault.problem) == (7, True)


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        ("BEGIN:VEVENT\nBEGIN:VEVENT\nEND:VEVENT", ["BEGIN:VEVENT is never closed"]),
        ("BEGIN:VEVENT\nBEGIN:VALARM\nEND:VEVENT", ["BEGIN:VALARM is never closed"]),
        ("END:VEVENT", ["END:VEVENT closes nothing"]),
        ("no colon here", ["'no colon here' is not a property: the line was left out"]),
        ("X:" + "a" * 200_001, ["'X:aaaaaaaaaaaaaaaaaaaaaaaaaaaa'… has 200,003 characters: the line was left out"]),
        ("\n".join(f"BEGIN:X{n}" for n in range(8)) + "\n" + "\n".join(f"END:X{n}" for n in range(6, -1, -1)),
         ["BEGIN:X7 is nested too deeply"]),
    ],
)  # fmt: skip
def test_faults_are_reported(lines: str, faults: list[str]) -> None:
    assert [fault.problem for fault in read_source("a.ics", calendar_text(lines).encode()).faults] == faults


def test_an_event_that_is_cut_off_is_left_out_and_those_before_it_are_not() -> None:
    text = calendar_text(event_text(), event_text("RRULE:FREQ=DAILY", uid="two"))
    found = convert([read_source("a.ics", text[: text.rindex("RRULE")].encode())], Options())
    assert [event.fields["title"] for event in found.events] == ["Talk"]
    assert any("may have been cut off" in remark.text for entry in found.entries for remark in entry.remarks)


@pytest.mark.parametrize("data", [b"", b"\x00\xff" * 50, b"<html></html>", b"BEGIN:VEVENT\nEND:VEVENT"])
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="no BEGIN:VCALENDAR"):
        read_source("a.ics", data)


def test_bounds_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    data = calendar_text(event_text(), event_text(uid="two")).encode()
    monkeypatch.setattr(source_module, "EVENTS_MAX", 1)
    with pytest.raises(SourceError, match="2 events are more than the 1"):
        read_source("a.ics", data)
    monkeypatch.setattr(source_module, "FILE_BYTES_MAX", 10)
    with pytest.raises(SourceError, match="bytes are more than the 10"):
        read_source("a.ics", data)


_TIME_NAMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "LAST-MODIFIED")
_TEXT_NAMES = ("UID", "SUMMARY", "DESCRIPTION", "LOCATION", "URL", "CATEGORIES", "STATUS", "CLASS", "SEQUENCE")
_TIME_VALUES = ("20300107T180000Z", "20300107", "20300107T180000", "00010101", "99991231T235959Z", "P1D", "-P9W", "PT")
_RULES = ("FREQ=DAILY;COUNT=3", "FREQ=WEEKLY", "FREQ=SECONDLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
_WORDS = ("CANCELLED", "VEVENT", "VALARM", "VTIMEZONE", "STANDARD", "+0100", "-9999", "P99999999999999999W")
NAMES = st.sampled_from([*_TIME_NAMES, *_TEXT_NAMES, "BEGIN", "END", "TZID"])
PARAMETERS = st.sampled_from(
    ["", ";VALUE=DATE", ";TZID=Europe/Berlin", ";TZID=Odd", ";RANGE=THISANDFUTURE", ";", ';X="']
)
VALUES = st.one_of(st.text(max_size=20), st.sampled_from([*_TIME_VALUES, *_RULES, *_WORDS]))
LINES = st.lists(st.builds("{}{}:{}".format, NAMES, PARAMETERS, VALUES), max_size=15)


@given(st.lists(LINES, min_size=1, max_size=4), st.booleans())
def test_hostile_calendars_convert_with_a_word_on_every_event(events: list[list[str]], is_folded: bool) -> None:
    """Whatever the lines say: no exception, an entry for every event, and only fields the backend knows."""
    text = calendar_text(*("\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"]) for lines in events))
    data = (text.replace(":", ":\r\n ") if is_folded else text).encode("utf-8", "replace")
    source = read_source("a.ics", data)
    found = convert([source], Options())
    reported = [entry for entry in found.entries if entry.component in {"VEVENT", "override"}]
    assert len(reported) == sum(len(calendar.inside("VEVENT")) for calendar in source.calendars)
    assert {entry.event_id for entry in found.entries} >= {event.event_id for event in found.events}


@given(st.binary(max_size=300))
def test_any_bytes_are_a_calendar_or_a_clear_no(data: bytes) -> None:
    try:
        convert([read_source("a.ics", b"BEGIN:VCALENDAR\r\n" + data)], Options())
    except SourceError as error:
        assert str(error)  # noqa: PT017  # either answer is right
