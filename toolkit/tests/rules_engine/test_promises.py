"""What a query promises, as a document: which of overlapping fields stands, in which order, and how it is told.

All of it was recorded from Google's emulator 1.19.9.
"""

from typing import Any

import pytest

from firewarden.rules import Both, Filter
from firewarden.rules.constraint import Constraint
from firewarden.rules.disjuncts import disjuncts
from firewarden.rules.kinds import MapDiff
from firewarden.rules.promises import promised_resource
from firewarden.rules.prototext import list_text


def promised(*filters: tuple[str, Any]) -> dict[str, Any]:
    """The data of `field == value` for each filter."""
    (disjunct,) = disjuncts(Both(filters=tuple(Filter(field=field, operator="==", value=v) for field, v in filters)))
    data: dict[str, Any] = promised_resource(disjunct)["data"]
    return data


@pytest.mark.parametrize(
    ("names", "order"),
    [
        ("abcdefghij", "ajihgfedcb"),
        ("jihgfedcba", "ajihgfedcb"),
        ("klmnopqrst", "qponmlktsr"),
        ("abcdefghijkl", "alkjihgfedcb"),
        ("abcdefghijklm", "amlkjihgfedcb"),
        ("abcdefghijklmnopqrstuvwxyz", "azxvtrpnljhfdbywusqomkigec"),
        (["aa", "bb", "ab", "ba", "hello", "world"], ["bb", "aa", "ab", "ba", "hello", "world"]),
        (["bb", "aa"], ["aa", "bb"]),
        (["a.x", "b", "c.x", "d", "a.y"], ["c", "a", "d", "b"]),
    ],
)
def test_fields_come_in_the_order_of_the_hashes_of_their_paths(names: Any, order: Any) -> None:
    assert list(promised(*((name, 1) for name in names))) == list(order)


@pytest.mark.parametrize(
    ("above", "order"), [("p", "bajihgfedc"), ("q", "ajihgfedcb"), ("hello", "fehgbadcji"), ("a.b.c", "jihgfedcba")]
)
def test_the_hash_of_a_path_is_that_of_all_its_names(above: str, order: str) -> None:
    data = promised(*((f"{above}.{name}", 1) for name in "abcdefghij"))
    for name in above.split("."):
        data = data[name]
    assert list(data) == list(order)


@pytest.mark.parametrize(
    ("filters", "data"),
    [
        ([("x.c", 3), ("x", 5)], {"x": 5}),
        ([("x", 5), ("x.c", 3)], {"x": 5}),
        ([("x", {"b": 1}), ("x.c", 3)], {"x": {"b": 1}}),
        ([("m", 5), ("m.a", 3)], {"m": 5}),
        ([("m.a", 3), ("m", 5)], {"m": {"a": 3}}),
    ],
)
def test_of_overlapping_fields_the_one_that_comes_last_stands(filters: Any, data: dict[str, Any]) -> None:
    """By the hashes `x.c` comes before `x`, whichever is written first; `m` and `m.a` share a bucket."""
    assert promised(*filters) == data


def test_constraints_are_told_filter_by_filter() -> None:
    filters = [Filter(field="y", operator="!=", value=5), Filter(field="y", operator=">", value=True)]
    filters += [Filter(field="y", operator="array-contains", value="é"), Filter(field="y", operator="<=", value=9)]
    (disjunct,) = disjuncts(Both(filters=tuple(filters)))
    constraint = promised_resource(disjunct)["data"]["y"]
    assert type(constraint) is Constraint
    told = [each.strip() for each in list_text([constraint]).splitlines() if ":" in each]
    assert told == [
        "comparator: NEQ",
        "int_value: 5",
        "comparator: LIST_CONTAINS",
        'string_value: "\\303\\251"',
        "comparator: LTE",
        "int_value: 9",
    ]


def test_the_difference_of_maps_is_told_key_by_key() -> None:
    difference = MapDiff(added=("b",), removed=("c",), changed=("a",), unchanged=("é",))
    told = [each.strip() for each in list_text([difference]).splitlines() if ":" in each]
    states = ["CHANGED", "ADDED", "REMOVED", "UNCHANGED"]
    keys = ["a", "b", "c", "\\303\\251"]
    assert told == [
        line for key, state in zip(keys, states, strict=True) for line in (f'key: "{key}"', f"value: {state}")
    ]
