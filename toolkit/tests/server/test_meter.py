"""What requests come to: every method by Google's own client, and what failures, rules and waiting add to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import Aborted, InvalidArgument, NotFound, PermissionDenied
from google.cloud.firestore import DELETE_FIELD, And, FieldFilter
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.query_profile import ExplainOptions
from google.cloud.firestore_v1.vector import Vector

from firewarden.firestore.billing.usage import Usage
from firewarden.firestore.documents import DatabaseName
from firewarden.server.auth import ADMIN, Caller
from firewarden.server.engine import Engine
from firewarden.server.meter import _RECORDS_MAX, Account, Did, Kind, Ledger
from firewarden.server.meter_admin import reading
from firewarden.server.serving import Server
from firewarden.testing._action import named_action
from toolkit.tests.server.conftest import NAME, PROJECT

RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents {
  function user() { return /databases/$(d)/documents/users/$(request.auth.uid); }
  match /open/{n} { allow read, write: if true; }
  match /shut/{n} { allow read, write: if false; }
  match /notes/{n} {
    allow read: if exists(user()) && get(user()).data.ok;
    allow write: if get(user()).data.ok && getAfter(/databases/$(d)/documents/notes/$(n)).data.size() > 0;
  }
  match /either/{n} {
    allow read: if get(/databases/$(d)/documents/open/1).data.n == 1 || exists(/databases/$(d)/documents/open/2);
  }
} }"""


@pytest.fixture(autouse=True)
def some(engine: Engine, owner: Any) -> None:
    """Documents, users and rules, and nothing on the meter; requests are kept one by one."""
    for n in range(1, 6):
        owner.document(f"open/{n}").set({"n": n, "m": n % 2})
    owner.document("users/ana").set({"ok": True})
    owner.document("users/bob").set({"ok": False})
    engine.rulesets.put_default([{"name": "firestore.rules", "content": RULES}])
    engine.database(NAME).ledger.reset()
    engine.meter.record(PROJECT)


@pytest.fixture
def spent(engine: Engine) -> Callable[[], Usage]:
    """What has been used since it was asked for the last time, but for the bytes."""

    def taken() -> Usage:
        usage = Usage.of_json(reading(engine, PROJECT)["usage"])
        engine.database(NAME).ledger.reset()
        return usage - Usage(egress=usage.egress)

    return taken


def where(field: str, operator: str, value: object) -> FieldFilter:
    return FieldFilter(field, operator, value)


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
    assert len(documents.where(filter=where("n", ">", 2)).limit(2).get()) == 2
    assert spent() == Usage(reads=2, index_entries=2)
    assert documents.where(filter=where("n", ">", 9)).get() == []
    assert spent() == Usage(reads=1)
    assert len(documents.order_by("n").offset(3).limit(1).get()) == 1
    assert spent() == Usage(reads=4, index_entries=4)


def test_index_entries_are_charged_from_the_second_range_on(owner: Any, spent: Callable[[], Usage]) -> None:
    both = And([where("n", ">", 0), where("m", ">=", 1)])
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
    query = owner.collection("open").where(filter=And([where("n", ">", 1), where("m", ">=", 0)])).offset(1)
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


def test_rules_are_charged_for_each_document_they_look_up(
    acting: Callable[..., Any], spent: Callable[[], Usage]
) -> None:
    """`exists` and `get` of one document are one read; what the request is about is none, nor `getAfter` of it."""
    ana = acting("ana")
    ana.document("notes/1").set({"n": 1})
    assert spent() == Usage(reads=1, lookups=1, writes=1)
    ana.document("notes/1").get()
    assert spent() == Usage(reads=2, lookups=1)
    assert len(ana.collection("notes").get()) == 1
    assert spent() == Usage(reads=2, lookups=1, index_entries=1)
    ana.get_all([ana.document("notes/1"), ana.document("notes/2")])
    assert len(list(ana.get_all([ana.document("notes/1"), ana.document("notes/2")]))) == 2
    assert spent().lookups == 1, "once for each request"


def test_a_document_that_a_query_names_is_not_looked_up(acting: Callable[..., Any], spent: Callable[[], Usage]) -> None:
    ana = acting("ana")
    ana.document("notes/1").set({"n": 1})
    spent()
    named = ana.collection("notes").where(filter=where("__name__", "==", ana.document("notes/1")))
    assert len(named.get()) == 1
    assert spent() == Usage(reads=2, lookups=1)


def test_only_what_had_to_be_looked_up_is_charged(acting: Callable[..., Any], spent: Callable[[], Usage]) -> None:
    acting("ana").document("either/1").get()
    assert spent() == Usage(reads=2, lookups=1)


def test_a_denial_costs_what_rules_have_looked_up(acting: Callable[..., Any], spent: Callable[[], Usage]) -> None:
    with pytest.raises(PermissionDenied):
        acting("bob").document("notes/1").get()
    assert spent() == Usage(reads=1, lookups=1)
    refusals: tuple[Callable[[], Any], ...] = (
        lambda: acting("ana").document("shut/1").get(),
        lambda: acting("ana").document("shut/1").set({}),
        lambda: acting("ana").collection("shut").get(),
    )
    for refused in refusals:
        with pytest.raises(PermissionDenied):
            refused()
    assert spent() == Usage()


def test_denied_requests_send_no_bytes_that_count(engine: Engine, acting: Callable[..., Any]) -> None:
    with pytest.raises(PermissionDenied):
        acting("bob").document("notes/1").get()
    assert Usage.of_json(reading(engine, PROJECT)["usage"]).egress == 0


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


def test_waiting_for_others_is_not_charged_again(
    acting: Callable[..., Any], owner: Any, spent: Callable[[], Usage]
) -> None:
    """The write is tried again and again; its rules are charged once, and then it is not done."""
    acting("ana").document("notes/1").set({"n": 1})
    holding = owner.transaction()
    holding._begin()
    owner.document("notes/1").get(transaction=holding)
    spent()
    with pytest.raises(Aborted):
        acting("ana").document("notes/1").set({"n": 2}, retry=None)
    assert spent() == Usage(reads=1, lookups=1)
    holding._rollback()


def test_single_writes_of_batch_write(owner: Any, spent: Callable[[], Usage]) -> None:
    bulk = owner.bulk_writer()
    bulk.set(owner.document("open/8"), {"n": 8})
    bulk.delete(owner.document("open/1"))
    bulk.close()
    assert spent() == Usage(writes=1, deletes=1)


def test_who_asked_and_for_what_is_told_apart(engine: Engine, acting: Callable[..., Any], owner: Any) -> None:
    with named_action("look"):
        acting("ana").document("open/1").get()
    acting(None).document("open/1").get()
    owner.document("open/1").get()
    entries = reading(engine, PROJECT)["entries"]
    assert [(each["method"], each["caller"], each["action"], each["requests"]) for each in entries] == [
        ("BatchGetDocuments", "user", "look", 1),
        ("BatchGetDocuments", "guest", "", 1),
        ("BatchGetDocuments", "admin", "", 1),
    ]
    records = reading(engine, PROJECT, after=0)["records"]
    assert [each["caller"] for each in records] == ["ana", "guest", "admin"]
    assert records[0]["things"] == [[Did.READ, "open/1"]]


def test_what_was_read_is_named(engine: Engine, acting: Callable[..., Any], owner: Any) -> None:
    acting("ana").document("notes/1").set({"n": 1})
    owner.collection("open").where(filter=where("n", "==", 1)).limit(1).get()
    owner.collection("open").count().get()
    owner.document("open/1").delete()
    things = [thing for each in reading(engine, PROJECT, after=0)["records"] for thing in each["things"]]
    assert things == [
        [Did.WROTE, "notes/1"],
        [Did.LOOKED_UP, "users/ana"],
        [Did.QUERIED, "open where n == 1 limit 1"],
        [Did.COUNTED, "open"],
        [Did.DELETED, "open/1"],
    ]


def test_requests_that_cost_nothing_are_not_kept(engine: Engine, owner: Any) -> None:
    owner.transaction()._begin()
    with pytest.raises(InvalidArgument):
        owner.collection("open").limit(-1).get()
    assert [each["method"] for each in reading(engine, PROJECT, after=0)["records"]] == ["BeginTransaction"]
    assert reading(engine, PROJECT)["usage"]["egress"] > 0, "a transaction's id is sent"


def test_over_http(server: Server, owner: Any) -> None:
    url = f"http://{server.address}/emulator/v1/projects/demo-other:meter"
    assert httpx.get(url).json() == {"usage": Usage().as_json(), "entries": [], "last": 0}
    assert httpx.put(url, json={"records": True}).status_code == 200
    assert httpx.put(url, json={"records": "yes"}).status_code == 400
    assert httpx.get(url, params={"after": "x"}).status_code == 400

    url = url.replace("demo-other", PROJECT)
    owner.document("open/1").get()
    content = httpx.get(url, params={"after": "0"}).json()
    assert content["usage"]["reads"] == 1
    (record,) = content["records"]
    assert (record["method"], record["database"]) == ("BatchGetDocuments", "(default)")
    assert httpx.get(url, params={"after": str(content["last"])}).json()["records"] == []
    assert httpx.delete(url).json() == {}
    assert httpx.get(url).json()["entries"] == []


def test_a_listener_pays_for_what_it_is_told_of(engine: Engine, owner: Any) -> None:
    """All of the result first, then each document that changes. The method itself: `on_snapshot` has threads."""
    query = {"parent": f"{NAME}/documents", "structured_query": {"from_": [{"collection_id": "open"}]}}
    request = types.ListenRequest(database=str(NAME), add_target={"target_id": 1, "query": query})
    is_over = threading.Event()

    def requests() -> Iterator[types.ListenRequest]:
        yield request
        is_over.wait(30)

    told = owner._firestore_api.listen(requests=requests(), metadata=owner._rpc_metadata, timeout=60)
    assert [each.document_change.document.name[-1] for each in until_snapshot(told)] == ["1", "2", "3", "4", "5"]
    assert soon(engine, lambda usage: usage.reads == 5)
    owner.document("open/1").set({"n": 10})
    assert [each.document_change.document.name[-1] for each in until_snapshot(told)] == ["1"]
    is_over.set()
    told.cancel()
    assert soon(engine, lambda usage: (usage.reads, usage.writes) == (6, 1))


def soon(engine: Engine, holds: Callable[[Usage], bool]) -> bool:
    """A stream is charged when it has told, so a moment after its client knows."""
    end = time.monotonic() + 30
    while not holds(Usage.of_json(reading(engine, PROJECT)["usage"])):
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def until_snapshot(told: Any) -> list[Any]:
    """The changes of documents until all of one moment was told."""
    changes = []
    for each in told:
        if each.document_change.document.name:
            changes.append(each)
        if each.target_change.read_time and not each.target_change.target_ids:
            return changes
    return changes


def test_documents_that_expire(engine: Engine) -> None:
    ledger = engine.database(NAME).ledger
    ledger.expired(ADMIN, ("open", "1"))
    assert sum((each.usage for each in ledger.entries()), Usage()) == Usage(ttl_deletes=1)


def test_a_ledger_remembers_only_so_many_requests_and_documents() -> None:
    ledger = Ledger(DatabaseName("p"), is_recording=True)
    for n in range(_RECORDS_MAX + 5):
        account = Account(ledger, Caller(claims={"sub": "ana"}), "")
        account.documents_read(1, [("c", str(n))])
        account.post("GetDocument")
    assert (len(ledger.records), ledger.records[0].number, ledger.last) == (_RECORDS_MAX, 6, _RECORDS_MAX + 5)
    account = Account(ledger, ADMIN, "")
    account.documents_read(200, [("c", str(n)) for n in range(200)])
    account.post("BatchGetDocuments")
    assert ledger.records[-1].usage.reads == 200
    assert ledger.records[-1].things[-1] == (Did.READ, "150 more")
    (entry, other) = ledger.entries()
    assert (entry.caller, entry.requests, other.caller) == (Kind.USER, _RECORDS_MAX + 5, Kind.ADMIN)
