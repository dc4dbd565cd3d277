"""Queries: allowed by what their filters promise, never by what is stored."""

from typing import Any

import pytest

from firewarden.rules import (
    OFFICIAL_1_19_9,
    PRODUCTION,
    Both,
    Compatibility,
    Decision,
    Either,
    Filter,
    List,
    Query,
    Request,
    auth_of,
    compile_rules,
    decide,
)
from firewarden.rules.query import Where
from firewarden.values import Path, Timestamp

NOW = Timestamp(1_700_000_000_000_000_000)
STORED: dict[tuple[str, ...], dict[str, Any]] = {("c", "a"): {"x": 1}, ("roles", "ana"): {"groups": ["g"]}}
NAN = float("nan")


def where(field: str, operator: Any, value: Any = None) -> Filter:
    return Filter(field=field, operator=operator, value=value)


def asked(
    condition: str,
    filters: Where | None = None,
    *,
    match: str = "/c/{id}",
    compatibility: Compatibility = PRODUCTION,
    **query: Any,
) -> Decision:
    rules = compile_rules(
        "rules_version = '2'; service cloud.firestore { match /databases/{db}/documents {"
        f" match {match} {{ allow list: if {condition}; }} }} }}",
        compatibility=compatibility,
    )
    operation = List(query=Query(**{"collection": "c", "where": filters, **query}))
    return decide(rules, Request(operation=operation, time=NOW, auth=auth_of({"sub": "ana"})), STORED.get)


PROVED = [
    ("resource.data.x == 2", where("x", "==", 2)),
    ("resource.data.x == 2", where("x", "==", 2.0)),
    ("resource.data.x in [1, 2]", where("x", "in", [2, 1])),
    ("resource.data.x != 3", where("x", "!=", 3)),
    ("resource.data.x > 1", where("x", ">", 1)),
    ("resource.data.x > 1", where("x", ">=", 2)),
    ("resource.data.x >= 1", where("x", ">=", 1)),
    ("resource.data.x <= 5 && 5.5 > resource.data.x", where("x", "<", 5)),
    ("resource.data.x < 6", where("x", "<=", 5)),
    ("resource.data.x <= 5", where("x", "<=", 5)),
    ("resource.data.x != 9 && resource.data.x != null", where("x", "<", 9)),
    ("2 in resource.data.x", where("x", "array-contains", 2)),
    ("resource.data.x.hasAny([3, 2])", where("x", "array-contains-any", [2, 3])),
    ("resource.data.x != 1 && resource.data.x != 2", where("x", "not-in", [1, 2])),
    ("resource.data.x == null", where("x", "is-null")),
    ("resource.data.x != null", where("x", "is-not-null")),
    ("math.isNaN(resource.data.x)", where("x", "is-nan")),
    ("resource.data.n.p == 1", where("n.p", "==", 1)),
    ("resource.data['a.b'] == 1", where("`a.b`", "==", 1)),
    ("resource.data.x is constraint", where("x", ">", 1)),
    ("!('y' in resource.data) && resource.data.keys() == ['x']", where("x", "==", 1)),
    ("resource.data.x > 0 && resource.data.y == 1", Both(filters=(where("x", ">", 0), where("y", "==", 1)))),
    (
        "resource.data.x == 1 || resource.data.y == 1",
        Either(filters=(where("x", "==", 1), where("y", "==", 1))),
    ),
    ("request.query.limit == null && request.query.offset == 0", None),
    ("request.query.orderBy == {} && request.query.kind == 'c' && request.query.parent == null", None),
    ("request.path == /databases/$(db)/documents/c", None),
    ("resource != null && resource.size() == 1", None),
    (
        "get(/databases/$(db)/documents/roles/ana).data.groups.hasAny([resource.data.g])",
        where("g", "==", "g"),
    ),
    # Oddities of the official engine, kept.
    (
        "resource.data.x == 7 && 7 in resource.data.x",
        Both(filters=(where("x", "is-nan"), where("x", ">", 1))),
    ),
    ("resource.data.x != 2", Both(filters=(where("x", "==", 2.0), where("x", ">", "")))),
    ("!(resource.data.x in [5])", where("x", ">", 2)),
    ("[resource.data.x] == [resource.data.x]", where("x", ">", 1)),
    ("[resource.data.x].removeAll([resource.data.x]).size() == 1", where("x", ">", 1)),
    ("resource.data.x.hasAny([2, {}.diff({})])", where("x", "array-contains", 2)),
    ("true in [resource.data.x] || false in [resource.data.x] || true", where("x", "==", None)),
    # A filter given twice, also as NaN, is one filter.
    ("resource.data.x is float", Both(filters=(where("x", "is-nan"), where("x", "is-nan")))),
]
UNPROVED = [
    ("resource.data.x == 2", None),
    ("resource.data.x == 2", where("x", "==", 3)),
    ("resource.data.x == 2", Both(filters=(where("x", ">=", 2), where("x", "<=", 2)))),
    ("resource.data.x in [1, 2]", where("x", "in", [1, 3])),
    ("resource.data.x > 2", where("x", ">", 1)),
    ("resource.data.x > 2", where("x", ">", 2.5)),
    ("resource.data.x > 'a'", where("x", ">", 1)),
    ("resource.data.x != 1", where("x", ">=", 1)),
    ("!(resource.data.x > 1)", where("x", "<", 0)),
    ("resource.data.x is int", where("x", ">", 1)),
    ("2 in resource.data.x", where("x", "array-contains", 2.0)),
    ("resource.data.x.hasAny([1])", where("x", "array-contains", 2)),
    ("resource.data.x.hasAny([2].toSet())", where("x", "array-contains", 2)),
    ("resource.data.x.size() == 1", where("x", ">", 1)),
    ("resource.data.x == resource.data.y", Both(filters=(where("x", ">", 0), where("y", ">", 0)))),
    ("resource.data.x < null", where("x", "<", 1)),
    ("resource.data.x != null", where("x", ">", [1])),
    ("resource.data.x == null", where("x", "==", None)),
    ("resource.data.x == null", where("x", "==", NAN)),
    ("resource.data.x != 1", where("x", "!=", NAN)),
    ("1 in resource.data.x", where("x", "array-contains", None)),
    ("[resource.data.x].toSet().size() == 1", where("x", ">", 1)),
    ("resource.data.x in [resource.data.x]", where("x", ">", 1)),
    ("[resource.data.x].hasAll([resource.data.x])", where("x", ">", 1)),
    ("resource.data.x.hasAny([resource.data.x])", where("x", "array-contains", 2)),
    ("resource.data.x.hasAny([{}.diff({}), 2])", where("x", "array-contains", 2)),
    ("resource.data.x", where("x", ">", 1)),
    ("id == 'a'", None),
    ("resource.id == 'a'", None),
    (
        "resource.data.x == 1 || resource.data.y == 1",
        Either(filters=(where("x", "==", 1), where("z", "==", 1))),
    ),
    ("exists(/databases/$(db)/documents/roles/ben)", None),
]


@pytest.mark.parametrize(
    ("filters", "disjuncts"),
    [
        (where("x", "in", [1, 1]), 1),
        (where("x", "in", [1, 1.0]), 2),
        (where("x", "in", [0.0, -0.0]), 1),
        (where("x", "array-contains-any", [NAN, [NAN], {"a": 1}]), 3),
        (Either(filters=(where("x", "==", 1), where("x", "==", 1))), 1),
        (Either(filters=(where("x", "in", [1, 2]), where("x", "==", 1))), 2),
        (Both(filters=(where("x", "in", [1, 2]), where("x", "in", [1, 2]))), 2),
        (Both(filters=(where("x", "in", [1, 2]), where("y", "in", [1, 2]))), 4),
        (Both(filters=(Either(filters=(where("x", "==", 1), where("y", "==", 1))), where("z", ">", [1]))), 2),
    ],
)
def test_a_query_is_judged_once_for_each_different_disjunct(filters: Where, disjuncts: int) -> None:
    decision = asked("exists(/databases/$(db)/documents/roles/ben)", filters, compatibility=OFFICIAL_1_19_9)
    unproved = [each for each in decision.reasons if each.outcome is not False]
    assert len(unproved) == disjuncts


@pytest.mark.parametrize(("condition", "filters"), PROVED)
def test_a_query_that_proves_its_rule_is_allowed(condition: str, filters: Where | None) -> None:
    assert asked(condition, filters).allowed, asked(condition, filters).message


@pytest.mark.parametrize(("condition", "filters"), UNPROVED)
def test_a_query_that_does_not_is_denied(condition: str, filters: Where | None) -> None:
    assert not asked(condition, filters).allowed


@pytest.mark.parametrize(
    ("condition", "received"),
    [
        ("resource.data.x == {}.diff({})", "map_diff"),
        ("{}.diff({}) != resource.data.x", "map_diff"),
        ("{}.diff({}) in resource.data.x", "map_diff"),
        ("resource.data.x.hasAny([{}.diff({})])", "map_diff"),
        ("resource.data.x == resource.data.x", "constraint"),
        ("resource.data.x.hasAny([1, resource.data.x])", "constraint"),
    ],
)
def test_what_equals_nothing_is_no_operand_of_a_field(condition: str, received: str) -> None:
    message = asked(condition, where("x", "array-contains", 2)).message
    assert message is not None
    assert message.startswith(f"\nType error. Received: [{received}] Expected: [bool,duration,")


@pytest.mark.parametrize(
    ("match", "query", "allowed"),
    [
        ("/c/{id}", {}, True),
        ("/c/a", {}, False),
        ("/{c}/{id}", {}, True),
        ("/{all=**}", {}, True),
        ("/c/{id}", {"all_descendants": True}, False),
        ("/{path=**}/c/{id}", {"all_descendants": True}, True),
        ("/{path=**}/d/{id}", {"all_descendants": True}, False),
        ("/{c}/{id}", {"collection": None}, True),
        ("/c/{id}", {"collection": None}, False),
        ("/{path=**}/{c}/{id}", {"collection": None, "all_descendants": True}, True),
        ("/p/{p}/c/{id}", {"parent": ("p", "q")}, True),
        ("/p/q/c/{id}", {"parent": ("p", "r")}, False),
    ],
)
def test_which_blocks_a_query_reaches(match: str, query: dict[str, Any], allowed: bool) -> None:
    assert asked("true", match=match, **query).allowed is allowed


@pytest.mark.parametrize(
    ("condition", "match", "query"),
    [
        ("request.query.limit <= 10", "/c/{id}", {"limit": 10}),
        ("request.query.orderBy == {'x': 'DESC'}", "/c/{id}", {"order_by": (("x", "DESC"),)}),
        ("request.fields == ['x']", "/c/{id}", {"fields": ("x",)}),
        ("string(path) == '/p/q'", "/{path=**}/c/{id}", {"parent": ("p", "q")}),
        ("request.query.ancestor == null", "/{path=**}/c/{id}", {"all_descendants": True}),
        ("string(path) == '/'", "/{path=**}/c/{id}", {"all_descendants": True}),
        ("p == 'q'", "/p/{p}/c/{id}", {"parent": ("p", "q")}),
    ],
)
def test_what_conditions_see_of_a_query(condition: str, match: str, query: dict[str, Any]) -> None:
    assert asked(condition, match=match, **query).allowed


@pytest.mark.parametrize(
    ("version", "query", "told"),
    [
        ("1", {}, "Null value error."),
        ("1", {"collection": None, "all_descendants": True}, "Null value error."),
        ("1", {"where": where("__name__", "==", Path(("databases", "(default)", "documents", "c", "a")))}, None),
        ("2", {}, None),
    ],
)
def test_what_a_query_leaves_open_binds_no_glob_of_version_1(
    version: str, query: dict[str, Any], told: str | None
) -> None:
    """Recorded: not even the type of the glob is known, where version 2 has a path with a hole."""
    source = (
        f"rules_version = '{version}'; service cloud.firestore {{"
        " match /databases/{db}/documents { match /{all=**} { allow list: if all is path; } } }"
    )
    operation = List(query=Query(**{"collection": "c", **query}))
    decision = decide(compile_rules(source), Request(operation=operation, time=NOW), STORED.get)
    assert decision.message == (f"\n{told} for 'list' @ L1" if told else None)


@pytest.mark.parametrize(
    ("condition", "name", "allowed"),
    [
        ("id == 'a' && resource.data.x == 1 && request.method == 'list'", "a", True),
        ("resource == null || true", "b", True),
        ("resource == null", "b", False),
        ("resource.data.x == 1", "b", False),
    ],
)
def test_a_filter_by_document_reads_it(condition: str, name: str, allowed: bool) -> None:
    document = Path(("databases", "(default)", "documents", "c", name))
    assert asked(condition, where("__name__", "==", document)).allowed is allowed


@pytest.mark.parametrize(
    ("condition", "documents_max"),
    [
        ("true", 22),
        ("resource.data.x == 1", 20),
        ("get(/databases/$(db)/documents/c/$(id)).data.x == 1", 20),
        ("exists(/databases/$(db)/documents/c/$(id))", 10),
        ("existsAfter(/databases/$(db)/documents/c/$(id))", 0),
    ],
)
def test_each_document_that_a_query_names_counts_like_a_get(condition: str, documents_max: int) -> None:
    """What is read of it is shared with `get()`; what comes after the request is unknown."""
    allowed = [count for count in range(1, 23) if _named(condition, count)]
    assert max(allowed, default=0) == documents_max


def _named(condition: str, count: int) -> bool:
    names = [Path(("databases", "(default)", "documents", "c", f"n{number}")) for number in range(count)]
    source = (
        "rules_version = '2'; service cloud.firestore { match /databases/{db}/documents { match /c/{id} {"
        f" allow list: if {condition}; }} }} }}"
    )
    rules = compile_rules(source, compatibility=OFFICIAL_1_19_9)
    query = Query(collection="c", where=Filter(field="__name__", operator="in", value=names))
    return decide(rules, Request(operation=List(query=query), time=NOW), lambda _: {"x": 1}).allowed
