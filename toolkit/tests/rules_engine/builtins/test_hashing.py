"""Digests, of strings by their UTF-8; checksums are little-endian."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("hashing.crc32('123456789').toHexString()", "2639F4CB"),
    ("hashing.crc32c('123456789').toHexString()", "839206E3"),
    ("hashing.md5('').toHexString()", "D41D8CD98F00B204E9800998ECF8427E"),
    (
        "hashing.sha256(b'abc').toHexString()",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
    ),
    ("hashing.crc32('é') == hashing.crc32('é'.toUtf8())", True),
    (
        "hashing.md5(1)",
        "Unsupported operation error. Received: hashing.md5(int). Expected: hashing.md5(bytes), hashing.md5(string).",
    ),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_hashing(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
