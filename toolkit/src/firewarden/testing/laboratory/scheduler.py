"""Which scheduled functions are due: Cloud Scheduler's part, by a clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from firewarden.triggers import Function, Kind
from firewarden.triggers.schedules import timetable


class Scheduler:
    """Knows when each function is due next; every time comes once, in order."""

    def __init__(self, functions: Iterable[Function], start: datetime) -> None:
        scheduled = [each for each in functions if each.kind is Kind.SCHEDULE and each.schedule is not None]
        self._tables = [(each, timetable(each.schedule or "", each.timezone, start=start)) for each in scheduled]
        self._next = [table.after(start) for _, table in self._tables]

    def next_time(self) -> datetime | None:
        """When the next function is due."""
        return min((each for each in self._next if each is not None), default=None)

    def due(self, now: datetime) -> Iterator[tuple[Function, datetime]]:
        """The functions that are due, with their times."""
        for index, (function, table) in enumerate(self._tables):
            while (at := self._next[index]) is not None and at <= now:
                self._next[index] = table.after(at)
                yield function, at
