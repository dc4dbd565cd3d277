"""Offers in Firestore: made, taken, declined, expired, taken back; and seats given over capacity."""

from datetime import timedelta
from typing import Any

import pytest
from google.cloud import firestore as sdk

from gather.attendance.model import Status
from gather.attendance.offers import admit_over_capacity, answer_offer
from gather.attendance.store import settle_event, settle_everyone, settle_rsvp
from gather.attendance.write import RsvpRefusedError, put_rsvp
from gather.events.model import Viewer
from tests.support.events import NOW, assert_books_balance, event_document, rsvp_document

pytestmark = pytest.mark.emulator
PAID = {"isPaid": True, "priceCents": 500, "currency": "EUR", "isWaitlistEnabled": True}
HOUR = timedelta(hours=1)


def given(client: Any, *line: str, seats: int = 1, **fields: Any) -> None:
    """A paid event whose seats are all taken, and people in line who asked a minute after each other."""
    counts = {"maxAttendees": seats, "attendingCount": seats, "waitlistCount": len(line)}
    client.document("events/e").set(event_document(**PAID, **counts) | fields)
    client.document("events/e/rsvps/xena").set(rsvp_document("xena", seatState="admitted", partySize=seats))
    seat = {"seats": seats, "state": "admitted", "since": NOW, "source": "rsvp", "partySize": seats}
    client.document("events/e/seats/xena").set(seat)
    for minute, uid in enumerate(line):
        since = NOW - HOUR + timedelta(minutes=minute)
        waiting = {"waitlisted": True, "waitlistedAt": since, "seatState": "waitlisted"}
        client.document("events/e/rsvps", uid).set(rsvp_document(uid, "maybe", **waiting))
        client.document("events/e/seats", uid).set(
            {"seats": 1, "state": "waitlisted", "since": since, "source": "rsvp"}
        )


def leave(client: Any, uid: str = "xena") -> None:
    client.document("events/e/rsvps", uid).delete()
    settle_rsvp(client, "e", uid, now=NOW)


def states(client: Any) -> dict[str, str]:
    return {uid: seat["state"] for uid, seat in assert_books_balance(client, "e").items()}


def shown(client: Any, uid: str) -> dict[str, Any]:
    found = client.document("events/e/rsvps", uid).get().to_dict()
    return {name: found[name] for name in ("status", "seatState", "waitlisted", "offerExpiresAt") if name in found}


def answer(client: Any, uid: str, *, accepts: bool, now: Any = NOW) -> Any:
    viewer = Viewer(uid, "member")
    return answer_offer(client, "e", uid, accepts=accepts, viewer_of=lambda *_: viewer, now=now)


def test_who_is_next_in_line_is_offered_the_seat_until_tomorrow(client: Any) -> None:
    given(client, "ana", "ben")
    leave(client)
    assert states(client) == {"ana": "held", "ben": "waitlisted"}
    offer = {"status": "maybe", "seatState": "held", "waitlisted": True, "offerExpiresAt": NOW + 24 * HOUR}
    assert shown(client, "ana") == offer


def test_accepting_says_going_and_asks_for_payment(client: Any) -> None:
    given(client, "ana")
    leave(client)
    written = answer(client, "ana", accepts=True)
    assert (written.document["status"], written.document["paymentStatus"]) == ("going", "required")
    stored = client.document("events/e/rsvps/ana").get().to_dict()
    assert (stored["status"], stored["requiresPayment"], stored["seatState"]) == ("going", True, "held")
    assert [entry["changedBy"] for entry in stored["statusHistory"]] == ["ana", "ana"]
    assert states(client) == {"ana": "held"}
    answer(client, "ana", accepts=True)
    assert client.document("events/e/rsvps/ana").get().to_dict() == stored, "saying yes again changes nothing"


def test_a_going_written_straight_to_firestore_or_put_over_http_accepts_as_well(client: Any) -> None:
    given(client, "ana", "ben", seats=2)
    leave(client)
    client.document("events/e/rsvps/ana").update({"status": "going"})
    settle_rsvp(client, "e", "ana", now=NOW)
    viewer = Viewer("ben", "member")
    put_rsvp(client, "e", "ben", status=Status.GOING, changes={}, viewer_of=lambda *_: viewer, now=NOW)
    for uid in ("ana", "ben"):
        assert shown(client, uid) == {"status": "going", "seatState": "held", "offerExpiresAt": NOW + 24 * HOUR}


def test_declining_passes_the_seat_on_at_once(client: Any) -> None:
    given(client, "ana", "ben")
    leave(client)
    answer(client, "ana", accepts=False)
    assert states(client) == {"ben": "held"}
    assert shown(client, "ana") == {"status": "not-going"}


def test_an_offer_that_expires_goes_to_the_next_and_is_not_made_again(client: Any) -> None:
    given(client, "ana", "ben")
    leave(client)
    later = NOW + 24 * HOUR
    assert settle_event(client, "e", now=later - timedelta(seconds=1)) == 0
    assert settle_event(client, "e", now=later) == 1
    assert states(client) == {"ben": "held"}
    assert shown(client, "ana") == {"status": "maybe", "seatState": "declined"}
    settle_event(client, "e", now=later + 24 * HOUR)
    assert states(client) == {}


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize("uid", ["ana", "ben", "xena", "nobody"])
def test_without_an_open_offer_there_is_nothing_to_answer(client: Any, uid: str, accepts: bool) -> None:
    given(client, "ana", "ben")
    now = NOW
    if uid == "ana":
        leave(client)
        now += 24 * HOUR  # too late
    before = states(client)
    with pytest.raises(RsvpRefusedError, match="invalid_transition"):
        answer(client, uid, accepts=accepts, now=now)
    assert states(client) == before


def test_a_canceled_event_takes_its_offers_back_and_one_that_takes_place_again_makes_them_again(client: Any) -> None:
    given(client, "ana", "ben")
    leave(client)
    client.document("events/e").update({"canceled": True})
    settle_event(client, "e", now=NOW)
    assert states(client) == {"ana": "waitlisted", "ben": "waitlisted"}
    assert shown(client, "ana") == {"status": "maybe", "seatState": "waitlisted", "waitlisted": True}
    with pytest.raises(RsvpRefusedError, match="event_canceled"):
        answer(client, "ana", accepts=True)
    client.document("events/e").update({"canceled": False})
    settle_event(client, "e", now=NOW)
    assert states(client) == {"ana": "held", "ben": "waitlisted"}


def test_an_event_that_becomes_free_admits_who_had_an_offer(client: Any) -> None:
    given(client, "ana", "ben")
    leave(client)
    client.document("events/e").update({"isPaid": False})
    settle_everyone(client, "e", now=NOW)
    settle_event(client, "e", now=NOW)
    assert states(client) == {"ana": "admitted", "ben": "waitlisted"}
    assert shown(client, "ana") == {"status": "going", "seatState": "admitted"}


def test_more_seats_are_offered_and_fewer_take_no_offer_back(client: Any) -> None:
    given(client, "ana", "ben", "cy")
    client.document("events/e").update({"maxAttendees": 3})
    assert settle_event(client, "e", now=NOW) == 2
    client.document("events/e").update({"maxAttendees": 1})
    settle_event(client, "e", now=NOW)
    found = {found.id: found.get("state") for found in client.collection("events/e/seats").stream()}
    assert found == {"xena": "admitted", "ana": "held", "ben": "held", "cy": "waitlisted"}


def test_the_hold_of_a_checkout_does_not_expire_by_itself(client: Any) -> None:
    given(client)
    hold = {"seats": 1, "state": "held", "since": NOW, "source": "payment", "expiresAt": NOW - HOUR}
    client.document("events/e/seats/xena").set(hold)
    settle_event(client, "e", now=NOW)
    assert states(client) == {"xena": "held"}


# --- Over capacity ---------------------------------------------------------------------------------------------


def admit(client: Any, uid: str) -> Any:
    viewer = Viewer("root", "admin")
    return admit_over_capacity(client, "e", uid, by="root", viewer_of=lambda *_: viewer, now=NOW)


def test_an_admin_seats_somebody_in_a_full_event_and_the_trail_says_so(client: Any) -> None:
    given(client, "ana", "ben", isPaid=False)
    admit(client, "ben")
    seats = {found.id: found.to_dict() for found in client.collection("events/e/seats").stream()}
    assert (seats["ben"]["state"], seats["ben"]["admitOverCapacity"]) == ("admitted", True)
    assert seats["ana"]["state"] == "waitlisted"
    assert client.document("events/e").get().get("attendingCount") == 2
    (audit,) = client.collection("events/e/audit").stream()
    assert {name: audit.get(name) for name in ("kind", "uid", "actor")} == {
        "kind": "seat.over_capacity",
        "uid": "ben",
        "actor": "root",
    }
    leave(client)
    assert states(client) == {"ana": "waitlisted", "ben": "admitted"}, "one over capacity takes the seat that came free"


@pytest.mark.parametrize(
    ("uid", "fields", "code"),
    [
        ("nobody", {}, "rsvp_not_found"),
        ("ana", {"canceled": True}, "event_canceled"),
        ("ana", {"lastEndAt": NOW - HOUR, "startAt": NOW - 2 * HOUR}, "event_past"),
    ],
)
def test_what_cannot_be_admitted_is_refused(client: Any, uid: str, fields: dict[str, Any], code: str) -> None:
    given(client, "ana", isPaid=False, **fields)
    with pytest.raises(RsvpRefusedError, match=code):
        admit(client, uid)


def test_not_even_an_admin_seats_whom_somebody_has_blocked(client: Any) -> None:
    given(client, "ana", isPaid=False)
    client.document("users/ana").set({"blockedFromRsvp": True})
    with pytest.raises(RsvpRefusedError, match="blocked_from_rsvp"):
        admit(client, "ana")
    client.document("users/ana").set({"blockedFromRsvp": sdk.DELETE_FIELD}, merge=True)
    admit(client, "ana")
