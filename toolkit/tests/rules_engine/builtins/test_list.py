"""Methods of lists, whose elements are never equal across int and float."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("[1, 2].size()", 2),
    ("[1].concat([1, 2])", [1, 1, 2]),
    ("[1, 2].hasAll([2, 2])", True),
    ("[1].hasAll([1.0])", False),
    ("[1].hasAny([])", False),
    ("[1, 2].hasAny([3, 2])", True),
    ("[1, 1].hasOnly([1, 2])", True),
    ("['a'].hasOnly(['b', 1])", False),
    ("[1, 2, 1, 3].removeAll([1])", [2, 3]),
    ("[1, 'a', null, true, 2.0].join('-')", "1-a-null-true-2.0"),
    (
        "[[1]].join('')",
        (
            "Unsupported operation error. Received: string(list). Expected: string(int), string(float), "
            "string(null), string(string), string(bool), string(path)."
        ),
    ),
    ("[1, 1.0, 2].toSet().size()", 2),
    (
        "[1].hasAll([1].toSet())",
        "Unsupported operation error. Received: list.hasAll(set). Expected: list.hasAll(list).",
    ),
    ("[0.0].hasAny([-0.0])", True),
    ("[{'a': [1]}].hasAll([{'a': [1]}])", True),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_list(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
