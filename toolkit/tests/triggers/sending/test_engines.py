"""The same functions, registered by both of the emulator's endpoints, and the same writes: what Firestore sends them.

Google's emulator is asked the same where one is found. What it gets wrong is named here, and in `docs/differences.md`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from toolkit.tests.triggers.sending.engines import (
    GUEST,
    PREFIX,
    PROJECT,
    V1_PREFIX,
    Firestore,
    delete,
    increment,
    update,
    user,
)
from toolkit.tests.triggers.sending.receiving import Received

READ_ONLY = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /users/{id} { allow read, write: if id != 'forbidden'; }
  }
}
"""
KNOWN_WRONG_HEADERS = {"ce-id", "ce-time", "ce-source", "ce-authtype", "ce-authid"}
TRANSPORT_HEADERS = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length"}


def register_all(firestore: Firestore) -> None:
    for change in ("written", "created", "updated", "deleted"):
        firestore.put_trigger(change, PREFIX + change, "users/{id}")
    firestore.put_trigger("auth", f"{PREFIX}written.withAuthContext", "users/{id}")
    firestore.put_trigger("exact", f"{PREFIX}written", "users/a", match_type="EXACT")
    firestore.put_trigger("literal", f"{PREFIX}written", "users/{id}", match_type="EXACT")
    firestore.put_trigger("deep", f"{PREFIX}written", "users/{id}/posts/{rest=**}")
    for change in ("write", "create", "update", "delete"):
        firestore.put_v1_trigger(f"v1-{change}", V1_PREFIX + change, "users/{id}")
    firestore.put_v1_trigger("v1-star", f"{V1_PREFIX}write", "users/*")
    firestore.put_v1_trigger("v1-deep", f"{V1_PREFIX}write", "users/{rest=**}")


def in_a_transaction(firestore: Firestore) -> int:
    return firestore.commit(update("users/a", n=7), transaction=firestore.begin())


@dataclass(frozen=True)
class Step:
    """One request, and the changes of documents that it comes to; `missing` is no document."""

    name: str
    do: Callable[[Firestore], int]
    changes: tuple[str, ...]
    status: int = 200


STEPS = (
    Step("a document is created", lambda f: f.commit(update("users/a", n=1, m=2)), ("users/a created",)),
    Step("it is updated by a user", lambda f: f.commit(update("users/a", n=2), who=user("ana")), ("users/a updated",)),
    Step("and by a guest", lambda f: f.commit(update("users/a", n=3), who=GUEST), ("users/a updated",)),
    Step("nothing changes", lambda f: f.commit(update("users/a", n=3)), ()),
    Step("a transform", lambda f: f.commit(increment("users/a", 1)), ("users/a updated",)),
    Step("a transform that changes nothing", lambda f: f.commit(increment("users/a", 0)), ()),
    Step(
        "a batch with several writes of one document",
        lambda f: f.commit(update("users/a", n=5), update("users/b", n=1), update("users/a", n=6), delete("users/b")),
        ("users/a updated",),
    ),
    Step("a transaction", in_a_transaction, ("users/a updated",)),
    Step("a batch write", lambda f: f.commit(update("users/c", n=1), method="batchWrite"), ("users/c created",)),
    Step(
        "two documents",
        lambda f: f.commit(update("users/x1", n=1), update("users/x2", n=1)),
        ("users/x1 created", "users/x2 created"),
    ),
    Step("a document below", lambda f: f.commit(update("users/a/posts/p", n=1)), ("users/a/posts/p created",)),
    Step("an id of all sorts", lambda f: f.commit(update('users/Zoë b%"', n=1)), ('users/Zoë b%" created',)),
    Step("a write that is denied", lambda f: f.commit(update("users/forbidden"), who=user("ana")), (), 403),
    Step(
        "a write that fails",
        lambda f: f.commit(update("users/e", n=1), {**update("users/a"), "currentDocument": {"exists": False}}),
        (),
        409,
    ),
    Step("a document is deleted", lambda f: f.commit(delete("users/a")), ("users/a deleted",)),
    Step("a document that is not there is deleted", lambda f: f.commit(delete("users/a")), ()),
)


def wanted(change: str) -> Counter[str]:
    """Who is to be told of a change, of those that `register_all` registers."""
    path, kind = change.rsplit(" ", 1)
    if path == "users/a/posts/p":
        return Counter(["deep", "v1-deep"])
    v1 = {"created": "v1-create", "updated": "v1-update", "deleted": "v1-delete"}[kind]
    keys = ["written", kind, "auth", "v1-write", v1, "v1-deep", *(["exact"] if path == "users/a" else ())]
    return Counter(keys)


@pytest.fixture(scope="module")
def asked(ours: Firestore) -> dict[str, list[Received]]:
    return run(ours)


@pytest.fixture(scope="module")
def asked_official(official: Firestore) -> dict[str, list[Received]]:
    return run(official)


def run(firestore: Firestore) -> dict[str, list[Received]]:
    """What each step sends."""
    firestore.put_rules(READ_ONLY)
    register_all(firestore)
    found = {}
    for step in STEPS:
        assert step.do(firestore) == step.status, step.name
        found[step.name] = firestore.events()
    return found


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_change_is_told_to_those_who_asked_and_nothing_else_is(
    asked: dict[str, list[Received]], step: Step
) -> None:
    expected = sum((wanted(each) for each in step.changes), Counter[str]())
    assert Counter(each.key for each in asked[step.name]) == expected


@pytest.mark.emulator
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_the_emulator_sends_the_same(
    asked: dict[str, list[Received]], asked_official: dict[str, list[Received]], step: Step
) -> None:
    theirs = [each for each in asked_official[step.name] if not is_of_no_change(each)]
    assert sorted(map(comparable, asked[step.name])) == sorted(map(comparable, theirs))


def is_of_no_change(received: Received) -> bool:
    """The emulator tells functions of the second generation of documents that are as they were, or never were."""
    return not received.is_v1 and received.data.value == received.data.old_value


def comparable(received: Received) -> str:
    """All of a request but what differs between two runs, and what the emulator gets wrong."""
    kept = {
        name: value
        for name, value in received.headers.items()
        if name not in KNOWN_WRONG_HEADERS and name not in TRANSPORT_HEADERS
    }
    if received.is_v1:
        body = received.json
        for each in ("value", "oldValue"):
            for time in ("createTime", "updateTime") if each in body["data"] else ():
                assert body["data"][each].pop(time).endswith("Z")
        del body["data"]["updateMask"], body["context"]["eventId"], body["context"]["timestamp"]
    else:
        data = received.data
        body = {"value": plain(data.value), "old_value": plain(data.old_value)}
    return json.dumps([received.path, kept, body], sort_keys=True)


def plain(document: Any) -> Any:
    return [document.name, {name: value.integer_value for name, value in document.fields.items()}]


def test_what_the_emulator_gets_wrong_is_right(asked: dict[str, list[Received]]) -> None:
    events = {name: {each.key: each for each in received} for name, received in asked.items()}
    update_ = events["it is updated by a user"]
    assert list(update_["updated"].data.update_mask.field_paths) == ["m", "n"]
    assert update_["v1-update"].json["data"]["updateMask"] == {"fieldPaths": ["m", "n"]}
    source = f"//firestore.googleapis.com/projects/{PROJECT}/databases/(default)"
    assert {each.attributes["source"] for each in update_.values() if not each.is_v1} == {source}
    auth = [events[name]["auth"].attributes for name in ("a document is created", "and by a guest")]
    assert [(each["authtype"], each["authid"]) for each in (update_["auth"].attributes, *auth)] == [
        ("app_user", "ana"),
        ("service_account", "firebase-adminsdk@local"),
        ("unauthenticated", ""),
    ]
    assert "authtype" not in update_["written"].attributes
    created = events["a document is created"]
    assert not created["created"].data.update_mask
    assert created["v1-create"].json["data"]["updateMask"] == {}
    committed = created["v1-create"].json
    assert committed["context"]["timestamp"] == committed["data"]["value"]["updateTime"]
    assert (
        len({each.json["context"]["eventId"] if each.is_v1 else each.attributes["id"] for each in created.values()})
        == 1
    )
