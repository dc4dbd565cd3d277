"""What needs no further look: everything in it can be stored, and lies there as we would write it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firewarden.firestore.storable import check_storable
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.checks import checked_fields
from firewarden.firestore.wire.sent import fields_of
from firewarden.firestore.wire.settled import are_settled, is_moment, is_settled
from firewarden.firestore.wire.values import decode_fields, encode_fields
from firewarden.limits import DEPTH

NAMES = st.sampled_from(["a", "ab", "b", "", "__x__", "__type__", "_", "R", "J", "Bo", "*", "é", "n" * 127, "n" * 128])
TEXTS = st.sampled_from(
    ["", "Bologna", "R\x06", "J\x00", "\n\x05J", "2020", "X", "é" * 99, "x" * 300, "__", "\x12\x00"]
)
MOMENTS = st.sampled_from([0, -1, 5, 1_800_000_000, 32_503_680_000, 253_402_300_800])
NANOS = st.sampled_from([0, 1_000, 999_999_000, 1, 66, -1_000, 1_000_000_000])
SCALARS = st.one_of(
    st.just({}),
    st.sampled_from([0, 5]).map(lambda number: {"null_value": number}),
    st.booleans().map(lambda value: {"boolean_value": value}),
    st.sampled_from([0, 42, 66, 74, -1, 1 << 62]).map(lambda value: {"integer_value": value}),
    st.sampled_from([0.0, -0.0, 1.5, math.inf, -math.inf, math.nan]).map(lambda value: {"double_value": value}),
    st.builds(lambda seconds, nanos: {"timestamp_value": {"seconds": seconds, "nanos": nanos}}, MOMENTS, NANOS),
    TEXTS.map(lambda text: {"string_value": text}),
    st.sampled_from([b"", b"\x0a\x05J\x00", b"\xff" * 200]).map(lambda value: {"bytes_value": value}),
    st.sampled_from(["projects/p/databases/d/documents/c/a", "c/a", ""]).map(lambda name: {"reference_value": name}),
    st.sampled_from([0.0, 45.0, 100.0]).map(lambda degrees: {"geo_point_value": {"latitude": degrees}}),
    st.sampled_from(["field_reference_value", "variable_reference_value"]).map(lambda kind: {kind: "a"}),
    st.just({"function_value": {"name": "f"}}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda values: {"array_value": {"values": values}}),
        st.dictionaries(NAMES, inner, max_size=3).map(lambda fields: {"map_value": {"fields": fields}}),
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=4)
ORDINARY: dict[str, Any] = {
    "title": {"string_value": "Picnic number 7"},
    "titles": {"array_value": {"values": [{"string_value": "Bologna"}, {"null_value": 0}, {"double_value": 1.5}]}},
    "seats": {"integer_value": 66},
    "starts": {"timestamp_value": {"seconds": 1_800_000_000, "nanos": 123_456_000}},
    "owner": {
        "map_value": {"fields": {"R": {"boolean_value": True}, "Jo": {"integer_value": 42}, "B": {"null_value": 0}}}
    },
}


def _data(fields: dict[str, Any]) -> bytes:
    return fields_of(protos.Document(name="n", fields=fields))


def _deep(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"integer_value": 1}
    for _ in range(depth):
        value = {"map_value": {"fields": {"n" * 100: value}}}
    return {"n": value}


@settings(deadline=None, max_examples=300)
@given(DOCUMENTS)
@example(_deep(DEPTH))
@example(_deep(12))
@example({"a": {"array_value": {"values": [{"array_value": {"values": [{"string_value": "x" * 300}]}}]}}})
@example({"n" * 1_600: {"integer_value": 1}})
@example({"n" * 20_000: {"integer_value": 1}})
@example({"a": {"map_value": {"fields": {"n" * 1_499: {"string_value": "x" * 300}}}}})
def test_what_is_settled_can_be_stored_as_it_is(fields: dict[str, Any]) -> None:
    data = _data(fields)
    if is_settled(data):
        assert checked_fields(data).serialised() == data
        check_storable(decode_fields(data))
        assert encode_fields(decode_fields(data)) == data


@settings(deadline=None)
@given(st.lists(DOCUMENTS, min_size=2, max_size=5))
def test_of_several_no_more_are_settled_than_each_by_itself(documents: list[dict[str, Any]]) -> None:
    several = [_data(each) for each in documents]
    for data, settled in zip(several, are_settled(several), strict=True):
        assert is_settled(data) or not settled


def test_ordinary_documents_are_settled() -> None:
    ordinary = _data(ORDINARY)
    odd = _data({**ORDINARY, "where": {"geo_point_value": {"latitude": 45.0}}})
    assert is_settled(ordinary)
    assert are_settled([ordinary, odd, b"", ordinary]) == [True, False, True, True]


@pytest.mark.parametrize("number", range(128))
def test_lengths_and_numbers_are_not_taken_for_something_else(number: int) -> None:
    assert is_settled(_data({"a": {"string_value": "x" * number}, "b": {"integer_value": number}}))


def test_text_that_reads_like_numbers_of_maps_costs_nothing() -> None:
    assert is_settled(_data({"a": {"string_value": "2J" * 100}}))


@pytest.mark.parametrize("nanos", [0, 1_000, 128_000, 999_999_000])
def test_moments_in_microseconds_are_right(nanos: int) -> None:
    assert is_moment(protos.Timestamp(seconds=1_800_000_000, nanos=nanos).SerializeToString())
    assert not is_moment(protos.Timestamp(seconds=1_800_000_000, nanos=nanos + 1).SerializeToString())
