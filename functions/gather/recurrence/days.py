"""The local days on which a series has occurrences by its rule, its UNTIL included; exdates are not applied here."""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from gather.recurrence.dates import LAST_DAY, days_among, days_before, days_from
from gather.recurrence.occurrence import original_start
from gather.recurrence.series import EventSeries, local_date, zone_named


def days_of(series: EventSeries, start: date, end: date = LAST_DAY) -> Iterator[date]:
    """The days of the series from `start` to `end`, in order; the first one always counts, even past UNTIL."""
    first = first_day(series)
    if series.recurrence is None:
        yield from [first] if start <= first <= end else []
        return
    for day in days_from(series.recurrence.rule, first, start, end):
        if day > first and _is_after_until(series, day):
            return
        yield day


def days_of_backwards(series: EventSeries) -> Iterator[date]:
    """The days of a series that ends, latest first; the cost does not grow with the length of the series."""
    first = first_day(series)
    if series.recurrence is None or series.recurrence.rule.count is not None:
        yield from sorted(days_of(series, first), reverse=True)
        return
    rule = series.recurrence.rule
    last = min(LAST_DAY, _local_day_of_until(series) or LAST_DAY)
    for day in days_before(rule, first, max(first, last)):
        if day == first or not _is_after_until(series, day):
            yield day


def existing_days(series: EventSeries, days: Collection[date]) -> list[date]:
    """Those of the days on which the series has an occurrence, in order."""
    first = first_day(series)
    if series.recurrence is None:
        return [first] if first in days else []
    found = days_among(series.recurrence.rule, first, days)
    return [day for day in found if day == first or not _is_after_until(series, day)]


def first_day(series: EventSeries) -> date:
    """The local day of startAt."""
    assert series.start_at is not None  # noqa: S101  # INVARIANT: only series with a start have days
    return local_date(series.start_at, zone_named(series.timezone))


def _is_after_until(series: EventSeries, day: date) -> bool:
    """UNTIL is inclusive: a date to the end of that local day, a local time by the clock, a UTC time exactly."""
    until = series.recurrence.rule.until if series.recurrence else None
    if until is None:
        return False
    if not isinstance(until, datetime):
        return day > until
    start = original_start(series, day)
    if until.tzinfo is not None:
        return start > until
    if series.all_day:
        return day > until.date()
    return start.astimezone(zone_named(series.timezone)).replace(tzinfo=None) > until


def _local_day_of_until(series: EventSeries) -> date | None:
    until = series.recurrence.rule.until if series.recurrence else None
    if isinstance(until, datetime):
        is_instant = until.tzinfo is not None and LAST_DAY.year > until.year > 1
        return local_date(until, zone_named(series.timezone)) if is_instant else until.date()
    return until
