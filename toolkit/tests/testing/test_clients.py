"""Clients that act as a user: every way to talk to Firestore carries the right identity."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from typing import Any

import pytest
from google.api_core.exceptions import PermissionDenied
from google.cloud import firestore as google_firestore
from google.cloud.firestore import AsyncClient, Client, FieldFilter

from firewarden.testing import (
    Database,
    build_query,
    firestore_as,
    firestore_as_async,
    firestore_as_guest,
    firestore_as_guest_async,
    firestore_as_owner,
    firestore_as_owner_async,
)

pytestmark = pytest.mark.emulator
NEEDS_LISTENERS = pytest.mark.official_firestore(reason="our own server has no listeners yet")


def place(database: Database) -> dict[str, Any]:
    return {"project": database.project, "host": database.host}


def test_rules_see_the_uid(database: Database) -> None:
    ana = database.as_user("ana")
    ana.document("own/ana").set({"n": 1})

    assert ana.document("own/ana").get().to_dict() == {"n": 1}
    with pytest.raises(PermissionDenied, match="false for 'get' @ L5"):
        ana.document("own/ben").get()


def test_rules_see_the_claims(database: Database) -> None:
    database.as_user("ana", role="staff").document("staff/plan").set({"n": 1})

    with pytest.raises(PermissionDenied):
        database.as_user("ana", role="visitor").document("staff/plan").get()
    with pytest.raises(PermissionDenied, match="Property role is undefined"):
        database.as_user("ana").document("staff/plan").get()


def test_a_guest_has_no_auth(database: Database) -> None:
    database.as_guest().document("guests/book").set({"n": 1})

    with pytest.raises(PermissionDenied):
        database.as_user("ana").document("guests/book").get()
    with pytest.raises(PermissionDenied, match="Null value error"):
        database.as_guest().document("own/ana").get()


def test_no_rule_applies_to_the_owner(database: Database) -> None:
    owner = database.as_owner()
    owner.document("nowhere/allowed").set({"n": 1})

    assert owner.document("nowhere/allowed").get().exists
    assert [each.id for each in owner.collections()] == ["nowhere"]


def test_a_batch_is_refused_as_a_whole(database: Database) -> None:
    ana = database.as_user("ana")
    batch = ana.batch()
    batch.set(ana.document("own/ana"), {"n": 1})
    batch.set(ana.document("own/ben"), {"n": 1})

    with pytest.raises(PermissionDenied):
        batch.commit()
    assert not ana.document("own/ana").get().exists


def test_queries_and_collection_groups_are_judged_by_rules(database: Database) -> None:
    ana = database.as_user("ana")
    ana.document("a/1/notes/x").set({"owner": "ana"})
    ana.document("b/1/notes/y").set({"owner": "ana"})
    notes = ana.collection_group("notes")

    found = notes.where(filter=FieldFilter("owner", "==", "ana")).get()
    assert sorted(each.id for each in found) == ["x", "y"]
    (figures,) = build_query(ana, {"group": "notes", "where": [["owner", "==", "ana"]], "aggregate": ["count"]}).get()
    assert figures[0].value == 2
    with pytest.raises(PermissionDenied):
        notes.get()


def test_transactions_read_and_write_as_the_user(database: Database) -> None:
    ana = database.as_user("ana")
    mine, other = ana.document("own/ana"), ana.document("own/ben")
    mine.set({"n": 1})

    @google_firestore.transactional
    def add(transaction: Any, target: Any) -> None:
        n = mine.get(transaction=transaction).get("n")
        transaction.set(target, {"n": n + 1})

    add(ana.transaction(), mine)
    assert mine.get().get("n") == 2
    with pytest.raises(PermissionDenied):
        add(ana.transaction(), other)


@NEEDS_LISTENERS
def test_listeners_listen_as_the_user(database: Database) -> None:
    """A listener needs the token on its stream, which is opened apart from all other calls."""
    ana = database.as_user("ana")
    ana.document("own/ana").set({"n": 1})
    seen: queue.Queue[int] = queue.Queue()

    watch = ana.document("own/ana").on_snapshot(lambda documents, *_: seen.put(documents[0].get("n")))
    try:
        assert seen.get(timeout=20) == 1
        ana.document("own/ana").set({"n": 2})
        assert seen.get(timeout=20) == 2
    finally:
        watch.unsubscribe()  # type: ignore[no-untyped-call]  # the client library leaves it untyped


@NEEDS_LISTENERS
def test_a_listener_that_rules_refuse_sees_nothing(database: Database) -> None:
    """Python's listener has no error callback: a refused one just never calls."""
    database.as_user("ben").document("own/ben").set({"n": 1})
    seen: queue.Queue[Any] = queue.Queue()

    watch = database.as_user("ana").document("own/ben").on_snapshot(lambda documents, *_: seen.put(documents))
    try:
        with pytest.raises(queue.Empty):
            seen.get(timeout=1)
    finally:
        watch.unsubscribe()  # type: ignore[no-untyped-call]  # the client library leaves it untyped


def test_async_clients_act_too(database: Database) -> None:
    async def scenario() -> None:
        async with firestore_as_async("ana", {"role": "staff"}, **place(database)) as ana:
            await ana.document("own/ana").set({"n": 1})
            assert (await ana.document("own/ana").get()).to_dict() == {"n": 1}
            await ana.document("staff/plan").set({"n": 1})
            await increment(ana, "own/ana")
            mine = ana.collection_group("notes").where(filter=FieldFilter("owner", "==", "ana"))
            assert [each async for each in mine.stream()] == []
            with pytest.raises(PermissionDenied, match="false for 'get' @ L5"):
                await ana.document("own/ben").get()
        async with firestore_as_guest_async(**place(database)) as guest:
            await guest.document("guests/book").set({"n": 1})
            with pytest.raises(PermissionDenied):
                await guest.document("own/ana").get()
        async with firestore_as_owner_async(**place(database)) as owner:
            assert (await owner.document("own/ana").get()).get("n") == 2

    async def increment(client: AsyncClient, path: str) -> None:
        @google_firestore.async_transactional
        async def add(transaction: Any) -> None:
            snapshot = await client.document(path).get(transaction=transaction)
            transaction.set(client.document(path), {"n": snapshot.get("n") + 1})

        await add(client.transaction())

    asyncio.run(scenario())


def test_an_async_client_left_open_does_no_harm(database: Database) -> None:
    async def scenario() -> bool:
        ana = database.as_user_async("ana")
        return bool((await ana.document("own/ana").get()).exists)

    assert asyncio.run(scenario()) is False


@pytest.mark.parametrize(
    ("client_class", "opens"),
    [
        (Client, lambda **place: firestore_as("ana", **place)),
        (Client, firestore_as_guest),
        (Client, firestore_as_owner),
        (AsyncClient, lambda **place: firestore_as_async("ana", **place)),
        (AsyncClient, firestore_as_guest_async),
        (AsyncClient, firestore_as_owner_async),
    ],
)
def test_they_are_real_clients_of_the_given_database(
    client_class: type, opens: Callable[..., Client | AsyncClient]
) -> None:
    client = opens(project="demo-p", host="127.0.0.1:1", database="second")

    assert isinstance(client, client_class)
    assert client.document("a/b")._document_path == "projects/demo-p/databases/second/documents/a/b"


def test_the_environment_does_not_choose_the_server(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "another")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    with firestore_as("ana", **place(database)) as ana:
        ana.document("own/ana").set({"n": 1}, timeout=10)
        assert ana.project == database.project


def test_one_identity_has_one_client_while_the_database_is_open(database: Database) -> None:
    assert database.as_user("ana", role="staff") is database.as_identity("ana", {"role": "staff"})
    assert database.as_user("ana") is not database.as_user("ana", role="staff")
