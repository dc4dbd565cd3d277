"""Paths: templates, segments and binding."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("path('a/{x}').bind({'x': 'b'}) == /a/b", True),
    ("path('a/{x}').bind({'x': 'b'}).x", "b"),
    ("path('a/{x}').bind({'x': 'b'})['x']", "b"),
    ("path('a/{x}').bind({}) == /a", True),
    ("path('{x=**}/z').bind({'x': /a/b}) == /a/b/z", True),
    ("path('{x=**}').bind({'x': 'a'})", "Type error. Received: [string] Expected: [path]."),
    ("path('a/{x}').bind({'x': ''})", "Cannot bind empty value to path template variable x."),
    ("path('a/{x}').bind({'y': ''})", "Variable(s) y do not exist in the path template."),
    ("path('a/{x}').bind({'zz': 1, 'b': 2, 'aa': 3})", "Variable(s) zz,aa,b do not exist in the path template."),
    ("path('a/{x}').bind({'x': 'b'}).bind({'x': 'c'})", "Variable x is already bound."),
    ("path('{x}/{x}')", "Variable x already exists in the PathTemplate."),
    ("path('a/{x}')[0]", "Variable x is not bound in path template."),
    ("path('a/{x}').x", "Variable x is not bound in path template."),
    ("path('a//b')", "Invalid Path Template a//b. Empty segment is not allowed."),
    ("path('')", "Empty Path Template is not allowed."),
    ("path('a/{')", "Invalid Path Template a/{. The capture segment is not closed."),
    (
        "path('a/{1}')",
        (
            "Invalid Path Template a/{1}. [Identifier [1] should start with letter, dollar sign, or "
            "underscore and should not start with digit and must not contain spaces."
        ),
    ),
    ("path('a/b').segments()", ["a", "b"]),
    ("path('a/{x=**}').bind({'x': /b/c}).segments()", ["a", "b", "c"]),
    ("path('a/{x}').segments()", "Variable x is not bound in path template."),
    ("path('a/b')[1]", "b"),
    ("path('a/b')[2]", "Index out of bound error. Index: [2] , size: [2]."),
    ("path('a/b').x", "Property x is undefined on object."),
    ("path('a%20b')[0]", "a b"),
    ("/a/$('b/c')[1]", "b/c"),
    ("/a/$(/b/c)/d == /a/b/c/d", True),
    ("/a/$(1)/$(null)/$(true) == /a/1/null/true", True),
    (
        "/a/$([1])",
        (
            "Unsupported operation error. Received: string(list). Expected: string(int), string(float), "
            "string(null), string(string), string(bool), string(path)."
        ),
    ),
    ("/a/{x} == /a/{x}", False),
    ("string(/a/{x})", "/a/"),
    ("path('/{x}/{y}').bind({'x': '1', 'y': '2'}).y", "2"),
    (
        "path('/{x}/{y}/{z}').bind({'x': '1', 'y': '2'}).bind({'z': '3'})",
        "Variable(s) z do not exist in the path template.",
    ),
    ("path('/{x}/{y}').bind({'x': '1'}).bind({'x': '2'})", "Variable x is already bound."),
    ("/a/{x}/$(path('/{x}'))", "Variable x already exists in the PathTemplate."),
    (
        "path('/a').bind({" + ", ".join(f"'n{number}': '1'" for number in range(20)) + "})",
        (
            "Variable(s) n0,n1,n2,n3,n4,n5,n6,n7,n8,n9,n10,n12,n11,n14,n13,n16,n15,n18,n17,n19 "
            "do not exist in the path template."
        ),
    ),
    ("(/a/b/c)[1:] == /b/c", True),
    ("(/a/b)['a']", "Property a is undefined on object."),
    (
        "/a/b < /a/b",
        (
            "Unsupported operation error. Received: path < path. Expected: string < string, bytes < bytes, "
            "int < int, float < float, duration < duration, timestamp < timestamp, constraint < any, any < "
            "constraint."
        ),
    ),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_path(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
