"""Which property becomes which field, and what is said of the rest: one row for each feature and each loss."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from calendars import limits
from calendars.convert import Conversion
from calendars.report import Outcome
from tests.support.calendars import calendar_text, event_text

OneEvent = Callable[..., tuple[dict[str, Any], list[str], list[str]]]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # as datetime takes them


@pytest.mark.parametrize(
    ("lines", "field", "expected"),
    [
        ("SUMMARY:  A  talk\\, long ", "title", "A talk, long"),
        ("SUMMARY:ÄRGER", "titleLower", "ärger"),
        ("DESCRIPTION:one\\ntwo", "description", "one\ntwo"),
        ("DESCRIPTION:one\nURL:https://example.org/x", "description", "one\n\nhttps://example.org/x"),
        (
            "DESCRIPTION:see https://example.org/x\nURL:https://example.org/x",
            "description",
            "see https://example.org/x",
        ),
        ("LOCATION:Town hall\\; room 1", "location", "Town hall; room 1"),
        ("CATEGORIES:a,b\\,c\nCATEGORIES:d,a", "tags", ["a", "b,c", "d"]),
        ("STATUS:CANCELLED", "canceled", True),
        ("CLASS:PRIVATE", "visibility", "private"),
        ("CLASS:confidential", "visibility", "private"),
        ("CLASS:PUBLIC", "visibility", "members"),
        ("CLASS:X-SECRET", "visibility", "private"),
        ("DTSTART:20300107T180000Z", "startAt", utc(2030, 1, 7, 18)),
        ("DTSTART;TZID=Europe/Berlin:20300707T180000", "startAt", utc(2030, 7, 7, 16)),
        ("DTSTART;TZID=Europe/Berlin:20300707T180000", "timezone", "Europe/Berlin"),
        ("DTSTART;TZID=W. Europe Standard Time:20300707T180000", "timezone", "Europe/Berlin"),
        ("DTSTART;TZID=/vendor.example/2007/Europe/Paris:20300707T180000", "timezone", "Europe/Paris"),
        ('DTSTART;TZID="America/New_York":20300707T180000', "startAt", utc(2030, 7, 7, 22)),
        ("DTSTART;TZID=Europe/Berlin:20300331T023000", "startAt", utc(2030, 3, 31, 1, 30)),
        ("DTSTART:20300107T180000", "startAt", utc(2030, 1, 7, 18)),
        ("DTSTART;VALUE=DATE:20300107", "allDay", True),
        ("DTSTART;VALUE=DATE:20300107\nDTEND;VALUE=DATE:20300109", "endAt", utc(2030, 1, 9)),
        ("DTSTART;VALUE=DATE:20300107\nDURATION:P3D", "endAt", utc(2030, 1, 10)),
        ("DTEND:20300107T193000Z", "endAt", utc(2030, 1, 7, 19, 30)),
        ("DURATION:PT90M", "endAt", utc(2030, 1, 7, 19, 30)),
        ("DTSTART;TZID=Europe/Berlin:20300330T120000\nDURATION:P1D", "endAt", utc(2030, 3, 31, 10)),
        ("RRULE:FREQ=weekly;WKST=MO;COUNT=3", "recurrence", {"rrule": "FREQ=WEEKLY;COUNT=3"}),
        ("RRULE:FREQ=DAILY;BYHOUR=18;BYMINUTE=0;COUNT=2;", "recurrence", {"rrule": "FREQ=DAILY;COUNT=2"}),
        ("RRULE:FREQ=DAILY;COUNT=2", "timezone", "UTC"),
    ],
)
def test_carried(one_event: OneEvent, lines: str, field: str, expected: object) -> None:
    fields, losses, _ = one_event(lines)
    assert fields[field] == expected
    assert losses == []


@pytest.mark.parametrize("field", ["endAt", "allDay", "timezone", "location", "tags", "canceled", "recurrence"])
def test_what_is_not_said_is_not_stored(one_event: OneEvent, field: str) -> None:
    fields, _, _ = one_event("DTSTART:20300107T180000Z")
    assert field not in fields


@pytest.mark.parametrize(
    ("lines", "loss"),
    [
        ("RRULE:FREQ=HOURLY;COUNT=3", "only the first occurrence was carried: RRULE part FREQ"),
        ("RRULE:FREQ=YEARLY;BYWEEKNO=20", "RRULE part BYWEEKNO is not accepted"),
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "RRULE part RRULE stands 2 times"),
        ("RRULE:FREQ=DAILY;COUNT=9\nEXRULE:FREQ=WEEKLY", "RRULE part EXRULE takes away"),
        (
            "RRULE:FREQ=DAILY;COUNT=2\nRDATE:20300301T180000Z",
            "RDATE adds dates that one rule cannot hold: 2030-03-01 18:00",
        ),
        ("RDATE:20300301T180000Z,20300302T180000Z", "2030-03-01 18:00, 2030-03-02 18:00"),
        ("EXDATE:soon\nRRULE:FREQ=DAILY;COUNT=3", "EXDATE:soon is no date or time"),
        ("DTSTART;TZID=Nowhere/Land:20300107T180000", "zone 'Nowhere/Land' is unknown"),
        ("DTEND:20300107T170000Z", "it ends before it starts"),
        ("DTEND:later", "its end cannot be read"),
        ("DTSTART;VALUE=DATE:20300107\nDTEND:20300108T120000Z", "starts on a day and ends at a time"),
    ],
)
def test_carried_in_part(one_event: OneEvent, lines: str, loss: str) -> None:
    fields, losses, _ = one_event(lines)
    assert fields["title"] == "Talk"
    assert len(losses) == 1
    assert loss in losses[0]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("DTSTART:tomorrow", "its start cannot be read"),
        ("DTSTART:00010101T000000Z", "the year 1 is outside the calendar"),
        ("DTSTART;;X:20300107T180000Z", "its start cannot be read"),
        ("DTSTART:20300107T180000Z\nRECURRENCE-ID:never", "which occurrence it changes cannot be read"),
        (
            "RRULE:FREQ=HOURLY\nEXDATE:20300107T180000Z",
            "its first occurrence is cancelled",
        ),
    ],
)
def test_left_out(one_event: OneEvent, lines: str, reason: str) -> None:
    """Left out only when no honest event can be made; the reason is there."""
    fields, losses, _ = one_event(lines)
    assert fields == {}
    assert reason in losses[0]


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        ("SUMMARY:", "it has no title; it is called (untitled)"),
        ("DTSTART:20300107T180000", "the time has no zone and was read as UTC"),
        ("DTSTART;TZID=W. Europe Standard Time:20300707T180000", "is Europe/Berlin"),
        ("DTEND:20300107T180000Z", "it has no length"),
        ("LOCATION:a\nLOCATION:b", "LOCATION stands 2 times; the first was taken"),
        ("STATUS:TENTATIVE", "STATUS:TENTATIVE is shown as confirmed"),
        (
            "ATTENDEE:mailto:a@example.org\nATTENDEE:mailto:b@example.org\nATTACH:x:y",
            "not carried: ATTACH, ATTENDEE (2)",
        ),
        ("BEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM", "not carried: VALARM"),
        ("RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20300201T180000Z", "1 EXDATE name no occurrence and were dropped"),
        ("SUMMARY:" + "x" * 201, "SUMMARY has 201 characters; it was cut at 200"),
        ("LOCATION:" + "x" * 501, "LOCATION has 501 characters; it was cut at 500"),
        ("DESCRIPTION:" + "x" * 20_001, "DESCRIPTION has 20,001 characters; it was cut at 20,000"),
        ("CATEGORIES:" + "x" * 41, "CATEGORIES has 41 characters; it was cut at 40"),
        ("CATEGORIES:" + ",".join(map(str, range(11))), "11 CATEGORIES; the first 10 were taken"),
    ],
)
def test_noted(one_event: OneEvent, lines: str, note: str) -> None:
    """A note is no loss: every date is right and every event is there."""
    fields, losses, notes = one_event(lines)
    assert fields
    assert losses == []
    assert any(note in one for one in notes), notes


def test_texts_stay_within_the_bounds_of_the_rules(one_event: OneEvent) -> None:
    long = "x" * 30_000
    fields, _, _ = one_event(f"SUMMARY:{long}", f"DESCRIPTION:{long}", f"LOCATION:{long}", f"URL:https://{long}")
    assert len(fields["title"]) == limits.TITLE_CHARS_MAX
    assert len(fields["description"]) == limits.DESCRIPTION_CHARS_MAX
    assert len(fields["location"]) == limits.LOCATION_CHARS_MAX


def test_the_calendars_own_zone_goes_before_the_default(one_event: OneEvent) -> None:
    fields, _, _ = one_event("DTSTART:20300107T180000", head="X-WR-TIMEZONE:Europe/Berlin", timezone="Asia/Tokyo")
    assert fields["timezone"] == "Europe/Berlin"
    fields, _, _ = one_event("DTSTART:20300107T180000", timezone="Asia/Tokyo")
    assert fields["startAt"] == utc(2030, 1, 7, 9)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("SEQUENCE:1\nSUMMARY:A", "SEQUENCE:0\nSUMMARY:B", "A"),
        ("LAST-MODIFIED:20290102T000000Z\nSUMMARY:A", "LAST-MODIFIED:20290101T000000Z\nSUMMARY:B", "A"),
        ("SUMMARY:A", "SUMMARY:B", "B"),
    ],
)
def test_one_uid_is_one_event_across_all_files(
    convert_text: Callable[..., Conversion], first: str, second: str, kept: str
) -> None:
    """The highest SEQUENCE, then the latest change, then the last file; the other one is reported."""
    found = convert_text(calendar_text(event_text(first)), calendar_text(event_text(second)))
    assert [event.fields["title"] for event in found.events] == [kept]
    assert sorted(entry.outcome for entry in found.entries) == [Outcome.CARRIED, Outcome.LEFT_OUT]


def test_the_same_event_twice_is_no_loss(convert_text: Callable[..., Conversion]) -> None:
    text = calendar_text(event_text("DTSTAMP:20290101T000000Z"))
    found = convert_text(text, text)
    assert [entry.outcome for entry in found.entries] == [Outcome.REPEATED, Outcome.CARRIED]


def test_ids_come_from_the_uid(convert_text: Callable[..., Conversion]) -> None:
    """SHA-256 of the UID: the vector is what sha256sum prints for `one`."""
    (event,) = convert_text(calendar_text(event_text())).events
    assert event.event_id == "ics-7692c3ad3540bb803c020b3a"


def test_events_without_uid_keep_their_id_while_title_and_start_stay(convert_text: Callable[..., Conversion]) -> None:
    text = "BEGIN:VEVENT\nDTSTART:20300107T180000Z\nSUMMARY:Talk\nDESCRIPTION:{}\nEND:VEVENT"
    first, second = (convert_text(calendar_text(text.format(words))).events[0] for words in ("a", "b"))
    assert first.event_id == second.event_id


@pytest.mark.parametrize("name", ["VTODO", "VJOURNAL", "VFREEBUSY"])
def test_what_is_no_event_is_reported(convert_text: Callable[..., Conversion], name: str) -> None:
    found = convert_text(calendar_text(f"BEGIN:{name}\nUID:x\nSUMMARY:Chore\nEND:{name}"))
    assert found.events == ()
    assert (found.entries[0].title, found.entries[0].remarks[0].text) == ("Chore", f"{name} is no event")


def test_entries_name_file_and_line(convert_text: Callable[..., Conversion]) -> None:
    found = convert_text(calendar_text(event_text("DTSTART:never")))
    assert (found.entries[0].file, found.entries[0].line) == ("1.ics", 4)
