"""`GET /events/{id}/availability`: what it says, and to whom."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from firewarden.testing import Database
from tests.conftest import SignIn
from tests.support.events import NOW, event_document

pytestmark = pytest.mark.emulator


@pytest.fixture
def given(firestore: Database) -> Callable[..., None]:
    def write(**fields: Any) -> None:
        firestore.as_owner().document("events/e").set(event_document(**fields))

    return write


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"maxAttendees": None, "available": None, "status": "scheduled"}),
        ({"maxAttendees": 10, "attendingCount": 4}, {"maxAttendees": 10, "attendingCount": 4, "available": 6}),
        ({"maxAttendees": 3, "attendingCount": 4}, {"available": 0}),
        ({"isWaitlistEnabled": True, "waitlistCount": 2}, {"isWaitlistEnabled": True, "waitlistCount": 2}),
        ({"canceled": True}, {"status": "canceled"}),
        ({"lastEndAt": NOW - timedelta(days=1)}, {"status": "past"}),
        ({"maxAttendees": "many", "attendingCount": None}, {"available": None, "attendingCount": 0}),
    ],
)
def test_availability(http: FlaskClient, given: Any, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    given(**fields)
    for path in ("/events/e/availability", "/api/events/e/availability"):
        response = http.get(path)
        assert response.status_code == 200
        assert expected | {"eventId": "e"} == {name: response.get_json()[name] for name in [*expected, "eventId"]}


def test_an_unchanged_availability_is_not_sent_again(http: FlaskClient, given: Any) -> None:
    given()
    first = http.get("/events/e/availability")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = http.get("/events/e/availability", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("fields", "uid", "role", "status"),
    [
        ({"visibility": "members"}, None, None, 404),
        ({"visibility": "members"}, "nora", None, 404),
        ({"visibility": "members"}, "ana", "member", 200),
        ({"visibility": "private"}, "ana", "member", 404),
        ({"visibility": "private", "invitedUsers": ["ana"]}, "ana", "member", 200),
        ({"published": False}, "ana", "member", 404),
        ({"published": False}, "cleo", "member", 200),
        ({"published": False}, "root", "admin", 200),
        ({"published": False, "organizationId": "club"}, "olga", "member", 200),
        ({"visibility": "private", "lastEndAt": NOW - timedelta(days=1)}, None, None, 200),
    ],
)
def test_only_readers_learn_that_an_event_exists(
    http: FlaskClient,
    signed_in: SignIn,
    firestore: Database,
    given: Any,
    fields: dict[str, Any],
    uid: str | None,
    role: str | None,
    status: int,
) -> None:
    given(**fields)
    firestore.as_owner().document("organizations/club/members/olga").set({"role": "organizer"})
    headers = signed_in(uid, **({"role": role} if role else {})) if uid else {}
    assert http.get("/events/e/availability", headers=headers).status_code == status


@pytest.mark.parametrize("event_id", ["missing", "__all__", "..", "%F0%9F%8E%89", "x" * 2_000])
def test_an_event_that_is_not_there_answers_as_an_unreadable_one(http: FlaskClient, given: Any, event_id: str) -> None:
    given(visibility="private")
    unreadable = http.get("/events/e/availability")
    missing = http.get(f"/events/{event_id}/availability")
    assert (missing.status_code, missing.get_json()) == (404, unreadable.get_json())
    assert missing.get_json()["error"]["code"] == "event_not_found"
