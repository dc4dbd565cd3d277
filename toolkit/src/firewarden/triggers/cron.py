"""Schedules of five fields: minute, hour, day of the month, month, day of the week, as Cloud Scheduler reads them.

https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules: `*`, numbers, names of months and weekdays,
ranges, lists, and steps. Where both days are restricted, either suffices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from firewarden.triggers.timetable import DailyTimes

WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIELDS: Final = 5


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> frozenset[int]:
        """Every value that a field of a schedule allows; raises ValueError."""
        return frozenset(value for part in text.split(",") for value in self._part(part))

    def _part(self, text: str) -> range:
        spread, slash, step = text.partition("/")
        if slash and (not step.isdecimal() or int(step) == 0):
            raise ValueError(f"{self.name}: {text!r} has no step")
        if spread == "*":
            return range(self.low, self.high + 1, int(step or 1))
        first, dash, last = spread.partition("-")
        low = self._value(first, text)
        high = self._value(last, text) if dash else self.high if slash else low
        if high < low:
            raise ValueError(f"{self.name}: {text!r} ends before it begins")
        return range(low, high + 1, int(step or 1))

    def _value(self, text: str, part: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        if not text.isdecimal() or not self.low <= int(text) <= self.high:
            raise ValueError(f"{self.name}: {part!r} is not within {self.low} to {self.high}")
        return int(text)


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DAY = _Field("day of the month", 1, 31)
_MONTH = _Field("month", 1, 12, MONTHS)
_WEEKDAY = _Field("day of the week", 0, 7, WEEKDAYS)  # 0 and 7 are Sunday


def cron(text: str, zone: ZoneInfo) -> DailyTimes:
    """A schedule of five fields; raises ValueError with the field at fault."""
    parts = text.split()
    if len(parts) != FIELDS:
        raise ValueError(f"{len(parts)} fields; there must be {FIELDS}: minute hour day month weekday")
    minutes, hours = _MINUTE.values(parts[0]), _HOUR.values(parts[1])
    days, months, weekdays = _DAY.values(parts[2]), _MONTH.values(parts[3]), _WEEKDAY.values(parts[4])
    any_day, any_weekday = parts[2].startswith("*"), parts[4].startswith("*")

    def is_day(day: date) -> bool:
        if day.month not in months:
            return False
        is_weekday = not weekdays.isdisjoint({day.isoweekday(), day.isoweekday() % 7})
        if any_day or any_weekday:
            return day.day in days and is_weekday
        return day.day in days or is_weekday

    return DailyTimes(tuple(sorted(hour * 60 + minute for hour in hours for minute in minutes)), is_day, zone)
