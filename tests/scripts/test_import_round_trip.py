"""What was carried comes out of the feed again: the same occurrences at the same times.

Calendars of other projects are read from their installed packages; an independent library expands both sides.
"""

import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from calendars.convert import Conversion, convert
from calendars.fields import Options
from calendars.report import Outcome
from calendars.source import SourceError, read_source
from gather.events.model import parse_event
from gather.feeds.calendar import vcalendar
from gather.feeds.ical import vevents, zones_used
from gather.feeds.origin import Origin

Shown = tuple[str, date, date | None]

ZONE = "Europe/Berlin"
ORIGIN = Origin(domain="example.org", public_url="https://example.org")
SPAN = timedelta(days=800)  # from the first event on: every calendar has its busy years there
WRITTEN_AT = datetime(2026, 1, 1, tzinfo=UTC)
FOLDERS = [Path(str(package.__file__)).parent for package in (icalendar, recurring_ical_events)]
COMPARED_MIN, OCCURRENCES_MIN = 85, 5_000
CALENDARS = sorted(path for folder in FOLDERS for path in folder.rglob("*.ics"))
READ_DIFFERENTLY = {
    "issue_28_rrule_with_UTC_endinginZ": "an UNTIL in UTC on a series of days is read in the calendar's zone, "
    "as Outlook wrote it; the other library takes the day it has in UTC",
}


def converted(path: Path) -> Conversion:
    return convert([read_source(path.name, path.read_bytes())], Options(visibility="public", timezone=ZONE))


def whole_uids(conversion: Conversion) -> set[str]:
    """The UIDs of which every component was carried, so that nothing may be missing."""
    lost = {entry.uid for entry in conversion.entries if entry.outcome is not Outcome.CARRIED}
    return {entry.uid for entry in conversion.entries if not entry.uid.startswith("no-uid:")} - lost


def feed_of(conversion: Conversion, uids: set[str]) -> bytes:
    ids = {entry.event_id for entry in conversion.entries if entry.uid in uids}
    stamps = {"createdAt": WRITTEN_AT, "updatedAt": WRITTEN_AT}
    events = [parse_event(one.event_id, {**one.fields, **stamps}) for one in conversion.events if one.event_id in ids]
    zones = [zone for event in events for zone in zones_used(event)]
    return vcalendar("Feed", zones, [vevents(event, ORIGIN) for event in events]).encode()


def shown(text: bytes, window: tuple[datetime, datetime]) -> Iterator[tuple[str, Shown]]:
    """(UID, (title, start, end)) of every occurrence in the window; times in UTC, days as days."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # icalendar warns about zones that it guesses
        for calendar in icalendar.Calendar.from_ical(text, multiple=True):
            for found in recurring_ical_events.of(calendar, skip_bad_series=True).between(*window):
                if "DTSTART" in found:
                    start, end = moment(found["DTSTART"].dt), moment(found["DTEND"].dt)
                    title = " ".join(str(found.get("SUMMARY", "")).split()) or "(untitled)"
                    # An event without a length is shown with the default one: only its start can agree.
                    yield str(found.get("UID", "")), (title, start, end if end > start else None)


def window_of(conversion: Conversion) -> tuple[datetime, datetime]:
    first = min((event.fields["startAt"] for event in conversion.events), default=WRITTEN_AT)
    return first - timedelta(days=2), first + SPAN


def moment(value: date) -> date:
    if not isinstance(value, datetime):
        return value
    return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(ZONE))).astimezone(UTC)


def both_sides(path: Path) -> tuple[list[Shown], list[Shown]] | None:
    """What the file and our feed show of its whole events; None when the other library cannot read the file."""
    try:
        conversion = converted(path)
        uids = whole_uids(conversion)
        window = window_of(conversion)
        source = [one for uid, one in shown(path.read_bytes(), window) if uid in uids]
    except (SourceError, ValueError, TypeError, AttributeError, KeyError):
        return None
    without_end = {one[:2] for one in source if one[2] is None}
    ours = [one for _, one in shown(feed_of(conversion, uids), window)]
    ours = [(*one[:2], None) if one[:2] in without_end else one for one in ours]
    return sorted(source, key=str), sorted(ours, key=str)


def test_carried_events_come_out_of_the_feed_as_they_went_in() -> None:
    """One test over all calendars: that nearly half of them hold something to compare is part of the claim."""
    compared = {path.stem: sides for path in CALENDARS if (sides := both_sides(path)) and sides[0]}
    different = {name for name, (source, ours) in compared.items() if source != ours}
    assert different == READ_DIFFERENTLY.keys()
    assert len(compared) >= COMPARED_MIN
    assert sum(len(source) for source, _ in compared.values()) >= OCCURRENCES_MIN
