"""VEVENT components of one event (RFC 5545, 3.6.1): the series itself, then one for each changed occurrence.

Times that a reader cannot get wrong are the point here; the calendar around the components is `calendar`'s matter.
Equal events give equal bytes: nothing here depends on when the text is made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from gather.events.model import Event, effective_end
from gather.feeds.origin import Origin
from gather.feeds.text import clip, content, escape
from gather.recurrence import (
    Occurrence,
    Rule,
    excluded_ids,
    instant,
    local_date,
    overridden_occurrences,
    zone_named,
)

# A calendar shows the beginning of a description and links to the rest; the feed's cost is its size.
DESCRIPTION_LENGTH_MAX = 4_000
UNTITLED = "Untitled event"
# A zone whose local times are UTC needs no TZID, and Z is what RFC 5545 3.3.5 wants there.
UTC_NAMES = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How much text the components carry; shorter for an event that would not fit its place otherwise."""

    description_length_max: int = DESCRIPTION_LENGTH_MAX
    # Each changed occurrence repeats the series' description unless it has its own.
    inherited_description_length_max: int = DESCRIPTION_LENGTH_MAX


FULL_WORDING = Wording()


def vevents(event: Event, origin: Origin, wording: Wording = FULL_WORDING) -> str:
    """A series is one VEVENT with its rule; a changed occurrence is one of the same UID with a RECURRENCE-ID.

    An occurrence cancelled by exdate is an EXDATE and never a changed one as well.
    """
    texts = [content(_series(event, origin, wording))]
    gone = excluded_ids(event)
    changed = [occurrence for occurrence in overridden_occurrences(event) if occurrence.id not in gone]
    texts += [content(_changed(event, occurrence, origin, wording)) for occurrence in changed]
    return "".join(texts)


def zones_used(event: Event) -> tuple[str, ...]:
    """Return the zones that the components name: each needs a VTIMEZONE (RFC 5545, 3.2.19)."""
    return () if event.all_day or event.timezone is None or event.timezone in UTC_NAMES else (event.timezone,)


def _series(event: Event, origin: Origin, wording: Wording) -> Iterator[str]:
    start, end = event.start_at, effective_end(event)
    assert start is not None  # noqa: S101  # INVARIANT: `fragment` leaves out events without a start
    assert end is not None  # noqa: S101  # INVARIANT: what starts has an effective end
    yield "BEGIN:VEVENT"
    yield from _identity(event, origin)
    yield from _span(event, start, end)
    if event.recurrence is not None:
        yield f"RRULE:{_rrule(event, event.recurrence.rule)}"
        # By name, so that an exdate given twice, or in two ways, is written once.
        for exdate in sorted({_original(event, name) for name in excluded_ids(event)}):
            yield _original_time(event, "EXDATE", exdate)
    yield f"SUMMARY:{escape(event.title or UNTITLED)}"
    yield from _texts(event.description, wording.description_length_max, event.location, event.tags)
    yield from _closing(event, origin, canceled=event.canceled)


def _changed(event: Event, occurrence: Occurrence, origin: Origin, wording: Wording) -> Iterator[str]:
    override = occurrence.override
    assert override is not None  # noqa: S101  # INVARIANT: `overridden_occurrences` gives only such
    own_description = override.description is not None
    length_max = wording.description_length_max if own_description else wording.inherited_description_length_max
    title = override.title or event.title or UNTITLED
    yield "BEGIN:VEVENT"
    yield from _identity(event, origin)
    yield _original_time(event, "RECURRENCE-ID", _original(event, occurrence.id))
    yield from _span(event, occurrence.start, occurrence.end)
    yield f"SUMMARY:{escape(title)}"
    yield from _texts(
        override.description if override.description is not None else event.description,
        length_max,
        override.location if override.location is not None else event.location,
        override.tags if override.tags is not None else event.tags,
    )
    yield from _closing(event, origin, canceled=event.canceled or override.canceled is True)


def _identity(event: Event, origin: Origin) -> Iterator[str]:
    # DTSTAMP is when the event was last changed, never now: the body and its ETag change only with the data.
    changed = event.updated_at or event.created_at or event.start_at
    assert changed is not None  # noqa: S101  # INVARIANT: the start is known
    yield f"UID:{escape(origin.uid(event.id))}"
    yield f"DTSTAMP:{utc_text(changed)}"
    yield f"LAST-MODIFIED:{utc_text(changed)}"
    if event.created_at is not None:
        yield f"CREATED:{utc_text(event.created_at)}"
    yield f"SEQUENCE:{event.sequence}"


def _texts(description: str, description_length_max: int, location: str | None, tags: tuple[str, ...]) -> Iterator[str]:
    if description and description_length_max:
        yield f"DESCRIPTION:{escape(clip(description, description_length_max))}"
    if location:
        yield f"LOCATION:{escape(location)}"
    if tags:
        yield f"CATEGORIES:{','.join(escape(tag) for tag in tags)}"


def _closing(event: Event, origin: Origin, *, canceled: bool) -> Iterator[str]:
    yield f"URL:{origin.url(event.id)}"
    yield f"STATUS:{'CANCELLED' if canceled else 'CONFIRMED'}"
    # All-day events are notices more often than appointments: they leave the day free (RFC 5545, 3.6.1).
    yield f"TRANSP:{'TRANSPARENT' if event.all_day or canceled else 'OPAQUE'}"
    yield "END:VEVENT"


def _span(event: Event, start: datetime, end: datetime) -> Iterator[str]:
    """DTEND has the value type of DTSTART and is exclusive: the day after the last one of an all-day event."""
    if event.all_day:
        zone = zone_named(event.timezone)
        yield f"DTSTART;VALUE=DATE:{date_text(local_date(start, zone))}"
        yield f"DTEND;VALUE=DATE:{date_text(local_date(end, zone))}"
    else:
        yield _time(event, "DTSTART", start)
        yield _time(event, "DTEND", end)


def _time(event: Event, name: str, moment: datetime) -> str:
    """Write local time with TZID where there is a zone.

    The second of two equal wall-clock times cannot be said with a TZID; a single event then says it in UTC. The
    start of a series cannot: its rule needs the zone, and readers take it for the first of the two.
    """
    zones = zones_used(event)
    if not zones:
        return f"{name}:{utc_text(moment)}"
    local = moment.astimezone(zone_named(event.timezone))
    if local.fold and not (event.recurrence is not None and name == "DTSTART"):
        return f"{name}:{utc_text(moment)}"
    return f"{name};TZID={zones[0]}:{local_text(local)}"


def _original(event: Event, occurrence_id: str) -> datetime | date:
    """Return what an occurrence id says: the UTC instant of the original start, or its day."""
    if event.all_day:
        return datetime.strptime(occurrence_id, "%Y%m%d").replace(tzinfo=UTC).date()
    return datetime.strptime(occurrence_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _original_time(event: Event, name: str, original: datetime | date) -> str:
    """Name an original start as readers compute it: the rule's wall-clock time, even where a change skips it."""
    if not isinstance(original, datetime):
        return f"{name};VALUE=DATE:{date_text(original)}"
    if not zones_used(event) or event.start_at is None:
        return f"{name}:{utc_text(original)}"
    zone = zone_named(event.timezone)
    local = original.astimezone(zone).replace(tzinfo=None)
    nominal = datetime.combine(local.date(), event.start_at.astimezone(zone).time())
    if instant(nominal.date(), nominal.time(), zone) == original:
        local = nominal
    return f"{name};TZID={event.timezone}:{local_text(local)}"


def _rrule(event: Event, rule: Rule) -> str:
    """UNTIL has the value type of DTSTART, and is in UTC when DTSTART has a TZID (RFC 5545, 3.3.10)."""
    if rule.until is None:
        return rule.text
    until = _until(event, rule.until)
    parts = (f"UNTIL={until}" if part.startswith("UNTIL=") else part for part in rule.text.split(";"))
    return ";".join(parts)


def _until(event: Event, until: date | datetime) -> str:
    zone = zone_named(event.timezone)
    return date_text(until_day(until, zone)) if event.all_day else utc_text(until_instant(until, zone))


def until_day(until: date | datetime, zone: ZoneInfo) -> date:
    """Return the last day on which an all-day series may begin."""
    if not isinstance(until, datetime):
        return until
    return local_date(until, zone) if until.tzinfo else until.date()


def until_instant(until: date | datetime, zone: ZoneInfo) -> datetime:
    """Return the last instant at which a timed series may begin: a day counts up to its last second."""
    if not isinstance(until, datetime):
        return instant(until, time(23, 59, 59), zone)
    return until if until.tzinfo else instant(until.date(), until.time(), zone)


def utc_text(moment: datetime) -> str:
    """Return DATE-TIME in UTC (RFC 5545, 3.3.5, form 2)."""
    return f"{local_text(moment.astimezone(UTC))}Z"


def local_text(local: datetime) -> str:
    """Return DATE-TIME without a zone; the year keeps its four digits, which strftime does not promise."""
    return f"{local.year:04}{local:%m%dT%H%M%S}"


def date_text(day: date) -> str:
    """Return DATE (RFC 5545, 3.3.4)."""
    return f"{day.year:04}{day:%m%d}"
