"""A server on a virtual clock: commits, rules, transactions and locks, time to live, and the clock over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import Aborted, InvalidArgument, PermissionDenied

from firewarden import Firestore
from firewarden.server.events import DocumentEvent, telling
from firewarden.testing import VirtualClock

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /doors/{id} { allow read: if request.time < timestamp.date(2026, 5, 2); }
  }
}
"""


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
def db(clock: VirtualClock, tmp_path: Path) -> Iterator[Firestore]:
    """A database where holds live until `expiresAt`."""
    override = {"collectionGroup": "holds", "fieldPath": "expiresAt", "ttl": True, "indexes": []}
    file = tmp_path / "firestore.indexes.json"
    file.write_text(json.dumps({"fieldOverrides": [override]}))
    with Firestore(rules=RULES, indexes=file, clock=clock) as firestore:
        yield firestore


def test_commits_are_at_the_clocks_time_and_still_one_after_the_other(db: Firestore, clock: VirtualClock) -> None:
    note = db.as_owner().document("notes/n1")
    first, second = note.set({"n": 1}).update_time, note.set({"n": 2}).update_time
    assert first == NOON
    assert second == NOON + timedelta(microseconds=1)
    clock.advance(hours=1)
    assert note.set({"n": 3}).update_time == NOON + timedelta(hours=1)


def test_rules_see_the_clocks_time(db: Firestore, clock: VirtualClock) -> None:
    door = db.as_guest().document("doors/front")
    assert not door.get().exists
    clock.set(datetime(2026, 5, 2, tzinfo=UTC))
    with pytest.raises(PermissionDenied):
        door.get()


def test_the_past_can_be_read_for_an_hour_of_the_clock(db: Firestore, clock: VirtualClock) -> None:
    note = db.as_owner().document("notes/n1")
    note.set({"n": 1})
    clock.advance(minutes=30)
    note.set({"n": 2})
    assert note.get(read_time=NOON + timedelta(minutes=1)).get("n") == 1
    clock.advance(minutes=45)
    with pytest.raises(Exception, match="too old"):
        note.get(read_time=NOON + timedelta(minutes=1))


def test_a_transaction_expires_by_the_clock(db: Firestore, clock: VirtualClock) -> None:
    client = db.as_owner()
    transaction = client.transaction()
    transaction._begin()
    client.document("notes/n1").get(transaction=transaction)
    clock.advance(seconds=61)
    with pytest.raises(InvalidArgument):
        transaction._commit()


def test_a_lock_is_waited_for_by_the_clock(db: Firestore, clock: VirtualClock) -> None:
    client = db.as_owner()
    transaction = client.transaction()
    transaction._begin()
    client.document("notes/n1").get(transaction=transaction)
    outcome: list[Any] = []

    def write() -> None:
        try:
            outcome.append(db.as_owner().document("notes/n1").set({"n": 1}))
        except Aborted as aborted:
            outcome.append(aborted)

    thread = threading.Thread(target=write)
    thread.start()
    while not outcome and thread.is_alive():  # as soon as it waits, three seconds are too many
        clock.advance(seconds=3)
        thread.join(0.01)
    thread.join(30)
    assert isinstance(outcome[0], Aborted)


def test_what_has_expired_is_deleted_and_told_as_done_by_the_system(db: Firestore, clock: VirtualClock) -> None:
    told: list[DocumentEvent] = []
    client = db.as_owner()
    for path, value in {
        "holds/soon": NOON + timedelta(hours=1),
        "events/e1/holds/soon": NOON + timedelta(hours=1),
        "holds/later": NOON + timedelta(hours=2),
        "holds/never": "2026-05-01T13:00:00Z",
        "other/soon": NOON + timedelta(hours=1),
    }.items():
        client.document(path).set({"expiresAt": value})
    clock.advance(minutes=59)
    assert len(db.stored_in("holds")) == 3
    with db.telling(telling(told.append)):
        clock.advance(minutes=1)
    assert sorted(db.stored_in("holds")) == ["later", "never"]
    assert db.stored_in("events/e1/holds") == {}
    assert list(db.stored_in("other")) == ["soon"]
    assert sorted((each.path, each.exists, each.auth) for each in told) == [
        ("events/e1/holds/soon", False, ("system", "")),
        ("holds/soon", False, ("system", "")),
    ]


def test_what_a_transaction_has_read_is_deleted_when_that_is_over(db: Firestore, clock: VirtualClock) -> None:
    client = db.as_owner()
    client.document("holds/soon").set({"expiresAt": NOON + timedelta(seconds=10)})
    transaction = client.transaction()
    transaction._begin()
    client.document("holds/soon").get(transaction=transaction)
    clock.advance(seconds=11)
    assert list(db.stored_in("holds")) == ["soon"]
    transaction._rollback()
    clock.advance(seconds=1)
    assert db.stored_in("holds") == {}


def test_without_a_virtual_clock_what_has_expired_is_deleted_when_asked_for(tmp_path: Path) -> None:
    override = {"collectionGroup": "holds", "fieldPath": "expiresAt", "ttl": True, "indexes": []}
    file = tmp_path / "firestore.indexes.json"
    file.write_text(json.dumps({"fieldOverrides": [override]}))
    with Firestore(indexes=file) as db:
        db.as_owner().document("holds/old").set({"expiresAt": NOON - timedelta(days=365)})
        db.delete_expired()
        assert db.stored_in("holds") == {}


def test_the_clock_is_told_and_moved_over_http(db: Firestore, clock: VirtualClock) -> None:
    address = f"http://{db.serve()}/emulator/v1/clock"
    with httpx.Client(trust_env=False) as http:
        assert http.get(address).json() == {"time": "2026-05-01T12:00:00.000000Z", "isVirtual": True}
        moved = http.post(f"{address}:advance", json={"seconds": 90})
        assert moved.json()["time"] == "2026-05-01T12:01:30.000000Z"
        moved = http.put(address, json={"time": "2026-05-01T13:00:00Z"})
        assert moved.json()["time"] == "2026-05-01T13:00:00.000000Z"
        assert clock.now() == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("PUT", "", {"time": "2026-05-01T11:00:00Z"}, "does not go back"),
        ("PUT", "", {"time": "2026-05-01T13:00:00"}, "no timezone"),
        ("PUT", "", {"time": "noon"}, "must be a time"),
        ("PUT", "", {}, "The body must be {time}"),
        ("POST", ":advance", {"seconds": -1}, "does not go back"),
        ("POST", ":advance", {"seconds": "1"}, "must be a number"),
        ("POST", ":advance", {"seconds": 1e20}, "."),
    ],
)
def test_a_move_that_cannot_be_is_refused(db: Firestore, method: str, path: str, body: Any, problem: str) -> None:
    answer = httpx.request(method, f"http://{db.serve()}/emulator/v1/clock{path}", json=body, trust_env=False)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]["message"]


def test_nobody_moves_the_systems_clock() -> None:
    with Firestore() as db:
        address = f"http://{db.serve()}/emulator/v1/clock"
        assert httpx.get(address, trust_env=False).json()["isVirtual"] is False
        answer = httpx.post(f"{address}:advance", json={"seconds": 1}, trust_env=False)
        assert answer.status_code == 400
        assert "--clock" in answer.json()["error"]["message"]
