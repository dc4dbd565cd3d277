"""Google's Python client's `on_snapshot`, on both engines: documents, queries, collection groups, limits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.cloud import firestore

from toolkit.tests.sdk.watching import PATIENCE_S, Watching


@pytest.fixture
def watch() -> Iterator[Callable[[Any], Watching]]:
    """`watch(query)` listens until the test's end."""
    listeners: list[Watching] = []

    def begin(watched: Any) -> Watching:
        listener = Watching(watched)
        listeners.append(listener)
        return listener

    yield begin
    for each in listeners:
        each.stop()


Watch = Callable[[Any], Watching]


def test_a_document_is_followed_from_nothing_to_nothing(client: Any, watch: Watch) -> None:
    document = client.document("notes/a")
    listener = watch(document)
    listener.shows({})
    document.set({"text": "one"})
    listener.shows({"notes/a": {"text": "one"}})
    document.update({"text": "two"})
    listener.shows({"notes/a": {"text": "two"}})
    document.delete()
    listener.shows({})


def test_a_query_shows_what_comes_changes_and_goes(client: Any, watch: Watch) -> None:
    notes = client.collection("notes")
    notes.document("a").set({"stars": 1})
    listener = watch(notes.where(filter=firestore.FieldFilter("stars", ">", 0)).order_by("stars"))
    listener.shows({"notes/a": {"stars": 1}})
    notes.document("b").set({"stars": 3})
    listener.shows({"notes/a": {"stars": 1}, "notes/b": {"stars": 3}})
    notes.document("a").update({"stars": 5})
    listener.shows({"notes/b": {"stars": 3}, "notes/a": {"stars": 5}})
    notes.document("b").update({"stars": -1})
    listener.shows({"notes/a": {"stars": 5}})
    notes.document("a").delete()
    listener.shows({})


def test_changes_are_named(client: Any, watch: Watch) -> None:
    notes = client.collection("notes")
    notes.document("a").set({"stars": 1})
    listener = watch(notes)
    assert listener.next_changes() == [("ADDED", "a")]
    notes.document("b").set({"stars": 2})
    assert listener.next_changes() == [("ADDED", "b")]
    notes.document("a").update({"stars": 2})
    assert listener.next_changes() == [("MODIFIED", "a")]
    notes.document("b").delete()
    assert listener.next_changes() == [("REMOVED", "b")]


def test_a_batch_is_one_snapshot(client: Any, watch: Watch) -> None:
    notes = client.collection("notes")
    listener = watch(notes)
    listener.shows({})
    batch = client.batch()
    for number in range(5):
        batch.set(notes.document(str(number)), {"number": number})
    batch.commit()
    assert listener.until(bool).keys() == {f"notes/{number}" for number in range(5)}


def test_a_collection_group_is_followed_everywhere(client: Any, watch: Watch) -> None:
    listener = watch(client.collection_group("comments"))
    listener.shows({})
    client.document("posts/p/comments/c").set({"text": "x"})
    listener.shows({"posts/p/comments/c": {"text": "x"}})
    client.document("comments/d").set({"text": "y"})
    client.document("posts/p").set({"text": "no comment"})
    listener.until(lambda found: found.keys() == {"posts/p/comments/c", "comments/d"})


def test_a_limit_is_kept_full(client: Any, watch: Watch) -> None:
    notes = client.collection("notes")
    for number in range(5):
        notes.document(str(number)).set({"number": number})
    listener = watch(notes.order_by("number").limit(2))
    listener.shows({"notes/0": {"number": 0}, "notes/1": {"number": 1}})
    notes.document("0").delete()
    listener.shows({"notes/1": {"number": 1}, "notes/2": {"number": 2}})
    notes.document("new").set({"number": -1})
    listener.shows({"notes/new": {"number": -1}, "notes/1": {"number": 1}})
    notes.document("1").update({"number": 9})
    listener.shows({"notes/new": {"number": -1}, "notes/2": {"number": 2}})


def test_many_listeners_of_one_client(client: Any, watch: Watch) -> None:
    notes = client.collection("notes")
    listeners = [watch(notes.where(filter=firestore.FieldFilter("kind", "==", kind))) for kind in range(4)]
    for each in listeners:
        each.shows({})
    for number in range(8):
        notes.document(str(number)).set({"kind": number % 4})
    for kind, each in enumerate(listeners):
        each.shows({f"notes/{number}": {"kind": kind} for number in (kind, kind + 4)})


def test_who_has_unsubscribed_is_told_nothing(client: Any) -> None:
    notes = client.collection("notes")
    called = threading.Event()
    first = Watching(notes)
    first.shows({})
    stopped = notes.on_snapshot(lambda *_: called.set())
    assert called.wait(PATIENCE_S)
    stopped.unsubscribe()
    called.clear()
    notes.document("a").set({})
    first.shows({"notes/a": {}})
    first.stop()
    assert not called.is_set()
