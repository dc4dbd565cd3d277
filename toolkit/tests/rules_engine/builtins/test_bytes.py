"""Methods of bytes."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("b'abc'.size()", 3),
    ("b'\\xff\\xfe'.toBase64()", "__4="),
    ("b'\\xff\\x0a'.toHexString()", "FF0A"),
    ("'é'.toUtf8().size()", 2),
    ("b'a'.toHexString(1)", "Incorrect number of arguments. Received: 1. Expected: bytes.toHexString()."),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_bytes(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
