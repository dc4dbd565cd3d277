"""`PUT|DELETE /events/{id}/rsvp`: who may, what becomes of it, and that a refusal changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import SignIn
from tests.support.events import NOW, assert_books_balance, given_event, ledger, rsvp_document
from tests.support.refusals import refusal

pytestmark = pytest.mark.emulator

MEMBER = {"role": "member"}


@pytest.fixture
def put(http: FlaskClient, signed_in: SignIn) -> Callable[..., Any]:
    def send(uid: str = "ana", claims: dict[str, Any] | None = None, event: str = "e", **body: Any) -> Any:
        return http.put(
            f"/events/{event}/rsvp", json=body, headers=signed_in(uid, **(MEMBER if claims is None else claims))
        )

    return send


def test_a_going_is_answered_when_it_is_settled(client: Any, put: Any) -> None:
    given_event(client, maxAttendees=5)
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
    given_event(client, maxAttendees=1, isWaitlistEnabled=True)
    put("ben", status="going")
    answer = put(status="going").get_json()
    assert (answer["rsvp"]["seatState"], answer["rsvp"]["status"], answer["waitlistCount"]) == (
        "waitlisted",
        "maybe",
        1,
    )
    assert_books_balance(client, "e")


def test_what_is_left_out_stays_and_only_a_change_of_status_is_history(client: Any, put: Any) -> None:
    given_event(client)
    put(status="going", partySize=3, notes="late")
    put(status="going", kids=1)
    put(status="not-going")
    stored = client.document("events/e/rsvps/ana").get().to_dict()
    assert (stored["partySize"], stored["kids"], stored["notes"]) == (3, 1, "late")
    assert [entry["status"] for entry in stored["statusHistory"]] == ["going", "not-going"]
    assert ledger(client, "e") == {}


def test_deleting_frees_the_seats_and_can_be_repeated(
    client: Any, put: Any, http: FlaskClient, signed_in: SignIn
) -> None:
    given_event(client, maxAttendees=1, isWaitlistEnabled=True)
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
    given_event(client, **fields)
    before = client.document("events/e").get().update_time
    assert refusal(put(status="going", **request_)) == expected
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
    given_event(client)
    client.document(path).set(fields)
    assert refusal(put(status="going")) == (403, "blocked_from_rsvp")


def test_an_invited_guest_may_attend_a_private_event(client: Any, put: Any) -> None:
    given_event(client, visibility="private", invitedUsers=["ana"])
    assert put(claims={}, status="going").status_code == 200


def test_leaving_a_canceled_event_is_possible(client: Any, put: Any) -> None:
    given_event(client, canceled=True, attendingCount=1)
    client.document("events/e/rsvps/ana").set(rsvp_document("ana"))
    client.document("events/e/seats/ana").set({"seats": 1, "state": "admitted", "since": NOW, "source": "rsvp"})
    assert put(status="not-going").status_code == 200
    assert assert_books_balance(client, "e") == {}


def test_a_party_beyond_the_room_is_refused_and_keeps_its_seats(client: Any, put: Any) -> None:
    given_event(client, maxAttendees=3)
    put(status="going", partySize=2)
    assert refusal(put(status="going", partySize=4)) == (409, "capacity_exceeded")
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
    given_event(client)
    response = put(**body)
    assert refusal(response) == (422, "validation_failed")
    assert [detail["field"] for detail in response.get_json()["error"]["details"]] == fields


def test_older_names_are_understood(client: Any, put: Any) -> None:
    given_event(client)
    assert put(status="going", adults=2).get_json()["rsvp"]["partySize"] == 2
    assert put(status="not_going").get_json()["rsvp"]["status"] == "not-going"


def test_a_guest_is_asked_to_sign_in(client: Any, http: FlaskClient) -> None:
    given_event(client)
    response = http.put("/events/e/rsvp", json={"status": "going"})
    assert refusal(response) == (401, "not_signed_in")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_asking_again_while_in_line_changes_nothing(client: Any, put: Any) -> None:
    given_event(client, maxAttendees=1, isWaitlistEnabled=True)
    put("ben", status="going")
    answers = [put(status="going").get_json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(client.document("events/e/rsvps/ana").get().get("statusHistory")) == 2


def test_one_may_step_down_from_the_line(client: Any, put: Any) -> None:
    given_event(client, maxAttendees=1, isWaitlistEnabled=True)
    put("ben", status="going")
    put(status="going")
    answer = put(status="maybe").get_json()
    assert answer == {"rsvp": {"uid": "ana", "status": "maybe"}, "attendingCount": 1, "waitlistCount": 0}
    put("ben", status="not-going")
    assert assert_books_balance(client, "e") == {}


def test_a_full_history_takes_no_change_but_leaving(client: Any, put: Any) -> None:
    given_event(client)
    entry = {"status": "going", "changedAt": NOW, "changedBy": "ana"}
    client.document("events/e/rsvps/ana").set(rsvp_document("ana", statusHistory=[entry] * 200))
    assert refusal(put(status="maybe")) == (409, "invalid_transition")
    assert put(status="not-going").status_code == 200


def test_who_may_not_see_the_event_leaves_without_learning_its_counts(client: Any, put: Any) -> None:
    given_event(client, visibility="private")
    client.document("events/e/rsvps/ana").set(rsvp_document("ana"))
    assert put(status="not-going").get_json() == {"rsvp": {"uid": "ana", "status": "not-going"}}


@pytest.mark.parametrize("event", ["__x__", ".", "..", "%2e", "x" * 1_501])
def test_an_id_that_none_can_have_is_not_found(http: FlaskClient, signed_in: SignIn, event: str) -> None:
    for method in ("PUT", "DELETE"):
        response = http.open(f"/events/{event}/rsvp", method=method, json={"status": "going"}, headers=signed_in("ana"))
        assert response.status_code == 404


def test_a_malformed_role_is_none(client: Any, put: Any) -> None:
    given_event(client)
    assert refusal(put(claims={"role": ["member"]}, status="going")) == (403, "forbidden")


def test_a_body_that_is_too_large_is_refused_also_without_a_length(
    client: Any, http: FlaskClient, signed_in: SignIn
) -> None:
    given_event(client)
    body = b'{"status": "going", "notes": "' + b"x" * 70_000 + b'"}'
    response = http.put("/events/e/rsvp", data=body, headers=signed_in("ana", **MEMBER))
    assert refusal(response) == (413, "payload_too_large")
