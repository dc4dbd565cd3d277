"""Queries without their indexes, as production refuses them; and what is told and counted of those that run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.api_core.exceptions import FailedPrecondition, InvalidArgument
from google.cloud.firestore import FieldFilter
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.vector import Vector

from firewarden.firestore.query.available import Available
from firewarden.indexes import Defined, Definitions, FieldOverride
from firewarden.indexes.definitions import index_of
from firewarden.server.engine import Engine
from firewarden.server.options import IndexMode, Options
from toolkit.tests.server.conftest import NAME, PROJECT

VECTOR = {"fieldPath": "e", "vectorConfig": {"dimension": 3, "flat": {}}}


@pytest.fixture
def mode() -> IndexMode:
    """A test may parametrize it."""
    return IndexMode.ENFORCE


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def options(mode: IndexMode, told: list[str]) -> Options:
    return Options(indexes=mode, warn=told.append)


def define(engine: Engine, *indexes: dict[str, Any], overrides: tuple[FieldOverride, ...] = ()) -> None:
    available: Available = Defined(Definitions(tuple(map(index_of, indexes)), overrides))
    engine.databases.available = available
    engine.database(NAME).available = available


def index(*fields: dict[str, Any], group: bool = False) -> dict[str, Any]:
    scope = "COLLECTION_GROUP" if group else "COLLECTION"
    return {"collectionGroup": "c", "queryScope": scope, "fields": list(fields)}


@pytest.fixture
def documents(owner: Any) -> Any:
    """The collection c with one document."""
    owner.document("c/1").set({"k": 1, "n": 2, "tags": ["x"], "e": Vector([1.0, 2.0, 3.0])})
    return owner.collection("c")


def nearest(query: Any) -> list[str]:
    found = query.find_nearest(
        vector_field="e",
        query_vector=Vector([1.0, 2.0, 3.0]),
        distance_measure=DistanceMeasure.EUCLIDEAN,
        limit=5,
    ).stream()
    return [each.id for each in found]


def missing(query: Any) -> tuple[str, dict[str, Any]]:
    """The command and the definition that a refused search is answered with."""
    with pytest.raises(FailedPrecondition) as refused:
        nearest(query)
    text, _, definition = refused.value.message.partition(
        "\nYou can also add it to indexes in firestore.indexes.json:\n"
    )
    head = "Missing vector index configuration. Please create the required index with the following gcloud command: "
    assert text.startswith(head)
    return text.removeprefix(head), json.loads(definition)


def test_a_search_without_its_vector_index_is_refused_as_in_production(engine: Engine, documents: Any) -> None:
    command, definition = missing(documents)
    assert command == (
        f"gcloud firestore indexes composite create --project={PROJECT} --collection-group=c --query-scope=COLLECTION "
        """--field-config=vector-config='{"dimension":"3","flat": "{}"}',field-path=e"""
    )
    define(engine, definition)
    assert nearest(documents) == ["1"]


def test_filters_of_a_search_are_in_its_index(engine: Engine, documents: Any) -> None:
    filtered = documents.where(filter=FieldFilter("k", "==", 1)).where(
        filter=FieldFilter("tags", "array_contains", "x")
    )
    define(engine, index(VECTOR))
    command, definition = missing(filtered)
    assert (
        "--query-scope=COLLECTION --field-config=order=ASCENDING,field-path=k "
        "--field-config=array-config=CONTAINS,field-path=tags --field-config=vector-config="
    ) in command
    define(engine, definition)
    assert nearest(filtered) == ["1"]
    assert missing(documents)[1] == index(VECTOR)
    missing(documents.where(filter=FieldFilter("n", ">", 1)))
    define(engine, index({"fieldPath": "n", "order": "DESCENDING"}, VECTOR))
    assert nearest(documents.where(filter=FieldFilter("n", ">", 1))) == ["1"]


@pytest.mark.parametrize(
    "other",
    [
        index({**VECTOR, "vectorConfig": {"dimension": 4, "flat": {}}}),
        index({**VECTOR, "fieldPath": "f"}),
        index(VECTOR, group=True),
        {**index(VECTOR), "collectionGroup": "d"},
    ],
    ids=["dimension", "field", "scope", "collection"],
)
def test_another_vector_index_does_not_serve(engine: Engine, documents: Any, other: dict[str, Any]) -> None:
    define(engine, other)
    missing(documents)


def test_the_command_names_the_database_and_the_scope(engine: Engine, owner: Any) -> None:
    owner._database_string_internal = f"projects/{PROJECT}/databases/second"
    owner._database = "second"
    command, definition = missing(owner.collection_group("c"))
    assert " --database=second --collection-group=c --query-scope=COLLECTION_GROUP " in command
    assert definition == index(VECTOR, group=True)


@pytest.mark.parametrize("mode", [IndexMode.WARN, IndexMode.OFF])
def test_other_modes_run_it_all(told: list[str], mode: IndexMode, documents: Any) -> None:
    sorted_ = documents.where(filter=FieldFilter("k", "==", 1)).order_by("n")
    for _ in range(2):
        assert nearest(documents) == ["1"]
        assert [each.id for each in sorted_.stream()] == ["1"]
    if mode is IndexMode.OFF:
        assert told == []
        return
    assert [each.partition(": ")[0] for each in told] == [f"projects/{PROJECT}/databases/(default)"] * 2
    assert "Missing vector index configuration." in told[0]
    assert "The query requires an index. You can add it to indexes in firestore.indexes.json:" in told[1]


def usage(engine: Engine) -> list[tuple[str, int]]:
    return [(str(need), count) for need, count in engine.database(NAME).index_usage()]


@pytest.mark.parametrize("mode", list(IndexMode))
def test_what_queries_need_is_counted_whatever_becomes_of_them(engine: Engine, mode: IndexMode, documents: Any) -> None:
    """Once for each index that a query needs; searches are not counted, as in Google's emulator."""
    either = documents.where(filter=FieldFilter("k", "in", [1, 2])).order_by("n")
    for query in (either, documents.order_by("n"), documents.where(filter=FieldFilter("k", "==", 1))):
        try:
            list(query.stream())
        except FailedPrecondition:
            assert mode is IndexMode.ENFORCE
    if mode is not IndexMode.ENFORCE:
        nearest(documents)
    assert usage(engine) == [("c (COLLECTION): k ASCENDING, n ASCENDING, __name__ ASCENDING", 1)]


def exempt(*modes: tuple[str, str]) -> FieldOverride:
    return FieldOverride("c", "k", frozenset(modes))


def test_an_exempted_field_serves_no_query(engine: Engine, documents: Any) -> None:
    define(engine, overrides=(exempt(),))
    for query in (
        documents.where(filter=FieldFilter("k", "==", 1)),
        documents.where(filter=FieldFilter("k", ">", 0)),
        documents.order_by("k"),
    ):
        with pytest.raises(FailedPrecondition) as refused:
            list(query.stream())
        first, entry = refused.value.message.splitlines()
        assert first == "The query requires an index. You can add it to fieldOverrides in firestore.indexes.json:"
        assert json.loads(entry) == {
            "collectionGroup": "c",
            "fieldPath": "k",
            "indexes": [{"order": "ASCENDING", "queryScope": "COLLECTION"}],
        }
    assert [each.id for each in documents.order_by("n").stream()] == ["1"]


def test_an_exemption_leaves_what_it_names(engine: Engine, documents: Any) -> None:
    define(engine, overrides=(exempt(("COLLECTION", "ASCENDING")),))
    assert [each.id for each in documents.order_by("k").stream()] == ["1"]
    with pytest.raises(FailedPrecondition):
        list(documents.order_by("k", direction="DESCENDING").stream())
    define(engine, overrides=(exempt(("COLLECTION", "DESCENDING")),))
    assert [each.id for each in documents.order_by("k", direction="DESCENDING").stream()] == ["1"]


def test_an_exempted_field_is_served_by_a_composite_index(engine: Engine, documents: Any) -> None:
    composite = index({"fieldPath": "k", "order": "ASCENDING"}, {"fieldPath": "n", "order": "ASCENDING"})
    define(engine, composite, overrides=(exempt(),))
    assert [each.id for each in documents.where(filter=FieldFilter("k", "==", 1)).order_by("n").stream()] == ["1"]


def test_documents_with_too_many_index_entries_are_refused(engine: Engine, owner: Any) -> None:
    big = owner.document("c/big")
    with pytest.raises(InvalidArgument, match="too many index entries for entity /c/big"):
        big.set({"a": list(range(20_000))})
    assert not big.get().exists
    big.set({"a": list(range(19_999))})
    define(engine, overrides=(FieldOverride("c", "a", frozenset()),))
    big.set({"a": list(range(20_000))})
