"""The sweep of seats: what time has ended, what crashes have left, and counts that drifted."""

from datetime import timedelta
from typing import Any

import pytest

from gather.attendance import sweep as module
from gather.attendance.pace import BURST
from gather.attendance.pending import settle_or_mark
from gather.attendance.store import settle_event
from gather.attendance.sweep import sweep
from gather.attendance.triggers import sweep_seats
from gather.events.store import delete_below, reconcile_event
from gather.runtime import Runtime, installed
from tests.support.clocks import Clock
from tests.support.events import NOW, assert_books_balance, event_document, rsvp_document

pytestmark = pytest.mark.emulator
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW + timedelta(minutes=5))


def given_offer(client: Any, event_id: str, uid: str, **seat: Any) -> None:
    event = event_document(isPaid=True, priceCents=500, currency="EUR", isWaitlistEnabled=True, maxAttendees=1)
    client.document("events", event_id).set(event | {"attendingCount": 1, "waitlistCount": 1})
    rsvps, seats = (client.collection("events", event_id, name) for name in ("rsvps", "seats"))
    shown = {"waitlisted": True, "waitlistedAt": NOW, "seatState": "held", "offerExpiresAt": NOW}
    rsvps.document(uid).set(rsvp_document(uid, "maybe", **shown))
    entry = {"seats": 1, "since": NOW, "source": "rsvp"}
    seats.document(uid).set(entry | {"state": "held", "expiresAt": NOW} | seat)
    rsvps.document("next").set(rsvp_document("next", "maybe", waitlisted=True, waitlistedAt=NOW))
    seats.document("next").set(entry | {"state": "waitlisted"})


def states(client: Any, event_id: str) -> dict[str, str]:
    return {uid: seat["state"] for uid, seat in assert_books_balance(client, event_id).items()}


def test_offers_of_all_events_end_in_time_and_not_before(client: Any, runtime: Runtime) -> None:
    given_offer(client, "one", "ana")
    given_offer(client, "two", "ben")
    given_offer(client, "open", "cy", expiresAt=NOW + HOUR)
    given_offer(client, "checkout", "dan", source="payment")
    with installed(runtime):
        sweep_seats.__wrapped__(None)  # type: ignore[attr-defined]  # functools.wraps sets it
    assert states(client, "one") == states(client, "two") == {"next": "held"}
    assert states(client, "open") == {"cy": "held", "next": "waitlisted"}
    assert states(client, "checkout") == {"dan": "held", "next": "waitlisted"}


def test_what_was_marked_long_ago_is_settled_and_what_is_new_is_left(
    client: Any, runtime: Runtime, clock: Clock
) -> None:
    client.document("events/e").set(event_document(busyUntil=NOW + BURST))
    client.document("events/e/rsvps/ana").set(rsvp_document("ana"))
    assert settle_or_mark(client, "e", "ana", now=NOW)
    clock.time = NOW
    sweep(runtime)
    assert assert_books_balance(client, "e") == {}
    clock.advance(minutes=5)
    sweep(runtime)
    assert states(client, "e") == {"ana": "admitted"}


def test_an_announcement_that_was_left_is_carried_on(client: Any, runtime: Runtime, clock: Clock) -> None:
    client.document("events/e").set(event_document())
    client.document("events/e/rsvps/ana").set(rsvp_document("ana"))
    reconcile_event(client, "e", now=NOW)
    client.document("events/e").update({"canceled": True})
    reconcile_event(client, "e", now=NOW)
    clock.advance(minutes=5)
    sweep(runtime)
    assert [found.get("to") for found in client.collection("mail").stream()] == ["ana"]


def test_a_deletion_too_large_for_one_delivery_is_gone_on_with(
    client: Any, runtime: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gather.events import store  # noqa: PLC0415  # patched here only

    monkeypatch.setattr(store, "DELETE_PAGE", 2)
    for number in range(9):
        client.document(f"events/e/rsvps/guest{number}").set(rsvp_document(f"guest{number}"))
    assert delete_below(client, "e", pages_max=2) == 4
    assert client.document("deletions/e").get().exists
    clock.advance(minutes=5)
    sweep(runtime)
    assert list(client.collection("events/e/rsvps").stream()) == []
    assert not client.document("deletions/e").get().exists


def test_counts_that_drifted_are_healed_in_turn(client: Any, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECOUNTED", 2)
    for number in range(5):
        end = NOW + timedelta(days=2 + number)
        client.document(f"events/e{number}").set(event_document(attendingCount=7, lastEndAt=end))
    for _ in range(3):
        sweep(runtime)
    assert {event.get("attendingCount") for event in client.collection("events").stream()} == {0}


def test_room_that_a_recount_finds_is_given_to_the_line(client: Any, runtime: Runtime) -> None:
    client.document("events/e").set(
        event_document(maxAttendees=1, attendingCount=1, waitlistCount=1, isWaitlistEnabled=True)
    )
    client.document("events/e/rsvps/ana").set(rsvp_document("ana", "maybe", waitlisted=True, waitlistedAt=NOW))
    client.document("events/e/seats/ana").set({"seats": 1, "state": "waitlisted", "since": NOW, "source": "rsvp"})
    sweep(runtime)
    assert states(client, "e") == {"ana": "admitted"}


def test_one_event_that_fails_stops_no_other(client: Any, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    given_offer(client, "bad", "ana")
    given_offer(client, "good", "ben")

    def failing(client: Any, event_id: str, **options: Any) -> int:
        if event_id == "bad":
            raise ConnectionError("no answer")
        return settle_event(client, event_id, **options)

    monkeypatch.setattr(module, "settle_event", failing)
    with pytest.raises(ExceptionGroup, match="the sweep of seats is not whole"):
        sweep(runtime)
    assert states(client, "good") == {"next": "held"}
