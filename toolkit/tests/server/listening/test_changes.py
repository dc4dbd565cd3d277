"""What a commit changes is told, and nothing else; each snapshot is one moment."""

from __future__ import annotations

from google.cloud.firestore_v1 import types

from toolkit.tests.server.listening.conftest import Desk

ASCENDING = [{"field": {"field_path": "x"}, "direction": "ASCENDING"}]


def test_only_what_changes_is_told(ours: Desk) -> None:
    ours.put("c/a", "c/b", x=1)
    stream = ours.listen()
    stream.query(1)
    stream.hears("ADD 1", "c/a x=1 in [1]", "c/b x=1 in [1]", "CURRENT 1", "snapshot")
    ours.put("c/c", x=3)
    stream.hears("c/c x=3 in [1]", "snapshot")
    ours.put("c/a", x=5)
    stream.hears("c/a x=5 in [1]", "snapshot")
    ours.delete("c/b")
    stream.hears("c/b deleted [1]", "snapshot")
    ours.put("c/a", x=5)  # as it is
    stream.hears_no_more()


def test_what_matches_no_more_is_removed_but_not_deleted(ours: Desk) -> None:
    ours.put("c/a", x=1)
    stream = ours.listen()
    where = {"field_filter": {"field": {"field_path": "x"}, "op": "EQUAL", "value": {"integer_value": 1}}}
    stream.query(1, where=where)
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    ours.put("c/a", x=2)
    stream.hears("c/a left [1]", "snapshot")
    ours.put("c/a", x=3)
    ours.put("c/a", x=1)
    stream.hears("c/a x=1 in [1]", "snapshot")
    ours.delete("c/a")
    stream.hears("c/a deleted [1]", "snapshot")


def test_a_document_is_told_once_to_all_its_targets(ours: Desk) -> None:
    ours.put("c/a", x=1)
    stream = ours.listen()
    stream.query(1)
    stream.documents(2, "c/a", "c/b")
    where = {"field_filter": {"field": {"field_path": "x"}, "op": "EQUAL", "value": {"integer_value": 1}}}
    stream.query(3, where=where)
    said: list[str] = []
    while said.count("CURRENT") < 3:
        said.append(stream.next().partition(" ")[0])
    stream.documents(999)
    while stream.next() != "CURRENT 999":
        pass
    stream.hears("snapshot")
    ours.put("c/a", x=2)
    stream.hears("c/a x=2 in [1, 2] not [3]", "snapshot")
    ours.delete("c/a")
    stream.hears("c/a deleted [1, 2]", "snapshot")


def test_what_selects_is_told_apart(ours: Desk) -> None:
    stream = ours.listen()
    stream.query(1)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    stream.query(2, select={"fields": [{"field_path": "y"}]})
    stream.hears("ADD 2", "CURRENT 2", "snapshot")
    ours.put("c/a", x=1, y=2)
    assert sorted([stream.next(), stream.next()]) == ["c/a x=1 y=2 in [1]", "c/a y=2 in [2]"]
    stream.hears("snapshot")


def test_a_limit_is_refilled(ours: Desk) -> None:
    for number in range(60):
        ours.put(f"c/{number:02}", x=number)
    stream = ours.listen()
    stream.query(1, order_by=ASCENDING, limit={"value": 2})
    stream.hears("ADD 1", "c/00 x=0 in [1]", "c/01 x=1 in [1]", "CURRENT 1", "snapshot")
    ours.put("c/new", x=-1)
    stream.hears("c/new x=-1 in [1]", "c/01 left [1]", "snapshot")
    ours.delete(*(f"c/{number:02}" for number in range(40)))
    stream.hears("c/00 deleted [1]", "c/40 x=40 in [1]", "snapshot")
    ours.put("c/59", x=500)
    ours.put("c/59", x=0)
    stream.hears("c/59 x=0 in [1]", "c/40 left [1]", "snapshot")


def test_clearing_makes_all_documents_vanish(ours: Desk) -> None:
    ours.put("c/a", "c/a/m/q", "d/b", x=1)
    stream = ours.listen()
    stream.query(1, "", everywhere=True)
    stream.hears("ADD 1", "c/a x=1 in [1]", "c/a/m/q x=1 in [1]", "d/b x=1 in [1]", "CURRENT 1", "snapshot")
    ours.bulk_delete("m")
    stream.hears("c/a/m/q deleted [1]", "snapshot")
    ours.clear("/c/a")
    stream.hears("c/a deleted [1]", "snapshot")
    ours.clear()
    stream.hears("d/b deleted [1]", "snapshot")
    ours.put("d/b", x=2)
    stream.hears("d/b x=2 in [1]", "snapshot")
    stream.hears_no_more()


def test_once_is_until_all_is_told(ours: Desk) -> None:
    ours.put("c/a", x=1)
    stream = ours.listen()
    stream.query(1, once=True)
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot", "REMOVE 1")
    ours.put("c/a", x=2)
    stream.query(1)
    stream.hears("ADD 1", "c/a x=2 in [1]", "CURRENT 1", "snapshot")


def test_snapshots_follow_each_other(ours: Desk) -> None:
    stream = ours.listen()
    stream.query(1)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    for number in range(20):
        ours.put("c/a", x=number)
        stream.hears(f"c/a x={number} in [1]", "snapshot")
    times = [
        each.target_change.read_time.ToNanoseconds()
        for each in stream.messages
        if each.HasField("target_change") and not each.target_change.target_ids
    ]
    assert times == sorted(set(times))
    updated = [
        each.document_change.document.update_time.ToNanoseconds()
        for each in stream.messages
        if each.HasField("document_change")
    ]
    assert all(update <= read for update, read in zip(updated, times[1:], strict=True))


def test_requests_that_cannot_be(ours: Desk) -> None:
    target = types.Target.pb()
    refused = {
        "end INVALID_ARGUMENT A target's id must not be negative.": types.ListenRequest.pb()(
            database=ours.database, add_target=target(target_id=-1)
        ),
        "end INVALID_ARGUMENT A request must add or remove a target.": types.ListenRequest.pb()(database=ours.database),
        'end INVALID_ARGUMENT Database name "foo" lacks "projects" at index 0.': types.ListenRequest.pb()(
            database="foo", remove_target=1
        ),
    }
    for line, request in refused.items():
        stream = ours.listen()
        stream.say(request)
        stream.hears(line)
    other = ours.database.replace("(default)", "other")
    stream = ours.listen()
    stream.documents(1)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    stream.add(target(target_id=2), database=other)
    stream.hears(f"end INVALID_ARGUMENT The stream is for database '{ours.database}', and the request for '{other}'.")


def test_targets_that_cannot_be(ours: Desk) -> None:
    stream = ours.listen()
    stream.add(types.Target.pb()(target_id=1))
    stream.hears("ADD 1", "REMOVE 1 3 A target must have documents or a query.")
    stream.query(1, limit={"value": -1})
    stream.hears("ADD 1", "REMOVE 1 3 limit is negative")
    other = ours.database.replace("(default)", "other")
    refusal = f"The request was for database '{ours.database}' but was attempting to access database '{other}'"
    stream.query(1, parent=f"{other}/documents")
    stream.hears("ADD 1", f"REMOVE 1 3 {refusal}")
    stream.documents(7)
    stream.hears("ADD 7", "CURRENT 7", "snapshot")
    stream.documents(7)
    stream.hears("REMOVE 7 6 Target ID already exists: 7")
    stream.documents(7)
    stream.hears("ADD 7", "CURRENT 7", "snapshot")
    stream.documents(0)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    stream.documents(9)
    stream.hears("REMOVE 9 3 Once the server has given a target its id, clients cannot choose theirs.")


def test_vector_queries_cannot_be_listened_to(ours: Desk) -> None:
    target = types.Target.pb()(target_id=1)
    target.query.parent = ours.root
    structured = target.query.structured_query
    structured.from_.add(collection_id="c")
    nearest = structured.find_nearest
    nearest.vector_field.field_path = "v"
    nearest.limit.value = 1
    nearest.distance_measure = 1
    fields = nearest.query_vector.map_value.fields
    fields["__type__"].string_value = "__vector__"
    fields["value"].array_value.values.add().double_value = 1.0
    stream = ours.listen()
    stream.add(target)
    stream.hears("ADD 1", "REMOVE 1 12 Vector queries cannot be listened to.")
