"""`/events` over HTTP: creating, reading, editing; the same law as the rules, and every fault at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from firewarden.testing import Database
from gather.events.store import reconcile_event
from tests.support.events import NOW, given_event
from tests.support.refusals import refusal

pytestmark = pytest.mark.emulator

START = NOW + timedelta(days=2)
BODY = {"title": "Picnic", "startAt": START.isoformat(), "visibility": "public"}


def test_a_member_creates_an_event_as_the_rules_would_have_it(client: Any, send: Any, firestore: Database) -> None:
    response = send("POST", "/events", json=BODY | {"tags": ["food"], "createdBy": "root"})
    assert response.status_code == 201
    event_id = response.get_json()["id"]
    assert response.headers["Location"] == f"/events/{event_id}"
    stored = client.document("events", event_id).get().to_dict()
    assert (stored["createdBy"], stored["titleLower"], stored["startAt"]) == ("cleo", "picnic", START)
    server_owned = {name: stored.pop(name) for name in ("createdAt", "updatedAt")}
    assert all(isinstance(moment, datetime) for moment in server_owned.values())
    from google.cloud.firestore import SERVER_TIMESTAMP  # noqa: PLC0415  # what a client sends in their place

    times = dict.fromkeys(server_owned, SERVER_TIMESTAMP)
    firestore.as_user("cleo", role="member").document("events/same").create(stored | times)


@pytest.mark.parametrize(
    ("by", "role", "body", "expected"),
    [
        (None, None, BODY, (401, "not_signed_in")),
        ("gus", None, BODY, (403, "forbidden")),
        ("cleo", "member", BODY | {"organizationId": "acme"}, (403, "forbidden")),
        ("cleo", "member", {}, (422, "validation_failed")),
        ("cleo", "member", [1], (422, "validation_failed")),
    ],
)
def test_who_may_not_creates_nothing(client: Any, send: Any, by: Any, role: Any, body: Any, expected: Any) -> None:
    assert refusal(send("POST", "/events", by=by, role=role, json=body)) == expected
    assert list(client.collection("events").stream()) == []


def test_an_event_for_an_organization_one_belongs_to(client: Any, send: Any) -> None:
    client.document("organizations/acme/members/cleo").set({"role": "member"})
    assert send("POST", "/events", json=BODY | {"organizationId": "acme"}).status_code == 201


def test_older_names_and_prices_are_understood(send: Any) -> None:
    sent = {"name": "Gala", "start_time": START.isoformat(), "capacity": 9, "visibility": "members", "cancelled": False}
    yen = sent | {"isPaid": True, "price": 500, "currency": "JPY"}
    euro = sent | {"isPaid": True, "price": "12.50", "currency": "EUR"}
    answers = [send("POST", "/events", json=body).get_json() for body in (yen, euro)]
    assert [answer["priceCents"] for answer in answers] == [500, 1250]
    assert (answers[0]["title"], answers[0]["maxAttendees"], answers[0]["canceled"]) == ("Gala", 9, False)


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({"title": "  "}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"startAt": "tomorrow", "endAt": "2026-05-01T10:00:00"}, ["startAt", "endAt"]),
        ({"endAt": NOW.isoformat()}, ["endAt"]),
        ({"visibility": "secret", "maxAttendees": 0}, ["visibility", "maxAttendees"]),
        ({"imageUrl": "http://x", "tags": ["a"] * 11}, ["imageUrl", "tags"]),
        ({"timezone": "Mars/Olympus"}, ["timezone"]),
        ({"timezone": "UTC", "recurrence": {"rrule": "FREQ=HOURLY"}}, ["recurrence.rrule"]),
        ({"isPaid": True}, ["priceCents", "currency"]),
        ({"price": "12.345", "currency": "EUR"}, ["price"]),
        ({"invitedUsers": ["ana"]}, ["invitedUsers"]),
        ({"refundPolicy": 7}, ["refundPolicy"]),
        ({"attendingCount": 7, "busyUntil": 1, "public": True}, ["attendingCount", "busyUntil", "public"]),
    ],
)
def test_all_faults_are_named_at_once_and_nothing_is_stored(
    client: Any, send: Any, fields: dict[str, Any], faulty: list[str]
) -> None:
    response = send("POST", "/events", json=BODY | fields)
    assert refusal(response) == (422, "validation_failed")
    named = [detail["field"] for detail in response.get_json()["error"]["details"]]
    assert sorted(set(named)) == sorted(faulty)
    assert list(client.collection("events").stream()) == []


def test_who_is_invited_is_shown_to_who_manages_the_event(client: Any, send: Any) -> None:
    given_event(client, visibility="private", invitedUsers=["ana"])
    assert send("GET", "/events/e").get_json()["invitedUsers"] == ["ana"]
    shown = send("GET", "/api/events/e", by="ana", role=None).get_json()
    assert "invitedUsers" not in shown
    assert (shown["title"], shown["status"], shown["attendingCount"]) == ("Picnic", "scheduled", 0)
    assert refusal(send("GET", "/events/e", by="ben")) == (404, "event_not_found")
    assert refusal(send("GET", "/events/..", by=None)) == (404, "event_not_found")


def test_a_patch_changes_what_was_sent_and_null_removes(client: Any, send: Any) -> None:
    given_event(client, location="Park", maxAttendees=5, attendingCount=3)
    response = send("PATCH", "/events/e", json={"title": "Feast", "location": None})
    assert response.status_code == 200
    stored = client.document("events/e").get().to_dict()
    assert (stored["title"], stored["titleLower"], stored["updatedBy"]) == ("Feast", "feast", "cleo")
    assert "location" not in stored
    assert (stored["maxAttendees"], stored["attendingCount"]) == (5, 3)
    assert stored["createdAt"] == NOW < stored["updatedAt"]


def test_a_put_replaces_and_keeps_what_is_not_the_organizers(client: Any, send: Any) -> None:
    given_event(client, location="Park", maxAttendees=5, attendingCount=3, published=False)
    assert send("PUT", "/events/e", json=BODY | {"title": "Feast"}).get_json()["status"] == "draft"
    stored = client.document("events/e").get().to_dict()
    assert not {"location", "maxAttendees"} & stored.keys()
    assert (stored["attendingCount"], stored["createdBy"], stored["published"]) == (3, "cleo", False)


def test_an_edit_that_changes_nothing_writes_nothing(client: Any, send: Any) -> None:
    given_event(client, updatedBy="olga")
    before = client.document("events/e").get().update_time
    assert send("PATCH", "/events/e", json={"title": "Picnic"}).status_code == 200
    assert client.document("events/e").get().update_time == before


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/publish"), ("POST", "/unpublish"), ("POST", "/cancel")],
)
def test_who_does_not_manage_an_event_changes_nothing(client: Any, send: Any, method: str, path: str) -> None:
    given_event(client)
    given_event(client, "secret", visibility="private")
    before = client.document("events/e").get().update_time
    body: dict[str, Any] = {"json": BODY} if method in {"PUT", "PATCH"} else {}
    assert refusal(send(method, f"/events/e{path}", by="ben", **body)) == (403, "forbidden")
    assert refusal(send(method, f"/events/e{path}", by="cleo", role=None, **body)) == (403, "forbidden")
    assert refusal(send(method, f"/events/e{path}", by=None, **body)) == (401, "not_signed_in")
    assert refusal(send(method, f"/events/secret{path}", by="ben", **body)) == (404, "event_not_found")
    assert refusal(send(method, f"/events/nowhere{path}", **body)) == (404, "event_not_found")
    assert client.document("events/e").get().update_time == before


def test_organizers_and_admins_edit_and_move_only_to_organizations_of_theirs(client: Any, send: Any) -> None:
    given_event(client, organizationId="acme")
    client.document("organizations/acme/members/olga").set({"role": "organizer"})
    assert send("PATCH", "/events/e", by="olga", json={"title": "Feast"}).status_code == 200
    assert refusal(send("PATCH", "/events/e", by="olga", json={"organizationId": "bets"})) == (403, "forbidden")
    assert send("PATCH", "/events/e", by="root", role="admin", json={"title": "Gala"}).status_code == 200


def test_an_edit_is_held_to_the_whole_event(client: Any, send: Any) -> None:
    given_event(client, endAt=START + timedelta(hours=2))
    response = send("PATCH", "/events/e", json={"startAt": (START + timedelta(hours=3)).isoformat()})
    assert refusal(response) == (422, "validation_failed")
    assert client.document("events/e").get().get("startAt") == START


def test_publishing_unpublishing_and_canceling(client: Any, send: Any) -> None:
    given_event(client, published=False)
    assert send("POST", "/events/e/publish").get_json()["status"] == "scheduled"
    assert send("POST", "/events/e/unpublish").get_json()["status"] == "draft"
    send("POST", "/events/e/publish")
    canceled = send("POST", "/events/e/cancel", json={"reason": "Storm"}).get_json()
    assert (canceled["status"], canceled["cancelReason"]) == ("canceled", "Storm")
    assert send("POST", "/events/e/cancel").status_code == 200
    assert refusal(send("POST", "/events/e/cancel", json={"reason": 7})) == (422, "validation_failed")


def test_deleting(client: Any, send: Any) -> None:
    given_event(client)
    assert send("DELETE", "/events/e").status_code == 204
    assert not client.document("events/e").get().exists
    assert refusal(send("DELETE", "/events/e")) == (404, "event_not_found")


def test_what_is_created_over_http_is_reconciled_like_any_event(client: Any, send: Any) -> None:
    event_id = send("POST", "/events", json=BODY).get_json()["id"]
    event = reconcile_event(client, event_id, now=NOW)
    assert event is not None
    assert event.faults == ()
