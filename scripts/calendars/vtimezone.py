"""A VTIMEZONE as offsets over time, read without trust: only what a real zone needs is computed.

It serves to recognise a zone and to place single times of one that has no name; it is not a general tzinfo.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from calendars.limits import ZONE_OBSERVANCES_MAX
from calendars.source import Component
from gather.recurrence.dates import days_from
from gather.recurrence.grammar import parse_rrule
from gather.recurrence.rule import Frequency, RecurrenceError

_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")
_LOCAL = re.compile(r"([0-9]{8})T([0-9]{6})")
_LAST_YEAR = 2040


@dataclass(frozen=True, slots=True)
class Definition:
    """The zone's changes as (local time of the clock before the change, offset from then on), in order."""

    tzid: str
    location: str | None
    changes: tuple[tuple[datetime, timedelta], ...]

    def offset_at(self, local: datetime) -> timedelta:
        """The offset in force at a wall-clock time; before the first change, that of the first."""
        index = bisect_right(self.changes, local, key=lambda change: change[0]) - 1
        return self.changes[max(index, 0)][1]


def read_definition(component: Component) -> Definition | None:
    """A definition that cannot be understood whole is None: half a zone would give wrong times."""
    tzid = _first(component, "TZID")
    observances = component.inside("STANDARD") + component.inside("DAYLIGHT")
    if not tzid or not observances or len(observances) > ZONE_OBSERVANCES_MAX:
        return None
    try:
        changes = sorted(change for observance in observances for change in _changes_of(observance))
    except (ValueError, OverflowError):
        return None
    return Definition(tzid, _first(component, "X-LIC-LOCATION"), tuple(changes))


def _changes_of(observance: Component) -> list[tuple[datetime, timedelta]]:
    offset = _offset(_first(observance, "TZOFFSETTO") or "")
    start = _local(_first(observance, "DTSTART") or "")
    moments = [start]
    for line in observance.named("RDATE"):
        moments += [_local(value) for value in line.value.split(",")]
    for line in observance.named("RRULE"):
        moments += _yearly(line.value.strip(), start)
    return [(moment, offset) for moment in moments]


def _yearly(text: str, start: datetime) -> list[datetime]:
    """Zones change once a year each way; any other rule is refused, as nothing real needs it."""
    rule = parse_rrule(text)
    if rule.frequency is not Frequency.YEARLY:
        raise RecurrenceError("FREQ", f"{rule.frequency} is no rule of a zone")
    until = rule.until if isinstance(rule.until, datetime) else None
    last = datetime(_LAST_YEAR, 1, 1) if until is None else until.replace(tzinfo=None)  # noqa: DTZ001  # wall clock
    moments: list[datetime] = []
    for day in days_from(rule, start.date(), start.date()):
        moment = datetime.combine(day, start.time())
        if moment > last:
            break
        moments.append(moment)
    return moments


def _first(component: Component, name: str) -> str | None:
    return next((line.value.strip().strip('"') for line in component.named(name)), None)


def _offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text)
    if found is None or int(found[2]) > 23:
        raise ValueError(f"{text!r} is no offset")
    size = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -size if found[1] == "-" else size


def _local(text: str) -> datetime:
    found = _LOCAL.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no local time")
    return datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")  # noqa: DTZ007  # wall clock by definition
