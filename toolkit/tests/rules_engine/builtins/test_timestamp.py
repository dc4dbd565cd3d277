"""Timestamps: what they are made of, in UTC."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("timestamp.value(1).nanos()", 1000000),
    ("timestamp.date(2024, 2, 29).dayOfYear()", 60),
    ("timestamp.date(2023, 2, 29)", "Date is not valid. year: 2023, month: 2 day: 29."),
    (
        "timestamp.date(0, 1, 1)",
        "Timestamp should be between 0001-01-01T00.00.00Z and 9999-12-31T23.59.59Z. year: 0.",
    ),
    ("timestamp.value(1709210096789).date() == timestamp.date(2024, 2, 29)", True),
    ("timestamp.value(1709210096789).time() == duration.time(12, 34, 56, 789000000)", True),
    ("timestamp.value(1709210096789).year()", 2024),
    ("timestamp.value(1709210096789).month()", 2),
    ("timestamp.value(1709210096789).day()", 29),
    ("timestamp.value(1709210096789).dayOfWeek()", 4),
    ("timestamp.value(1709210096789).hours()", 12),
    ("timestamp.value(1709210096789).minutes()", 34),
    ("timestamp.value(1709210096789).seconds()", 56),
    ("timestamp.value(1709210096789).toMillis()", 1709210096789),
    ("timestamp.value(-1).toMillis()", -1),
    ("timestamp.value(-1).year()", 1969),
    ("timestamp.value('2020-13-02T03:04:05.5+01:30').toMillis()", 1609551245500),
    (
        "timestamp.value('2020-01-02')",
        (
            "Timestamp is not valid. Seconds must be in range [-62,135,596,800, +253,402,300,799]. Nanos "
            "must be in range [0, +999,999,999]."
        ),
    ),
    (
        "timestamp.value('9999-13-01T00:00:00Z')",
        (
            "Timestamp is not valid. Seconds must be in range [-62,135,596,800, +253,402,300,799]. Nanos "
            "must be in range [0, +999,999,999]."
        ),
    ),
    (
        "timestamp.value(253402300800000)",
        (
            "Timestamp is not valid. Seconds must be in range [-62,135,596,800, +253,402,300,799]. Nanos "
            "must be in range [0, +999,999,999]."
        ),
    ),
    ("timestamp.value(1) < timestamp.value(2)", True),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_timestamp(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
