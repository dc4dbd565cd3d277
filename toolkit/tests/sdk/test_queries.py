"""Queries through Google's client: every operator, alternatives, orders, cursors, limits, parts, groups."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.api_core.exceptions import InvalidArgument
from google.cloud import firestore
from google.cloud.firestore import And, FieldFilter, Or
from google.cloud.firestore_v1.field_path import FieldPath

from toolkit.tests.sdk.conftest import Sdk

ODD: dict[str, dict[str, Any]] = {
    "null": {"v": None},
    "nan": {"v": math.nan},
    "minus": {"v": -1},
    "zero": {"v": 0},
    "half": {"v": 0.5},
    "one": {"v": 1},
    "one float": {"v": 1.0, "w": True},
    "big": {"v": 2**53 + 1},
    "true": {"v": True},
    "text": {"v": "a"},
    "list": {"v": [1, 2]},
    "other list": {"v": [2, "a", None]},
    "map": {"v": {"a": 1}},
    "missing": {"w": 1},
}
NUMBERED = {f"n{number}": {"a": number % 3, "b": number, "c": {"d": -number}, "t": [number % 2]} for number in range(9)}


def where(field: str, operator: str, value: Any) -> Any:
    return FieldFilter(field, operator, value)


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("==", 1, {"one", "one float"}),
        ("==", 1.0, {"one", "one float"}),
        ("==", -0.0, {"zero"}),
        ("==", None, {"null"}),
        ("==", math.nan, {"nan"}),
        ("==", [1, 2], {"list"}),
        ("==", {"a": 1}, {"map"}),
        ("==", 2**53 + 1, {"big"}),
        ("==", float(2**53), set()),
        ("!=", 1, {"nan", "minus", "zero", "half", "big", "true", "text", "list", "other list", "map"}),
        ("!=", None, set(ODD) - {"null", "missing"}),
        ("!=", math.nan, set(ODD) - {"nan", "null", "missing"}),
        ("<", 1, {"minus", "zero", "half"}),
        ("<=", 1, {"minus", "zero", "half", "one", "one float"}),
        (">", 0.5, {"one", "one float", "big"}),
        (">=", 0.5, {"half", "one", "one float", "big"}),
        (">", "", {"text"}),
        (">=", False, {"true"}),
        (">=", [1], {"list", "other list"}),
        ("in", [1, "a", None], {"one", "one float", "text"}),
        ("in", [[1, 2], {"a": 1}], {"list", "map"}),
        ("not-in", [1, "a"], {"nan", "minus", "zero", "half", "big", "true", "list", "other list", "map"}),
        ("not-in", [None, 1], set()),
        ("array_contains", 2, {"list", "other list"}),
        ("array_contains", 2.0, {"list", "other list"}),
        ("array_contains_any", ["a", 1], {"list", "other list"}),
    ],
)
def test_operators(sdk: Sdk, operator: str, value: Any, expected: set[str]) -> None:
    sdk.store({f"q/{name}": fields for name, fields in ODD.items()})
    found = sdk.ids(sdk.collection("q").where(filter=where("v", operator, value)))
    assert set(found) == expected
    assert len(found) == len(expected)


def test_values_sort_by_type_first(sdk: Sdk) -> None:
    sdk.store({f"q/{name}": fields for name, fields in ODD.items()})
    ordered = sdk.ids(sdk.collection("q").order_by("v"))
    expected = ["null", "true", "nan", "minus", "zero", "half", "one", "one float", "big", "text"]
    assert ordered == [*expected, "list", "other list", "map"]
    assert sdk.ids(sdk.collection("q").order_by("v", direction="DESCENDING")) == ordered[::-1]


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        (And([where("a", "==", 1), where("b", ">", 2)]), ["n4", "n7"]),
        (Or([where("b", "==", 2), where("b", "==", 7)]), ["n2", "n7"]),
        (Or([where("a", "==", 0), where("t", "array_contains", 1)]), ["n0", "n1", "n3", "n5", "n6", "n7"]),
        (And([Or([where("a", "==", 0), where("a", "==", 1)]), where("t", "array_contains", 0)]), ["n0", "n4", "n6"]),
        (Or([And([where("a", "==", 2), where("b", "<", 5)]), where("b", ">=", 8)]), ["n2", "n8"]),
        (And([where("a", "in", [0, 1]), where("t", "array_contains_any", [1, 5])]), ["n1", "n3", "n7"]),
        (And([where("b", ">", 1), where("b", "<=", 3)]), ["n2", "n3"]),
        (And([where("c.d", "<", -2), where("b", "!=", 5), where("a", ">=", 1)]), ["n4", "n7", "n8"]),
        (And([where("b", "not-in", [0, 1, 2, 3, 4, 5]), where("a", "==", 0)]), ["n6"]),
        (And([where("a", "==", 1), where("a", "==", 2)]), []),
    ],
)
def test_filters_together(sdk: Sdk, filter_: Any, expected: list[str]) -> None:
    sdk.store({f"q/{name}": fields for name, fields in NUMBERED.items()})
    assert sorted(sdk.ids(sdk.collection("q").where(filter=filter_))) == expected


def test_orders(sdk: Sdk) -> None:
    sdk.store({f"q/{name}": fields for name, fields in NUMBERED.items()})
    query = sdk.collection("q")
    assert sdk.ids(query.order_by("a").order_by("b", direction="DESCENDING")) == [
        *("n6", "n3", "n0", "n7", "n4", "n1", "n8", "n5", "n2"),
    ]
    assert sdk.ids(query.order_by("a", direction="DESCENDING").limit(4)) == ["n8", "n5", "n2", "n7"]
    assert sdk.ids(query.order_by("c.d").limit(2)) == ["n8", "n7"]
    assert sdk.ids(query.order_by("none")) == []
    assert sdk.ids(query.where(filter=where("b", ">", 5))) == ["n6", "n7", "n8"]
    assert sdk.ids(query.where(filter=where("a", ">", 0)).order_by("b").limit(3)) == ["n1", "n2", "n4"]
    assert sdk.ids(query.order_by("__name__").limit(2)) == ["n0", "n1"]


def test_limits(sdk: Sdk) -> None:
    sdk.store({f"q/{name}": fields for name, fields in NUMBERED.items()})
    query = sdk.collection("q").order_by("b")
    assert sdk.ids(query.limit(2)) == ["n0", "n1"]
    assert sdk.ids(query.offset(7)) == ["n7", "n8"]
    assert sdk.ids(query.offset(3).limit(2)) == ["n3", "n4"]
    assert sdk.ids(query.offset(20)) == []
    assert [each.id for each in sdk(query.limit(3).get())] == ["n0", "n1", "n2"]
    # Asking for the last turns the orders of the query itself around, so this is the end of it.
    assert [each.id for each in sdk(query.limit_to_last(2).get())] == ["n7", "n8"]


@pytest.mark.parametrize(
    ("method", "forwards", "backwards"),
    [
        ("start_at", ["n6", "n7", "n8"], ["n6", "n5", "n4", "n3", "n2", "n1", "n0"]),
        ("start_after", ["n7", "n8"], ["n5", "n4", "n3", "n2", "n1", "n0"]),
        ("end_at", ["n0", "n1", "n2", "n3", "n4", "n5", "n6"], ["n8", "n7", "n6"]),
        ("end_before", ["n0", "n1", "n2", "n3", "n4", "n5"], ["n8", "n7"]),
    ],
)
def test_cursors(sdk: Sdk, method: str, forwards: list[str], backwards: list[str]) -> None:
    sdk.store({f"q/{name}": fields for name, fields in NUMBERED.items()})
    snapshot = sdk(sdk.document("q/n6").get())
    for cursor in (snapshot, {"b": 6}, [6]):
        assert sdk.ids(getattr(sdk.collection("q").order_by("b"), method)(cursor)) == forwards
        assert sdk.ids(getattr(sdk.collection("q").order_by("b", direction="DESCENDING"), method)(cursor)) == backwards


def test_cursors_on_several_fields(sdk: Sdk) -> None:
    sdk.store({f"q/{name}": fields for name, fields in NUMBERED.items()})
    query = sdk.collection("q").order_by("a").order_by("b")
    assert sdk.ids(query.start_after({"a": 1})) == ["n2", "n5", "n8"]
    assert sdk.ids(query.start_at({"a": 1, "b": 4}).end_before({"a": 2, "b": 5})) == ["n4", "n7", "n2"]
    snapshot = sdk(sdk.document("q/n4").get())
    by_one = sdk.collection("q").order_by("a")
    assert sdk.ids(by_one.start_after(snapshot)) == ["n7", "n2", "n5", "n8"]
    assert sdk.ids(by_one.end_at(snapshot)) == ["n0", "n3", "n6", "n1", "n4"]
    assert sdk.ids(by_one.start_at({"a": 9})) == []
    by_name = sdk.collection("q").order_by("__name__")
    assert sdk.ids(by_name.start_at({"__name__": "n7"})) == ["n7", "n8"]
    filtered = sdk.collection("q").where(filter=where("b", ">", 2)).order_by("b")
    assert sdk.ids(filtered.start_after(snapshot).limit(2)) == ["n5", "n6"]


def test_parts_of_documents(sdk: Sdk) -> None:
    sdk.store({f"q/{name}": fields for name, fields in NUMBERED.items()})
    query = sdk.collection("q").where(filter=where("b", "==", 4))
    assert [each.to_dict() for each in sdk(query.select(["a", "c.d"]).stream())] == [{"a": 1, "c": {"d": -4}}]
    assert [each.to_dict() for each in sdk(query.select(["none"]).stream())] == [{}]
    (found,) = sdk(query.select([]).stream())
    assert (found.id, found.to_dict(), found.create_time is not None) == ("n4", {}, True)


def test_by_name(sdk: Sdk) -> None:
    sdk.store({f"q/{name}": fields for name, fields in NUMBERED.items()})
    query = sdk.collection("q")
    three, seven = sdk.document("q/n3"), sdk.document("q/n7")
    assert sdk.ids(query.where(filter=where("__name__", "==", three))) == ["n3"]
    assert sdk.ids(query.where(filter=where("__name__", "in", [seven, three, sdk.document("q/none")]))) == ["n3", "n7"]
    assert sdk.ids(query.where(filter=where("__name__", ">", seven))) == ["n8"]
    assert sdk.ids(query.where(filter=where("__name__", "<=", sdk.document("q/n1")))) == ["n0", "n1"]
    assert sdk.ids(query.where(filter=where(FieldPath.document_id(), "!=", three)).limit(4)) == ["n0", "n1", "n2", "n4"]


def test_groups_of_collections(sdk: Sdk) -> None:
    sdk.store({path: {"n": number} for number, path in enumerate(["g/a", "x/1/g/b", "x/1/g/b/g/c", "x/g", "y/1/gg/d"])})
    group = sdk.client.collection_group("g")
    assert sdk.ids(group) == ["a", "b", "c"]
    assert sdk.ids(group.where(filter=where("n", ">=", 1))) == ["b", "c"]
    assert sdk.ids(group.order_by("n", direction="DESCENDING").limit(2)) == ["c", "b"]
    after = sdk.document("x/1/g/b")
    assert sdk.ids(group.where(filter=where("__name__", ">", after))) == ["c"]
    assert sdk.ids(group.order_by("__name__").start_at([after])) == ["b", "c"]
    assert sdk.ids(sdk.collection("x").document("1").collection("g")) == ["b"]


def test_odd_field_names(sdk: Sdk) -> None:
    sdk.store({"q/a": {"a.b": 1, "a": {"b": 2}, "c`d": 3}, "q/b": {"a.b": 2, "a": {"b": 1}}})
    query = sdk.collection("q")
    assert sdk.ids(query.where(filter=where("a.b", "==", 1))) == ["b"]
    assert sdk.ids(query.where(filter=where("`a.b`", "==", 1))) == ["a"]
    assert sdk.ids(query.order_by(FieldPath("a.b").to_api_repr(), direction="DESCENDING")) == ["b", "a"]
    assert sdk.ids(query.where(filter=where(FieldPath("c`d").to_api_repr(), ">", 0))) == ["a"]


def test_references_and_times_are_compared(sdk: Sdk) -> None:
    sdk.store({f"q/{name}": {"r": sdk.document(f"r/{name}")} for name in "abc"})
    query = sdk.collection("q")
    assert sdk.ids(query.where(filter=where("r", "==", sdk.document("r/b")))) == ["b"]
    assert sdk.ids(query.where(filter=where("r", ">", sdk.document("r/a")))) == ["b", "c"]
    at = sdk(sdk.document("q/t").set({"at": firestore.SERVER_TIMESTAMP})).update_time
    assert sdk.ids(query.where(filter=where("at", "<=", at))) == ["t"]


@pytest.mark.parametrize(
    "filter_",
    [
        where("v", "in", []),
        where("v", "in", list(range(31))),
        where("v", "not-in", list(range(11))),
        And([where("v", "array_contains", 1), where("v", "array_contains", 2)]),
        And([where("v", "not-in", [1]), where("v", "!=", 2)]),
    ],
    ids=["in nothing", "in too many", "not in too many", "two in one list", "not in and unequal"],
)
def test_what_cannot_be_asked(sdk: Sdk, filter_: Any) -> None:
    with pytest.raises(InvalidArgument):
        sdk.ids(sdk.collection("q").where(filter=filter_))


def test_an_empty_collection(sdk: Sdk) -> None:
    assert sdk.ids(sdk.collection("none")) == []
    assert sdk(sdk.collection("none").limit(1).get()) == []
