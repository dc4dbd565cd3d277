"""When a series moves, what is said of single occurrences moves along. Pure.

Exdates and overrides name occurrences by the start the rule gives them. After a change of start, zone or whole days
they name nothing; the day they stood for in the old series says which occurrence they mean in the new one.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from gather.events.event import Event
from gather.recurrence import RecurrenceError, local_date, local_day_of, occurrence_id, zone_named
from gather.recurrence.days import existing_days
from gather.recurrence.occurrence import original_start


def rekeyed(old: Event, new: Event, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields `recurrence` and `overrides` as they must read now, {} where they do already.

    A name that stands for an occurrence of the new series stays, whoever wrote it; one that stood for an occurrence
    of the old series is given to the occurrence that took its place; any other is left alone. So a second look,
    however late, finds nothing to do.
    """
    recurrence, overrides = stored.get("recurrence"), stored.get("overrides")
    if not _has_moved(old, new) or not isinstance(recurrence, Mapping):
        return {}
    changes: dict[str, Any] = {}
    exdates = recurrence.get("exdates")
    if isinstance(exdates, list):
        moved = [_moved_exdate(old, new, exdate) for exdate in exdates]
        if moved != exdates:
            changes["recurrence"] = {**recurrence, "exdates": moved}
    if isinstance(overrides, Mapping):
        renamed = _renamed(old, new, overrides)
        if renamed.keys() != overrides.keys():
            changes["overrides"] = renamed
    return changes


def _has_moved(old: Event, new: Event) -> bool:
    if None in (old.start_at, new.start_at, old.recurrence, new.recurrence):
        return False
    return (old.start_at, old.timezone, old.all_day) != (new.start_at, new.timezone, new.all_day)


def _renamed(old: Event, new: Event, overrides: Mapping[str, Any]) -> dict[str, Any]:
    renamed: dict[str, Any] = {}
    for name, override in overrides.items():
        day = None if _day_named(new, name) else _day_named(old, name)
        successor = None if day is None else _successor(old, new, day)
        wanted = name if successor is None else _name_of(new, successor)
        # What the new series already says of an occurrence counts.
        renamed[wanted if wanted not in overrides else name] = override
    return renamed


def _moved_exdate(old: Event, new: Event, exdate: object) -> object:
    if not isinstance(exdate, datetime) or exdate.tzinfo is None or _day_of(new, exdate) is not None:
        return exdate
    day = _day_of(old, exdate)
    successor = None if day is None else _successor(old, new, day)
    return exdate if successor is None else original_start(new, successor)


def _day_named(series: Event, name: str) -> date | None:
    """The day of the occurrence that a name stands for; None where there is no such occurrence."""
    try:
        day = local_day_of(series, name)
    except RecurrenceError:
        return None
    return day if existing_days(series, [day]) and _name_of(series, day) == name else None


def _day_of(series: Event, start: datetime) -> date | None:
    day = local_date(start, zone_named(series.timezone))
    return day if existing_days(series, [day]) and original_start(series, day) == start else None


def _successor(old: Event, new: Event, day: date) -> date | None:
    """The day as far from the new start as the old one is from the old start, if the series takes place then."""
    firsts = [
        local_date(series.start_at, zone_named(series.timezone)) for series in (old, new) if series.start_at is not None
    ]
    try:
        moved = day + timedelta(days=(firsts[1] - firsts[0]).days)
    except OverflowError:
        return None
    return moved if existing_days(new, [moved]) else None


def _name_of(series: Event, day: date) -> str:
    return occurrence_id(original_start(series, day), series.all_day, zone_named(series.timezone))
