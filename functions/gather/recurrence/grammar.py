"""The strict grammar of the RRULE values we accept: `parse_rrule(text)` gives a `Rule` or says what is wrong.

What passes here has a bounded cost and one meaning in every calendar program we know. Everything else of
RFC 5545 (sub-daily rules, BYYEARDAY, BYWEEKNO, ...) is refused by name. No dates are computed here.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from gather.recurrence.rule import (
    COUNT_MAX,
    INTERVAL_MAX,
    TEXT_LENGTH_MAX,
    WEEKDAYS,
    Day,
    Frequency,
    RecurrenceError,
    Rule,
)

SET_POSITION_MAX = 31
"""The most days one month can offer to BYSETPOS."""

_FIELDS = {
    "FREQ": "frequency",
    "INTERVAL": "interval",
    "COUNT": "count",
    "UNTIL": "until",
    "BYMONTH": "by_month",
    "BYMONTHDAY": "by_month_day",
    "BYDAY": "by_day",
    "BYSETPOS": "by_set_pos",
    "WKST": "week_start",
}
_SUB_DAILY = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_UNTIL = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_NOTHING = "an empty item"


def parse_rrule(text: str) -> Rule:
    """A rule is accepted whole or refused whole; a refusal names the part at fault and the reason.

    Letters may be lower case, as RFC 5545 allows; nothing else is forgiven.
    """
    values = _split(text)
    if "FREQ" not in values:
        raise RecurrenceError("FREQ", "is missing; a rule starts with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
    rule = Rule(**{_FIELDS[name]: _READERS[name](value) for name, value in values.items()})
    for part, is_broken, reason in _LAWS:
        if is_broken(rule):
            raise RecurrenceError(part, reason)
    return rule


def _split(text: str) -> dict[str, str]:
    if len(text) > TEXT_LENGTH_MAX:
        raise RecurrenceError("RRULE", f"is longer than {TEXT_LENGTH_MAX} characters")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise RecurrenceError("RRULE", "has spaces, line breaks or other characters no rule has; give one RRULE value")
    values: dict[str, str] = {}
    for part in text.upper().split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise RecurrenceError(part or "RRULE", "every part is NAME=VALUE, separated by single semicolons")
        if name not in _FIELDS:
            raise RecurrenceError(name, f"is not accepted; the parts are {', '.join(_FIELDS)}")
        if name in values:
            raise RecurrenceError(name, "is given more than once")
        values[name] = value
    return values


def _frequency(value: str) -> Frequency:
    if value in _SUB_DAILY:
        raise RecurrenceError("FREQ", "is more often than daily; use DAILY, WEEKLY, MONTHLY or YEARLY", found=value)
    if value not in Frequency.__members__:
        raise RecurrenceError("FREQ", "is not DAILY, WEEKLY, MONTHLY or YEARLY", found=value)
    return Frequency(value)


def _positive(part: str, maximum: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        # Leading zeros and signs are refused, so that the length bounds the number before int() sees it.
        if not re.fullmatch(r"[1-9][0-9]{0,3}", value) or int(value) > maximum:
            raise RecurrenceError(part, f"is not a whole number from 1 to {maximum}", found=value)
        return int(value)

    return read


def _numbers(part: str, maximum: int, *, from_end: bool) -> Callable[[str], tuple[int, ...]]:
    span = f"1 to {maximum}" + (f" or -1 to -{maximum}" if from_end else "")

    def read(value: str) -> tuple[int, ...]:
        items = value.split(",")
        for item in items:
            if not _NUMBER.fullmatch(item) or not _in_span(int(item), maximum, from_end=from_end):
                raise RecurrenceError(part, f"is not one of {span}", found=item or _NOTHING)
        return tuple(sorted({int(item) for item in items}))

    return read


def _in_span(number: int, maximum: int, *, from_end: bool) -> bool:
    return 1 <= (abs(number) if from_end else number) <= maximum


def _days(value: str) -> tuple[Day, ...]:
    days = set()
    for item in value.split(","):
        found = _DAY.fullmatch(item)
        if not found:
            raise RecurrenceError("BYDAY", "is not a weekday such as MO, 2TU or -1FR", found=item or _NOTHING)
        nth = int(found[1]) if found[1] else 0
        if found[1] and not 1 <= abs(nth) <= 5:
            raise RecurrenceError("BYDAY", "counts outside 1 to 5 or -1 to -5, the weeks of a month", found=item)
        days.add(Day(WEEKDAYS.index(found[2]), nth))
    return tuple(sorted(days))


def _week_start(value: str) -> int:
    if value not in WEEKDAYS:
        raise RecurrenceError("WKST", f"is not one of {', '.join(WEEKDAYS)}", found=value)
    return WEEKDAYS.index(value)


def _until(value: str) -> date | datetime:
    found = _UNTIL.fullmatch(value)
    if not found:
        raise RecurrenceError("UNTIL", "is not YYYYMMDD, YYYYMMDDTHHMMSS or YYYYMMDDTHHMMSSZ", found=value)
    numbers = [int(group) for group in found.groups()[:6] if group is not None]
    try:
        if len(numbers) == 3:
            return date(*numbers)
        return datetime(*numbers, tzinfo=UTC if found[7] else None)  # type: ignore[arg-type,misc]  # six of them
    except ValueError as error:
        raise RecurrenceError("UNTIL", "is no date of the calendar", found=value) from error


_READERS: dict[str, Callable[[str], Any]] = {
    "FREQ": _frequency,
    "INTERVAL": _positive("INTERVAL", INTERVAL_MAX),
    "COUNT": _positive("COUNT", COUNT_MAX),
    "UNTIL": _until,
    "BYMONTH": _numbers("BYMONTH", 12, from_end=False),
    "BYMONTHDAY": _numbers("BYMONTHDAY", 31, from_end=True),
    "BYDAY": _days,
    "BYSETPOS": _numbers("BYSETPOS", SET_POSITION_MAX, from_end=True),
    "WKST": _week_start,
}


def _is_by_month(rule: Rule) -> bool:
    return rule.frequency is Frequency.MONTHLY or (rule.frequency is Frequency.YEARLY and bool(rule.by_month))


# The parts that may not stand together: (part at fault, test, reason).
_LAWS: tuple[tuple[str, Callable[[Rule], bool], str], ...] = (
    ("UNTIL", lambda rule: None not in (rule.count, rule.until), "stands beside COUNT; a rule has one end"),
    (
        "BYDAY",
        lambda rule: any(day.nth for day in rule.by_day) and not _is_by_month(rule),
        "counts weekdays (such as 2TU), which needs FREQ=MONTHLY, or FREQ=YEARLY with BYMONTH",
    ),
    (
        "BYMONTHDAY",
        lambda rule: bool(rule.by_month_day) and not _is_by_month(rule),
        "needs FREQ=MONTHLY, or FREQ=YEARLY with BYMONTH",
    ),
    (
        "BYSETPOS",
        lambda rule: bool(rule.by_set_pos) and not (rule.frequency is Frequency.MONTHLY and rule.by_day),
        "needs FREQ=MONTHLY and BYDAY",
    ),
)
