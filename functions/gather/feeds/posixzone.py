"""POSIX time zone rules, as a TZif file's last line holds them (RFC 9636, 3.3.2): parsed and dated only.

Of the forms of a date only `Mm.w.d` is read: tzdata uses no other one, which a test holds true.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_NAME = r"(<[A-Za-z0-9+-]{3,}>|[A-Za-z]{3,})"
_OFFSET = r"([+-]?\d{1,3}(?::\d{2}){0,2})"
_DATE = r"M(\d{1,2})\.([1-5])\.([0-6])(?:/" + _OFFSET + ")?"
_RULE = re.compile(f"{_NAME}{_OFFSET}(?:{_NAME}{_OFFSET}?,{_DATE},{_DATE})?")
LAST_WEEK = 5
_DEFAULT_TIME = "2"


@dataclass(frozen=True, slots=True)
class Regime:
    """An offset from UTC and what people call it."""

    name: str
    offset: timedelta


@dataclass(frozen=True, slots=True)
class Onset:
    """The `week`th (5: the last) `weekday` of `month`, at `time`, which may reach into other days.

    `weekday` counts from Sunday = 0, as POSIX does; `time`, -167 h to 167 h, is on the clock before the change.
    """

    month: int
    week: int
    weekday: int
    time: timedelta

    def local(self, year: int) -> datetime:
        """Return when the change happens in `year`, on the clock in force before it."""
        python_weekday = (self.weekday - 1) % 7
        month_days = calendar.monthrange(year, self.month)[1]
        first = 1 + (python_weekday - date(year, self.month, 1).weekday()) % 7
        day = first + 7 * (self.week - 1)
        while day > month_days:
            day -= 7
        return datetime(year, self.month, day) + self.time  # noqa: DTZ001 - a wall clock without a zone is meant


@dataclass(frozen=True, slots=True)
class PosixZone:
    """A zone's rule for the years to come; without daylight time `daylight` and the onsets are None."""

    standard: Regime
    daylight: Regime | None = None
    daylight_begins: Onset | None = None
    daylight_ends: Onset | None = None


def parse_posix_zone(text: str) -> PosixZone | None:
    """Return the rule, or None when `text` is not one that this module can read."""
    match = _RULE.fullmatch(text)
    if match is None:
        return None
    name, offset, daylight_name, daylight_offset, *dates = match.groups()
    standard = Regime(name.strip("<>"), -_duration(offset))
    if daylight_name is None:
        return PosixZone(standard)
    ahead = -_duration(daylight_offset) if daylight_offset else standard.offset + timedelta(hours=1)
    return PosixZone(standard, Regime(daylight_name.strip("<>"), ahead), _onset(dates[:4]), _onset(dates[4:]))


def _onset(groups: list[str | None]) -> Onset:
    month, week, weekday = (int(group or 0) for group in groups[:3])
    return Onset(month, week, weekday, _duration(groups[3] or _DEFAULT_TIME))


def _duration(text: str) -> timedelta:
    hours, minutes, seconds = ([int(part) for part in text.lstrip("+-").split(":")] + [0, 0])[:3]
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if text.startswith("-") else size
