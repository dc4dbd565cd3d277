"""Sizes and limits at their edges: what the emulator still took, the first it refused, and production's own words."""

from __future__ import annotations

from typing import Any

import pytest

from firewarden.firestore.commits import fold
from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.sizes import check_document, document_size, value_size
from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.firestore.wire.values import encode_fields, write_value
from firewarden.firestore.wire.writes import read_writes
from firewarden.limits import DOCUMENT_BYTES, EMULATOR, PRODUCTION, VALUE_BYTES, Limits
from firewarden.values import LatLng, Reference, Timestamp, Vector

DATABASE = DatabaseName("demo-limits")
ALMOST_MIB = 1_048_518
"""The longest texts in the fields a and b of c/a that Google's emulator took."""


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, 1),
        (True, 1),
        (1, 8),
        (1.5, 8),
        (Timestamp(0), 8),
        ("", 1),
        ("é", 3),
        (b"", 0),
        (b"aaa", 3),
        (LatLng(1, 2), 16),
        (Reference("p", "(default)", ("c", "a")), 20),
        (Reference("pppppppppp", "xyz", ("c", "a", "d", "bbb")), 26),
        (Vector((1.0,) * 3), 24),
        ({}, 1),
        ([], 1),
        ([None], 1),
        ([1, 2], 16),
        ([{"a": 1}], 10),
        ({"a": {"bb": "é"}}, 8),
        ({"a": [True, ""]}, 4),
    ],
)
def test_values_are_as_large_as_the_emulator_counts_them(value: Any, size: int) -> None:
    """Found there by how much longer another text may be in the same document."""
    assert value_size(value) == size


@pytest.mark.parametrize(
    ("path", "most"),
    [(("c", "a"), ALMOST_MIB), (("c", "a" * 10), ALMOST_MIB - 9), (("c", "a", "c", "a"), ALMOST_MIB - 4)],
)
def test_a_document_is_a_mebibyte_with_its_name(path: DocumentPath, most: int) -> None:
    assert document_size(path, texts(most)) == DOCUMENT_BYTES
    assert refusal({"path": path, "fields": texts(most)}) is None
    assert refusal({"path": path, "fields": texts(most + 1)}) == "maximum entity size is 1048576 bytes"


def test_small_values_count_for_more_than_their_bytes() -> None:
    """A point at 0, 0 has four bytes on the wire and sixteen in the size."""
    fields = {"a": [LatLng(0.0, 0.0)] * (DOCUMENT_BYTES // 16)}
    document = StoredDocument(("c", "a"), encode_fields(fields), Timestamp(0), Timestamp(0))
    assert len(document.data) < DOCUMENT_BYTES // 3
    with pytest.raises(StatusError, match="maximum entity size is 1048576 bytes"):
        check_document(document, DATABASE, EMULATOR)


def test_production_tells_the_name_and_the_size() -> None:
    assert refusal({"fields": texts(ALMOST_MIB + 1)}, PRODUCTION) == (
        "Document 'projects/demo-limits/databases/(default)/documents/c/a' cannot be written because its size "
        "(1,048,577 bytes) exceeds the maximum allowed size of 1,048,576 bytes."
    )


@pytest.mark.parametrize("value", ["a", b"a"])
def test_a_value_is_a_mebibyte_less_89(value: Any) -> None:
    text = 'The value of property "x" is longer than 1048487 bytes.'
    assert refusal({"fields": {"x": value * VALUE_BYTES}}) is None
    assert refusal({"fields": {"x": value * (VALUE_BYTES + 1)}}) == text
    assert refusal({"fields": {"x": [value * (VALUE_BYTES + 1)]}}) == text
    nested = "Property x contains an invalid nested entity."
    assert refusal({"fields": {"x": {"y": value * (VALUE_BYTES + 1)}}}) == nested
    assert refusal({"fields": {"x": [{"y": value * (VALUE_BYTES + 1)}]}}) == nested


def test_characters_count_by_their_bytes() -> None:
    assert refusal({"fields": {"x": "é" * 524_243}}) is None
    assert refusal({"fields": {"x": "é" * 524_244}}) == 'The value of property "x" is longer than 1048487 bytes.'


@pytest.mark.parametrize(
    ("limits", "count", "message"),
    [
        (EMULATOR, 501, None),
        (PRODUCTION, 500, None),
        (PRODUCTION, 501, "cannot transform more than 500 fields of a document in a single request"),
    ],
)
def test_only_production_counts_transforms(limits: Limits, count: int, message: str | None) -> None:
    assert refusal({"transforms": count}, limits) == message


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (("c", "a") * 100, None),
        (("c", "a") * 101, "A document lies in at most 100 collections, not in 101."),
        (("c", "a" * 1_500) * 4, None),
        (("c", "a" * 1_400) * 5, "The name of a document has at most 6144 bytes, not 7031."),
    ],
)
def test_only_production_limits_whole_names(path: DocumentPath, message: str | None) -> None:
    assert refusal({"path": path}, PRODUCTION) == message
    assert refusal({"path": path}, EMULATOR) is None


def texts(length: int) -> dict[str, str]:
    """Two fields with so many characters together: one could not hold them."""
    return {"a": "x" * (length // 2), "b": "x" * (length - length // 2)}


def refusal(write: dict[str, Any], limits: Limits = EMULATOR) -> str | None:
    """What is said of a commit of one write; None if it is done."""
    message = protos.Write()
    message.update.name = "/".join((str(DATABASE), "documents", *write.get("path", ("c", "a"))))
    for name, value in write.get("fields", {}).items():
        write_value(message.update.fields[name], value)
    for number in range(write.get("transforms", 0)):
        message.update_transforms.add(field_path=f"f{number}").increment.integer_value = 1
    try:
        fold(read_writes([message], DATABASE, limits), lambda _: None, DATABASE, time=Timestamp(0), limits=limits)
    except StatusError as error:
        return error.message if error.code is Code.INVALID_ARGUMENT else str(error)
    return None
