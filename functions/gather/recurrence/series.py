"""What is repeated: the shape of a series, one occurrence of it, and how wall-clock time becomes an instant.

Pure values. An `Event` has the shape of `EventSeries`, so it can be handed to everything here as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from gather.recurrence.rule import Rule

TIMED_DURATION = timedelta(minutes=60)
"""How long a timed event lasts that does not say."""
_FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule and the original starts of the occurrences that were cancelled."""

    rule: Rule
    exdates: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What is different about one occurrence; None means as in the series."""

    start_at: datetime | None = None
    end_at: datetime | None = None
    title: str | None = None
    description: str | None = None
    location: str | None = None
    image_url: str | None = None
    tags: tuple[str, ...] | None = None
    canceled: bool | None = None
    cancel_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence as it takes place; `id` names the start it had by the rule, wherever it was moved."""

    id: str
    start: datetime
    end: datetime
    override: Override | None = None


class EventSeries(Protocol):
    """The part of an event that decides when it takes place."""

    @property
    def start_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def end_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def all_day(self) -> bool: ...  # noqa: D102
    @property
    def timezone(self) -> str | None: ...  # noqa: D102
    @property
    def recurrence(self) -> Recurrence | None: ...  # noqa: D102
    @property
    def overrides(self) -> Mapping[str, Override]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """An `EventSeries` without an event around it."""

    start_at: datetime | None
    end_at: datetime | None = None
    all_day: bool = False
    timezone: str | None = None
    recurrence: Recurrence | None = None
    overrides: Mapping[str, Override] = field(default_factory=dict)


@lru_cache(maxsize=1024)
def zone_named(name: str | None) -> ZoneInfo:
    """No zone means UTC; an unknown name raises ZoneInfoNotFoundError or ValueError (readers of events check)."""
    return ZoneInfo(name or "UTC")


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Wall-clock time in a zone as an instant in UTC.

    A time that a change of the clocks skips is read with the offset before it (02:30 becomes 03:30); a time
    that comes twice is the first of the two. That is the reading of RFC 5545 3.3.5, and zoneinfo's fold=0.
    """
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant in a zone."""
    return moment.astimezone(zone).date()


def effective_end(series: EventSeries) -> datetime | None:
    """endAt when it is after the start; else start + 60 minutes, or for an all-day event the next midnight.

    All-day events run from midnight to midnight in their zone, so the result may be 23 or 25 hours on.
    """
    if series.start_at is None:
        return None
    return end_of(series, series.start_at, series.end_at)


def end_of(series: EventSeries, start: datetime, end: datetime | None) -> datetime:
    """The law of `effective_end` for any start, be it the series' own or a moved one."""
    if not series.all_day:
        return end if end is not None and end > start else later(start, TIMED_DURATION)
    zone = zone_named(series.timezone)
    first = local_date(start, zone)
    last = max(later_day(first, 1), local_date(end, zone) if end is not None else first)
    return instant(last, time.min, zone)


def later(moment: datetime, by: timedelta) -> datetime:
    """A sum that stays in the calendar: past its last moment, that moment; before its first, that one."""
    try:
        return moment + by
    except OverflowError:
        return _LAST_MOMENT if by > timedelta() else _FIRST_MOMENT


def later_day(day: date, by: int) -> date:
    """A sum of days that stays in the calendar."""
    try:
        return day + timedelta(days=by)
    except OverflowError:
        return date.max
