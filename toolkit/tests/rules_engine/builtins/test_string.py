"""Methods of strings count UTF-16 units and know letters of ASCII only."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("'abc'.size()", 3),
    ("'😀é'.size()", 3),
    ("''.size()", 0),
    ("'AbÉ'.lower()", "abÉ"),
    ("'abé'.upper()", "ABé"),
    ("' \\t a b\\n '.trim()", "a b"),
    ("'é'.toUtf8()", b"\xc3\xa9"),
    ("'abc'.matches('a.c')", True),
    ("'abc'.matches('b')", False),
    ("'a'.matches('[' + '')", "Invalid regular expression pattern. Pattern: [."),
    (
        "'a'.matches(1)",
        "Unsupported operation error. Received: string.matches(int). Expected: string.matches(string).",
    ),
    ("'a,b,,'.split(',')", ["a", "b"]),
    ("','.split(',')", [""]),
    ("'ab'.split('')", ["", "a", "b"]),
    ("'😀'.split('').size()", 3),
    ("'abc'.replace('b*', 'x')", "xaxxcx"),
    ("'abc'.replace('(a)(b)', '$2$1')", "bac"),
    ("'abc'.replace('(?P<n>b)', '${n}${n}')", "abbc"),
    ("'abc'.replace('b', '\\\\$')", "a$c"),
    ("'a'.replace('a', '\\\\')", "\\"),
    ("'abc'.replace('(b)', '$10')", "ab0c"),
    ("'abcdefghijklmn'.replace('(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)', '$12$11$1')", "lkamn"),
    ("'ab'.replace('(a)|(b)', '[$2]')", "[][b]"),
    ("'aaa'.matches('(a{100}){100}')", False),
    ("'a'.matches('\\\\C' + '')", "Invalid regular expression pattern. Pattern: \\C."),
    ("'a.c'.matches('\\\\Qa.c\\\\E')", True),
    ("'😀'.matches('.')", True),
    ("'a'.nope()", "Function not found error: Name: [nope]."),
    ("'a'.size(1)", "Incorrect number of arguments. Received: 1. Expected: string.size()."),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_string(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
