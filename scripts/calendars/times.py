"""The times of iCalendar properties as moments: a wall-clock time with its zone, a day, or an instant.

Nothing here decides what becomes of an event; a value that is no time raises TimeError with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import vDDDTypes
from icalendar.parser import Contentline

from calendars.source import Line
from calendars.zones import Zones

_EARLIEST = datetime(1, 1, 3, tzinfo=UTC)
_LATEST = datetime(9998, 12, 30, tzinfo=UTC)


class TimeError(ValueError):
    """A property that should say when, and does not."""


class Kind(StrEnum):
    """What the value said about its zone."""

    DAY = "day"
    UTC = "utc"
    ZONED = "zoned"
    FLOATING = "floating"


@dataclass(frozen=True, slots=True)
class Moment:
    """`local` is the wall clock in `zone`; a day is its midnight there."""

    kind: Kind
    local: datetime
    zone: str
    remark: str | None = None
    is_doubtful: bool = False

    @property
    def instant(self) -> datetime:
        """In UTC; times that a clock change skips or repeats are read as the backend does (RFC 5545, 3.3.5)."""
        return self.local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def day(self) -> date:
        """The calendar day on the wall clock."""
        return self.local.date()


@dataclass(frozen=True, slots=True)
class TimeValues:
    """The values of one line, and its RANGE if it has one."""

    moments: tuple[Moment, ...]
    range: str | None = None


def read_moments(line: Line, zones: Zones) -> TimeValues:
    """Every date or time of a DTSTART-like or EXDATE-like line; the start, for periods."""
    params, value = _parts(line)
    tzid = str(params.get("TZID", ""))
    moments = tuple(_moment(_value(text, line), tzid, zones) for text in value.split(",") if text.strip())
    return TimeValues(moments, str(params["RANGE"]).upper() if "RANGE" in params else None)


def read_moment(line: Line, zones: Zones) -> Moment:
    """The one date or time of a line."""
    values = read_moments(line, zones).moments
    if len(values) != 1:
        raise TimeError(f"{line.name} has {len(values)} values where one belongs")
    return values[0]


def read_duration(line: Line) -> timedelta:
    """A DURATION; weeks, days and clock time added up."""
    value = _value(_parts(line)[1].strip(), line)
    if not isinstance(value, timedelta):
        raise TimeError(f"{line.text[:60]!r} is no duration")
    return value


def _parts(line: Line) -> tuple[Mapping[str, Any], str]:
    try:
        content = Contentline(line.text)  # type: ignore[no-untyped-call]  # icalendar leaves this constructor untyped
        _, params, value = content.parts()
    except ValueError as error:
        raise TimeError(f"{line.text[:60]!r} is not written as a property") from error
    return params, value


def _value(text: str, line: Line) -> date | timedelta:
    """A date, a datetime or a duration; of a period its start."""
    shown = f"{line.name}:{text.strip()[:40]}"
    try:
        value: Any = vDDDTypes.from_ical(text.strip())  # type: ignore[no-untyped-call]  # untyped in icalendar
    except (ValueError, OverflowError) as error:
        raise TimeError(f"{shown} is no date or time") from error
    start = value[0] if isinstance(value, tuple) else value
    if not isinstance(start, date | timedelta):
        raise TimeError(f"{shown} has no date")
    return start


def _moment(value: date | timedelta, tzid: str, zones: Zones) -> Moment:
    if isinstance(value, timedelta):
        raise TimeError("a duration stands where a date or time belongs")
    moment = _placed(value, tzid, zones)
    try:
        is_in_range = _EARLIEST <= moment.instant <= _LATEST
    except OverflowError:
        is_in_range = False
    if not is_in_range:
        raise TimeError(f"the year {value.year} is outside the calendar")
    return moment


def _placed(value: date, tzid: str, zones: Zones) -> Moment:
    if not isinstance(value, datetime):
        return Moment(Kind.DAY, datetime.combine(value, time.min), zones.default)
    local = value.replace(tzinfo=None)
    if value.tzinfo is not None:
        return Moment(Kind.UTC, local, "UTC")
    if not tzid:
        remark = f"the time has no zone and was read as {zones.default}"
        return Moment(Kind.FLOATING, local, zones.default, remark)
    resolved = zones.resolve(tzid)
    if resolved.zone:
        return Moment(Kind.ZONED, local, resolved.zone, resolved.remark)
    if definition := zones.definitions.get(tzid):
        remark = f"{resolved.remark}: the time was placed in UTC by the file's offset"
        return Moment(Kind.UTC, local - definition.offset_at(local), "UTC", remark)
    remark = f"{resolved.remark}: the time was read as {zones.default}"
    return Moment(Kind.ZONED, local, zones.default, remark, is_doubtful=True)
