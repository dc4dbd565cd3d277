"""What follows from the filters of a query, as Google's emulator 1.19.9 answers."""

from typing import Any

import pytest

from firewarden.rules import Both, Decision, Either, Filter, List, Query, Request, compile_rules, decide
from firewarden.rules.query import Where
from firewarden.values import Timestamp


def asked(condition: str, filters: Where | None, *, match: str = "/c/{id}", **query: Any) -> Decision:
    source = (
        "rules_version = '2'; service cloud.firestore { match /databases/{db}/documents {\n"
        f"match {match} {{ allow list: if {condition}; }} }} }}"
    )
    operation = List(query=Query(**{"collection": "c", "where": filters, **query}))
    return decide(compile_rules(source), Request(operation=operation, time=Timestamp(0)), lambda _: None)


def where(field: str, operator: Any, value: Any = None) -> Filter:
    return Filter(field=field, operator=operator, value=value)


@pytest.mark.parametrize(
    ("operator", "equal", "unequal"), [("is-null", True, False), ("is-not-null", False, True), ("is-nan", False, True)]
)
def test_a_filter_for_null_is_known_both_ways(operator: str, equal: bool, unequal: bool) -> None:
    assert asked("resource.data.x == null", where("x", operator)).allowed is equal
    assert asked("resource.data.x != null", where("x", operator)).allowed is unequal


@pytest.mark.parametrize(
    ("other", "equal", "unequal", "less"),
    [
        (where("x", "<", 5), True, True, True),
        (where("x", "!=", 5), True, True, False),
        (where("x", "==", 5), True, True, False),
        (where("x", "array-contains", 5), True, True, False),
    ],
)
def test_of_a_field_that_is_null_and_more_each_filter_counts_alone(
    other: Filter, equal: bool, unequal: bool, less: bool
) -> None:
    """No document can pass, and nothing is concluded from that."""
    filters = Both(filters=(where("x", "is-null"), other))
    assert asked("resource.data.x == null", filters).allowed is equal
    assert asked("resource.data.x != null", filters).allowed is unequal
    assert asked("resource.data.x < 5", filters).allowed is less


def test_a_field_with_one_known_value_is_that_value() -> None:
    filters = (where("x", "==", 1), where("l", "array-contains", 1))
    assert asked("resource.data.x in resource.data.l", Both(filters=filters)).allowed


def test_of_a_field_that_is_not_known_nothing_can_be_said_about_an_array() -> None:
    """Not even unknown: it is an error, which `||` absorbs."""
    filters = Both(filters=(where("x", ">", 1), where("l", "array-contains", 1)))
    message = asked("resource.data.x in resource.data.l", filters).message
    expected = "Type error. Received: [constraint] Expected: [timestamp,duration,float,int,string,bytes]."
    assert message == f"\n{expected} for 'list' @ L2"
    assert asked("resource.data.x in resource.data.l || true", filters).allowed


def test_alternatives_that_promise_more_are_looked_at_one_by_one() -> None:
    both = Both(filters=(where("x", "==", 1), where("y", "==", 2)))
    assert asked("resource.data.x == 1", Either(filters=(where("x", "==", 1), both))).allowed
    assert not asked("resource.data.y == 2", Either(filters=(where("x", "==", 1), both))).allowed


@pytest.mark.parametrize(
    ("match", "allowed"), [("/{a}/c/{id}", False), ("/{a}/{b}/c/{id}", False), ("/{a=**}/c/{id}", True)]
)
def test_only_a_wildcard_of_any_depth_matches_a_collection_group(match: str, allowed: bool) -> None:
    """Collections of any depth are asked for, at the root too."""
    assert asked("true", None, match=match, all_descendants=True).allowed is allowed
