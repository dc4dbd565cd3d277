"""firestore.indexes.json: what it becomes, and every fault at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from firewarden.errors import QueryFileError
from firewarden.firestore.query.available import AUTOMATIC
from firewarden.firestore.query.model import NAME, Order, Query
from firewarden.firestore.query.needs import serving as firestore_serving
from firewarden.firestore.query.planner import plan
from firewarden.indexes import Defined, Definitions, derived, judge, read_definitions

INDEX = {
    "collectionGroup": "events",
    "queryScope": "COLLECTION",
    "fields": [{"fieldPath": "tags", "arrayConfig": "CONTAINS"}, {"fieldPath": "at", "order": "DESCENDING"}],
}
OVERRIDE = {
    "collectionGroup": "rsvps",
    "fieldPath": "status",
    "indexes": [{"order": "ASCENDING", "queryScope": "COLLECTION_GROUP"}],
}


def write(folder: Path, content: Any) -> Path:
    path = folder / "firestore.indexes.json"
    path.write_text(json.dumps(content))
    return path


def test_a_file_becomes_values(tmp_path: Path) -> None:
    definitions = read_definitions(write(tmp_path, {"indexes": [INDEX], "fieldOverrides": [OVERRIDE]}))

    assert str(definitions.indexes[0]) == "events (COLLECTION): tags CONTAINS, at DESCENDING, __name__ DESCENDING"
    assert str(definitions.overrides[0]) == "rsvps.status (override)"
    assert definitions.overrides[0].indexes == {("COLLECTION_GROUP", "ASCENDING")}


def test_a_vector_index_is_read(tmp_path: Path) -> None:
    vector = {"fieldPath": "embedding", "vectorConfig": {"dimension": 3, "flat": {}}}
    definitions = read_definitions(write(tmp_path, {"indexes": [{**INDEX, "fields": [INDEX["fields"][1], vector]}]}))
    assert str(definitions.indexes[0]) == "events (COLLECTION): at DESCENDING, embedding VECTOR, __name__ ASCENDING"
    assert [each.dimension for each in definitions.indexes[0].fields] == [0, 3, 0]


def test_a_vector_index_may_have_one_field(tmp_path: Path) -> None:
    (index,) = read_definitions(write(tmp_path, {"indexes": [vector_index(3)]})).indexes
    (found,) = Defined(Definitions((index,))).vectors("events", group=False)
    assert (found.vector, found.dimension, found.fields) == (("e",), 3, frozenset())
    assert Defined(Definitions((index,))).composites("events", group=False) == []


def vector_index(dimension: Any, count: int = 1) -> dict[str, Any]:
    fields = [{"fieldPath": "ef"[n], "vectorConfig": {"dimension": dimension, "flat": {}}} for n in range(count)]
    return {**INDEX, "fields": fields}


def test_vector_indexes_are_never_called_unused(tmp_path: Path) -> None:
    """Nobody knows which searches there are."""
    definitions = read_definitions(write(tmp_path, {"indexes": [vector_index(3), INDEX]}))
    assert judge((), definitions).unused == (definitions.indexes[1],)


EXEMPTED = {"collectionGroup": "events", "fieldPath": "at", "indexes": []}


def test_what_an_exempted_field_needs_is_added_to_its_exemption(tmp_path: Path) -> None:
    (query,) = plan(Query(collection="events", order_by=(Order(("at",)), Order(NAME))), AUTOMATIC).needs
    content = {"indexes": [], "fieldOverrides": [EXEMPTED]}
    assert firestore_serving(query, Defined(read_definitions(write(tmp_path, content)))) is None
    added = derived(content, [query])
    assert added["fieldOverrides"] == [{**EXEMPTED, "indexes": [{"order": "ASCENDING", "queryScope": "COLLECTION"}]}]
    assert firestore_serving(query, Defined(read_definitions(write(tmp_path, added)))) is not None


def test_a_written_name_counts_as_written(tmp_path: Path) -> None:
    name = {"fieldPath": "__name__", "order": "ASCENDING"}
    definitions = read_definitions(write(tmp_path, {"indexes": [{**INDEX, "fields": [*INDEX["fields"], name]}]}))
    assert str(definitions.indexes[0]).endswith("at DESCENDING, __name__ ASCENDING")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ([], "the file must be an object, not []"),
        ({"indices": []}, "the file has an unknown key 'indices'; there are fieldOverrides, indexes"),
        ({"indexes": [{**INDEX, "scope": 1}]}, "indexes[0] has an unknown key 'scope'; there are"),
        ({"indexes": [{**INDEX, "queryScope": "ALL"}]}, "indexes[0] queryScope is 'ALL'; it can be COLLECTION or"),
        ({"indexes": [{**INDEX, "fields": INDEX["fields"][:1]}]}, "indexes[0] has one field; single-field indexes"),
        ({"indexes": [{**INDEX, "fields": [{"fieldPath": "a"}] * 2}]}, "indexes[0].fields[0] lacks order, arrayConfig"),
        ({"indexes": [{**INDEX, "fields": [{"order": "UP"}] * 2}]}, "indexes[0].fields[0] lacks fieldPath"),
        ({"indexes": [vector_index(0)]}, "indexes[0].fields[0] dimension is 0; it can be 1 to 2048"),
        ({"indexes": [vector_index("3")]}, "indexes[0].fields[0] dimension is '3'; it can be 1 to 2048"),
        ({"indexes": [vector_index(3, 2)]}, "indexes[0] has more than one vector"),
        ({"indexes": ["x"]}, "indexes[0] must be an object, not 'x'"),
        ({"indexes": [INDEX, INDEX]}, "events (COLLECTION): tags CONTAINS, at DESCENDING, __name__ DESCENDING is w"),
        ({"fieldOverrides": [{"fieldPath": "a", "indexes": []}]}, "fieldOverrides[0] lacks collectionGroup"),
        ({"fieldOverrides": [{**OVERRIDE, "indexes": [{"order": "ASCENDING"}]}]}, "fieldOverrides[0].indexes[0] la"),
    ],
)
def test_a_fault_is_named_with_its_place(content: Any, fault: str, tmp_path: Path) -> None:
    path = write(tmp_path, content)
    with pytest.raises(QueryFileError) as failure:
        read_definitions(path)
    found = [str(each).removeprefix(f"{path}: ") for each in failure.value.faults]
    assert any(each.startswith(fault) for each in found), found


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(QueryFileError, match=r"x\.json: cannot be read"):
        read_definitions(tmp_path / "x.json")
