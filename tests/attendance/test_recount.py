"""Recounting: whatever was broken is found, named and healed; what agrees is left alone."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from firewarden.testing import Database
from gather.attendance import recount
from gather.attendance.recount import find_drift, heal
from gather.attendance.store import settle_rsvp
from gather.transactions import Contended, run_transaction
from tests.support.events import NOW, assert_books_balance, event_document, ledger, rsvp_document

pytestmark = pytest.mark.emulator
T = TypeVar("T")


@pytest.fixture
def client(firestore: Database) -> Any:
    client = firestore.as_owner()
    client.document("events/e").set(event_document(maxAttendees=3, isWaitlistEnabled=True))
    for uid, party in (("ana", 2), ("ben", 1), ("cy", 1)):
        client.document("events/e/rsvps", uid).set(rsvp_document(uid, partySize=party))
        settle_rsvp(client, "e", uid, now=NOW)
    return client


def test_what_agrees_is_no_drift_and_nothing_is_written(client: Any) -> None:
    before = client.document("events/e").get().update_time
    for drift in (find_drift(client, "e", now=NOW), heal(client, "e", by="root", now=NOW)):
        assert drift is not None
        assert drift.is_none
    assert client.document("events/e").get().update_time == before
    assert list(client.collection("events/e/audit").stream()) == []


def test_there_is_nothing_to_count_at_a_missing_event(client: Any) -> None:
    assert find_drift(client, "nowhere", now=NOW) is None
    assert heal(client, "nowhere", by="root", now=NOW) is None


BROKEN: list[tuple[str, dict[str, dict[str, Any] | None], list[str]]] = [
    ("counts", {"events/e": {"attendingCount": 9, "waitlistCount": 9}}, []),
    ("no counts", {"events/e": {"attendingCount": "many"}}, []),
    ("an entry without an answer", {"events/e/seats/zoe": {"seats": 1, "state": "admitted", "since": NOW}}, ["zoe"]),
    ("an answer without an entry", {"events/e/seats/ben": None}, ["ben"]),
    ("seats that nobody asked for", {"events/e/seats/ana": {"seats": 9}}, ["ana"]),
    ("an answer that shows something else", {"events/e/rsvps/ben": {"seatState": "declined"}}, ["ben"]),
    ("a damaged entry", {"events/e/seats/zoe": {"seats": "two"}, "events/e": {"attendingCount": 5}}, []),
]


@pytest.mark.parametrize(("writes", "people"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_whatever_is_broken_is_found_and_healed(
    client: Any, writes: dict[str, dict[str, Any] | None], people: list[str]
) -> None:
    for path, fields in writes.items():
        if fields is None:
            client.document(path).delete()
        else:
            client.document(path).set(fields, merge=True)
    found = find_drift(client, "e", now=NOW)
    assert found is not None
    assert not found.is_none
    assert {uid for uid, _ in found.people} >= set(people)
    assert heal(client, "e", by="root", now=NOW) == found
    assert_books_balance(client, "e")
    assert "zoe" not in ledger(client, "e")
    again = find_drift(client, "e", now=NOW)
    assert again is not None
    assert again.is_none
    (audit,) = client.collection("events/e/audit").stream()
    assert (audit.get("kind"), audit.get("actor"), audit.get("people")) == (
        "seats.recounted",
        "root",
        len(found.people),
    )


def test_nothing_is_left_below_an_event_that_is_deleted_meanwhile(client: Any) -> None:
    client.document("events/e").update({"attendingCount": 9})

    def transact(client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
        if getattr(body, "func", None) is recount._audit:
            client.document("events/e").delete()
        return run_transaction(client, body, contend_on=contend_on)

    heal(client, "e", by="root", now=NOW, transact=transact)
    assert not client.document("events/e").get().exists
    assert list(client.collection("events/e/audit").stream()) == []
