"""Operators: values, errors as values, and which error is told."""

from collections.abc import Callable
from typing import Any

import pytest

from firewarden.rules import EvalError
from firewarden.rules.evaluating import Surroundings, relative
from firewarden.rules.evaluating import evaluate as evaluate_alone
from firewarden.values import Timestamp

NO_FUNCTION = "Function not found error: Name: [f]."
NOT_BOOL = "Type error. Received: [int] Expected: [bool]."
OVERFLOW = "Integer value is out of the [-9223372036854775808, 9223372036854775807] range."

LOGIC = [
    # A deciding side absorbs errors and values that are no bools, on either side.
    ("f() || true", True),
    ("true || f()", True),
    ("f() && false", False),
    ("false && f()", False),
    ("1 || true", True),
    ("1 && false", False),
    ("f() && true", NO_FUNCTION),
    ("true && f()", NO_FUNCTION),
    ("f() || false", NO_FUNCTION),
    ("false || 1", NOT_BOOL),
    ("1 || false", NOT_BOOL),
    ("f() && (1 / 0 == 1)", NO_FUNCTION),
    ("(1 / 0 == 1) && f()", "Divide by zero error."),
    ("f() && [1 / 0, 1].size() == 1", "Divide by zero error."),
    ("!f()", NO_FUNCTION),
    ("!1", "Unsupported operation error. Received: !int. Expected: !bool."),
    ("!!true", True),
    ("true ? 1 : f()", 1),
    ("false ? f() : 2", 2),
    ("f() ? 1 : 1", NO_FUNCTION),
    ("1 ? 1 : 1", NOT_BOOL),
]
COMPARISONS = [
    ("1 == 1.0", True),
    ("[1] == [1.0]", False),
    ("{'a': 1} == {'a': 1.0}", False),
    ("0.0 == -0.0", True),
    ("[0.0] == [-0.0]", False),
    ("float('NaN') == float('NaN')", False),
    ("[float('NaN')].toSet() == [float('NaN')].toSet()", True),
    ("9007199254740993 == 9007199254740992.0", True),
    ("true == 1", False),
    ("null == f()", NO_FUNCTION),
    ("'a' != 1", True),
    ("[/a/b] == [/a/b]", True),
    ("hashing.md5('a') == hashing.md5('b')", False),
    ("1 < 1.5", True),
    ("'\\uffff' > '😀'", True),
    ("'a' < 'b'", True),
    ("b'a' <= b'a'", True),
    ("2 >= 3", False),
    ("f() < 1", NO_FUNCTION),
    ("1 < f()", NO_FUNCTION),
]
ARITHMETIC = [
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("-7 % 2", -1),
    ("7.5 % 2", 1.5),
    ("1 / 0", "Divide by zero error."),
    ("1 % 0", "Divide by zero error."),
    ("1.0 / 0 > 1", True),
    ("-1 / 0.0 < 1", True),
    ("0.0 / 0 == 0.0 / 0", False),
    ("1.0 % 0 == 1.0", False),
    ("9223372036854775807 + 1", OVERFLOW),
    ("-9223372036854775808 - 1", OVERFLOW),
    ("9223372036854775807 * 2", OVERFLOW),
    ("-(-9223372036854775808)", OVERFLOW),
    ("-9223372036854775808 / -1", -9223372036854775808),
    ("-9223372036854775808 % -1", 0),
    ("2 * 1.5", 3.0),
    ("1 - 0.5", 0.5),
    ("'a' + 'b'", "ab"),
    ("-(1.5)", -1.5),
    ("-'a'", "Unsupported operation error. Received: -string. Expected: -int, -float, -duration."),
    ("-f()", NO_FUNCTION),
    ("f() + 1", NO_FUNCTION),
    ("1 + f()", NO_FUNCTION),
    ("[1] * 2", "Unsupported operation error. Received: list * int. Expected: int * int, float * float."),
]
ACCESS = [
    ("{'a': 1}.a", 1),
    ("{'a': 1}.b", "Property b is undefined on object."),
    ("null.a", "Null value error."),
    ("[].a", "Type error. Received: [list] Expected: [map,path]."),
    ("f().a", NO_FUNCTION),
    ("{'a': 1}['a']", 1),
    ("[1, 2][1]", 2),
    ("[1][1]", "Index out of bound error. Index: [1] , size: [1]."),
    ("[1][-1]", "Index out of bound error. Index: [-1] , size: [1]."),
    ("[1]['a']", "Unsupported operation error. Received: list[string]. Expected: list[int]."),
    ("[1][f()]", NO_FUNCTION),
    ("1[f()]", "Function not found error: Name: [[]]."),
    ("null[0]", "Null value error."),
    ("'aé'[1]", "é"),
    ("'abc'[1:]", "bc"),
    ("'abc'[:2]", "ab"),
    ("[1][:]", [1]),
    ("[1][0:0]", "Index out of bound error. Index: [-1] , size: [1]."),
    # Ends are numbers of 32 bits, which is asked of both before either has to be an element.
    ("'a'[5:2147483647]", "Index out of bound error. Index: [5] , size: [1]."),
    ("'a'[5:2147483648]", "Index out of bound error. Index: [2147483648] , size: [1]."),
    ("[1][-1:2147483648]", "Index out of bound error. Index: [2147483648] , size: [1]."),
    ("'a'[-2147483649:2147483648]", "Index out of bound error. Index: [-2147483649] , size: [1]."),
    ("'a'[0:-2147483649]", "Index out of bound error. Index: [-2147483649] , size: [1]."),
    ("'a'[0:-2147483648]", "Index out of bound error. Index: [2147483647] , size: [1]."),
    ("[1, 2, 3][2:1]", "Illegal range error. From index: [2] , To index: [1]."),
    ("1[0:1]", "Function not found error: Name: [@range]."),
    ("null[0:1]", "Null value error."),
    ("[1][f():1]", NO_FUNCTION),
    ("f()[0:1]", NO_FUNCTION),
    (
        "'a'['b':1]",
        (
            "Unsupported operation error. Received: string[string:int]. "
            "Expected: string[null:null], string[null:int], string[int:null], string[int:int]."
        ),
    ),
    ("1 in [1.0]", False),
    ("'a' in {'a': 1}", True),
    ("1 in {'a': 1}", "Unsupported operation error. Received: map.in(int). Expected: map.in(string)."),
    ("1 in [1.0].toSet()", True),
    ("1 in null", "Null value error."),
    ("f() in 'a'", "Function not found error: Name: [in]."),
    ("f() in [1]", NO_FUNCTION),
    ("1 in f()", NO_FUNCTION),
    ("request.method in ['get', 'list']", True),
    ("1 in ['get', 'list']", False),
]
TYPES = [
    ("1 is int", True),
    ("1 is number", True),
    ("1.0 is int", False),
    ("null is map", False),
    ("[1].toSet() is set", False),
    ("request.path is path", True),
    ("f() is int", NO_FUNCTION),
]
LITERALS = [
    ("[f(), 1]", NO_FUNCTION),
    ("{'a': f()}", NO_FUNCTION),
    ("{f(): 1}", NO_FUNCTION),
    ("{1: 1}", "Type error. Received: [int] Expected: [string]."),
    ("{null: 1}", "Type error. Received: [null] Expected: [string]."),
    ("{'a': 1, 'a': 2}", {"a": 2}),
    ("-9223372036854775808", -9223372036854775808),
    ("nope", "Null value error."),
    ("/a/$(f())", NO_FUNCTION),
]
CASES = [*LOGIC, *COMPARISONS, *ARITHMETIC, *ACCESS, *TYPES, *LITERALS]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_operator(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)


@pytest.mark.parametrize(
    ("functions", "expression", "expected"),
    [
        ("function g(x) { return 1; }", "g(f())", 1),
        ("function g(x) { let y = x; return true || y; }", "g(f())", True),
        ("function g(x) { let y = x; return y; }", "g(f())", NO_FUNCTION),
        (
            "function g(x) { return x; }",
            "g(1, 2)",
            "Incorrect number of arguments. Received: 2. Expected: g(x).",
        ),
        ("function int(x) { return 'mine'; }", "int(1)", "mine"),
        ("function g(x, y) { return x + y; }", "g(1, 2)", 3),
        ("function g(x, y, z) { return [z, y, x]; }", "g(1, 2, 3)", [3, 2, 1]),
        ("function g() { let a = 1; let b = a + 1; return [a, b]; }", "g()", [1, 2]),
        ("function g() { return id; }", "g()", "Null value error."),
        ("function g() { return database; }", "g()", "(default)"),
    ],
)
def test_function(functions: str, expression: str, expected: Any, evaluate: Callable[..., Any]) -> None:
    """Arguments and lets are evaluated once, and their errors matter only where they are used."""
    outcome = evaluate(expression, functions=functions)
    assert (type(outcome), outcome) == (type(expected), expected)


@pytest.mark.parametrize(
    ("expression", "column"),
    [("-(true && 1)", 3), ("-((true && 1))", 3), ("!(true && 1)", 2), ("(true && 1).x", 2), ("[(true && 1)]", 2)],
)
def test_behind_a_minus_and_before_a_dot_the_outermost_parentheses_do_not_count(expression: str, column: int) -> None:
    """For where an error is told; elsewhere an expression begins with its parentheses."""
    outcome = evaluate_alone(expression, Surroundings(time=Timestamp(0)))
    assert isinstance(outcome, EvalError)
    assert outcome.span is not None
    assert relative(outcome.span).column == column


@pytest.mark.parametrize(
    ("literal", "told"),
    [
        ("{'a': 1 / 0, 1: 1}", "Type error. Received: [int] Expected: [string]."),
        ("{'a': 1 / 0, f(): 1, 2: 1}", NO_FUNCTION),
        ("{1: 1, f(): 1 / 0}", "Type error. Received: [int] Expected: [string]."),
        ("{'a': 1 / 0, 'b': f()}", "Divide by zero error."),
    ],
)
def test_the_errors_of_a_maps_keys_come_before_those_of_its_values(
    evaluate: Callable[..., Any], literal: str, told: str
) -> None:
    assert evaluate(literal) == told
