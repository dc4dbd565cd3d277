"""What Google's emulator 1.19.9 wrote is read as what it was, and what we write of it is the same to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.exporting.entities import Exported, read_entity, write_entity
from firewarden.firestore.exporting.log import LogWriter
from firewarden.firestore.exporting.messages import message
from firewarden.firestore.exporting.metadata import read_kind, read_overall, write_kind, write_overall
from firewarden.store.exports import exported, read_export
from firewarden.values import Reference, Timestamp, Vector
from toolkit.tests.exports.documents import (
    DEFAULT,
    PROJECT,
    RECORDED,
    serialised,
)
from toolkit.tests.exports.record import RECORDINGS


def overall(name: str) -> Path:
    return RECORDED / name / f"{name}.overall_export_metadata"


def output(name: str) -> Path:
    return RECORDED / name / "all_namespaces/all_kinds/output-0"


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_documents_are_what_was_exported(name: str) -> None:
    database, documents = RECORDINGS[name]
    found = list(exported(overall(name), "demo-importing"))
    assert {each.database for each in found} <= {database}
    assert serialised({"/".join(each.path): each.fields for each in found}) == serialised(documents)


@pytest.mark.parametrize("name", ["everything", "others"])
def test_entities_are_written_to_the_byte(name: str) -> None:
    """In the order of the fields that they came in; there, empty arrays go before all others."""
    log = LogWriter()
    again = []
    for _, data in read_export(output(name)):
        found = read_entity(data, PROJECT)
        written = write_entity(DatabaseName(PROJECT, found.database), found.path, found.fields)
        assert written == data
        again.append(log.record(written))
    assert b"".join(again) == output(name).read_bytes()


@pytest.mark.parametrize("name", RECORDINGS)
def test_metadata_is_written_to_the_byte(name: str) -> None:
    recorded = overall(name).read_bytes()
    kinds = read_overall([recorded])
    assert write_overall(kinds) == recorded
    for kind in kinds:
        described = (overall(name).parent / kind.metadata).read_bytes()
        span = message("KindMetadata").FromString(described).span
        times = Timestamp(span.start * 1_000), Timestamp(span.end * 1_000)
        assert write_kind(name, *times, read_kind(described)) == described
        assert (kind.entities, kind.size) == (len(RECORDINGS[name][1]), output(name).stat().st_size)


def entity(**parts: object) -> bytes:
    made = message("Entity")(**parts)
    made.key.app = b"s~shop"
    made.key.path.element.add(type=b"users", name=b"ana")
    return bytes(made.SerializeToString())


def read(data: bytes) -> Exported:
    return read_entity(data, "demo-importing")


def test_an_indexed_property_is_a_field_whose_reference_moves_along() -> None:
    """As Google's emulator imports what production exports: see `test_engines`."""
    point = {"reference": {"app": b"s~shop", "element": [{"type": b"a", "name": b"b"}]}}
    indexed = {"name": b"indexed", "multiple": False, "value": point}
    listed = {"name": b"listed", "multiple": True, "value": point}
    found = read(entity(property=[indexed, listed], raw_property=[indexed | {"name": b"raw"}])).fields
    moved, stayed = Reference("demo-importing", DEFAULT, ("a", "b")), Reference("shop", DEFAULT, ("a", "b"))
    assert found == {"indexed": moved, "listed": [moved], "raw": stayed}


def test_a_vector_as_newer_emulators_write_it() -> None:
    """1.22 writes an entity of its own, with the elements under a name of Firestore's."""
    element = {"name": b"__vector__", "multiple": True}
    inner = message("Entity")(raw_property=[element | {"value": {"double": each}} for each in (1.0, 2.5)])
    value = {"text": inner.SerializeToString()}
    found = read(entity(raw_property=[{"name": b"v", "meaning": 19, "multiple": False, "value": value}])).fields
    assert found == {"v": Vector((1.0, 2.5))}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xff\xff", "it is no entity"),
        (message("Entity")().SerializeToString(), "an entity without a path"),
        (message("Entity")(key={"path": {"element": [{"type": b"a"}]}}).SerializeToString(), "without a document's id"),
        (
            message("Entity")(key={"path": {"element": [{"type": b"a", "name": b"b/c"}]}}).SerializeToString(),
            'contains "/"',
        ),
        (entity(raw_property=[{"name": b"a", "value": {"int64": 1, "boolean": True}}]), "has several values"),
        (entity(raw_property=[{"name": b"a", "value": {"text": b"\xff"}}]), "can't decode byte"),
        (entity(raw_property=[{"name": b"a", "meaning": 7, "value": {"int64": 1 << 62}}]), "a time beyond the year"),
    ],
)
def test_what_is_no_document_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read(data)
