"""`/events` over HTTP: creating, reading, editing, listing; the same law as the rules, and every fault at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from firewarden.testing import Database
from gather.events.store import reconcile_event
from tests.support.events import NOW, event_document

pytestmark = pytest.mark.emulator
SignedIn = Callable[..., dict[str, str]]
START = NOW + timedelta(days=2)
BODY = {"title": "Picnic", "startAt": START.isoformat(), "visibility": "public"}


@pytest.fixture
def client(firestore: Database) -> Any:
    return firestore.as_owner()


@pytest.fixture
def send(http: FlaskClient, signed_in: SignedIn) -> Callable[..., Any]:
    def call(method: str, path: str, *, by: str | None = "cleo", role: str | None = "member", **options: Any) -> Any:
        headers = {} if by is None else signed_in(by, **({"role": role} if role else {}))
        return http.open(path, method=method, headers=headers, **options)

    return call


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.get_json()["error"]["code"]


def given(client: Any, event_id: str = "e", **fields: Any) -> None:
    client.document("events", event_id).set(event_document(**fields))


# --- Creating --------------------------------------------------------------------------------------------------


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
    assert code_of(send("POST", "/events", by=by, role=role, json=body)) == expected
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
    assert code_of(response) == (422, "validation_failed")
    named = [detail["field"] for detail in response.get_json()["error"]["details"]]
    assert sorted(set(named)) == sorted(faulty)
    assert list(client.collection("events").stream()) == []


# --- Reading and editing ---------------------------------------------------------------------------------------


def test_who_is_invited_is_shown_to_who_manages_the_event(client: Any, send: Any) -> None:
    given(client, visibility="private", invitedUsers=["ana"])
    assert send("GET", "/events/e").get_json()["invitedUsers"] == ["ana"]
    shown = send("GET", "/api/events/e", by="ana", role=None).get_json()
    assert "invitedUsers" not in shown
    assert (shown["title"], shown["status"], shown["attendingCount"]) == ("Picnic", "scheduled", 0)
    assert code_of(send("GET", "/events/e", by="ben")) == (404, "event_not_found")
    assert code_of(send("GET", "/events/..", by=None)) == (404, "event_not_found")


def test_a_patch_changes_what_was_sent_and_null_removes(client: Any, send: Any) -> None:
    given(client, location="Park", maxAttendees=5, attendingCount=3)
    response = send("PATCH", "/events/e", json={"title": "Feast", "location": None})
    assert response.status_code == 200
    stored = client.document("events/e").get().to_dict()
    assert (stored["title"], stored["titleLower"], stored["updatedBy"]) == ("Feast", "feast", "cleo")
    assert "location" not in stored
    assert (stored["maxAttendees"], stored["attendingCount"]) == (5, 3)
    assert stored["createdAt"] == NOW < stored["updatedAt"]


def test_a_put_replaces_and_keeps_what_is_not_the_organizers(client: Any, send: Any) -> None:
    given(client, location="Park", maxAttendees=5, attendingCount=3, published=False)
    assert send("PUT", "/events/e", json=BODY | {"title": "Feast"}).get_json()["status"] == "draft"
    stored = client.document("events/e").get().to_dict()
    assert not {"location", "maxAttendees"} & stored.keys()
    assert (stored["attendingCount"], stored["createdBy"], stored["published"]) == (3, "cleo", False)


def test_an_edit_that_changes_nothing_writes_nothing(client: Any, send: Any) -> None:
    given(client, updatedBy="olga")
    before = client.document("events/e").get().update_time
    assert send("PATCH", "/events/e", json={"title": "Picnic"}).status_code == 200
    assert client.document("events/e").get().update_time == before


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/publish"), ("POST", "/unpublish"), ("POST", "/cancel")],
)
def test_who_does_not_manage_an_event_changes_nothing(client: Any, send: Any, method: str, path: str) -> None:
    given(client)
    given(client, "secret", visibility="private")
    before = client.document("events/e").get().update_time
    body: dict[str, Any] = {"json": BODY} if method in {"PUT", "PATCH"} else {}
    assert code_of(send(method, f"/events/e{path}", by="ben", **body)) == (403, "forbidden")
    assert code_of(send(method, f"/events/e{path}", by="cleo", role=None, **body)) == (403, "forbidden")
    assert code_of(send(method, f"/events/e{path}", by=None, **body)) == (401, "not_signed_in")
    assert code_of(send(method, f"/events/secret{path}", by="ben", **body)) == (404, "event_not_found")
    assert code_of(send(method, f"/events/nowhere{path}", **body)) == (404, "event_not_found")
    assert client.document("events/e").get().update_time == before


def test_organizers_and_admins_edit_and_move_only_to_organizations_of_theirs(client: Any, send: Any) -> None:
    given(client, organizationId="acme")
    client.document("organizations/acme/members/olga").set({"role": "organizer"})
    assert send("PATCH", "/events/e", by="olga", json={"title": "Feast"}).status_code == 200
    assert code_of(send("PATCH", "/events/e", by="olga", json={"organizationId": "bets"})) == (403, "forbidden")
    assert send("PATCH", "/events/e", by="root", role="admin", json={"title": "Gala"}).status_code == 200


def test_an_edit_is_held_to_the_whole_event(client: Any, send: Any) -> None:
    given(client, endAt=START + timedelta(hours=2))
    response = send("PATCH", "/events/e", json={"startAt": (START + timedelta(hours=3)).isoformat()})
    assert code_of(response) == (422, "validation_failed")
    assert client.document("events/e").get().get("startAt") == START


def test_publishing_unpublishing_and_canceling(client: Any, send: Any) -> None:
    given(client, published=False)
    assert send("POST", "/events/e/publish").get_json()["status"] == "scheduled"
    assert send("POST", "/events/e/unpublish").get_json()["status"] == "draft"
    send("POST", "/events/e/publish")
    canceled = send("POST", "/events/e/cancel", json={"reason": "Storm"}).get_json()
    assert (canceled["status"], canceled["cancelReason"]) == ("canceled", "Storm")
    assert send("POST", "/events/e/cancel").status_code == 200
    assert code_of(send("POST", "/events/e/cancel", json={"reason": 7})) == (422, "validation_failed")


def test_deleting(client: Any, send: Any) -> None:
    given(client)
    assert send("DELETE", "/events/e").status_code == 204
    assert not client.document("events/e").get().exists
    assert code_of(send("DELETE", "/events/e")) == (404, "event_not_found")


# --- Occurrences -----------------------------------------------------------------------------------------------


def test_occurrences_of_a_window(client: Any, send: Any) -> None:
    name = f"{START + timedelta(days=1):%Y%m%dT%H%M%SZ}"
    overrides = {name: {"title": "Gala", "canceled": True}}
    given(client, timezone="UTC", recurrence={"rrule": "FREQ=DAILY;COUNT=9"}, overrides=overrides)
    until = (START + timedelta(days=2)).isoformat()
    found = send("GET", "/events/e/occurrences", by=None, query_string={"to": until}).get_json()["occurrences"]
    assert [(each["id"] == name, each["canceled"]) for each in found] == [(False, False), (True, True)]
    assert found[1]["title"] == "Gala"
    assert code_of(send("GET", "/events/e/occurrences", query_string={"from": "x"})) == (422, "validation_failed")
    given(client, "long", timezone="UTC", recurrence={"rrule": "FREQ=DAILY"})
    wide = {"from": "2000-01-01T00:00:00Z", "to": "2090-01-01T00:00:00Z"}
    assert code_of(send("GET", "/events/long/occurrences", query_string=wide)) == (422, "validation_failed")


# --- Lists -----------------------------------------------------------------------------------------------------


@pytest.fixture
def many(client: Any) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "open": {"tags": ["food"], "organizationId": "acme"},
        "club": {"visibility": "members", "title": "Poker", "titleLower": "poker"},
        "secret": {"visibility": "private"},
        "draft": {"published": False},
        "over": {"startAt": NOW - timedelta(days=2), "lastEndAt": NOW - timedelta(days=1)},
        "later": {"startAt": NOW + timedelta(days=30), "lastEndAt": NOW + timedelta(days=30, hours=1)},
    }
    for event_id, fields in kinds.items():
        given(client, event_id, **fields)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("by", "role", "query", "expected"),
    [
        (None, None, {}, {"open", "later"}),
        ("gus", None, {}, {"open", "later"}),
        ("ben", "member", {}, {"open", "later", "club"}),
        ("root", "admin", {}, {"open", "later", "club", "secret"}),
        ("ben", "member", {"visibility": "members"}, {"club"}),
        ("gus", None, {"visibility": "members"}, set()),
        ("ben", "member", {"visibility": "private"}, set()),
        ("ben", "member", {"tag": "food"}, {"open"}),
        ("ben", "member", {"q": "PO"}, {"club"}),
        ("ben", "member", {"q": "pic", "tag": "food"}, {"open"}),
        ("ben", "member", {"organizationId": "acme"}, {"open"}),
        ("ben", "member", {"to": (NOW + timedelta(days=9)).isoformat()}, {"open", "club"}),
        ("ben", "member", {"from": (NOW + timedelta(days=9)).isoformat()}, {"later"}),
        (None, None, {"from": (NOW - timedelta(days=9)).isoformat()}, {"open", "later", "over"}),
        ("cleo", "member", {"mine": "1"}, {"open", "club", "secret", "draft", "over", "later"}),
        ("ben", "member", {"mine": "1"}, set()),
    ],
)
def test_a_list_holds_what_its_caller_may_read(send: Any, by: Any, role: Any, query: Any, expected: set[str]) -> None:
    response = send("GET", "/events", by=by, role=role, query_string=query)
    assert {event["id"] for event in response.get_json()["events"]} == expected


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("query", [{}, {"mine": "1"}, {"q": "p"}])
def test_pages_follow_each_other_without_repeating_or_skipping(send: Any, query: dict[str, str]) -> None:
    whole = [event["id"] for event in send("GET", "/events", query_string=query).get_json()["events"]]
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(10):
        page = send("GET", "/events", query_string=query | {"limit": "1"} | cursor).get_json()
        found += [event["id"] for event in page["events"]]
        if "cursor" not in page:
            break
        cursor = {"cursor": page["cursor"]}
    assert found == whole


@pytest.mark.parametrize(
    ("query", "faulty"),
    [
        ({"limit": "0", "cursor": "x", "from": "soon", "visibility": "all"}, ["limit", "visibility", "cursor", "from"]),
        ({"limit": "101", "to": "y", "organizationId": "a/b"}, ["limit", "organizationId", "to"]),
        ({"cursor": "W10="}, ["cursor"]),
    ],
)
def test_every_fault_of_a_list_request_is_named(send: Any, query: dict[str, str], faulty: list[str]) -> None:
    response = send("GET", "/events", query_string=query)
    assert code_of(response) == (422, "validation_failed")
    assert [detail["field"] for detail in response.get_json()["error"]["details"]] == faulty


def test_ones_own_events_are_asked_for_by_somebody(send: Any) -> None:
    assert code_of(send("GET", "/events", by=None, query_string={"mine": "1"})) == (401, "not_signed_in")


def test_what_is_created_over_http_is_reconciled_like_any_event(client: Any, send: Any) -> None:
    event_id = send("POST", "/events", json=BODY).get_json()["id"]
    event = reconcile_event(client, event_id, now=NOW)
    assert event is not None
    assert event.faults == ()
