"""What Google's emulator says and our server as well: the order of messages, and words of refusal."""

from __future__ import annotations

import pytest
from google.cloud.firestore_v1 import types

from toolkit.tests.server.listening.conftest import Desk

ASCENDING = [{"field": {"field_path": "x"}, "direction": "ASCENDING"}]
DESCENDING = [{"field": {"field_path": "x"}, "direction": "DESCENDING"}]


def test_a_query_begins_with_its_documents(either: Desk) -> None:
    either.put("c/a", x=1)
    either.put("c/b", x=2)
    either.put("other/a", x=3)
    stream = either.listen()
    stream.query(1)
    stream.hears("ADD 1", "c/a x=1 in [1]", "c/b x=2 in [1]", "CURRENT 1", "snapshot")
    *_, current, snapshot = stream.messages
    assert current.target_change.resume_token
    assert current.target_change.HasField("read_time")
    assert snapshot.target_change.resume_token
    assert snapshot.target_change.HasField("read_time")
    either.put("other/a", x=4)
    stream.hears_no_more()


@pytest.mark.parametrize(
    ("how", "lines"),
    [
        ({"order_by": DESCENDING}, ["c/c x=3", "c/b x=2", "c/a x=1"]),
        ({"order_by": ASCENDING, "limit": {"value": 2}}, ["c/a x=1", "c/b x=2"]),
        ({"order_by": ASCENDING, "offset": 1}, ["c/b x=2", "c/c x=3"]),
        ({"order_by": ASCENDING, "start_at": {"values": [{"integer_value": 2}]}}, ["c/c x=3"]),
        ({"order_by": ASCENDING, "end_at": {"values": [{"integer_value": 2}], "before": True}}, ["c/a x=1"]),
        ({"select": {"fields": [{"field_path": "y"}]}}, ["c/a", "c/b", "c/c"]),
        ({"collection": "m", "everywhere": True}, ["c/a/m/q x=4", "m/q x=5"]),
        ({"collection": "", "everywhere": True}, ["c/a x=1", "c/a/m/q x=4", "c/b x=2", "c/c x=3", "m/q x=5"]),
    ],
    ids=["descending", "limit", "offset", "start", "end", "select", "group", "everything"],
)
def test_queries_of_all_shapes(either: Desk, how: dict[str, object], lines: list[str]) -> None:
    for number, path in enumerate(["c/a", "c/b", "c/c", "c/a/m/q", "m/q"], 1):
        either.put(path, x=number)
    stream = either.listen()
    stream.query(7, **how)  # type: ignore[arg-type]  # the names of its parameters
    stream.hears("ADD 7", *(f"{each} in [7]" for each in lines), "CURRENT 7", "snapshot")
    stream.hears_no_more()


def test_an_or_of_filters(either: Desk) -> None:
    for number, path in enumerate(["c/a", "c/b", "c/c"], 1):
        either.put(path, x=number)
    filters = [
        {"field_filter": {"field": {"field_path": "x"}, "op": "EQUAL", "value": {"integer_value": each}}}
        for each in (1, 3)
    ]
    stream = either.listen()
    stream.query(1, where={"composite_filter": {"op": "OR", "filters": filters}})
    stream.hears("ADD 1", "c/a x=1 in [1]", "c/c x=3 in [1]", "CURRENT 1", "snapshot")


def test_missing_documents_are_told_as_deleted(either: Desk) -> None:
    either.put("c/a", x=1)
    stream = either.listen()
    stream.documents(4, "c/a")
    stream.hears("ADD 4", "c/a x=1 in [4]", "CURRENT 4", "snapshot")
    stream.documents(5, "c/none")
    stream.hears("ADD 5", "c/none deleted [5]", "CURRENT 5", "snapshot")
    stream.documents(6)
    stream.hears("ADD 6", "CURRENT 6", "snapshot")
    stream.documents(8, "c/a", "c/a")
    stream.hears("ADD 8", "c/a x=1 in [8]", "CURRENT 8", "snapshot")
    stream.hears_no_more()


def test_a_document_is_told_of_at_every_change(either: Desk) -> None:
    stream = either.listen()
    stream.documents(1, "c/a")
    stream.hears("ADD 1", "c/a deleted [1]", "CURRENT 1", "snapshot")
    either.put("c/a", x=1)
    stream.hears("c/a x=1 in [1]", "snapshot")
    either.put("c/b", x=1)
    either.put("c/a", x=2)
    stream.hears("c/a x=2 in [1]", "snapshot")
    either.delete("c/a")
    stream.hears("c/a deleted [1]", "snapshot")
    stream.hears_no_more()


def test_targets_are_removed_and_added_again(either: Desk) -> None:
    either.put("c/a", x=1)
    stream = either.listen()
    stream.query(1)
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    stream.remove(1)
    stream.hears("REMOVE 1")
    either.put("c/a", x=2)
    stream.remove(1)
    stream.remove(17)
    stream.query(1)
    stream.hears("ADD 1", "c/a x=2 in [1]", "CURRENT 1", "snapshot")
    stream.hears_no_more()


def test_the_server_numbers_targets(either: Desk) -> None:
    stream = either.listen()
    stream.query(0)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    stream.query(0)
    stream.hears("ADD 2", "CURRENT 2", "snapshot")


def test_who_has_said_all_is_answered_no_more(either: Desk) -> None:
    stream = either.listen()
    stream.query(1)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    stream.end()
    stream.hears("end OK")


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        ("foo", 'Document parent name "foo" lacks "projects" at index 0.'),
        ("", 'Document parent name "" lacks "projects" at index 0.'),
    ],
)
def test_a_parent_that_is_none(either: Desk, parent: str, message: str) -> None:
    stream = either.listen()
    stream.query(1, parent=parent)
    stream.hears("ADD 1", f"REMOVE 1 3 {message}")
    stream.hears_no_more()


def test_a_name_that_is_none(either: Desk) -> None:
    stream = either.listen()
    target = types.Target.pb()(target_id=1)
    target.documents.documents.append("foo")
    stream.add(target)
    stream.hears("ADD 1", 'REMOVE 1 3 Document name "foo" lacks "projects" at index 0.')
    stream.query(1, "a/b")
    stream.hears("ADD 1", 'REMOVE 1 3 Collection id "a/b" is invalid because it contains "/".')
    stream.hears_no_more()


RULES = """rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /c/{id} {
      allow get: if resource == null || resource.data.x < 10;
      allow list: if get(/databases/$(database)/documents/roles/$(request.auth.uid)).data.x == 1;
    }
    match /p/{id} { allow read: if resource.data.x == 1; }
  }
}"""
X_IS_1 = {"field_filter": {"field": {"field_path": "x"}, "op": "EQUAL", "value": {"integer_value": 1}}}


def test_rules_are_asked_about_each_target(either: Desk) -> None:
    either.rules(RULES)
    either.put("c/a", "p/a", "roles/ana", x=1)
    stream = either.listen("ana")
    stream.query(2)
    stream.hears("ADD 2", "c/a x=1 in [2]", "CURRENT 2", "snapshot")
    stream.documents(4, "c/a")
    stream.hears("ADD 4", "c/a x=1 in [4]", "CURRENT 4", "snapshot")
    stream.documents(6, "c/none")
    stream.hears("ADD 6", "c/none deleted [6]", "CURRENT 6", "snapshot")
    stream.documents(8, "x/none")
    stream.hears("ADD 8", "REMOVE 8 7 No matching allow statements")
    stream.query(10, "x")
    stream.hears("ADD 10", "REMOVE 10 7 No matching allow statements")
    stream.query(12, "p")
    stream.hears("ADD 12", "REMOVE 12 7 \nProperty x is undefined on object. for 'list' @ L8")
    stream.query(14, "p", where=X_IS_1)
    stream.hears("ADD 14", "p/a x=1 in [14]", "CURRENT 14", "snapshot")


def test_tokens_are_read_when_the_stream_begins(either: Desk) -> None:
    stream = either.listen(metadata=[("authorization", "Bearer xx"), ("google-cloud-resource-prefix", either.database)])
    stream.query(1)
    stream.hears("end INVALID_ARGUMENT invalid jwt")
