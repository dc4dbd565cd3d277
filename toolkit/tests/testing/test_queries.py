"""The query notation runs as the query it writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firewarden.errors import QueryFileError
from firewarden.indexes.notation import Now
from firewarden.testing import Database, build_query

pytestmark = pytest.mark.emulator

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DOCUMENTS: dict[str, dict[str, Any]] = {
    "a": {"n": 1, "tags": ["x"], "at": NOON},
    "b": {"n": 2, "tags": ["y"], "at": NOON + timedelta(hours=1)},
    "c": {"n": 3, "tags": ["x", "y"], "at": NOON + timedelta(hours=2)},
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "abc"),
        ({"where": [["n", ">=", 2]]}, "bc"),
        ({"where": [["n", "==", 2]]}, "b"),
        ({"where": [["n", "!=", 2]]}, "ac"),
        ({"where": [["n", "in", [1, 3]]]}, "ac"),
        ({"where": [["n", "not-in", [1, 3]]]}, "b"),
        ({"where": [["tags", "array-contains", "x"]]}, "ac"),
        ({"where": [["tags", "array_contains_any", ["y", "z"]]]}, "bc"),
        ({"where": [{"or": [["n", "==", 1], {"and": [["n", ">", 1], ["tags", "array-contains", "x"]]}]}]}, "ac"),
        ({"where": [["at", ">", Now(timedelta(hours=0.5))]]}, "bc"),
        ({"where": [["__name__", "==", "b"]]}, "b"),
        ({"where": [["__name__", "in", ["a", "items/c"]]]}, "ac"),
        ({"order_by": [["n", "desc"]]}, "cba"),
        ({"order_by": [["n", "asc"]], "limit": 2}, "ab"),
        ({"order_by": [["n", "asc"]], "limit_to_last": 2}, "bc"),
        ({"order_by": [["n", "asc"]], "start_at": [2]}, "bc"),
        ({"order_by": [["n", "asc"]], "start_after": [2]}, "c"),
        ({"order_by": [["n", "asc"]], "end_at": [2]}, "ab"),
        ({"order_by": [["n", "asc"]], "start_after": [1], "end_before": [3]}, "b"),
    ],
)
def test_a_query_finds_what_it_says(query: dict[str, Any], expected: str, database: Database) -> None:
    owner = database.as_owner()
    for name, data in DOCUMENTS.items():
        owner.document(f"items/{name}").set(data)

    found = build_query(owner, {"collection": "items", **query}, now=NOON).get()
    assert "".join(each.id for each in found) == expected


def test_figures_are_asked_together(database: Database) -> None:
    owner = database.as_owner()
    for name, data in DOCUMENTS.items():
        owner.document(f"deep/down/items/{name}").set(data)

    query = {"group": "items", "where": [["n", ">", 1]], "aggregate": ["count", {"sum": "n"}, {"average": "n"}]}
    (figures,) = build_query(owner, query).get()
    assert {each.value for each in figures} == {2, 5, 2.5}


def test_a_faulty_query_is_refused_before_it_is_sent(database: Database) -> None:
    with pytest.raises(QueryFileError, match="unknown key 'wher' in a query"):
        build_query(database.as_owner(), {"collection": "items", "wher": []})
