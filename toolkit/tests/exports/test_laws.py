"""Whatever a document holds, an export keeps."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.exporting.entities import read_entity, write_entity
from firewarden.firestore.wire.serialising import encode_fields
from firewarden.values import LatLng, Reference, Timestamp, Vector

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
IDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/._"), min_size=1, max_size=8),
    st.integers(-(2**63), 2**63 - 1).filter(bool).map("__id{}__".format),
)
COLLECTIONS = IDS.filter(lambda each: not each.startswith("__"))
PATHS = st.lists(st.tuples(COLLECTIONS, IDS), min_size=1, max_size=4).map(lambda pairs: sum(pairs, ()))
DATABASES = st.sampled_from(["(default)", "second"])
REFERENCES = st.builds(Reference, st.sampled_from(["demo-laws", "other"]), DATABASES, PATHS)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    TEXTS,
    st.binary(max_size=8),
    st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999).map(lambda each: Timestamp(each * 1_000)),
    st.builds(LatLng, st.floats(-90, 90), st.floats(-180, 180)),
    REFERENCES,
)
VECTORS = st.lists(st.floats(), min_size=1, max_size=4).map(lambda each: Vector(tuple(each)))
NAMES = TEXTS.filter(lambda each: each not in ("", "__type__"))


def maps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES, values, max_size=4)


ELEMENTS = st.recursive(SCALARS, lambda inner: maps(inner | st.lists(inner, max_size=3)), max_leaves=6)
FIELDS = maps(st.one_of(ELEMENTS, VECTORS, st.lists(ELEMENTS, max_size=4), maps(VECTORS)))


@settings(deadline=None, max_examples=100)
@given(DATABASES, PATHS, FIELDS)
def test_a_document_comes_back_as_it_was(database: str, path: tuple[str, ...], fields: dict[str, Any]) -> None:
    found = read_entity(write_entity(DatabaseName("demo-laws", database), path, fields), "demo-importing")
    assert (found.database, found.path) == (database, path)
    assert encode_fields(found.fields) == encode_fields(fields)
