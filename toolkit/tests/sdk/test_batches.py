"""Several writes at once: batches, the bulk writer, deleting all that lies below a document."""

from __future__ import annotations

from typing import Any

import pytest
from google.api_core.exceptions import AlreadyExists, InvalidArgument, NotFound
from google.cloud import firestore

from toolkit.tests.sdk.conftest import Sdk


def test_a_batch_is_done_together(sdk: Sdk) -> None:
    sdk.store({"b/old": {"n": 1}, "b/gone": {"n": 1}})
    batch = sdk.client.batch()
    batch.create(sdk.document("b/new"), {"n": 2})
    batch.set(sdk.document("b/set"), {"n": 3})
    batch.set(sdk.document("b/old"), {"m": 4}, merge=True)
    batch.delete(sdk.document("b/gone"))
    results = sdk(batch.commit())
    assert len(results) == 4
    assert {each.update_time for each in results[:3]} == {results[0].update_time}
    found = {each.id: each.to_dict() for each in sdk(sdk.collection("b").stream())}
    assert found == {"new": {"n": 2}, "set": {"n": 3}, "old": {"n": 1, "m": 4}}


@pytest.mark.parametrize("order", [1, -1])
def test_a_batch_that_fails_leaves_nothing(sdk: Sdk, order: int) -> None:
    writes = [("b/fine", 1), ("b/old", 1)]
    sdk.store({"b/old": {"n": 1}})
    batch = sdk.client.batch()
    for path, number in writes[::order]:
        batch.create(sdk.document(path), {"n": number})
    with pytest.raises(AlreadyExists):
        sdk(batch.commit())
    assert sdk.ids(sdk.collection("b")) == ["old"]


def test_empty_and_large_batches(sdk: Sdk) -> None:
    assert sdk(sdk.client.batch().commit()) == []
    batch = sdk.client.batch()
    for number in range(500):
        batch.set(sdk.document(f"b/{number:03}"), {"n": number})
    assert len(sdk(batch.commit())) == 500
    assert sdk.ids(sdk.collection("b")) == [f"{number:03}" for number in range(500)]


def test_one_document_twice(sdk: Sdk) -> None:
    batch = sdk.client.batch()
    batch.set(sdk.document("b/a"), {"n": 1})
    batch.delete(sdk.document("b/a"))
    batch.set(sdk.document("b/a"), {"m": 2})
    sdk(batch.commit())
    assert sdk.stored("b/a") == {"m": 2}
    batch = sdk.client.batch()
    batch.create(sdk.document("b/b"), {"n": 1})
    batch.create(sdk.document("b/b"), {"n": 2})
    with pytest.raises((InvalidArgument, AlreadyExists)):
        sdk(batch.commit())
    assert sdk.stored("b/b") is None


def test_the_bulk_writer(client: Any) -> None:
    """Each write for itself: what fails is told and does not keep the others back."""
    client.document("bulk/old").set({"n": 1})
    failures: list[tuple[str, int]] = []
    done: list[str] = []

    def failed(error: Any, _writer: Any) -> bool:
        failures.append((error.operation.reference.id, error.code))
        return False

    def opened() -> Any:
        writer = client.bulk_writer()
        writer.on_write_error(failed)
        writer.on_write_result(lambda reference, _result, _writer: done.append(reference.id))
        return writer

    writer = opened()
    for number in range(45):
        writer.create(client.document(f"bulk/{number:02}"), {"n": number})
    writer.create(client.document("bulk/old"), {"n": 2})
    writer.update(client.document("bulk/none"), {"n": 1})
    writer.close()
    writer = opened()
    writer.update(client.document("bulk/old"), {"n": firestore.Increment(5)})
    writer.set(client.document("bulk/set"), {"n": 1}, merge=True)
    writer.delete(client.document("bulk/00"))
    writer.close()
    assert sorted(failures) == [("none", 5), ("old", 6)]
    assert sorted(done) == sorted([*(f"{number:02}" for number in range(45)), "old", "set", "00"])
    found = {each.id: each.get("n") for each in client.collection("bulk").stream()}
    assert found == {**{f"{number:02}": number for number in range(1, 45)}, "old": 6, "set": 1}


def test_all_below_a_document_is_deleted(sdk: Sdk) -> None:
    paths = ["r/a", "r/a/s/b", "r/a/s/b/t/c", "r/a/u/d/v/e", "r/b", "r/ab/s/x", "other/a/s/b"]
    sdk.store({path: {"n": 1} for path in paths})
    assert sdk(sdk.client.recursive_delete(sdk.document("r/a"))) == 4
    left = [each.reference.path for each in sdk(sdk.client.collection_group("s").stream())]
    assert sorted(left) == ["other/a/s/b", "r/ab/s/x"]
    assert sdk.ids(sdk.collection("r")) == ["b"]
    assert sdk(sdk.client.recursive_delete(sdk.collection("r"))) == 2
    assert sdk(sdk.client.recursive_delete(sdk.collection("r"))) == 0
    assert sdk.stored("other/a/s/b") == {"n": 1}


def test_a_write_result_has_a_time(sdk: Sdk) -> None:
    with pytest.raises(NotFound):
        sdk(sdk.document("b/none").update({"n": 1}))
    assert sdk(sdk.document("b/a").set({})).update_time == sdk(sdk.document("b/a").get()).update_time
