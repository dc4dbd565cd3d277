"""The package `timestamp` and its values' methods. All of it is UTC."""

from __future__ import annotations

import re
from datetime import date

from firewarden.rules.builtins.registry import Library
from firewarden.rules.kinds import Duration
from firewarden.rules.outcomes import Refusal
from firewarden.rules.spans import INVALID_TIMESTAMP, timestamp
from firewarden.values import NANOS_PER_SECOND, Timestamp

FUNCTIONS = Library()
METHODS = Library()

_DAY = 86_400 * NANOS_PER_SECOND
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_TEXT = re.compile(
    r"\s*(\d{1,4})-\s*(\d+)-\s*(\d+)T\s*(\d+):\s*(\d+):\s*(\d+)(?:\.(\d*))?(?:Z|([+-])(\d+):(\d+))", re.ASCII
)


@FUNCTIONS.overload("timestamp.value(int)")
def _value(milliseconds: int) -> Timestamp:
    return timestamp(milliseconds * 1_000_000)


@FUNCTIONS.overload("timestamp.value(string)")
def _value_of_text(text: str) -> Timestamp:
    """RFC 3339, read leniently: what is too large runs over into the next unit."""
    found = _TEXT.fullmatch(text)
    if not found:
        raise Refusal(INVALID_TIMESTAMP)
    year, month, day, hours, minutes, seconds = map(int, found.groups()[:6])
    months = year * 12 + month - 1
    if not 12 <= months < 120_000:
        raise Refusal(INVALID_TIMESTAMP)
    days = date(months // 12, months % 12 + 1, 1).toordinal() - _EPOCH_ORDINAL + day - 1
    nanos = int((found[7] or "")[:9].ljust(9, "0"))
    offset = int(f"{found[8]}1") * (int(found[9]) * 3600 + int(found[10]) * 60) if found[8] else 0
    total = days * 86_400 + hours * 3600 + minutes * 60 + seconds - offset
    return timestamp(total * NANOS_PER_SECOND + nanos)


@FUNCTIONS.overload("timestamp.date(int, int, int)")
def _date_of(year: int, month: int, day: int) -> Timestamp:
    if not 1 <= year <= 9999:
        raise Refusal(f"Timestamp should be between 0001-01-01T00.00.00Z and 9999-12-31T23.59.59Z. year: {year}.")
    try:
        days = date(year, month, day).toordinal() - _EPOCH_ORDINAL
    except (ValueError, OverflowError):
        raise Refusal(f"Date is not valid. year: {year}, month: {month} day: {day}.") from None
    return Timestamp(days * _DAY)


@METHODS.overload("timestamp.date()")
def _date(moment: Timestamp) -> Timestamp:
    return Timestamp(_start_of_day(moment))


@METHODS.overload("timestamp.time()")
def _time(moment: Timestamp) -> Duration:
    return Duration(moment.nanos - _start_of_day(moment))


@METHODS.overload("timestamp.year()")
def _year(moment: Timestamp) -> int:
    return _calendar(moment).year


@METHODS.overload("timestamp.month()")
def _month(moment: Timestamp) -> int:
    return _calendar(moment).month


@METHODS.overload("timestamp.day()")
def _day(moment: Timestamp) -> int:
    return _calendar(moment).day


@METHODS.overload("timestamp.dayOfWeek()")
def _day_of_week(moment: Timestamp) -> int:
    return _calendar(moment).isoweekday()


@METHODS.overload("timestamp.dayOfYear()")
def _day_of_year(moment: Timestamp) -> int:
    return _calendar(moment).timetuple().tm_yday


@METHODS.overload("timestamp.hours()")
def _hours(moment: Timestamp) -> int:
    return moment.nanos % _DAY // (3600 * NANOS_PER_SECOND)


@METHODS.overload("timestamp.minutes()")
def _minutes(moment: Timestamp) -> int:
    return moment.nanos // (60 * NANOS_PER_SECOND) % 60


@METHODS.overload("timestamp.seconds()")
def _seconds(moment: Timestamp) -> int:
    """The second of the minute."""
    return moment.nanos // NANOS_PER_SECOND % 60


@METHODS.overload("timestamp.nanos()")
def _nanos(moment: Timestamp) -> int:
    """The nanosecond of the second."""
    return moment.nanos % NANOS_PER_SECOND


@METHODS.overload("timestamp.toMillis()")
def _to_millis(moment: Timestamp) -> int:
    return moment.nanos // 1_000_000


def _start_of_day(moment: Timestamp) -> int:
    """Midnight, in nanoseconds; before 1970 the first second of a day, but for its start, belongs to the next one."""
    rest = moment.nanos % _DAY
    return moment.nanos - rest + (_DAY if moment.nanos < 0 < rest < NANOS_PER_SECOND else 0)


def _calendar(moment: Timestamp) -> date:
    return date.fromordinal(_EPOCH_ORDINAL + moment.nanos // _DAY)
