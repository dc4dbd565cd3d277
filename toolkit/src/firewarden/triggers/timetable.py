"""When a scheduled function runs: the times of day, the days, the zone. Pure; `schedules` reads texts.

Times are those of the zone's clocks, as Cloud Scheduler has it. An hour that they skip does not come, and one that
they show twice counts once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

MINUTES_OF_DAY = 24 * 60
_DAYS_LOOKED_AT = 8 * 366
"""No schedule comes more rarely than a 29th of February around a century that has none."""


class Timetable(Protocol):
    """A schedule that was read."""

    def after(self, moment: datetime) -> datetime | None:
        """The next time after a moment, in UTC; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so often, counted from the start of whoever keeps the timetable."""

    every: timedelta
    start: datetime

    def after(self, moment: datetime) -> datetime | None:
        """The next whole number of intervals since the start."""
        passed = max(0, (moment - self.start) // self.every)
        return self.start + (passed + 1) * self.every


@dataclass(frozen=True, slots=True)
class DailyTimes:
    """On the days that `is_day` says, at these `minutes` of the day, in order."""

    minutes: tuple[int, ...]
    is_day: Callable[[date], bool]
    zone: ZoneInfo

    def after(self, moment: datetime) -> datetime | None:
        """The next time that the zone's clocks show."""
        here = moment.astimezone(self.zone)
        first = bisect_left(self.minutes, here.hour * 60 + here.minute)
        for days in range(_DAYS_LOOKED_AT):
            day = here.date() + timedelta(days=days)
            if self.is_day(day):
                for minute in self.minutes[first if days == 0 else 0 :]:
                    found = self._moment(day, minute)
                    if found is not None and found > moment:
                        return found
        return None

    def _moment(self, day: date, minute: int) -> datetime | None:
        """In UTC; None where the clocks skip it."""
        shown = datetime.combine(day, time(minute // 60, minute % 60))
        found = shown.replace(tzinfo=self.zone).astimezone(UTC)
        return found if found.astimezone(self.zone).replace(tzinfo=None) == shown else None
