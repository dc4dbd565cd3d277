"""Values as messages: what was written is read back, always by the same bytes, and rules see references as paths."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.firestore.wire import protos
from firewarden.firestore.wire.sent import SentFields, fields_of, read_fields
from firewarden.firestore.wire.settled import is_settled
from firewarden.firestore.wire.values import (
    decode_fields,
    decode_map,
    decode_some,
    decode_value,
    encode_fields,
    encode_value,
    rules_fields,
    rules_value,
    write_value,
)
from firewarden.values import LatLng, Path, Reference, Timestamp, Vector

REFERENCE = Reference("p", "(default)", ("c", "a"))
EVERY_TYPE: dict[str, Any] = {
    "null": None,
    "true": True,
    "int": -(1 << 63),
    "ints": [0, 127, 128, -1, (1 << 63) - 1],
    "long text": "x" * 300,
    "float": 1.5,
    "time": Timestamp(-1_000),
    "text": "é\U0001f600\x00",
    "bytes": b"\x00\xff",
    "reference": REFERENCE,
    "point": LatLng(-0.0, 180.0),
    "list": [None, 1, {"a": []}],
    "map": {"": 1, "b": {"c": {}}},
    "vector": Vector((1.0, -0.0, math.inf)),
    "zeros": [0, 0.0, False, "", b"", LatLng(0.0, 0.0), Timestamp(0)],
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.integers(120, 140).map(
    lambda size: "x" * size
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False)
    | TEXTS
    | st.binary(max_size=5)
    | st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999).map(lambda micros: Timestamp(micros * 1000))
    | st.builds(LatLng, st.floats(-90, 90), st.floats(-180, 180))
    | st.lists(st.floats(allow_nan=False), min_size=1, max_size=3).map(lambda each: Vector(tuple(each)))
    | st.just(REFERENCE)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)


def _read(document: Any) -> SentFields:
    """As a write is read; whoever looks at each value sees the same."""
    data = fields_of(document)
    looked_through = read_fields(data, decode_value)
    if not is_settled(data):
        return looked_through
    read = SentFields(data, small=True)
    assert looked_through.serialised() == read.serialised()
    assert looked_through == read
    return read


def test_every_type_is_read_back() -> None:
    read = decode_fields(encode_fields(EVERY_TYPE))
    assert read == EVERY_TYPE
    assert [str(each) for each in read["zeros"]] == [str(each) for each in EVERY_TYPE["zeros"]]


@settings(deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_was_written_is_read_back_by_us_and_by_protobuf(fields: dict[str, Any]) -> None:
    """And is written so again byte for byte: whether a document changed is told by its bytes."""
    data = encode_fields(fields)
    assert decode_fields(data) == fields
    message = protos.Document.FromString(data)
    assert decode_map(message.fields) == fields
    assert len(message.SerializeToString()) == len(data)
    assert encode_fields(decode_map(message.fields)) == data


@settings(deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_was_sent_is_stored_by_the_bytes_that_writing_it_anew_would_give(fields: dict[str, Any]) -> None:
    sent = protos.Document(name="n", create_time={"seconds": 1})
    for name, value in fields.items():
        write_value(sent.fields[name], value)
    read = _read(sent)
    assert read.serialised() == encode_fields(fields)
    assert read == fields
    assert read.serialised() == encode_fields(fields)
    assert len(read) == len(fields)


@pytest.mark.parametrize(
    "value",
    [
        b"\x58\x05",  # another null
        b"\x19\x01\x00\x00\x00\x00\x00\xf8\xff",  # another NaN
        b"\x52\x04\x08\x01\x10\x05",  # nanoseconds
        b"\x52\x06\x10\xff\x93\xeb\xdc\x03",  # nothing but nanoseconds
        b"\x52\x06\x08\xff\x93\xeb\xdc\x03",  # nothing but seconds
        b"\x4a\x0b\x0a\x09\x19\x01\x00\x00\x00\x00\x00\xf8\xff",  # in a list
        b"\x32\x12\x0a\x07\x0a\x01b\x12\x02\x10\x01\x0a\x07\x0a\x01a\x12\x02\x58\x00",  # b before a
        b"\x32\x13\x0a\x08\x0a\x02ab\x12\x02\x10\x01\x0a\x07\x0a\x01a\x12\x02\x58\x00",  # ab before a
    ],
)
def test_whatever_way_a_value_was_sent_it_is_stored_in_one(value: bytes) -> None:
    sent = protos.Document()
    sent.fields["x"].ParseFromString(value)
    read = _read(sent)
    assert read.serialised() == encode_fields({"x": decode_value(protos.Value.FromString(value))})


@pytest.mark.parametrize("names", [["title", "titles"], ["", "a"], ["n" * 40, "n" * 41], [f"f{n}" for n in range(50)]])
def test_names_that_begin_others_are_written_in_our_order(names: list[str]) -> None:
    """Protobuf would put them behind."""
    sent = protos.Document(name="projects/p/databases/d/documents/c/" + "x" * 200)
    for name in reversed(names):
        sent.fields[name].integer_value = 1
    before = sent.name
    for _ in range(2):  # a request that waits for others is read again
        assert _read(sent).serialised() == encode_fields(dict.fromkeys(names, 1))
    assert sent.name == before


@settings(deadline=None)
@given(VALUES)
def test_a_value_is_read_back(value: Any) -> None:
    assert decode_value(protos.Value.FromString(encode_value(value))) == value


def test_only_some_fields_may_be_read() -> None:
    data = encode_fields(EVERY_TYPE)
    assert decode_some(data, ["int", "nothing", "map"]) == {"int": EVERY_TYPE["int"], "map": EVERY_TYPE["map"]}


def test_the_order_of_fields_does_not_matter() -> None:
    assert encode_fields({"a": 1, "b": {"c": 1, "d": 2}}) == encode_fields({"b": {"d": 2, "c": 1}, "a": 1})


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (0.0, -0.0), (1, True), (None, 0), ("a", b"a"), ([1], [1.0])])
def test_values_that_python_calls_equal_have_other_bytes(one: Any, other: Any) -> None:
    assert encode_fields({"x": one}) != encode_fields({"x": other})


def test_not_a_number_is_always_the_same() -> None:
    """There are many of them; a client that sends another one has changed nothing."""
    other = protos.Value.FromString(b"\x19\x01\x00\x00\x00\x00\x00\xf8\xff")
    assert encode_value(decode_value(other)) == encode_value(math.nan)


def test_times_are_cut_to_microseconds() -> None:
    message = protos.Value()
    message.timestamp_value.seconds, message.timestamp_value.nanos = -1, 999_999_999
    assert decode_value(message) == Timestamp(-1_000)


def test_an_answer_can_be_put_together_from_bytes() -> None:
    """Fields as they are stored, and a name before them, are one message."""
    data = protos.Document(name="n").SerializeToString() + encode_fields(EVERY_TYPE)
    document = protos.Document.FromString(data)
    assert document.name == "n"
    assert set(document.fields) == set(EVERY_TYPE)


def test_a_map_that_only_looks_like_a_vector_is_a_map() -> None:
    fields = {"x": {"value": [1.0]}, "y": {"__type__": "other", "value": [1.0]}}
    assert decode_fields(encode_fields(fields)) == fields


def test_rules_see_references_as_paths_without_the_project() -> None:
    path = Path(("databases", "(default)", "documents", "c", "a"))
    fields = {"x": REFERENCE, "y": [{"z": REFERENCE}], "text": "projects/p"}
    assert rules_fields(encode_fields(fields)) == {"x": path, "y": [{"z": path}], "text": "projects/p"}


def test_rules_see_everything_else_as_it_is() -> None:
    fields = {"x": [1, {"a": Vector((1.0,))}], "y": Timestamp(0)}
    assert rules_fields(encode_fields(fields)) == fields
    assert rules_value(None) is None
