"""Series written short, strategies for rules, and a slow, obvious reading of a rule to hold the fast one against."""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from gather.recurrence import Day, Frequency, Override, Recurrence, Rule, Series, expand, parse_rrule

FIRST_DAYS = st.dates(date(1995, 1, 1), date(2045, 12, 31))
_MONTHS = st.lists(st.integers(1, 12), max_size=4, unique=True).map(lambda months: tuple(sorted(months)))
_INTERVALS = st.one_of(st.integers(1, 4), st.integers(1, 30))


@st.composite
def rules(draw: st.DrawFn, *, with_count: bool = True) -> Rule:
    """Any rule the grammar accepts, without UNTIL."""
    frequency = draw(st.sampled_from(Frequency))
    by_month = draw(_MONTHS)
    is_by_month = frequency is Frequency.MONTHLY or (frequency is Frequency.YEARLY and by_month)
    nth = st.sampled_from([0, 0, 1, 2, 3, 4, 5, -1, -2, -5]) if is_by_month else st.just(0)
    by_day = draw(st.lists(st.builds(Day, st.integers(0, 6), nth), max_size=4, unique=True))
    month_days = st.sampled_from([1, 2, 13, 28, 29, 30, 31, -1, -2, -29, -31])
    by_month_day = draw(st.lists(month_days, max_size=3, unique=True)) if is_by_month else []
    positions = st.lists(st.sampled_from([1, 2, 3, 5, -1, -2]), max_size=2, unique=True)
    by_set_pos = draw(positions) if frequency is Frequency.MONTHLY and by_day else []
    return Rule(
        frequency=frequency,
        interval=draw(_INTERVALS),
        count=draw(st.none() | st.integers(1, 30)) if with_count else None,
        by_month=by_month,
        by_month_day=tuple(sorted(by_month_day)),
        by_day=tuple(sorted(by_day)),
        by_set_pos=tuple(sorted(by_set_pos)),
        week_start=draw(st.integers(0, 6)),
    )


def days_by_definition(rule: Rule, first: date, last: date) -> list[date]:
    """The days of a series up to `last`, by asking of every single day whether the rule names it."""
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    days = [day for day in span if day == first or is_named(rule, first, day)]
    return days[: rule.count]


def is_named(rule: Rule, first: date, day: date) -> bool:
    """Whether the rule, apart from COUNT, names a day of a series that starts on `first`."""
    if not _is_candidate(rule, first, day):
        return False
    if not rule.by_set_pos:
        return True
    numbers = range(1, monthrange(day.year, day.month)[1] + 1)
    month = [each for number in numbers if _is_candidate(rule, first, each := day.replace(day=number))]
    place = month.index(day)
    return place + 1 in rule.by_set_pos or place - len(month) in rule.by_set_pos


def _is_candidate(rule: Rule, first: date, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    nths = (0, (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1))
    is_day = not rule.by_day or any(Day(day.weekday(), nth) in rule.by_day for nth in nths)
    is_month_day = not rule.by_month_day or {day.day, day.day - length - 1} & set(rule.by_month_day)
    is_month = not rule.by_month or day.month in rule.by_month
    return bool(
        is_day and is_month_day and is_month and _is_like_first(rule, first, day) and _is_turn(rule, first, day)
    )


def _is_like_first(rule: Rule, first: date, day: date) -> bool:
    """What the rule leaves open is taken from the first day."""
    is_open = not rule.by_day and not rule.by_month_day
    match rule.frequency:
        case Frequency.DAILY:
            return True
        case Frequency.WEEKLY:
            return not is_open or day.weekday() == first.weekday()
        case Frequency.MONTHLY:
            return not is_open or day.day == first.day
        case Frequency.YEARLY:
            return not is_open or (day.day == first.day and (bool(rule.by_month) or day.month == first.month))


def _is_turn(rule: Rule, first: date, day: date) -> bool:
    match rule.frequency:
        case Frequency.DAILY:
            periods = (day - first).days
        case Frequency.WEEKLY:
            periods = (_week_of(rule, day) - _week_of(rule, first)).days // 7
        case Frequency.MONTHLY:
            periods = (day.year - first.year) * 12 + day.month - first.month
        case Frequency.YEARLY:
            periods = day.year - first.year
    return periods % rule.interval == 0


def _week_of(rule: Rule, day: date) -> date:
    while day.weekday() != rule.week_start:
        day -= timedelta(days=1)
    return day


def at(text: str) -> datetime:
    """A time in UTC, written short."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def series(rrule: str | None, start: str, zone: str | None = "UTC", **fields: Any) -> Series:
    """A series written short; `exdates` are texts as `start` is."""
    exdates = tuple(at(text) for text in fields.pop("exdates", ()))
    recurrence = Recurrence(parse_rrule(rrule), exdates) if rrule else None
    return Series(start_at=at(start), timezone=zone, recurrence=recurrence, **fields)


def moved(event: Series, name: str, **fields: Any) -> Series:
    """The series with one occurrence overridden."""
    return replace(event, overrides={name: Override(**fields)})


def starts(event: Series, start: str, end: str) -> list[str]:
    """The starts of a window's occurrences, written short."""
    return [f"{occurrence.start:%Y-%m-%dT%H:%M}" for occurrence in expand(event, at(start), at(end))]
