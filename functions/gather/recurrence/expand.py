"""When a series takes place: its occurrences in a window, one of them by name, and its last end.

Reads no clock and no store. A single event is treated as what it is, a series of one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from gather.recurrence.days import days_of, days_of_backwards, existing_days
from gather.recurrence.ids import local_day_of, occurrence_id
from gather.recurrence.occurrence import occurrence_on
from gather.recurrence.rule import RecurrenceError
from gather.recurrence.series import EventSeries, Occurrence, effective_end, later, local_date, zone_named

ENDLESS = datetime(9999, 12, 31, tzinfo=UTC)
"""The last end of a series that has none: a time that Firestore can store and order."""
OCCURRENCES_MAX = 5_000
CALENDAR_START = datetime(2, 1, 1, tzinfo=UTC)
CALENDAR_END = datetime(9998, 12, 31, tzinfo=UTC)
"""Windows are cut to these, so that no zone leads out of the calendar."""


def expand(
    event_series: EventSeries, window_start: datetime, window_end: datetime, limit: int = OCCURRENCES_MAX
) -> list[Occurrence]:
    """The occurrences that overlap [window_start, window_end), in order of start; those in exdates are gone.

    An override may move its occurrence into the window or out of it. A window that holds more than `limit`
    (at most 5,000) is an error that says so, never a silent cut.
    """
    if event_series.start_at is None or window_end <= window_start:
        return []
    limit = min(limit, OCCURRENCES_MAX)
    gone = excluded_ids(event_series)
    found: dict[str, Occurrence] = {}
    for occurrence in _candidates(event_series, window_start, window_end):
        is_inside = occurrence.start < window_end and occurrence.end > window_start
        if is_inside and occurrence.id not in gone:
            found[occurrence.id] = occurrence
        if len(found) > limit:
            raise RecurrenceError("window", f"holds more than {limit} occurrences; ask for a shorter one")
    return sorted(found.values(), key=lambda occurrence: (occurrence.start, occurrence.id))


def find_occurrence(event_series: EventSeries, name: str) -> Occurrence | None:
    """The occurrence a name stands for, in either accepted form; None when the series has no such occurrence."""
    day = local_day_of(event_series, name)
    if event_series.start_at is None or not existing_days(event_series, [day]):
        return None
    occurrence = occurrence_on(event_series, day)
    if name not in (occurrence.id, day.isoformat()) or occurrence.id in excluded_ids(event_series):
        return None
    return occurrence


def last_end(event_series: EventSeries) -> datetime | None:
    """The end of the last occurrence that takes place, overrides included; `ENDLESS` for an endless series.

    Occurrences cancelled by exdate or override do not take place. When none is left, or without recurrence,
    it is the end of the event itself.
    """
    if event_series.recurrence is None or event_series.start_at is None:
        return effective_end(event_series)
    if event_series.recurrence.rule.is_endless:
        return ENDLESS
    gone = excluded_ids(event_series)
    overridden = {occurrence.id: occurrence for occurrence in overridden_occurrences(event_series)}
    ends = [each.end for each in overridden.values() if each.id not in gone and not _is_canceled(each)]
    for day in days_of_backwards(event_series):
        occurrence = occurrence_on(event_series, day)
        if occurrence.id not in gone and occurrence.id not in overridden:
            ends.append(occurrence.end)
            break
    return max(ends, default=effective_end(event_series))


def excluded_ids(event_series: EventSeries) -> frozenset[str]:
    """The names of the occurrences cancelled by exdate; an exdate that names none does nothing."""
    if event_series.recurrence is None:
        return frozenset()
    zone = zone_named(event_series.timezone)
    exdates = event_series.recurrence.exdates
    return frozenset(occurrence_id(exdate, event_series.all_day, zone) for exdate in exdates)


def overridden_occurrences(event_series: EventSeries) -> list[Occurrence]:
    """The occurrences that the rule has and an override changes, cancelled by exdate or not."""
    if event_series.recurrence is None or not event_series.overrides or event_series.start_at is None:
        return []
    days = existing_days(event_series, [local_day_of(event_series, name) for name in event_series.overrides])
    occurrences = [occurrence_on(event_series, day) for day in days]
    return [occurrence for occurrence in occurrences if occurrence.override is not None]


def _candidates(series: EventSeries, window_start: datetime, window_end: datetime) -> Iterator[Occurrence]:
    """What the rule puts near the window, then every overridden occurrence, wherever the rule has it."""
    start, end = series.start_at, effective_end(series)
    assert start is not None  # noqa: S101  # INVARIANT: expand has answered for a series without a start
    assert end is not None  # noqa: S101  # INVARIANT: what starts has an effective end
    zone = zone_named(series.timezone)
    # A day more on either side: zones and changes of the clocks move a start by less than that.
    margin = timedelta(days=1)
    earliest = local_date(_in_calendar(later(later(window_start, start - end), -margin)), zone)
    latest = local_date(_in_calendar(later(window_end, margin)), zone)
    for day in days_of(series, earliest, latest):
        yield occurrence_on(series, day)
    yield from overridden_occurrences(series)


def _is_canceled(occurrence: Occurrence) -> bool:
    return occurrence.override is not None and occurrence.override.canceled is True


def _in_calendar(moment: datetime) -> datetime:
    return min(max(moment, CALENDAR_START), CALENDAR_END)
