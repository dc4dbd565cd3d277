"""Series and their overrides: what is kept under which date, and what becomes an event of its own."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from calendars import limits
from calendars.convert import Conversion, event_id
from calendars.report import Outcome
from tests.support.calendars import calendar_text, event_text


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # as datetime takes them


SERIES = """
DTSTART;TZID=Europe/Berlin:20300318T190000
DTEND;TZID=Europe/Berlin:20300318T200000
RRULE:FREQ=WEEKLY;COUNT=5
"""


def series(convert_text: Callable[..., Conversion], *overrides: str, master: str = SERIES) -> Conversion:
    return convert_text(calendar_text(event_text(master), *(event_text(one) for one in overrides)))


def test_exdates_and_overrides_are_named_by_the_original_start(convert_text: Callable[..., Conversion]) -> None:
    """Across a change of the clocks, and given in another zone than the series."""
    found = series(
        convert_text,
        """RECURRENCE-ID;TZID=Europe/Berlin:20300401T190000
        DTSTART;TZID=Europe/Berlin:20300402T200000
        DTEND;TZID=Europe/Berlin:20300402T210000
        SUMMARY:Moved""",
        master=SERIES + "EXDATE:20300325T180000Z\nEXDATE:20300408T170000Z",
    )
    fields = found.events[0].fields
    assert fields["recurrence"]["exdates"] == [utc(2030, 3, 25, 18), utc(2030, 4, 8, 17)]
    assert fields["overrides"] == {
        "20300401T170000Z": {"title": "Moved", "startAt": utc(2030, 4, 2, 18), "endAt": utc(2030, 4, 2, 19)}
    }
    assert [entry.outcome for entry in found.entries] == [Outcome.CARRIED, Outcome.CARRIED]


def test_an_override_holds_only_what_differs(convert_text: Callable[..., Conversion]) -> None:
    override = "RECURRENCE-ID;TZID=Europe/Berlin:20300401T190000\nDTSTART;TZID=Europe/Berlin:20300401T190000"
    found = series(convert_text, override + "\nDTEND;TZID=Europe/Berlin:20300401T200000\nSTATUS:CANCELLED")
    assert found.events[0].fields["overrides"] == {"20300401T170000Z": {"canceled": True}}


def test_never_an_exdate_and_an_override_for_one_occurrence(convert_text: Callable[..., Conversion]) -> None:
    override = "RECURRENCE-ID:20300401T170000Z\nDTSTART:20300401T190000Z\nDTEND:20300401T200000Z"
    found = series(convert_text, override, master=SERIES + "EXDATE:20300401T170000Z")
    fields = found.events[0].fields
    assert list(fields["overrides"]) == ["20300401T170000Z"]
    assert "exdates" not in fields["recurrence"]


@pytest.mark.parametrize(
    ("override", "why"),
    [
        ("RECURRENCE-ID:20300402T170000Z\nDTSTART:20300402T190000Z", "is no occurrence of the series"),
        ("RECURRENCE-ID:20300401T170000Z\nDTSTART;VALUE=DATE:20300401", "changes between all-day and timed"),
        (
            "RECURRENCE-ID:20300401T170000Z\nDTSTART:20300401T190000Z\nCLASS:PRIVATE",
            "it is private",
        ),
    ],
)
def test_an_override_that_does_not_fit_becomes_an_event_of_its_own(
    convert_text: Callable[..., Conversion], override: str, why: str
) -> None:
    found = series(convert_text, override)
    assert len(found.events) == 2
    assert "overrides" not in found.events[0].fields
    texts = [remark.text for entry in found.entries for remark in entry.remarks]
    assert any(why in text for text in texts)


def test_a_private_occurrence_does_not_show_in_its_public_series(convert_text: Callable[..., Conversion]) -> None:
    found = series(
        convert_text, "RECURRENCE-ID:20300401T170000Z\nDTSTART:20300401T190000Z\nCLASS:PRIVATE\nSUMMARY:Secret"
    )
    master, own = found.events
    assert "Secret" not in str(master.fields)
    assert master.fields["recurrence"]["exdates"] == [utc(2030, 4, 1, 17)]
    assert own.fields["visibility"] == "private"


def test_a_change_of_this_and_all_later_ones_is_a_loss(convert_text: Callable[..., Conversion]) -> None:
    found = series(convert_text, "RECURRENCE-ID;RANGE=THISANDFUTURE:20300401T170000Z\nDTSTART:20300401T190000Z")
    assert [entry.outcome for entry in found.entries] == [Outcome.CARRIED, Outcome.IN_PART]


def test_overrides_without_their_series_become_events(convert_text: Callable[..., Conversion]) -> None:
    found = convert_text(calendar_text(event_text("RECURRENCE-ID:20300401T170000Z")))
    assert len(found.events) == 1
    assert found.entries[0].component == "override"
    assert "its series is not in the file" in found.entries[0].remarks[-1].text


def test_the_override_of_the_first_occurrence_survives_a_refused_rule(convert_text: Callable[..., Conversion]) -> None:
    master = "DTSTART:20300107T180000Z\nRRULE:FREQ=HOURLY"
    found = series(convert_text, "RECURRENCE-ID:20300107T180000Z\nSUMMARY:Changed", master=master)
    assert [event.fields["title"] for event in found.events] == ["Changed"]
    assert found.events[0].event_id == event_id("one")


def test_at_most_366_overrides_and_exdates_are_kept(convert_text: Callable[..., Conversion]) -> None:
    days = [f"2030{month:02}{day:02}T180000Z" for month in range(1, 13) for day in range(1, 29)]
    days += [f"2031{month:02}{day:02}T180000Z" for month in range(1, 3) for day in range(1, 29)]
    master = "DTSTART:20300101T180000Z\nRRULE:FREQ=DAILY;COUNT=900\n"
    found = series(convert_text, master=master + "\n".join(f"EXDATE:{day}" for day in days))
    assert len(found.events[0].fields["recurrence"]["exdates"]) == limits.EXDATES_MAX
    assert found.entries[0].outcome is Outcome.IN_PART
    found = series(convert_text, *(f"RECURRENCE-ID:{day}\nDTSTART:{day}\nSUMMARY:{day}" for day in days), master=master)
    assert len(found.events[0].fields["overrides"]) == limits.OVERRIDES_MAX
    assert found.entries[0].outcome is Outcome.IN_PART


def test_an_event_larger_than_a_document_loses_texts_before_dates(convert_text: Callable[..., Conversion]) -> None:
    master = "DTSTART:20300101T180000Z\nRRULE:FREQ=DAILY;COUNT=100\n"
    days = [f"203001{day:02}T180000Z" for day in range(2, 31)] + [f"203002{day:02}T180000Z" for day in range(1, 29)]
    long = "DESCRIPTION:" + "x" * 19_000
    overrides = [f"RECURRENCE-ID:{day}\nDTSTART:{day}\nSUMMARY:{day}\n{long}" for day in days]
    found = series(convert_text, *overrides, master=master)
    assert len(found.events[0].fields["overrides"]) == len(days)
    assert "lost their descriptions" in found.entries[0].remarks[-1].text
