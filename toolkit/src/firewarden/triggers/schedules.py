"""The texts of `on_schedule`: five fields of cron, or App Engine's English (`every 5 minutes`, `every monday 09:00`).

https://cloud.google.com/appengine/docs/standard/scheduling-jobs-with-cron-yaml#formatting_the_schedule. Read strictly:
what is not understood is refused rather than never run.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from firewarden.errors import FunctionsLoadError
from firewarden.triggers.cron import FIELDS, MONTHS, WEEKDAYS, cron
from firewarden.triggers.timetable import MINUTES_OF_DAY, DailyTimes, Interval, Timetable

DEFAULT_ZONE = "America/Los_Angeles"
"""Where Cloud Scheduler keeps time for a Firebase function that names no zone."""

_EVERY = re.compile(
    r"every (?P<number>[1-9]\d*) (?P<unit>hours?|minutes?|mins?)"
    r"(?: (?P<synchronized>synchronized)| from (?P<first>\S+) to (?P<last>\S+))?"
)
_DAYS = re.compile(r"(?P<which>every|\S+) (?:(?P<days>(?!of )[a-z,]+) ?)?(?:of (?P<months>\S+) )?(?P<time>\d\d?:\d\d)")
_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth")
_NUMBER = re.compile(r"([1-9]\d?)(?:st|nd|rd|th)?")


def timetable(text: str, zone: str | None, *, start: datetime) -> Timetable:
    """What a schedule says; intervals are counted from `start`. Raises FunctionsLoadError."""
    try:
        place = ZoneInfo(zone or DEFAULT_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        raise FunctionsLoadError(f"The schedule {text!r} is for the timezone {zone!r}, which there is not.") from None
    words = " ".join(text.lower().split())
    try:
        if len(words.split()) == FIELDS and words[0] in "*0123456789" and " of " not in words:
            return cron(words, place)
        return _english(words, place, start)
    except ValueError as fault:
        raise FunctionsLoadError(
            f"The schedule {text!r} is none: {fault}.",
            hint="It is cron's five fields (*/5 * * * *) or App Engine's English: every 5 minutes, every monday 09:00.",
        ) from None


def _english(words: str, zone: ZoneInfo, start: datetime) -> Timetable:
    if (found := _EVERY.fullmatch(words)) is not None:
        minutes = int(found["number"]) * (60 if found["unit"].startswith("hour") else 1)
        if found["synchronized"]:
            if MINUTES_OF_DAY % minutes:
                raise ValueError("a day is no multiple of that, so nothing can be synchronized")
            return DailyTimes(tuple(range(0, MINUTES_OF_DAY, minutes)), _any_day, zone)
        if found["first"]:
            first, last = _minute(found["first"]), _minute(found["last"])
            if last < first:
                raise ValueError("it ends before it begins")
            return DailyTimes(tuple(range(first, last + 1, minutes)), _any_day, zone)
        return Interval(timedelta(minutes=minutes), start)
    if (found := _DAYS.fullmatch(words)) is not None:
        return _on_days(found["which"], found["days"], found["months"], _minute(found["time"]), zone)
    raise ValueError("it is not understood")


def _on_days(which: str, days: str | None, months: str | None, minute: int, zone: ZoneInfo) -> DailyTimes:
    """`every monday`, `1st,third mon,tue of march`, `1,15 of month`."""
    in_months = frozenset(range(1, 13)) if months in (None, "month") else _named(months or "", MONTHS, first=1)
    if which == "every" and days is None:
        raise ValueError("every what?")
    numbers = None if which == "every" else frozenset(map(_ordinal, which.split(",")))
    if days in (None, "day"):
        if numbers is not None and months is None:
            raise ValueError("a day needs its month: 1st of month")

        def is_day(day: date) -> bool:
            return day.month in in_months and (numbers is None or day.day in numbers)
    else:
        weekdays = _named(days or "", WEEKDAYS, first=0)

        def is_day(day: date) -> bool:
            is_one = day.month in in_months and day.isoweekday() % 7 in weekdays
            return is_one and (numbers is None or (day.day - 1) // 7 + 1 in numbers)

    return DailyTimes((minute,), is_day, zone)


def _named(text: str, names: tuple[str, ...], *, first: int) -> frozenset[int]:
    """Names, whole or by their first three letters."""
    found = set()
    for word in text.split(","):
        if word[:3] not in names or not _FULL[word[:3]].startswith(word) or len(word) not in (3, len(_FULL[word[:3]])):
            raise ValueError(f"{word!r} is none of {', '.join(names)}")
        found.add(names.index(word[:3]) + first)
    return frozenset(found)


_FULL: Final = {
    each[:3]: each
    for each in (
        *("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"),
        *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
        *("october", "november", "december"),
    )
}


def _ordinal(word: str) -> int:
    if word in _ORDINALS:
        return _ORDINALS.index(word) + 1
    found = _NUMBER.fullmatch(word)
    if found is None or int(found[1]) > 31:
        raise ValueError(f"{word!r} is no day")
    return int(found[1])


def _minute(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        raise ValueError(f"{text!r} is no time of a day")
    return int(hours) * 60 + int(minutes)


def _any_day(_: date) -> bool:
    return True
