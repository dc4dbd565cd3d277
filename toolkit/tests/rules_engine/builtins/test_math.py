"""The package math, in doubles but for abs and round."""

import math
from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("math.abs(-1)", 1),
    ("math.abs(-1.5)", 1.5),
    ("math.abs(-9223372036854775808)", -9223372036854775808),
    ("math.ceil(1.2)", 2.0),
    ("math.ceil(-0.2)", -0.0),
    ("math.floor(-1.2)", -2.0),
    ("math.floor(3)", 3.0),
    ("math.floor(float('Infinity'))", math.inf),
    ("math.round(-2.5)", -2),
    ("math.round(2.5)", 3),
    ("math.round(float('NaN'))", 0),
    ("math.round(float('Infinity'))", 9223372036854775807),
    ("math.sqrt(16)", 4.0),
    ("math.isNaN(math.sqrt(-1))", True),
    ("math.pow(2, 3)", 8.0),
    ("math.pow(0.0, -1)", math.inf),
    ("math.pow(-0.0, -1)", -math.inf),
    ("math.pow(10, 400)", math.inf),
    ("math.pow(-10, 401)", -math.inf),
    ("math.isNaN(math.pow(-8, 0.5))", True),
    ("math.isNaN(math.pow(1, float('Infinity')))", True),
    ("math.isInfinite(1.0)", "Function not found error: Name: [math.isInfinite]."),
    (
        "math.sqrt('1')",
        "Unsupported operation error. Received: math.sqrt(string). Expected: math.sqrt(float).",
    ),
    ("math.isNaN(1)", False),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_math(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
