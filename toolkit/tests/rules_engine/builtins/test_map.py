"""Methods of maps and of their differences."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("{'b': 1, 'a': 2}.keys()", ["a", "b"]),
    ("{'b': 1, 'a': 2}.values()", [1, 2]),
    ("{'a': 1}.size()", 1),
    ("{'a': 1}.get('a', 2)", 1),
    ("{'a': 1}.get('b', 2)", 2),
    ("{'a': {'b': 1}}.get(['a', 'b'], 2)", 1),
    ("{'a': 1}.get(['a', 'b'], 2)", 2),
    ("{'a': 1}.get([1], 2)", "Type error. Received: [int] Expected: [string]."),
    ("{'a': 1}.get([], 2)", {"a": 1}),
    (
        "{'a': 1}.get('a')",
        "Incorrect number of arguments. Received: 1. Expected: map.get(string, any), map.get(list, any).",
    ),
    ("{'a': 1}.get('a', nope)", "Null value error."),
    (
        "{'a': 1}.get(1, 2)",
        "Unsupported operation error. Received: map.get(int, int). Expected: map.get(string, any), map.get(list, any).",
    ),
    ("{'a': 1, 'b': 1}.diff({'b': 2, 'c': 1}).addedKeys() == ['a'].toSet()", True),
    ("{'a': 1, 'b': 1}.diff({'b': 2, 'c': 1}).removedKeys() == ['c'].toSet()", True),
    ("{'a': 1, 'b': 1}.diff({'b': 2, 'c': 1}).changedKeys() == ['b'].toSet()", True),
    ("{'a': 'x', 'b': 'y', 'c': 1}.diff({'a': 'x', 'b': 'z', 'c': '1'}).changedKeys() == ['b', 'c'].toSet()", True),
    ("{'a': 1, 'b': 1}.diff({'a': 1.0}).unchangedKeys() == ['a'].toSet()", True),
    ("{'a': 1, 'b': 1}.diff({'b': 2, 'c': 1}).affectedKeys().size()", 3),
    ("{'a': 1}.diff({'a': 1}) == {'a': 1}.diff({'a': 1})", False),
    ("[{'a': 1}.diff({})] == [{'a': 1}.diff({})]", True),
    (
        "{'a': 1}.diff(null)",
        "Unsupported operation error. Received: map.diff(null). Expected: map.diff(map).",
    ),
    ("{}.hasAll([])", "Function not found error: Name: [hasAll]."),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_map(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
