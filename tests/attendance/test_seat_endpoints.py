"""Seats over HTTP: offers answered, people seated over capacity, and counts healed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import SignIn
from tests.support.events import NOW, assert_books_balance, given_event, rsvp_document
from tests.support.refusals import refusal

pytestmark = pytest.mark.emulator


@pytest.fixture
def post(http: FlaskClient, signed_in: SignIn) -> Callable[..., Any]:
    def send(path: str, uid: str = "ana", role: str | None = "member") -> Any:
        return http.post(f"/events/e/{path}", headers=signed_in(uid, **({"role": role} if role else {})))

    return send


def given_offer(client: Any, **fields: Any) -> None:
    """ana has been offered the one seat of a paid event; ben is next."""
    paid = {"isPaid": True, "priceCents": 500, "currency": "EUR", "isWaitlistEnabled": True, "maxAttendees": 1}
    event: dict[str, Any] = {**paid, "attendingCount": 1, "waitlistCount": 1, **fields}
    given_event(client, **event)
    for uid, state in (("ana", "held"), ("ben", "waitlisted")):
        offer = {"expiresAt": NOW + timedelta(hours=1)} if state == "held" else {}
        shown = {"waitlisted": True, "waitlistedAt": NOW, "seatState": state}
        client.document("events/e/rsvps", uid).set(rsvp_document(uid, "maybe", **shown))
        client.document("events/e/seats", uid).set({"seats": 1, "state": state, "since": NOW, "source": "rsvp"} | offer)


def test_an_offer_is_accepted_and_says_until_when_it_is_to_be_paid(client: Any, post: Any) -> None:
    given_offer(client)
    answer = post("rsvp/accept").get_json()
    assert answer["rsvp"]["status"] == "going"
    assert (answer["rsvp"]["seatState"], answer["rsvp"]["paymentStatus"]) == ("held", "required")
    assert answer["rsvp"]["offerExpiresAt"] == (NOW + timedelta(hours=1)).isoformat()


def test_an_offer_is_declined_and_passed_on(client: Any, post: Any) -> None:
    given_offer(client)
    assert post("rsvp/decline").get_json()["rsvp"]["status"] == "not-going"
    assert {uid: seat["state"] for uid, seat in assert_books_balance(client, "e").items()} == {"ben": "held"}


@pytest.mark.parametrize("path", ["rsvp/accept", "rsvp/decline"])
@pytest.mark.parametrize(
    ("uid", "role", "fields", "expected"),
    [
        ("ben", "member", {}, (409, "invalid_transition")),
        ("cy", "member", {}, (409, "invalid_transition")),
        ("cy", "member", {"visibility": "private"}, (404, "event_not_found")),
    ],
)
def test_without_an_offer_there_is_nothing_to_answer(
    client: Any, post: Any, path: str, uid: str, role: str, fields: dict[str, Any], expected: tuple[int, str]
) -> None:
    given_offer(client, **fields)
    assert refusal(post(path, uid, role)) == expected


def test_an_offer_of_an_event_one_no_longer_sees_can_only_be_declined(client: Any, post: Any) -> None:
    given_offer(client, visibility="private")
    assert refusal(post("rsvp/accept")) == (404, "event_not_found")
    assert "attendingCount" not in post("rsvp/decline").get_json()


def test_admins_and_nobody_else_seat_people_over_capacity(client: Any, post: Any) -> None:
    given_offer(client)
    assert refusal(post("rsvps/ben/admit", "cleo")) == (403, "forbidden")
    assert refusal(post("rsvps/zoe/admit", "root", "admin")) == (404, "rsvp_not_found")
    assert refusal(post("rsvps/../admit", "root", "admin")) in {(404, "rsvp_not_found"), (404, "not_found")}
    answer = post("rsvps/ben/admit", "root", "admin").get_json()
    assert (answer["rsvp"]["uid"], answer["rsvp"]["seatState"], answer["attendingCount"]) == ("ben", "admitted", 2)


def test_admins_recount_and_heal(client: Any, post: Any) -> None:
    given_offer(client, attendingCount=7)
    assert refusal(post("recount", "cleo")) == (403, "forbidden")
    found = post("recount", "root", "admin").get_json()
    assert (found["stored"], found["ledger"]) == ([7, 1], [1, 1])
    assert client.document("events/e").get().get("attendingCount") == 7
    post("recount?heal=1", "root", "admin")
    assert_books_balance(client, "e")
    client.document("events/e").delete()
    assert refusal(post("recount", "root", "admin")) == (404, "event_not_found")
