"""Methods of sets, whose elements are equal across int and float."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("[1, 2].toSet().size()", 2),
    ("[1].toSet().union([2].toSet()) == [1, 2].toSet()", True),
    ("[1, 2].toSet().intersection([2.0].toSet()) == [2].toSet()", True),
    ("[1, 2].toSet().difference([2].toSet()) == [1].toSet()", True),
    ("[1, 2].toSet().hasAll([1.0])", True),
    ("[1].toSet().hasAny([].toSet())", False),
    ("[1].toSet().hasOnly([1, 2])", True),
    (
        "[1].toSet().union([1])",
        "Unsupported operation error. Received: set.union(list). Expected: set.union(set).",
    ),
    ("[1].toSet().size(1)", "Incorrect number of arguments. Received: 1. Expected: set.size()."),
    ("[[1.0]].toSet() == [[1]].toSet()", True),
    ("[1].toSet() == [2].toSet()", False),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_set(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
