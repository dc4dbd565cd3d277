"""`PUT|DELETE /events/{id}/rsvp`: who may, what becomes of it, and that a refusal changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from firewarden.testing import Database
from tests.support.events import NOW, assert_books_balance, event_document, ledger, rsvp_document

pytestmark = pytest.mark.emulator

SignedIn = Callable[..., dict[str, str]]
MEMBER = {"role": "member"}


@pytest.fixture
def client(firestore: Database) -> Any:
    return firestore.as_owner()


@pytest.fixture
def put(http: FlaskClient, signed_in: SignedIn) -> Callable[..., Any]:
    def send(uid: str = "ana", claims: dict[str, Any] | None = None, event: str = "e", **body: Any) -> Any:
        return http.put(
            f"/events/{event}/rsvp", json=body, headers=signed_in(uid, **(MEMBER if claims is None else claims))
        )

    return send


def given(client: Any, **fields: Any) -> None:
    client.document("events/e").set(event_document(**fields))


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.get_json()["error"]["code"]


def test_a_going_is_answered_when_it_is_settled(client: Any, put: Any) -> None:
    given(client, maxAttendees=5)
    response = put(status="going", partySize=2, notes="late")
    assert response.status_code == 200
    assert response.get_json() == {
        "rsvp": {"uid": "ana", "status": "going", "partySize": 2, "notes": "late", "seatState": "admitted"},
        "attendingCount": 2,
        "waitlistCount": 0,
    }
    stored = client.document("events/e/rsvps/ana").get().to_dict()
    assert [entry["changedBy"] for entry in stored["statusHistory"]] == ["ana"]
    assert_books_balance(client, "e")


def test_one_too_many_waits_in_line(client: Any, put: Any) -> None:
    given(client, maxAttendees=1, isWaitlistEnabled=True)
    put("ben", status="going")
    answer = put(status="going").get_json()
    assert (answer["rsvp"]["seatState"], answer["rsvp"]["status"], answer["waitlistCount"]) == (
        "waitlisted",
        "maybe",
        1,
    )
    assert_books_balance(client, "e")


def test_what_is_left_out_stays_and_only_a_change_of_status_is_history(client: Any, put: Any) -> None:
    given(client)
    put(status="going", partySize=3, notes="late")
    put(status="going", kids=1)
    put(status="not-going")
    stored = client.document("events/e/rsvps/ana").get().to_dict()
    assert (stored["partySize"], stored["kids"], stored["notes"]) == (3, 1, "late")
    assert [entry["status"] for entry in stored["statusHistory"]] == ["going", "not-going"]
    assert ledger(client, "e") == {}


def test_deleting_frees_the_seats_and_can_be_repeated(
    client: Any, put: Any, http: FlaskClient, signed_in: SignedIn
) -> None:
    given(client, maxAttendees=1, isWaitlistEnabled=True)
    put("ben", status="going")
    put("ana", status="going")
    for _ in range(2):
        assert http.delete("/api/events/e/rsvp", headers=signed_in("ben", **MEMBER)).status_code == 204
    assert {uid: seat["state"] for uid, seat in assert_books_balance(client, "e").items()} == {"ana": "admitted"}
    assert not client.document("events/e/rsvps/ben").get().exists


REFUSALS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[int, str]]] = [
    ("sold out", {"maxAttendees": 1, "attendingCount": 1}, {}, (409, "sold_out")),
    ("canceled", {"canceled": True}, {}, (409, "event_canceled")),
    ("past", {"startAt": NOW - timedelta(days=3), "lastEndAt": NOW - timedelta(days=2)}, {}, (409, "event_past")),
    ("no role", {}, {"claims": {}}, (403, "forbidden")),
    ("unreadable", {"visibility": "private"}, {}, (404, "event_not_found")),
    ("draft", {"published": False}, {}, (404, "event_not_found")),
    ("no such event", {}, {"event": "nowhere"}, (404, "event_not_found")),
]


@pytest.mark.parametrize(
    ("fields", "request_", "expected"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_a_refusal_changes_nothing(
    client: Any, put: Any, fields: dict[str, Any], request_: dict[str, Any], expected: tuple[int, str]
) -> None:
    given(client, **fields)
    before = client.document("events/e").get().update_time
    assert code_of(put(status="going", **request_)) == expected
    assert client.document("events/e").get().update_time == before
    assert not client.document("events/e/rsvps/ana").get().exists
    assert ledger(client, "e") == {}


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("users/ana", {"blockedFromRsvp": True}),
        ("users/cleo/blocks/ana", {"createdAt": NOW}),
        ("users/ana/blocks/cleo", {"createdAt": NOW}),
    ],
)
def test_blocking_works_in_every_direction(client: Any, put: Any, path: str, fields: dict[str, Any]) -> None:
    given(client)
    client.document(path).set(fields)
    assert code_of(put(status="going")) == (403, "blocked_from_rsvp")


def test_an_invited_guest_may_attend_a_private_event(client: Any, put: Any) -> None:
    given(client, visibility="private", invitedUsers=["ana"])
    assert put(claims={}, status="going").status_code == 200


def test_leaving_a_canceled_event_is_possible(client: Any, put: Any) -> None:
    given(client, canceled=True, attendingCount=1)
    client.document("events/e/rsvps/ana").set(rsvp_document("ana"))
    client.document("events/e/seats/ana").set({"seats": 1, "state": "admitted", "since": NOW, "source": "rsvp"})
    assert put(status="not-going").status_code == 200
    assert assert_books_balance(client, "e") == {}


def test_a_party_beyond_the_room_is_refused_and_keeps_its_seats(client: Any, put: Any) -> None:
    given(client, maxAttendees=3)
    put(status="going", partySize=2)
    assert code_of(put(status="going", partySize=4)) == (409, "capacity_exceeded")
    assert client.document("events/e/rsvps/ana").get().get("partySize") == 2
    assert assert_books_balance(client, "e")["ana"]["seats"] == 2


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["status"]),
        (
            {"status": "perhaps", "partySize": 0, "kids": -1, "notes": "x" * 2_001},
            ["status", "partySize", "kids", "notes"],
        ),
        ({"status": "going", "partySize": "2"}, ["partySize"]),
        ({"status": "going", "waitlisted": True}, ["waitlisted"]),
    ],
)
def test_all_faults_of_a_body_are_named_at_once(client: Any, put: Any, body: dict[str, Any], fields: list[str]) -> None:
    given(client)
    response = put(**body)
    assert code_of(response) == (422, "validation_failed")
    assert [detail["field"] for detail in response.get_json()["error"]["details"]] == fields


def test_older_names_are_understood(client: Any, put: Any) -> None:
    given(client)
    assert put(status="going", adults=2).get_json()["rsvp"]["partySize"] == 2
    assert put(status="not_going").get_json()["rsvp"]["status"] == "not-going"


def test_a_guest_is_asked_to_sign_in(client: Any, http: FlaskClient) -> None:
    given(client)
    response = http.put("/events/e/rsvp", json={"status": "going"})
    assert code_of(response) == (401, "not_signed_in")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_asking_again_while_in_line_changes_nothing(client: Any, put: Any) -> None:
    given(client, maxAttendees=1, isWaitlistEnabled=True)
    put("ben", status="going")
    answers = [put(status="going").get_json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(client.document("events/e/rsvps/ana").get().get("statusHistory")) == 2


def test_one_may_step_down_from_the_line(client: Any, put: Any) -> None:
    given(client, maxAttendees=1, isWaitlistEnabled=True)
    put("ben", status="going")
    put(status="going")
    answer = put(status="maybe").get_json()
    assert answer == {"rsvp": {"uid": "ana", "status": "maybe"}, "attendingCount": 1, "waitlistCount": 0}
    put("ben", status="not-going")
    assert assert_books_balance(client, "e") == {}


def test_a_full_history_takes_no_change_but_leaving(client: Any, put: Any) -> None:
    given(client)
    entry = {"status": "going", "changedAt": NOW, "changedBy": "ana"}
    client.document("events/e/rsvps/ana").set(rsvp_document("ana", statusHistory=[entry] * 200))
    assert code_of(put(status="maybe")) == (409, "invalid_transition")
    assert put(status="not-going").status_code == 200


def test_who_may_not_see_the_event_leaves_without_learning_its_counts(client: Any, put: Any) -> None:
    given(client, visibility="private")
    client.document("events/e/rsvps/ana").set(rsvp_document("ana"))
    assert put(status="not-going").get_json() == {"rsvp": {"uid": "ana", "status": "not-going"}}


@pytest.mark.parametrize("event", ["__x__", ".", "..", "%2e", "x" * 1_501])
def test_an_id_that_none_can_have_is_not_found(http: FlaskClient, signed_in: SignedIn, event: str) -> None:
    for method in ("PUT", "DELETE"):
        response = http.open(f"/events/{event}/rsvp", method=method, json={"status": "going"}, headers=signed_in("ana"))
        assert response.status_code == 404


def test_a_malformed_role_is_none(client: Any, put: Any) -> None:
    given(client)
    assert code_of(put(claims={"role": ["member"]}, status="going")) == (403, "forbidden")


def test_a_body_that_is_too_large_is_refused_also_without_a_length(
    client: Any, http: FlaskClient, signed_in: SignedIn
) -> None:
    given(client)
    body = b'{"status": "going", "notes": "' + b"x" * 70_000 + b'"}'
    response = http.put("/events/e/rsvp", data=body, headers=signed_in("ana", **MEMBER))
    assert code_of(response) == (413, "payload_too_large")


# --- Offers, and seats over capacity ---------------------------------------------------------------------------


@pytest.fixture
def post(http: FlaskClient, signed_in: SignedIn) -> Callable[..., Any]:
    def send(path: str, uid: str = "ana", role: str | None = "member") -> Any:
        return http.post(f"/events/e/{path}", headers=signed_in(uid, **({"role": role} if role else {})))

    return send


def given_offer(client: Any, **fields: Any) -> None:
    """ana has been offered the one seat of a paid event; ben is next."""
    paid = {"isPaid": True, "priceCents": 500, "currency": "EUR", "isWaitlistEnabled": True, "maxAttendees": 1}
    given(client, **(paid | {"attendingCount": 1, "waitlistCount": 1} | fields))
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
    assert code_of(post(path, uid, role)) == expected


def test_an_offer_of_an_event_one_no_longer_sees_can_only_be_declined(client: Any, post: Any) -> None:
    given_offer(client, visibility="private")
    assert code_of(post("rsvp/accept")) == (404, "event_not_found")
    assert "attendingCount" not in post("rsvp/decline").get_json()


def test_admins_and_nobody_else_seat_people_over_capacity(client: Any, post: Any) -> None:
    given_offer(client)
    assert code_of(post("rsvps/ben/admit", "cleo")) == (403, "forbidden")
    assert code_of(post("rsvps/zoe/admit", "root", "admin")) == (404, "rsvp_not_found")
    assert code_of(post("rsvps/../admit", "root", "admin")) in {(404, "rsvp_not_found"), (404, "not_found")}
    answer = post("rsvps/ben/admit", "root", "admin").get_json()
    assert (answer["rsvp"]["uid"], answer["rsvp"]["seatState"], answer["attendingCount"]) == ("ben", "admitted", 2)


def test_admins_recount_and_heal(client: Any, post: Any) -> None:
    given_offer(client, attendingCount=7)
    assert code_of(post("recount", "cleo")) == (403, "forbidden")
    found = post("recount", "root", "admin").get_json()
    assert (found["stored"], found["ledger"]) == ([7, 1], [1, 1])
    assert client.document("events/e").get().get("attendingCount") == 7
    post("recount?heal=1", "root", "admin")
    assert_books_balance(client, "e")
    client.document("events/e").delete()
    assert code_of(post("recount", "root", "admin")) == (404, "event_not_found")
