"""One occurrence of a series from its local day: original start, name, override, end. No rule is read here."""

from datetime import UTC, date, datetime, time

from gather.recurrence.ids import occurrence_id
from gather.recurrence.series import (
    EventSeries,
    Occurrence,
    Override,
    effective_end,
    end_of,
    instant,
    later,
    later_day,
    local_date,
    zone_named,
)


def occurrence_on(series: EventSeries, day: date) -> Occurrence:
    """The occurrence whose original start falls on a local day, as its override leaves it."""
    original = original_start(series, day)
    name = occurrence_id(original, series.all_day, zone_named(series.timezone))
    override = series.overrides.get(name) or series.overrides.get(day.isoformat())
    if override is None:
        return Occurrence(name, original, _end_from(series, original))
    return Occurrence(name, *_moved(series, original, override), override)


def original_start(series: EventSeries, day: date) -> datetime:
    """The instant the series gives to a local day: the first occurrence starts exactly at startAt.

    startAt may be the second of two equal wall-clock times, which the wall clock alone cannot say.
    """
    assert series.start_at is not None  # noqa: S101  # INVARIANT: only series with a start have days
    zone = zone_named(series.timezone)
    if series.all_day:
        return instant(day, time.min, zone)
    local = series.start_at.astimezone(zone)
    return series.start_at.astimezone(UTC) if day == local.date() else instant(day, local.time(), zone)


def _moved(series: EventSeries, original: datetime, override: Override) -> tuple[datetime, datetime]:
    start = override.start_at or original
    if series.all_day:
        zone = zone_named(series.timezone)
        start = instant(local_date(start, zone), time.min, zone)
    if override.end_at is not None and override.end_at > start:
        return start, end_of(series, start, override.end_at)
    return start, _end_from(series, start)


def _end_from(series: EventSeries, start: datetime) -> datetime:
    """Every occurrence lasts as long as the first: the same time when timed, the same number of days when not.

    RFC 5545 3.8.5.3: a duration given by DTEND is exact for all instances, whatever the clocks do.
    """
    first, end = series.start_at, effective_end(series)
    assert first is not None  # noqa: S101  # INVARIANT: see original_start
    assert end is not None  # noqa: S101  # INVARIANT: what starts has an effective end
    if not series.all_day:
        return later(start, end - first)
    zone = zone_named(series.timezone)
    days = (local_date(end, zone) - local_date(first, zone)).days
    return instant(later_day(local_date(start, zone), days), time.min, zone)
