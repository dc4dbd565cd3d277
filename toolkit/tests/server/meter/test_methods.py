"""What every method comes to, by Google's own client: reads, writes, deletes, index entries, bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import NotFound
from google.cloud.firestore import DELETE_FIELD, And, FieldFilter
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.query_profile import ExplainOptions
from google.cloud.firestore_v1.vector import Vector

from firewarden.firestore.billing.usage import Usage
from firewarden.server.engine import Engine
from firewarden.server.meter_admin import reading
from firewarden.server.serving import Server
from toolkit.tests.server.conftest import NAME, PROJECT


def test_documents_read_by_name_are_reads_found_or_not(owner: Any, spent: Callable[[], Usage]) -> None:
    assert owner.document("open/1").get().exists
    assert not owner.document("open/none").get().exists
    assert spent() == Usage(reads=2)
    assert len(list(owner.get_all([owner.document(f"open/{n}") for n in (1, 2, 2, 9)]))) == 3
    assert spent() == Usage(reads=3), "each document once"


def test_get_of_a_missing_document_is_a_read(server: Server, spent: Callable[[], Usage]) -> None:
    url = f"http://{server.address}/v1/{NAME}/documents/open/none"
    assert httpx.get(url, headers={"Authorization": "Bearer owner"}).status_code == 404
    assert spent() == Usage(reads=1)


def test_writes_and_deletes(owner: Any, spent: Callable[[], Usage]) -> None:
    owner.document("open/1").update({"n": 1, "m": DELETE_FIELD})
    owner.document("open/1").set({"n": 1})
    owner.document("open/none").delete()
    assert spent() == Usage(writes=2, deletes=1)
    batch = owner.batch()
    batch.set(owner.document("open/7"), {"n": 7})
    batch.delete(owner.document("open/7"))
    batch.commit()
    assert spent() == Usage(writes=1, deletes=1)


def test_what_fails_writes_nothing(owner: Any, spent: Callable[[], Usage]) -> None:
    with pytest.raises(NotFound):
        owner.document("open/none").update({"n": 1})
    assert spent() == Usage()


def test_queries(owner: Any, spent: Callable[[], Usage]) -> None:
    documents = owner.collection("open")
    assert len(documents.where(filter=FieldFilter("n", ">", 2)).limit(2).get()) == 2
    assert spent() == Usage(reads=2, index_entries=2)
    assert documents.where(filter=FieldFilter("n", ">", 9)).get() == []
    assert spent() == Usage(reads=1)
    assert len(documents.order_by("n").offset(3).limit(1).get()) == 1
    assert spent() == Usage(reads=4, index_entries=4)


def test_index_entries_are_charged_from_the_second_range_on(owner: Any, spent: Callable[[], Usage]) -> None:
    both = And([FieldFilter("n", ">", 0), FieldFilter("m", ">=", 1)])
    assert len(owner.collection("open").where(filter=both).get()) == 3
    usage = spent()
    assert usage.index_entries >= 3
    assert usage.reads == 3 + 1


def test_aggregations(owner: Any, spent: Callable[[], Usage]) -> None:
    assert owner.collection("open").count().get()[0][0].value == 5
    assert owner.collection("nothing").count().get()[0][0].value == 0
    assert spent() == Usage(reads=2, index_entries=5)


def test_vector_searches(owner: Any, spent: Callable[[], Usage]) -> None:
    owner.document("open/1").update({"v": Vector([1.0, 2.0])})
    spent()
    search = {"vector_field": "v", "query_vector": Vector([1.0, 2.0]), "distance_measure": DistanceMeasure.EUCLIDEAN}
    assert len(owner.collection("open").find_nearest(**search, limit=3).get()) == 1
    assert spent().reads == 1 + 1, "the document, and up to 100 entries of the vector index"


@pytest.mark.parametrize("analyze", [True, False])
def test_explained_queries_are_charged_as_they_say(owner: Any, spent: Callable[[], Usage], *, analyze: bool) -> None:
    """The figures of `explain_options` are those of the bill."""
    query = owner.collection("open").where(filter=And([FieldFilter("n", ">", 1), FieldFilter("m", ">=", 0)])).offset(1)
    results = query.get(explain_options=ExplainOptions(analyze=analyze))
    usage = spent()
    if not analyze:
        assert usage == Usage(reads=1)
        return
    stats = results.get_explain_metrics().execution_stats
    assert usage.reads == stats.read_operations
    assert str(usage.index_entries) == stats.debug_stats["index_entries_scanned"]
    assert stats.debug_stats["billing_details"]["index_entries_billable"] == str(usage.index_entries)


def test_lists(owner: Any, server: Server, spent: Callable[[], Usage]) -> None:
    assert len(list(owner.collection("open").list_documents(page_size=2))) == 5
    assert spent().reads == 5, "over three pages"
    assert len(list(owner.collections())) == 2
    assert spent() == Usage(reads=1)
    body = {"partitionCount": "2", "structuredQuery": {"from": [{"collectionId": "open", "allDescendants": True}]}}
    url = f"http://{server.address}/v1/{NAME}/documents:partitionQuery"
    body["structuredQuery"]["orderBy"] = [{"field": {"fieldPath": "__name__"}}]  # type: ignore[index]  # a mapping
    assert httpx.post(url, json=body, headers={"Authorization": "Bearer owner"}).status_code == 200
    assert spent() == Usage(reads=1)


def test_bytes_are_those_of_the_messages(engine: Engine, owner: Any) -> None:
    """The same for REST, whose JSON is longer."""
    owner.document("open/big").set({"text": "x" * 5_000})
    before = Usage.of_json(reading(engine, PROJECT)["usage"]).egress
    owner.document("open/big").get()
    one = Usage.of_json(reading(engine, PROJECT)["usage"]).egress - before
    assert 5_000 < one < 5_200
    list(owner.collection("open").order_by("text").get())
    assert 5_000 < Usage.of_json(reading(engine, PROJECT)["usage"]).egress - before - one < 5_200


def test_each_attempt_of_a_transaction_reads(owner: Any, spent: Callable[[], Usage]) -> None:
    transaction = owner.transaction()
    for _ in range(2):
        transaction._begin()
        owner.document("open/1").get(transaction=transaction)
        transaction._rollback()
    transaction._begin()
    owner.document("open/1").get(transaction=transaction)
    transaction.set(owner.document("open/1"), {"n": 2})
    transaction._commit()
    assert spent() == Usage(reads=3, writes=1)


def test_single_writes_of_batch_write(owner: Any, spent: Callable[[], Usage]) -> None:
    bulk = owner.bulk_writer()
    bulk.set(owner.document("open/8"), {"n": 8})
    bulk.delete(owner.document("open/1"))
    bulk.close()
    assert spent() == Usage(writes=1, deletes=1)
