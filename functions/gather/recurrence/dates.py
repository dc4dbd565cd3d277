"""The calendar days of a rule, in order, from any point on or backwards; no clocks and no zones.

Every rule of the subset has at most one occurrence a day, always at the same wall-clock time, so a series is
a sequence of days. Days come from one period (day, week, month or year) at a time, which keeps each call's
cost in proportion to its window: python-dateutil, the oracle of the tests, scans to the year 9999 for a rule
that never occurs again.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, islice

from gather.recurrence.rule import Frequency, Rule

EMPTY_PERIODS_MAX = 10_000
"""A rule silent for this many periods never occurs again.

The longest real silences are those of a 29 February on a given weekday: 40 years, 480 months, times the
periods an INTERVAL needs to meet that February; daily rules whose INTERVAL drifts through the seasons need
about 1,400 periods.
"""
COUNTED_PERIODS_MAX = 100_000
"""A rule with COUNT, which can only be walked from its first day, is followed for this many periods.

Of the rules that the grammar accepts, only those of a 29 February on a given weekday that began centuries ago
would need more; the others are finished, or leave the calendar, before.
"""
LAST_DAY = date(9998, 12, 31)
"""The last day a series is followed to: one year inside the calendar, so that no zone leaves it."""


def days_from(rule: Rule, first: date, start: date, end: date = LAST_DAY) -> Iterator[date]:
    """The days of the series from `start` to `end`, in order; the first day of the series is always one of them.

    RFC 5545 3.8.5.3: DTSTART is the first instance and counts, whether or not the rule would name it. COUNT
    therefore walks from the first day; every other rule looks at the periods between `start` and `end` only.
    """
    if rule.count is None:
        earliest, latest = (_index_of(rule, first, max(first, day)) for day in (start, end))
        days: Iterable[date] = chain([first], _walk(rule, first, range(earliest, latest + 1)))
    else:
        days = _counted_days(rule, first)
    return (day for day in days if start <= day <= end)


def days_among(rule: Rule, first: date, wanted: Iterable[date]) -> list[date]:
    """Those of the wanted days that the series has, in order.

    Each costs one period, the one it falls into, however rarely the rule occurs; with COUNT all of them together
    cost one walk from the first day.
    """
    ordered = sorted(set(wanted))
    if rule.count is not None:
        own = frozenset(_counted_days(rule, first))
        return [day for day in ordered if day in own]
    return [day for day in ordered if day == first or (first < day <= LAST_DAY and _is_named(rule, first, day))]


def days_before(rule: Rule, first: date, end: date) -> Iterator[date]:
    """The days of a rule without COUNT on or before `end`, latest first."""
    empty = 0
    for index in range(_index_of(rule, first, end), -1, -1):
        days = [day for day in days_of_period(rule, first, index) if first < day <= end]
        yield from reversed(days)
        empty = 0 if days else empty + 1
        if empty > EMPTY_PERIODS_MAX:
            break
    if first <= end:
        yield first


def days_of_period(rule: Rule, first: date, index: int) -> list[date]:
    """The days that the rule names in its period of that number, in order: the one step of every search above."""
    step = index * rule.interval
    match rule.frequency:
        case Frequency.DAILY:
            return [day for day in [first + timedelta(days=step)] if _is_wanted(rule, day)]
        case Frequency.WEEKLY:
            week_days = {day.weekday for day in rule.by_day} or {first.weekday()}
            monday_like = first - timedelta(days=(first.weekday() - rule.week_start) % 7)
            offsets = sorted((weekday - rule.week_start) % 7 for weekday in week_days)
            days = [monday_like + timedelta(days=7 * step + offset) for offset in offsets]
            return [day for day in days if _is_in_month(rule, day.month)]
        case Frequency.MONTHLY:
            year, month = divmod(_month_number(first) + step, 12)
            return _days_of_month(rule, first, year, month + 1) if _is_in_month(rule, month + 1) else []
        case Frequency.YEARLY:
            months = rule.by_month or (range(1, 13) if rule.by_day else (first.month,))
            return [day for month in months for day in _days_of_month(rule, first, first.year + step, month)]


@lru_cache(maxsize=64)
def _counted_days(rule: Rule, first: date) -> tuple[date, ...]:
    """All days of a rule with COUNT, at most a thousand; kept, because one event is asked for them several times."""
    periods = range(_index_of(rule, first, LAST_DAY) + 1)[:COUNTED_PERIODS_MAX]
    return tuple(islice(chain([first], _walk(rule, first, periods)), rule.count))


def _walk(rule: Rule, first: date, periods: range) -> Iterator[date]:
    empty = 0
    for index in periods:
        days = [day for day in days_of_period(rule, first, index) if day > first]
        yield from days
        empty = 0 if days else empty + 1
        if empty > EMPTY_PERIODS_MAX:
            return


def _is_named(rule: Rule, first: date, day: date) -> bool:
    return day in days_of_period(rule, first, _index_of(rule, first, day))


def _index_of(rule: Rule, first: date, day: date) -> int:
    """The last period that begins on or before `day`; it is counted in local days, never in elapsed time."""
    match rule.frequency:
        case Frequency.DAILY:
            periods = (day - first).days
        case Frequency.WEEKLY:
            periods = (day - first).days + (first.weekday() - rule.week_start) % 7
            periods //= 7
        case Frequency.MONTHLY:
            periods = _month_number(day) - _month_number(first)
        case Frequency.YEARLY:
            periods = day.year - first.year
    return periods // rule.interval


def _days_of_month(rule: Rule, first: date, year: int, month: int) -> list[date]:
    weekday_of_first, length = monthrange(year, month)
    numbers = range(1, length + 1)
    if rule.by_month_day:
        wanted = {day if day > 0 else length + 1 + day for day in rule.by_month_day}
        chosen = [number for number in numbers if number in wanted]
    elif rule.by_day:
        chosen = list(numbers)
    else:
        chosen = [first.day] if first.day <= length else []
    if rule.by_day:
        wanted = _weekdays_of_month(rule, weekday_of_first, length)
        chosen = [number for number in chosen if number in wanted]
    if rule.by_set_pos:
        positions = {position - 1 if position > 0 else len(chosen) + position for position in rule.by_set_pos}
        chosen = [number for position, number in enumerate(chosen) if position in positions]
    return [date(year, month, number) for number in chosen]


def _weekdays_of_month(rule: Rule, weekday_of_first: int, length: int) -> set[int]:
    wanted: set[int] = set()
    for day in rule.by_day:
        numbers = range(1 + (day.weekday - weekday_of_first) % 7, length + 1, 7)
        if day.nth == 0:
            wanted.update(numbers)
        elif abs(day.nth) <= len(numbers):
            wanted.add(numbers[day.nth - 1 if day.nth > 0 else day.nth])
    return wanted


def _is_wanted(rule: Rule, day: date) -> bool:
    weekdays = {wanted.weekday for wanted in rule.by_day}
    return _is_in_month(rule, day.month) and (not weekdays or day.weekday() in weekdays)


def _is_in_month(rule: Rule, month: int) -> bool:
    return not rule.by_month or month in rule.by_month


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1
