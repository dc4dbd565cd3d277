"""What the meter tells: who asked, for what, by which method, and what was read; over HTTP too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import InvalidArgument
from google.cloud.firestore import FieldFilter

from firewarden.firestore.billing.usage import Usage
from firewarden.firestore.documents import DatabaseName
from firewarden.server.account import Account, Did
from firewarden.server.auth import ADMIN, Caller
from firewarden.server.engine import Engine
from firewarden.server.meter import _RECORDS_MAX, Kind, Ledger
from firewarden.server.meter_admin import reading
from firewarden.server.serving import Server
from firewarden.testing._action import named_action
from toolkit.tests.server.conftest import NAME, PROJECT


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
    owner.collection("open").where(filter=FieldFilter("n", "==", 1)).limit(1).get()
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
