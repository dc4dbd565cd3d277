"""Google's client library works in process as it does over a port."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core.exceptions import Aborted, DeadlineExceeded, PermissionDenied
from google.cloud import firestore as google_firestore
from google.cloud.firestore import FieldFilter

from firewarden import Firestore
from firewarden.server.rpc import documents
from firewarden.testing import Database

Way = Firestore | Database
Refusal = Callable[[Callable[[], Any]], tuple[str, str]]


def test_rules_decide_by_who_asks(way: Way) -> None:
    way.as_user("ana").document("notes/a").create({"owner": "ana"})
    assert way.as_user("ana").document("notes/a").get().get("owner") == "ana"
    assert way.as_owner().document("notes/a").get().exists
    with pytest.raises(PermissionDenied, match=r"^403 \nfalse for 'get' @ L5$"):
        way.as_user("ben").document("notes/a").get()
    with pytest.raises(PermissionDenied, match=r"^403 \nNull value error. for 'get' @ L5$"):
        way.as_guest().document("notes/a").get()
    with pytest.raises(PermissionDenied, match=r"Property role is undefined on object. for 'delete' @ L7"):
        way.as_user("ana").document("notes/a").delete()
    way.as_user("root", role="admin").document("notes/a").delete()


def test_queries_aggregations_and_lists(way: Way) -> None:
    owner: Any = way.as_owner()
    for number in range(8):
        owner.document(f"notes/n{number}").set({"owner": "ana" if number % 2 else "ben", "n": number})
    ana: Any = way.as_user("ana")
    own = ana.collection("notes").where(filter=FieldFilter("owner", "==", "ana"))
    assert [each.id for each in own.order_by("n", direction="DESCENDING").limit(2).stream()] == ["n7", "n5"]
    assert own.count().get()[0][0].value == 4
    assert own.sum("n").get()[0][0].value == 16
    assert [each.get("n") for each in owner.get_all([owner.document(f"notes/n{n}") for n in (3, 1)])] == [3, 1]
    assert [each.id for each in owner.collections()] == ["notes"]
    assert len(list(owner.collection("notes").list_documents(page_size=3))) == 8
    assert [each.id for each in owner.collection("none").stream()] == []
    with pytest.raises(PermissionDenied):
        ana.collection("notes").get()


def test_batches_and_bulk_writers(way: Way) -> None:
    ana = way.as_user("ana")
    owner: Any = way.as_owner()
    batch = ana.batch()
    batch.set(ana.document("notes/a"), {"owner": "ana"})
    batch.set(ana.document("notes/b"), {"owner": "ben"})
    with pytest.raises(PermissionDenied):
        batch.commit()
    assert not owner.document("notes/a").get().exists
    writer = owner.bulk_writer()
    for number in range(30):
        writer.set(owner.document(f"notes/n{number}"), {"owner": "ana"})
    writer.close()
    assert owner.collection("notes").count().get()[0][0].value == 30
    assert owner.recursive_delete(owner.collection("notes")) == 30


def test_transactions_in_threads_lose_nothing(way: Way) -> None:
    owner = way.as_owner()
    counter = owner.document("counters/c")
    counter.set({"n": 0})

    @google_firestore.transactional
    def add(transaction: Any) -> None:
        transaction.update(counter, {"n": counter.get(transaction=transaction).get("n") + 1})

    def five_times() -> None:
        for _ in range(5):
            add(owner.transaction(max_attempts=50))

    threads = [threading.Thread(target=five_times) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert counter.get().get("n") == 20


def test_a_write_waits_for_a_transaction_that_has_read(way: Way) -> None:
    """It gives up after the lock's time; when the transaction ends meanwhile, it goes on."""
    owner = way.as_owner()
    note = owner.document("notes/a")
    note.set({"n": 1})
    transaction = owner.transaction()
    transaction._begin()
    note.get(transaction=transaction)
    with pytest.raises(Aborted, match="Too much contention"):
        _commit(owner, timeout=30.0)
    with pytest.raises(DeadlineExceeded, match=r"^504 Deadline [Ee]xceeded$"):
        _commit(owner, timeout=0.02)
    ending = threading.Timer(0.05, transaction._rollback)
    ending.start()
    _commit(owner, timeout=30.0)
    ending.join()


def test_a_call_without_time_is_not_made(way: Way) -> None:
    with pytest.raises(DeadlineExceeded):
        way.as_owner().document("notes/a").set({"n": 1}, timeout=0, retry=None)
    assert not way.as_owner().document("notes/a").get().exists


def _commit(owner: Any, timeout: float) -> None:
    write = {"update": {"name": f"{owner._database_string}/documents/notes/a", "fields": {}}}
    request = {"database": owner._database_string, "writes": [write]}
    owner._firestore_api.commit(request=request, metadata=owner._rpc_metadata, retry=None, timeout=timeout)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "no such document": lambda db: db.as_owner().document("notes/none").update({"a": 1}),
    "it is there": lambda db: db.as_owner().document("notes/there").create({}),
    "a query that is none": lambda db: db.as_owner().collection("notes").offset(-1).get(),
    "a claim that is no token": lambda db: _asked(db.as_owner(), [("authorization", "Bearer x.y")]),
    "a scheme that is none": lambda db: _asked(db.as_owner(), [("authorization", "Basic x")]),
    "a message too long": lambda db: db.as_owner().document("notes/a").set({"text": "x" * (10 << 20)}, retry=None),
    "a document too large": lambda db: db.as_owner().document("notes/a").set({"text": "x" * (1 << 20)}),
    "a guest's bulk": lambda db: _asked(db.as_guest(), [], "batch_write"),
    "no such method": lambda db: _asked(db.as_owner(), [], "execute_pipeline"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_the_same(db: Firestore, over_a_port: Database, refusal: Refusal, name: str) -> None:
    """Kind and text of what is raised, in process and over a port."""
    db.as_owner().document("notes/there").set({})
    ask = REFUSED[name]
    assert refusal(lambda: ask(db)) == refusal(lambda: ask(over_a_port))


def _asked(client: Any, metadata: list[tuple[str, str]], method: str = "get_document") -> Any:
    key = "name" if method == "get_document" else "database"
    name = client._database_string + ("/documents/notes/a" if key == "name" else "")
    answer = getattr(client._firestore_api, method)(request={key: name}, metadata=metadata, retry=None)
    return list(answer) if method == "execute_pipeline" else answer


def test_the_token_is_the_one_that_goes_over_a_port(db: Firestore, over_a_port: Database) -> None:
    seen: list[Any] = []
    db._engine.on_commit.append(lambda committed: seen.append(committed.caller))
    for way in (db, over_a_port):
        for client in (way.as_identity("ana", {"role": "x", "urn:a": [1, {"b": None}], "name": "Ž"}), way.as_owner()):
            client.collection("notes").document().set({"owner": "ana"})
    by_hand, by_hand_owner, by_port, by_port_owner = seen
    times = {"iat", "exp", "auth_time"}
    assert {k: v for k, v in by_hand.claims.items() if k not in times} == {
        k: v for k, v in by_port.claims.items() if k not in times
    }
    assert by_hand.claims.keys() == by_port.claims.keys()
    assert by_hand_owner == by_port_owner


def test_a_defect_is_told_and_logged(
    db: Firestore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, refusal: Refusal
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("of the test")

    client = db.as_owner()
    assert not client.document("notes/a").get().exists
    monkeypatch.setattr(documents, "view", fails)
    kind, text = refusal(lambda: client.document("notes/a").get(retry=None))
    assert kind == "InternalServerError"
    assert "ZeroDivisionError: of the test" in text
    assert "A request failed" in caplog.text
