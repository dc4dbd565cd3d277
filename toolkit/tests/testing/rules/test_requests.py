"""Every request that a client can make, asked in process."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from firewarden.errors import FirewardenError
from firewarden.testing.rules import (
    DELETE_FIELD,
    SERVER_TIMESTAMP,
    Actor,
    And,
    ArrayRemove,
    ArrayUnion,
    FieldFilter,
    Increment,
    Maximum,
    Minimum,
    Or,
    World,
)
from firewarden.values import Timestamp

NEW = {"owner": "ana", "text": "bread", "at": SERVER_TIMESTAMP}


@pytest.mark.parametrize(
    ("who", "ask", "allowed"),
    [
        ("ana", lambda user: user.get("notes/n1"), True),
        ("ben", lambda user: user.get("notes/n1"), False),
        (None, lambda user: user.get("notes/n1"), False),
        ("ana", lambda user: user.create("notes/n2", NEW), True),
        (
            "ana",
            lambda user: user.create("notes/n2", {**NEW, "at": datetime.fromisoformat("2026-05-01T11:00Z")}),
            False,
        ),
        ("ana", lambda user: user.set("notes/n2", NEW), True),
        ("ana", lambda user: user.set("notes/n1", {"owner": "ana", "text": "x"}), False),
        ("ana", lambda user: user.set("notes/n1", {"text": "x"}, merge=True), True),
        ("ana", lambda user: user.set("notes/n1", {"owner": "ben"}, merge=True), False),
        ("ana", lambda user: user.update("notes/n1", {"text": "x", "edits": Increment(1)}), True),
        ("ana", lambda user: user.update("notes/n1", {"tags": ArrayUnion(["b"])}), True),
        ("ana", lambda user: user.update("notes/n1", {"meta.color": "red"}), True),
        ("ana", lambda user: user.update("notes/n1", {"visibility": DELETE_FIELD}), False),
        ("ben", lambda user: user.update("notes/n1", {"text": "x"}), False),
        ("ana", lambda user: user.delete("notes/n1"), True),
        ("ben", lambda user: user.delete("notes/n1"), False),
    ],
)
def test_documents(notes: World, who: str | None, ask: Callable[[Actor], Any], allowed: bool) -> None:
    user = notes.as_guest() if who is None else notes.as_user(who)
    assert ask(user).allowed is allowed


def test_claims_are_given_by_name_or_as_a_mapping(notes: World) -> None:
    notes.as_user("root", admin=True).get("notes/n1").assert_allowed()
    notes.as_user("root", claims={"admin": True}).get("notes/n1").assert_allowed()
    notes.as_user("root", admin="yes").get("notes/n1").assert_denied()


def test_no_rule_applies_to_the_owner(notes: World) -> None:
    after = notes.as_owner().set("anything/x", {"a": 1}).assert_allowed()
    assert after.documents["anything", "x"] == {"a": 1}


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        (lambda user: user.collection("notes"), False),
        (lambda user: user.collection("notes").where("visibility", "==", "public"), True),
        (lambda user: user.collection("notes").where(filter=FieldFilter("visibility", "==", "public")).limit(5), True),
        (lambda user: user.collection("notes").where("visibility", "in", ["public", "members"]), False),
        (lambda user: user.collection("notes").where(filter=Or([FieldFilter("visibility", "==", "public")])), True),
        (
            lambda user: user.collection("notes").where(
                filter=And((FieldFilter("visibility", "==", "public"), FieldFilter("edits", ">", 1)))
            ),
            True,
        ),
        (lambda user: user.collection("notes").where("visibility", "==", "public").order_by("at", "DESCENDING"), True),
        (lambda user: {"collection": "notes", "where": [["visibility", "==", "public"]], "limit": 3}, True),
        (lambda user: user.collection_group("notes").where("visibility", "==", "public"), False),
    ],
)
def test_queries(notes: World, query: Callable[[Actor], Any], allowed: bool) -> None:
    user = notes.as_guest()
    assert user.list(query(user)).allowed is allowed


def test_a_query_asks_by_itself_too(notes: World) -> None:
    notes.as_guest().collection("notes").where("visibility", "==", "public").get().assert_allowed()


def test_a_batch_is_one_request(notes: World) -> None:
    """The counter is allowed by what the same batch leaves of the note."""
    batch = notes.as_user("ana").batch().create("notes/n2", NEW).set("counters/n2", {"n": 1})
    after = batch.commit().assert_allowed()
    assert after.documents["counters", "n2"] == {"n": 1}
    notes.as_user("ana").set("counters/n2", {"n": 1}).assert_denied(by="/counters/{id}")


def test_a_transaction_reads_first(notes: World) -> None:
    notes.as_user("ana").transaction().get("notes/n1").update("notes/n1", {"text": "x"}).commit().assert_allowed()
    denied = notes.as_user("ben").transaction().get("notes/n1").delete("notes/n9").commit()
    denied.assert_denied(because="note.owner == request.auth.uid")


def test_what_an_allowed_write_leaves(notes: World) -> None:
    """Transforms are computed; the world before is unchanged."""
    fields = {"edits": Increment(2), "tags": ArrayUnion(["b"]), "meta.seen": SERVER_TIMESTAMP, "text": DELETE_FIELD}
    after = notes.as_user("ana").update("notes/n1", fields).assert_allowed()
    note = after.documents["notes", "n1"]
    assert (note["edits"], note["tags"], note["meta"]) == (3, ["a", "b"], {"seen": Timestamp.of(notes.now)})
    assert "text" not in note
    assert notes.documents["notes", "n1"]["edits"] == 1


@pytest.mark.parametrize(
    ("transform", "result"), [(Maximum(5), 5), (Maximum(0), 1), (Minimum(0), 0), (ArrayRemove(["x"]), [])]
)
def test_every_transform(notes: World, transform: Any, result: Any) -> None:
    after = notes.as_user("ana").update("notes/n1", {"edits": transform}).assert_allowed()
    assert after.documents["notes", "n1"]["edits"] == result


def test_time_passes_when_it_is_told_to(notes: World) -> None:
    early = notes.at(notes.now - timedelta(hours=1))
    early.as_user("ana").delete("notes/n1").assert_denied(because="resource.data.at < request.time")
    notes.as_user("ana").delete("notes/n1").assert_allowed()


def test_documents_are_added_and_taken_away(notes: World) -> None:
    without = notes.given({"notes/n1": None, "notes/n3": {"owner": "ben"}})
    assert set(without.documents) == {("notes", "n3")}
    assert ("notes", "n1") in notes.documents


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda world: world.as_guest().get("notes"), "'notes' is no path of a document"),
        (lambda world: world.as_guest().collection("notes/n1"), "'notes/n1' is no path of a collection"),
        (lambda world: world.as_guest().collection("notes").where("a", "=~", 1), "'=~' is no operator"),
        (lambda world: world.as_guest().list(5), "5 is no query"),
        (lambda world: world.as_guest().update("notes/n1", {}), "without fields"),
        (lambda world: world.as_guest().set("notes/n1", {"a": DELETE_FIELD}), "DELETE_FIELD cannot be in set()"),
        (lambda world: world.given({"a/b": {"c": {1, 2}}}), "a/b.c is a set"),
        (lambda world: world.given({"a/b": {"at": datetime(2026, 5, 1)}}), "without a time zone"),  # noqa: DTZ001
        (lambda world: world.at(datetime(2026, 5, 1)), "has no time zone"),  # noqa: DTZ001
        (lambda world: bool(world.as_guest().get("notes/n1")), "neither true nor false"),
        (lambda world: world.as_guest().get("notes/n1").after, "A denied request changes nothing"),
    ],
)
def test_mistakes_are_named(notes: World, ask: Callable[[World], Any], complaint: str) -> None:
    with pytest.raises(FirewardenError, match="(?s)" + complaint.replace("(", r"\(").replace(")", r"\)")):
        ask(notes)
