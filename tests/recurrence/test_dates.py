"""The days of a rule against two oracles: a definition applied to every single day, and python-dateutil."""

import time
from datetime import date, datetime, timedelta
from itertools import islice, takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gather.recurrence import Frequency, Rule, parse_rrule
from gather.recurrence.dates import days_among, days_before, days_from
from tests.support.recurrence import FIRST_DAYS, days_by_definition, rules

SPAN = timedelta(days=500)
WITHOUT_DEADLINE = settings(deadline=None, max_examples=60)


@WITHOUT_DEADLINE
@given(rules(), FIRST_DAYS, st.integers(-40, 600))
def test_days_are_those_that_the_definition_names(rule: Rule, first: date, offset: int) -> None:
    """From any day on, inside or before the series, fast-forwarding included."""
    start, last = first + timedelta(days=offset), first + SPAN
    expected = [day for day in days_by_definition(rule, first, last) if day >= start]
    assert expected == list(takewhile(lambda day: day <= last, days_from(rule, first, start)))
    assert expected == list(days_from(rule, first, start, last))


@WITHOUT_DEADLINE
@given(rules(), FIRST_DAYS, st.lists(st.integers(-40, 900), max_size=20))
def test_the_days_asked_for_one_by_one_are_those_of_the_walk(rule: Rule, first: date, offsets: list[int]) -> None:
    """Looking at one period gives the same answer as walking on from the day asked for."""
    wanted = [first + timedelta(days=offset) for offset in offsets]
    expected = [day for day in sorted(set(wanted)) if next(days_from(rule, first, day), None) == day]
    assert expected == days_among(rule, first, wanted)


@pytest.mark.parametrize("text", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU", "FREQ=MONTHLY", "FREQ=YEARLY;INTERVAL=999"])
def test_a_day_at_the_end_of_the_calendar_is_asked_for_without_an_error(text: str) -> None:
    assert days_among(parse_rrule(text), date(2026, 5, 3), [date(9999, 12, 31), date.min, date.max]) == []


@WITHOUT_DEADLINE
@given(rules(with_count=False), FIRST_DAYS)
def test_days_backwards_are_the_same_days(rule: Rule, first: date) -> None:
    last = first + SPAN
    assert days_by_definition(rule, first, last) == list(days_before(rule, first, last))[::-1]


@WITHOUT_DEADLINE
@given(rules(with_count=False), FIRST_DAYS)
def test_python_dateutil_finds_the_same_days(rule: Rule, first: date) -> None:
    """Where it can be asked: it takes counted and plain weekdays together for "both" instead of "either"."""
    assume(len({day.nth == 0 for day in rule.by_day}) < 2)
    ours = list(islice((day for day in days_from(rule, first, first) if day > first), 40))
    oracle = rrulestr(rule.text, dtstart=datetime.combine(first, datetime.min.time()))
    theirs = (moment.date() for moment in oracle if moment.date() > first)
    assert ours == list(islice(theirs, len(ours)))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", date(2026, 5, 4)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", date(2026, 5, 4)),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=3", date(2026, 5, 4)),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", date(2026, 5, 4)),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6;COUNT=1000", date(2026, 5, 4)),
    ],
)
def test_a_rule_that_never_comes_again_costs_little(text: str, first: date) -> None:
    """The first day stays; the search behind it is bounded (python-dateutil scans to the year 9999 here)."""
    began = time.process_time()
    assert [first] == list(days_from(parse_rrule(text), first, first))
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("FREQ=YEARLY", date(2096, 2, 29), date(2104, 2, 29)),
        ("FREQ=YEARLY;INTERVAL=999", date(2024, 2, 28), date(3023, 2, 28)),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=FR", date(2072, 2, 29), date(2092, 2, 29)),
        ("FREQ=DAILY;INTERVAL=366;BYMONTH=1", date(2025, 2, 1), date(2467, 1, 1)),
        ("FREQ=DAILY;INTERVAL=365;BYMONTH=2", date(2025, 1, 1), date(3288, 2, 29)),
    ],
)
def test_a_long_silence_is_not_the_end(text: str, first: date, second: date) -> None:
    """Rules that are silent for decades or centuries are followed to their next day."""
    assert second == next(day for day in days_from(parse_rrule(text), first, first) if day > first)


def test_the_calendar_ends_without_an_error() -> None:
    rule = Rule(frequency=Frequency.DAILY)
    assert date(9998, 12, 31) <= max(days_from(rule, date(9998, 12, 1), date(9998, 12, 1)))
