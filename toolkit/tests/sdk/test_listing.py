"""Looking around: collections, documents that are only parents, parts of a group, plans of queries."""

from __future__ import annotations

from typing import Any

import pytest
from google.api_core.exceptions import MethodNotImplemented
from google.cloud.firestore import FieldFilter
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.query_profile import ExplainOptions, QueryExplainError
from google.cloud.firestore_v1.vector import Vector

from toolkit.tests.sdk.conftest import OFFICIAL, Sdk


def test_collections(sdk: Sdk) -> None:
    sdk.store({path: {} for path in ("b/1", "a/1", "a/1/c/1", "a/2/d/1", "a/1/c/1/e/1", "ü/1")})
    assert [each.id for each in sdk(sdk.client.collections())] == ["a", "b", "ü"]
    assert [each.id for each in sdk(sdk.document("a/1").collections())] == ["c"]
    assert [each.id for each in sdk(sdk.document("a/2").collections())] == ["d"]
    assert sdk(sdk.document("b/1").collections()) == []


def test_documents_with_and_without_fields(sdk: Sdk) -> None:
    sdk.store({"a/1": {"n": 1}, "a/2/c/1": {}, "a/3": {}, "a/4/c/1/d/1": {}, "aa/5": {}})
    assert [each.id for each in sdk(sdk.collection("a").list_documents())] == ["1", "2", "3", "4"]
    assert [each.id for each in sdk(sdk.document("a/4").collection("c").list_documents())] == ["1"]
    assert sdk(sdk.collection("none").list_documents()) == []


@pytest.mark.parametrize("page_size", [None, 23, 100])
def test_long_lists_come_in_pages(sdk: Sdk, page_size: int | None) -> None:
    paths = [f"a/{number:03}" + ("/c/1" if number % 3 == 0 else "") for number in range(170)]
    sdk.store({path: {} for path in paths})
    listed = sdk(sdk.collection("a").list_documents(page_size=page_size))
    assert [each.id for each in listed] == [f"{number:03}" for number in range(170)]


def test_all_below_a_document(sdk: Sdk) -> None:
    sdk.store({path: {} for path in ("a/1", "a/1/c/1", "a/1/c/1/e/1", "a/2/c/1", "b/1/c/1")})
    found = sdk(sdk.document("a/1").collection("c").recursive().stream())
    assert sorted(each.reference.path for each in found) == ["a/1/c/1", "a/1/c/1/e/1"]


def test_parts_of_a_group(sdk: Sdk, engine_name: str) -> None:
    """The emulator has no such method; each part is a query, and together they find everything once."""
    ids = [f"{number:03}" for number in range(300)]
    sdk.store({f"x/{each}/g/{each}": {} for each in ids})
    if engine_name == OFFICIAL:
        with pytest.raises(MethodNotImplemented):
            sdk(sdk.client.collection_group("g").get_partitions(4))
        return
    parts = sdk(sdk.client.collection_group("g").get_partitions(4))
    found = [sdk.ids(each.query()) for each in parts]
    assert len(parts) > 1
    assert all(found)
    assert [name for part in found for name in part] == ids


def explained(sdk: Sdk, query: Any, *, analyze: bool) -> tuple[list[Any], Any]:
    """The results and the metrics of a query."""
    if sdk.loop is None:
        stream = query.stream(explain_options=ExplainOptions(analyze=analyze))
        return list(stream), stream.get_explain_metrics()

    async def ask() -> tuple[list[Any], Any]:
        stream = query.stream(explain_options=ExplainOptions(analyze=analyze))
        return [each async for each in stream], await stream.get_explain_metrics()

    found: tuple[list[Any], Any] = sdk(ask())
    return found


def metrics_of_a_run(metrics: Any) -> bool:
    """Whether there are any."""
    try:
        return metrics.execution_stats is not None
    except QueryExplainError:
        return False


@pytest.mark.parametrize("engine_name", ["firewarden"], indirect=True)
def test_the_plan_of_a_query(sdk: Sdk) -> None:
    """On ours alone: the emulator ignores the question."""
    sdk.store({f"a/{number}": {"n": number} for number in range(5)})
    query = sdk.collection("a").order_by("n").limit(2)
    found, metrics = explained(sdk, query, analyze=False)
    assert found == []
    (index,) = metrics.plan_summary.indexes_used
    assert (index["query_scope"], index["properties"]) == ("Collection", "(n ASC, __name__ ASC)")
    found, metrics = explained(sdk, query, analyze=True)
    assert [each.id for each in found] == ["0", "1"]
    assert (metrics.execution_stats.results_returned, metrics.execution_stats.read_operations) == (2, 2)
    found, metrics = explained(sdk, query.count(alias="n"), analyze=False)
    assert found == []
    assert not metrics_of_a_run(metrics)
    found, metrics = explained(sdk, query.count(alias="n"), analyze=True)
    assert [[each.value for each in result] for result in found] == [[2]]
    assert metrics.execution_stats.results_returned == 1


@pytest.mark.parametrize("engine_name", ["firewarden"], indirect=True)
def test_the_plan_of_a_search_for_the_nearest_names_the_vectors(sdk: Sdk) -> None:
    """On ours alone, as above; production has one index for both."""
    sdk.store({f"a/{number}": {"k": "x", "v": Vector([1.0, float(number)])} for number in range(3)})
    query = sdk.collection("a").where(filter=FieldFilter("k", "==", "x"))
    search = query.find_nearest("v", Vector([1.0, 0.0]), limit=2, distance_measure=DistanceMeasure.EUCLIDEAN)
    found, metrics = explained(sdk, search, analyze=True)
    assert [each.id for each in found] == ["0", "1"]
    assert metrics.plan_summary.indexes_used[0]["properties"] == "(k ASC, __name__ ASC, v VECTOR<2>)"
