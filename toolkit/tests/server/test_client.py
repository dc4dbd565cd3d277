"""Google's own client library, against the local server: what it does every day."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.exceptions import Aborted, AlreadyExists, FailedPrecondition, NotFound, PermissionDenied
from google.cloud import firestore

from firewarden.server.engine import Engine
from toolkit.tests.server.conftest import PROJECT

RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /notes/{id} {
      allow read: if resource == null || resource.data.owner == request.auth.uid;
      allow create: if request.resource.data.owner == request.auth.uid;
    }
  }
}
"""


def test_a_document_is_set_read_updated_and_deleted(owner: Any) -> None:
    note = owner.document("notes/a")
    note.set({"title": "Milk", "tags": ["x"], "at": firestore.SERVER_TIMESTAMP, "where": firestore.GeoPoint(1, 2)})
    note.update({"title": "Bread", "count": firestore.Increment(2), "tags": firestore.ArrayUnion(["y", "x"])})
    found = note.get()
    assert found.to_dict()["title"] == "Bread"
    assert (found.get("count"), found.get("tags"), found.get("where")) == (2, ["x", "y"], firestore.GeoPoint(1, 2))
    assert abs(found.get("at") - datetime.now(UTC)) < timedelta(minutes=1)
    assert found.create_time < found.update_time
    note.delete()
    assert not note.get().exists


def test_preconditions_are_kept(owner: Any) -> None:
    note = owner.document("notes/a")
    with pytest.raises(NotFound, match="no entity to update"):
        note.update({"a": 1})
    first = note.create({"a": 1})
    with pytest.raises(AlreadyExists, match="entity already exists"):
        note.create({"a": 2})
    note.set({"a": 3})
    with pytest.raises(FailedPrecondition, match="does not match the required base version"):
        note.update({"a": 4}, option=owner.write_option(last_update_time=first.update_time))
    assert note.get().to_dict() == {"a": 3}


def test_a_batch_is_done_whole_or_not_at_all(owner: Any) -> None:
    batch = owner.batch()
    batch.set(owner.document("notes/a"), {"a": 1})
    batch.update(owner.document("notes/none"), {"a": 1})
    with pytest.raises(NotFound):
        batch.commit()
    assert list(owner.collection("notes").stream()) == []


def test_queries_find_sort_and_count(owner: Any) -> None:
    for number in range(12):
        owner.document(f"notes/n{number:02}").set({"n": number, "even": number % 2 == 0, "tags": [number % 3]})
    notes = owner.collection("notes")
    even = notes.where(filter=firestore.FieldFilter("even", "==", True))

    def ids(query: Any) -> list[str]:
        return [each.id for each in query.stream()]

    assert ids(even.order_by("n", direction="DESCENDING").limit(2)) == ["n10", "n08"]
    assert ids(even.order_by("n").start_after({"n": 4}).end_at({"n": 8})) == ["n06", "n08"]
    assert ids(notes.where(filter=firestore.FieldFilter("n", "in", [3, 1]))) == ["n01", "n03"]
    assert ids(notes.where(filter=firestore.FieldFilter("tags", "array_contains", 2)).offset(1).limit(2)) == [
        "n05",
        "n08",
    ]
    assert [each.id for each in notes.order_by("n").limit_to_last(2).get()] == ["n10", "n11"]
    assert even.count().get()[0][0].value == 6
    assert even.sum("n").get()[0][0].value == 30


def test_collections_and_documents_are_listed(owner: Any) -> None:
    owner.document("a/1").set({})
    owner.document("b/2/c/3").set({})
    assert [each.id for each in owner.collections()] == ["a", "b"]
    assert [each.id for each in owner.document("b/2").collections()] == ["c"]
    assert [each.id for each in owner.collection("b").list_documents()] == ["2"]
    assert [each.id for each in owner.collection_group("c").stream()] == ["3"]


def test_rules_decide_for_users(engine: Engine, owner: Any, acting: Callable[..., Any]) -> None:
    engine.rulesets.put_project(PROJECT, [{"content": RULES}])
    acting("ana").document("notes/a").create({"owner": "ana"})
    assert acting("ana").document("notes/a").get().get("owner") == "ana"
    with pytest.raises(PermissionDenied, match="false for 'get' @ L5"):
        acting("ben").document("notes/a").get()
    with pytest.raises(PermissionDenied, match="for 'create' @ L6"):
        acting("ben").document("notes/b").create({"owner": "ana"})
    with pytest.raises(PermissionDenied):
        list(acting("ana").collection("notes").stream())
    own = acting("ana").collection("notes").where(filter=firestore.FieldFilter("owner", "==", "ana"))
    assert [each.id for each in own.stream()] == ["a"]
    assert not owner.document("notes/b").get().exists


def test_counters_lose_nothing(owner: Any) -> None:
    """Transactions that read and write the same document, in threads: every one of them counts."""
    counter = owner.document("counters/c")
    counter.set({"n": 0})

    def count(times: int) -> None:
        @firestore.transactional
        def add(transaction: Any) -> None:
            seen = counter.get(transaction=transaction).get("n")
            transaction.update(counter, {"n": seen + 1})

        for _ in range(times):
            add(owner.transaction(max_attempts=50))

    threads = [threading.Thread(target=count, args=(5,)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert counter.get().get("n") == 20


def test_what_a_transaction_has_read_nobody_changes(owner: Any) -> None:
    note = owner.document("notes/a")
    note.set({"n": 1})
    transaction = owner.transaction()
    transaction._begin()
    assert note.get(transaction=transaction).get("n") == 1
    with pytest.raises(Aborted, match="Too much contention"):
        owner._firestore_api.commit(
            request={"database": owner._database_string, "writes": [_set(owner, "notes/a")]},
            metadata=owner._rpc_metadata,
            retry=None,
        )
    owner.document("notes/other").set({"n": 1})
    transaction._rollback()
    note.set({"n": 2})
    assert note.get().get("n") == 2


def _set(owner: Any, path: str) -> dict[str, Any]:
    return {"update": {"name": f"{owner._database_string}/documents/{path}", "fields": {}}}


def test_read_only_transactions_read_one_moment(owner: Any) -> None:
    note = owner.document("notes/a")
    note.set({"n": 1})
    transaction = owner.transaction(read_only=True)
    transaction._begin()
    assert note.get(transaction=transaction).get("n") == 1
    note.set({"n": 2})
    assert note.get(transaction=transaction).get("n") == 1
    transaction._rollback()
