"""Laws that hold for all values and all expressions, hostile ones included."""

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.rules import OFFICIAL_1_19_9, Get, Request, auth_of, compile_rules, decide
from firewarden.rules.compiled import RulesetInvalid
from firewarden.rules.equality import equal, identical, make_set, same_element, set_key
from firewarden.rules.kinds import Duration
from firewarden.rules.ordering import order
from firewarden.rules.outcomes import EvalError
from firewarden.values import LatLng, Path, Timestamp

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.builds(Timestamp, st.integers(-(10**18), 10**18)),
    st.builds(Duration, st.integers(-(10**18), 10**18)),
    st.builds(LatLng, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(Path, st.tuples(st.text(min_size=1, max_size=3))),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.builds(make_set, st.lists(inner, max_size=3))
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_equality_is_symmetric(one: Any, other: Any) -> None:
    for law in (equal, identical, same_element):
        assert law(one, other) is law(other, one)


@settings(deadline=None)
@given(VALUES)
def test_a_value_without_nan_equals_itself(value: Any) -> None:
    if "nan" not in repr(value):
        assert equal(value, value)
        assert identical(value, value)
        assert same_element(value, value)
    assert set_key(value) == set_key(value)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_identical_values_are_equal_and_one_element_of_a_set(one: Any, other: Any) -> None:
    if identical(one, other):
        assert equal(one, other)
        assert len(make_set([one, other]).elements) == 1


ORDERED = st.sampled_from(
    [
        st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False)),
        st.text(max_size=4),
        st.binary(max_size=4),
        st.builds(Timestamp, st.integers(-9, 9)),
    ]
).flatmap(lambda kind: st.tuples(kind, kind, kind))


@settings(deadline=None)
@given(ORDERED)
def test_order_is_total(triple: tuple[Any, Any, Any]) -> None:
    """Of two values one is less or they are equal; less is transitive; `<=` is less or equal."""
    one, other, third = triple
    assert order("<", one, other) + order(">", one, other) + equal(one, other) == 1
    assert order("<=", one, other) is (order("<", one, other) or equal(one, other))
    if order("<", one, other) and order("<", other, third):
        assert order("<", one, third)


@settings(deadline=None)
@given(st.one_of(st.integers(-9, 9), st.floats(-9, 9)))
def test_nan_is_neither_less_nor_equal(number: float) -> None:
    assert not any(order(symbol, math.nan, number) for symbol in ("<", "<=", ">", ">="))
    assert not equal(math.nan, number)


ATOMS = st.sampled_from(
    [
        *(
            "1",
            "0",
            "-1",
            "2.5",
            "'a'",
            "''",
            "'😀'",
            "true",
            "false",
            "null",
            "b'a'",
            "[]",
            "{}",
            "/a/b",
            "id",
        ),
        *("nope", "request", "request.auth.uid", "request.time", "resource", "resource.data", "request.path"),
        *(
            "9223372036854775807",
            "float('NaN')",
            "1 / 0",
            "nofn()",
            "[1, 'a'].toSet()",
            "{'a': 1}.diff({'b': 1})",
        ),
        *("duration.value(1, 's')", "latlng.value(1, 2)", "path('a/{x}')", "get(/a/b)", "request.values()"),
        *("'a{100}'", "'(a*)*$'", "'$9'", "'['", "'\\\\C'"),
    ]
)
METHODS = (
    *("size()", "keys()", "values()", "toSet()", "hasAll({0})", "hasAny({0})", "hasOnly({0})", "concat({0})"),
    *(
        "join({0})",
        "split({0})",
        "matches({0})",
        "replace({0}, {0})",
        "get({0}, 1)",
        "diff({0})",
        "union({0})",
    ),
    *(
        "bind({0})",
        "lower()",
        "trim()",
        "toUtf8()",
        "toBase64()",
        "date()",
        "seconds()",
        "distance({0})",
        "nope()",
    ),
)
CALLS = (
    *(
        "int({0})",
        "float({0})",
        "string({0})",
        "path({0})",
        "debug({0})",
        "math.pow({0}, {0})",
        "math.round({0})",
    ),
    *("hashing.crc32c({0})", "timestamp.value({0})", "timestamp.date({0}, 1, 1)", "duration.value({0}, 'w')"),
    *("exists({0})", "getAfter({0})", "f({0})", "latlng.value({0}, 1)"),
)
OPERATORS = ("+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "in", "&&", "||")


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({}) {} ({})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds(
            lambda value, method, argument: f"({value}).{method.format(argument)}",
            inner,
            st.sampled_from(METHODS),
            inner,
        ),
        st.builds(lambda call, argument: call.format(argument), st.sampled_from(CALLS), inner),
        st.builds("(({}) ? ({}) : ({}))".format, inner, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})[{}:{}]".format, inner, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("-({})".format, inner),
        st.builds("({}) is int".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'a': {}, {}: 1}}".format, inner, inner),
        st.builds("({}).a".format, inner),
        st.builds("/a/$({})/b".format, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, compound, max_leaves=8)
STORED: dict[tuple[str, ...], dict[str, Any]] = {("c", "a"): {"x": 1, "list": [1, "a"], "map": {"k": None}}}
REQUEST = Request(
    operation=Get(paths=(("c", "a"),)),
    time=Timestamp(1_700_000_000_000_000_000),
    auth=auth_of({"sub": "ana"}),
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_no_expression_raises_and_a_tracer_changes_nothing(expression: str) -> None:
    """Whatever is written, the outcome is a decision; watched or not it is the same, and so are its reasons."""
    source = (
        "rules_version = '2'; function f(x) { let y = x; return [x, y]; } service cloud.firestore {"
        f" match /databases/{{db}}/documents/c/{{id}} {{ allow get: if {expression}; }} }}"
    )
    try:
        rules = compile_rules(source, compatibility=OFFICIAL_1_19_9)
    except RulesetInvalid:
        return  # such as a regular expression that the compiler refuses
    seen: list[Any] = []
    decision = decide(rules, REQUEST, STORED.get)
    traced = decide(rules, REQUEST, STORED.get, tracer=lambda _node, outcome: seen.append(outcome))
    assert (traced.allowed, traced.crashed, traced.message) == (
        decision.allowed,
        decision.crashed,
        decision.message,
    )
    assert seen or decision.crashed


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS)
def test_what_decides_absorbs_everything(expression: str) -> None:
    source = (
        "rules_version = '2'; function f(x) { return x; } service cloud.firestore {"
        f" match /databases/{{db}}/documents/c/{{id}} {{ allow get: if ({expression}) || true; }} }}"
    )
    try:
        rules = compile_rules(source)
    except RulesetInvalid:
        return
    decision = decide(rules, REQUEST, STORED.get)
    unabsorbed = [each.outcome.text for each in decision.reasons if isinstance(each.outcome, EvalError)]
    assert decision.allowed or "No group" in str(unabsorbed)
