"""Settling in Firestore: what a direct write leads to, and that repeating any of it changes nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from google.cloud import firestore as sdk

from gather.attendance.store import settle_event, settle_everyone, settle_rsvp
from gather.transactions import Contended, run_transaction
from tests.support.events import NOW, assert_books_balance, given_event, ledger, rsvp_document

pytestmark = pytest.mark.emulator


def write_rsvp(client: Any, uid: str, status: str = "going", **fields: Any) -> None:
    client.document("events/e/rsvps", uid).set(rsvp_document(uid, status, **fields))


def settle(client: Any, uid: str, **options: Any) -> Any:
    return settle_rsvp(client, "e", uid, now=NOW, **options)


def rsvp_of(client: Any, uid: str) -> dict[str, Any]:
    found: dict[str, Any] = client.document("events/e/rsvps", uid).get().to_dict()
    return found


def test_a_going_is_admitted_and_shown_so(client: Any) -> None:
    given_event(client, maxAttendees=5)
    write_rsvp(client, "ana", partySize=2, kids=1, notes="by the window")
    settle(client, "ana")
    seats = assert_books_balance(client, "e")
    assert (seats["ana"]["seats"], seats["ana"]["state"]) == (3, "admitted")
    after = rsvp_of(client, "ana")
    assert (after["status"], after["seatState"], after["notes"]) == ("going", "admitted", "by the window")
    assert len(after["statusHistory"]) == 1


def test_a_full_event_with_a_waitlist_puts_one_in_line_by_the_time_of_the_write(client: Any) -> None:
    given_event(client, maxAttendees=1, attendingCount=1, isWaitlistEnabled=True)
    client.document("events/e/seats/ben").set({"seats": 1, "state": "admitted", "since": NOW, "source": "rsvp"})
    write_rsvp(client, "ana")
    settle(client, "ana")
    after = rsvp_of(client, "ana")
    assert (after["status"], after["waitlisted"], after["seatState"]) == ("maybe", True, "waitlisted")
    assert [(entry["status"], entry["changedBy"]) for entry in after["statusHistory"]] == [
        ("going", "ana"),
        ("maybe", "system"),
    ]
    assert assert_books_balance(client, "e")["ana"]["since"] == after["waitlistedAt"]


def test_a_full_event_without_a_waitlist_declines(client: Any) -> None:
    given_event(client, maxAttendees=1)
    write_rsvp(client, "ana")
    write_rsvp(client, "ben")
    settle(client, "ana")
    settle(client, "ben")
    after = rsvp_of(client, "ben")
    assert (after["status"], after["seatState"]) == ("maybe", "declined")
    assert set(assert_books_balance(client, "e")) == {"ana"}


def test_one_who_leaves_makes_room_for_the_head_of_the_line(client: Any) -> None:
    given_event(client, maxAttendees=1, isWaitlistEnabled=True)
    for uid in ("ana", "ben", "dan"):
        write_rsvp(client, uid)
        settle(client, uid)
    client.document("events/e/rsvps/ana").delete()
    settle(client, "ana")
    seats = assert_books_balance(client, "e")
    assert {uid: seat["state"] for uid, seat in seats.items()} == {"ben": "admitted", "dan": "waitlisted"}
    after = rsvp_of(client, "ben")
    assert (after["status"], after["seatState"]) == ("going", "admitted")
    assert not {"waitlisted", "waitlistedAt"} & after.keys()
    assert [entry["changedBy"] for entry in after["statusHistory"]] == ["ben", "system", "system"]


@pytest.mark.parametrize(("policy", "expected"), [("strict", "waitlisted"), ("skip", "admitted")])
def test_the_waitlist_query_serves_by_policy(client: Any, policy: str, expected: str) -> None:
    given_event(client, maxAttendees=4, isWaitlistEnabled=True, waitlistPolicy=policy)
    for uid, party in (("ana", 3), ("stays", 1), ("big", 4), ("small", 2)):
        write_rsvp(client, uid, partySize=party)
        settle(client, uid)
    client.document("events/e/rsvps/ana").delete()
    settle(client, "ana")
    assert assert_books_balance(client, "e")["small"]["state"] == expected


def test_the_next_in_line_moves_up_when_the_head_of_the_line_leaves(client: Any) -> None:
    given_event(client, maxAttendees=2, isWaitlistEnabled=True)
    for uid, party in (("xena", 1), ("ana", 2), ("ben", 1)):
        write_rsvp(client, uid, partySize=party)
        settle(client, uid)
    client.document("events/e/rsvps/ana").delete()
    settle(client, "ana")
    assert {uid: seat["state"] for uid, seat in assert_books_balance(client, "e").items()} == {
        "xena": "admitted",
        "ben": "admitted",
    }


@pytest.mark.parametrize("damage", ["2", 0, -3, float("nan"), None, True])
def test_a_capacity_that_cannot_be_read_admits_nobody_more(client: Any, damage: Any) -> None:
    given_event(client, maxAttendees=1, isWaitlistEnabled=True)
    for uid in ("ana", "ben"):
        write_rsvp(client, uid)
        settle(client, uid)
    client.document("events/e").update({"maxAttendees": damage})
    assert settle_event(client, "e", now=NOW) == 0
    assert {uid: seat["state"] for uid, seat in ledger(client, "e").items()} == {"ana": "admitted", "ben": "waitlisted"}


def test_what_a_party_counts_for_can_change(client: Any) -> None:
    given_event(client, maxAttendees=4, isWaitlistEnabled=True, waitlistPolicy="skip")
    for uid in ("ana", "ben", "cy"):
        write_rsvp(client, uid, partySize=3)
        settle(client, uid)
    client.document("events/e").update({"countPartySize": False})
    settle_everyone(client, "e", now=NOW)
    settle_event(client, "e", now=NOW)
    assert {seat["seats"] for seat in assert_books_balance(client, "e").values() if seat["state"] == "admitted"} == {1}
    assert client.document("events/e").get().get("attendingCount") == 3
    client.document("events/e").update({"countPartySize": True})
    settle_everyone(client, "e", now=NOW)
    assert client.document("events/e").get().get("attendingCount") in {3, 4}
    assert_books_balance(client, "e")


def test_an_event_that_becomes_free_seats_who_is_going(client: Any) -> None:
    given_event(client, isPaid=True, priceCents=500, currency="EUR", maxAttendees=60)
    for number in range(55):
        write_rsvp(client, f"guest{number:02}")
    settle(client, "guest00")
    assert assert_books_balance(client, "e") == {}
    client.document("events/e").update({"isPaid": False})
    settle_everyone(client, "e", now=NOW)
    assert len(assert_books_balance(client, "e")) == 55


def test_a_predecessors_ledger_entry_holds_no_seat(client: Any) -> None:
    given_event(client, maxAttendees=1)
    write_rsvp(client, "ana")
    settle(client, "ana")
    client.document("events/e").delete()
    given_event(client, maxAttendees=1)
    write_rsvp(client, "ana")
    settle(client, "ana")
    created = client.document("events/e").get().create_time
    assert assert_books_balance(client, "e")["ana"]["eventCreatedAt"] == created


@pytest.mark.parametrize("damage", [{"seats": "two"}, {"since": "noon"}, {"state": "vip"}, {"seats": 0}])
def test_a_damaged_ledger_entry_is_given_anew(client: Any, damage: dict[str, Any]) -> None:
    given_event(client, maxAttendees=9)
    write_rsvp(client, "ana", partySize=2)
    settle(client, "ana")
    client.document("events/e/seats/ana").update(damage)
    settle(client, "ana")
    seat = ledger(client, "e")["ana"]
    assert (seat["seats"], seat["state"]) == (2, "admitted")


def test_a_waitlist_count_that_drifted_blocks_nobody(client: Any) -> None:
    given_event(client, maxAttendees=5, isWaitlistEnabled=True, waitlistCount=7)
    write_rsvp(client, "ana")
    settle(client, "ana")
    assert assert_books_balance(client, "e")["ana"]["state"] == "admitted"


@pytest.mark.parametrize("raised_to", [3, None])
def test_raised_capacity_is_given_to_the_line(client: Any, raised_to: int | None) -> None:
    given_event(client, maxAttendees=1, isWaitlistEnabled=True)
    for uid in ("ana", "ben", "dan"):
        write_rsvp(client, uid)
        settle(client, uid)
    client.document("events/e").update({"maxAttendees": raised_to or sdk.DELETE_FIELD})
    assert settle_event(client, "e", now=NOW) == 2
    assert {seat["state"] for seat in assert_books_balance(client, "e").values()} == {"admitted"}
    assert settle_event(client, "e", now=NOW) == 0


def test_a_party_that_grows_beyond_the_room_is_put_back_to_what_it_holds(client: Any) -> None:
    given_event(client, maxAttendees=4)
    write_rsvp(client, "ana", partySize=2, kids=1)
    settle(client, "ana")
    client.document("events/e/rsvps/ana").update({"partySize": 9, "kids": 0})
    settle(client, "ana")
    after = rsvp_of(client, "ana")
    assert (after["partySize"], after["kids"], after["seatState"]) == (2, 1, "admitted")
    assert_books_balance(client, "e")


@pytest.mark.parametrize(
    "closed", [{"canceled": True}, {"startAt": NOW - timedelta(days=2), "lastEndAt": NOW - timedelta(days=1)}]
)
def test_a_closed_event_admits_nobody(client: Any, closed: dict[str, Any]) -> None:
    given_event(client, isWaitlistEnabled=True, **closed)
    write_rsvp(client, "ana")
    settle(client, "ana")
    assert rsvp_of(client, "ana")["seatState"] == "declined"
    assert assert_books_balance(client, "e") == {}


def test_the_transaction_alone_keeps_the_count(client: Any) -> None:
    """Without the queue in memory, as between two instances, Firestore's locks are what is left, and are enough."""

    def unqueued(client: Any, body: Callable[[Any], Any], *, contend_on: Contended = None) -> Any:
        return run_transaction(client, body, deadline_s=60.0)

    given_event(client, maxAttendees=3, isWaitlistEnabled=True)
    crowd = ["ana", "ben", "dan", "eve"]
    for uid in crowd:
        write_rsvp(client, uid)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda uid: settle(client, uid, transact=unqueued), crowd))
    assert sum(seat["state"] == "admitted" for seat in assert_books_balance(client, "e").values()) == 3


def test_settling_again_writes_nothing(client: Any) -> None:
    given_event(client, maxAttendees=1, isWaitlistEnabled=True)
    for uid in ("ana", "ben"):
        write_rsvp(client, uid)
        settle(client, uid)
    paths = ["events/e", "events/e/rsvps/ana", "events/e/rsvps/ben", "events/e/seats/ana", "events/e/seats/ben"]
    before = [client.document(path).get().update_time for path in paths]
    for uid in ("ben", "ana", "ben"):
        settle(client, uid)
    assert [client.document(path).get().update_time for path in paths] == before


def test_a_vanished_event_takes_the_ledger_entry_along(client: Any) -> None:
    client.document("events/e/seats/ana").set({"seats": 1, "state": "admitted", "since": NOW, "source": "rsvp"})
    assert settle(client, "ana") is None
    assert not client.document("events/e/seats/ana").get().exists


@pytest.mark.parametrize(
    "damage", [{"attendingCount": "many"}, {"attendingCount": -3}, {"attendingCount": sdk.DELETE_FIELD}]
)
def test_damaged_counts_are_recounted_from_the_ledger(client: Any, damage: dict[str, Any]) -> None:
    given_event(client, maxAttendees=2)
    for uid in ("ana", "ben"):
        write_rsvp(client, uid)
        settle(client, uid)
    client.document("events/e").update(damage)
    write_rsvp(client, "dan")
    settle(client, "dan")
    assert set(assert_books_balance(client, "e")) == {"ana", "ben"}


def test_a_rewritten_history_is_restored_and_audited_once(client: Any) -> None:
    given_event(client)
    write_rsvp(client, "ana")
    before = client.document("events/e/rsvps/ana").get()
    forged = {"status": "going", "changedAt": NOW, "changedBy": "root"}
    client.document("events/e/rsvps/ana").update({"statusHistory": [forged]})
    for _ in range(2):
        settle(client, "ana", before=before, cause="event-1")
    history = rsvp_of(client, "ana")["statusHistory"]
    assert [entry["changedBy"] for entry in history] == ["ana", "root", "system"]
    (audit,) = client.collection("events/e/audit").get()
    assert (audit.id, audit.get("problem")) == ("history-ana-event-1", "earlier entries were changed or removed")
    assert audit.get("found")[0]["changedBy"] == "root"


def test_a_new_rsvp_owes_nothing_to_a_deleted_one(client: Any) -> None:
    given_event(client)
    write_rsvp(client, "ana", "maybe")
    before = client.document("events/e/rsvps/ana").get()
    client.document("events/e/rsvps/ana").delete()
    write_rsvp(client, "ana")
    settle(client, "ana", before=before)
    assert [entry["status"] for entry in rsvp_of(client, "ana")["statusHistory"]] == ["going"]


def test_malformed_rsvps_are_settled_by_their_defaults(client: Any) -> None:
    given_event(client, maxAttendees=2)
    client.document("events/e/rsvps/odd").set({"status": "going", "partySize": "two", "statusHistory": "x", "a.b": {}})
    client.document("events/e/rsvps/worse").set({"status": {"going": True}, "statusHistory": [1]})
    settle(client, "odd")
    settle(client, "worse")
    assert assert_books_balance(client, "e")["odd"]["seats"] == 1
    assert rsvp_of(client, "odd")["a.b"] == {}
    assert rsvp_of(client, "worse")["status"] == "not-going"
