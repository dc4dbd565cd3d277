"""The order of values: as Google's emulator sorts them, and the laws that encoded values keep."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cmp_to_key
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import assume, example, given
from hypothesis import strategies as st

from firewarden.firestore.encoding import (
    AFTER_EVERYTHING,
    bounds_of_type,
    decode_id,
    decode_path,
    encode,
    encode_descending,
    encode_id,
    encode_path,
    inverted,
    same,
)
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.values import decode_value
from firewarden.values import LatLng, Reference, Timestamp, Vector
from toolkit.tests.firestore.cases import load

NAN, INFINITY = math.nan, math.inf


@pytest.mark.parametrize("case", load("order"), ids=lambda case: case["name"])
def test_values_sort_as_in_a_query_of_the_emulator(case: dict[str, Any]) -> None:
    """Values that are equal come in the order of their documents' names, turned round with everything else."""
    values = recorded_values(case)
    order = sorted(range(len(values)), key=lambda number: (encode(values[number]), number))
    assert case["order"] == (order if case["direction"] == "ASCENDING" else order[::-1])
    if case["direction"] == "DESCENDING":
        keys = [(encode_descending(value), -number) for number, value in enumerate(values)]
        assert case["order"] == sorted(range(len(values)), key=keys.__getitem__)


def test_values_are_equal_as_in_a_query_of_the_emulator() -> None:
    case = load("order")[0]
    values = recorded_values(case)
    for value, equal in zip(values, case["equal"], strict=True):
        assert [number for number, other in enumerate(values) if same(value, other)] == equal, value


def recorded_values(case: dict[str, Any]) -> list[Any]:
    return [decode_value(json_format.ParseDict(each, protos.Value())) for each in case["values"]]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4) | st.text(
    "\x00\x01a\xff\uffff\U00010000", max_size=4
)
INTS = st.integers(-(1 << 63), (1 << 63) - 1)
NEAR = st.builds(
    lambda power, off: max(-(1 << 63), min((1 << 63) - 1, (1 << power) + off)), st.integers(0, 63), st.integers(-2, 2)
)
FLOATS = (
    st.floats()
    | st.builds(float, INTS)
    | st.builds(
        lambda power, up: math.nextafter(2.0**power, up),
        st.integers(-60, 70),
        st.sampled_from([-INFINITY, 0.0, INFINITY]),
    )
)
NUMBERS = (
    INTS | NEAR | NEAR.map(lambda number: -number) | FLOATS | st.sampled_from([0, 0.0, -0.0, NAN, INFINITY, -INFINITY])
)
SEGMENTS = TEXTS.filter(bool)
PATHS = st.lists(st.tuples(SEGMENTS, SEGMENTS), min_size=1, max_size=3).map(
    lambda pairs: tuple(each for pair in pairs for each in pair)
)
SCALARS = (
    st.none()
    | st.booleans()
    | NUMBERS
    | TEXTS
    | st.binary(max_size=4)
    | st.integers(-(10**15), 10**15).map(lambda micros: Timestamp(micros * 1000))
    | st.builds(Reference, SEGMENTS, SEGMENTS, PATHS)
    | st.builds(LatLng, st.floats(-90, 90), st.floats(-180, 180))
    | st.lists(st.floats(allow_nan=False), min_size=1, max_size=3).map(lambda each: Vector(tuple(each)))
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SEGMENTS, inner, max_size=3), max_leaves=6
)


@given(VALUES, VALUES)
@example((1 << 53) + 1, float(1 << 53))
@example((1 << 63) - 1, float(1 << 63))
@example(-(1 << 63), -float(1 << 63))
@example({"a": 1}, {"a\x00": 1})
@example([1], [1, None])
@example("a", "a\x00")
def test_bytes_compare_as_the_values_do(left: Any, right: Any) -> None:
    ascending = (encode(left) > encode(right)) - (encode(left) < encode(right))
    assert ascending == compare(left, right)
    descending = (encode_descending(left) > encode_descending(right)) - (
        encode_descending(left) < encode_descending(right)
    )
    assert descending == -ascending


@given(VALUES, VALUES, st.binary(max_size=3), st.binary(max_size=3))
def test_encodings_end_by_themselves(left: Any, right: Any, behind_left: bytes, behind_right: bytes) -> None:
    """What follows an encoding in a key never changes how it compares with another one, in either direction."""
    assume(not same(left, right))
    for encoded in (encode, encode_descending):
        assert (encoded(left) + behind_left < encoded(right) + behind_right) == (encoded(left) < encoded(right))


@given(VALUES)
def test_what_is_after_everything_is(value: Any) -> None:
    assert encode(value) < AFTER_EVERYTHING
    assert encode_descending(value) < AFTER_EVERYTHING
    assert inverted(inverted(encode(value))) == encode(value)


@given(VALUES, VALUES)
def test_the_bounds_of_a_type_hold_its_values_and_no_others(value: Any, other: Any) -> None:
    low, high = bounds_of_type(value)
    is_nan = [isinstance(each, float) and math.isnan(each) for each in (value, other)]
    is_same_type = rank(value) == rank(other) and is_nan[0] == is_nan[1]
    assert (low <= encode(other) < high) == is_same_type


@given(PATHS)
def test_a_path_is_read_back(path: tuple[str, ...]) -> None:
    assert decode_path(encode_path(path)) == path


@given(PATHS, PATHS)
def test_paths_sort_segment_by_segment(left: tuple[str, ...], right: tuple[str, ...]) -> None:
    """In the order of UTF-8, and a document before everything below it."""
    assert (encode_path(left) < encode_path(right)) == (
        [each.encode() for each in left] < [each.encode() for each in right]
    )


@given(TEXTS, TEXTS)
def test_ids_sort_as_utf_8(left: str, right: str) -> None:
    assert (encode_id(left) < encode_id(right)) == (left.encode() < right.encode())


def test_ids_that_stand_for_numbers_sort_first() -> None:
    """By their numbers, as the emulator was seen to; as texts they are texts."""
    ids = [
        "__id-9223372036854775808__",
        "__id-3__",
        "__id7__",
        "__id10__",
        "__id256__",
        "\x00",
        "Z",
        "_",
        "__id0__",
        "a",
    ]
    assert sorted(ids, key=encode_id) == ids
    assert [decode_id(encode_id(each)) for each in ids] == ids
    assert [decode_path(encode_path(("c", each, "d", "e"))) for each in ids] == [("c", each, "d", "e") for each in ids]
    assert encode("__id10__") < encode("__id7__")


# The order itself, as https://firebase.google.com/docs/firestore/manage-data/data-types words it.

TYPES: list[tuple[type, ...]] = [(type(None),), (bool,), (int, float), (Timestamp,), (str,), (bytes,)]
TYPES += [(Reference,), (LatLng,), (list,), (Vector,), (dict,)]


def rank(value: Any) -> int:
    return next(number for number, types in enumerate(TYPES) if type(value) in types)


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1."""
    if rank(left) != rank(right):
        return sign(rank(left), rank(right))
    by_type: dict[type, Callable[[Any, Any], int]] = {
        int: compare_numbers,
        float: compare_numbers,
        type(None): lambda *_: 0,
        Timestamp: lambda one, other: sign(one.nanos // 1000, other.nanos // 1000),
        str: lambda one, other: sign(one.encode(), other.encode()),
        Reference: lambda one, other: sign(parts(one), parts(other)),
        LatLng: compare_coordinates,
        list: compare_lists,
        Vector: lambda one, other: (
            sign(len(one.values), len(other.values)) or compare_coordinates(one.values, other.values)
        ),
        dict: lambda one, other: compare_lists(entries(one), entries(other)),
    }
    return by_type.get(type(left), sign)(left, right)


def compare_numbers(left: float, right: float) -> int:
    left_nan, right_nan = math.isnan(left), math.isnan(right)
    if left_nan or right_nan:
        return sign(right_nan, left_nan)
    if math.isinf(left) or math.isinf(right):
        return sign(left, right)
    return sign(Fraction(left), Fraction(right))


def compare_lists(left: Any, right: Any) -> int:
    different = (compare(one, other) for one, other in zip(left, right, strict=False))
    return next(filter(None, different), 0) or sign(len(left), len(right))


def compare_coordinates(left: Any, right: Any) -> int:
    """As numbers, but -0.0 is less than 0.0."""
    pairs = zip(left, right, strict=True)
    different = (sign(one, other) or sign(math.copysign(1, one), math.copysign(1, other)) for one, other in pairs)
    return next(filter(None, different), 0)


def entries(value: dict[str, Any]) -> list[Any]:
    """Names and values in turn, by name."""
    return [each for name in sorted(value, key=str.encode) for each in (name, value[name])]


def parts(value: Reference) -> list[bytes]:
    return [each.encode() for each in (value.project, value.database, *value.segments)]


def sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def test_the_order_of_the_test_is_the_emulators_too() -> None:
    """Else the properties would only prove that two mistakes agree."""
    case = load("order")[0]
    values = recorded_values(case)

    def by_both(one: int, other: int) -> int:
        return compare(values[one], values[other]) or one - other

    order = sorted(range(len(values)), key=cmp_to_key(by_both))
    assert order == case["order"]
