"""Durations: what they are made of, and their range."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("duration.value(1, 'w') == duration.value(7, 'd')", True),
    ("duration.value(90, 'm').seconds()", 5400),
    ("duration.value(1, 'h') == duration.value(3600, 's')", True),
    ("duration.value(1500, 'ms').nanos()", 500000000),
    ("duration.value(-1500, 'ms').seconds()", -1),
    ("duration.value(-1500, 'ms').nanos()", -500000000),
    ("duration.value(1, 'ns') < duration.value(1, 'ms')", True),
    ("duration.value(1, 'x')", "Invalid regular expression pattern. Pattern: x."),
    ("duration.time(1, -30, 0, 5).seconds()", 1800),
    ("duration.abs(duration.value(-2, 's')).seconds()", 2),
    ("-duration.value(2, 's') == duration.value(-2, 's')", True),
    (
        "duration.value(315576000001, 's')",
        (
            "Duration is not valid. Seconds must be in range [-315,576,000,000, +315,576,000,000]. Nanos "
            "must be in range [-999,999,999, +999,999,999]. Nanos must have the same sign as seconds."
        ),
    ),
    ("duration.value(1, 's') + timestamp.value(0) == timestamp.value(1000)", True),
    ("timestamp.value(0) - duration.value(1, 's') == timestamp.value(-1000)", True),
    ("timestamp.value(1000) - timestamp.value(0) == duration.value(1, 's')", True),
    ("duration.value(2, 's') - duration.value(1, 's') == duration.value(1, 's')", True),
    (
        "duration.value(1, 's') * 2",
        "Unsupported operation error. Received: duration * int. Expected: int * int, float * float.",
    ),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_duration(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
