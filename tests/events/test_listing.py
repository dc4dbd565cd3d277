"""Lists of events and occurrences over HTTP: what a caller may read, page after page."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.events import NOW, given_event
from tests.support.refusals import refusal

pytestmark = pytest.mark.emulator

START = NOW + timedelta(days=2)


def test_occurrences_of_a_window(client: Any, send: Any) -> None:
    name = f"{START + timedelta(days=1):%Y%m%dT%H%M%SZ}"
    overrides = {name: {"title": "Gala", "canceled": True}}
    given_event(client, timezone="UTC", recurrence={"rrule": "FREQ=DAILY;COUNT=9"}, overrides=overrides)
    until = (START + timedelta(days=2)).isoformat()
    found = send("GET", "/events/e/occurrences", by=None, query_string={"to": until}).get_json()["occurrences"]
    assert [(each["id"] == name, each["canceled"]) for each in found] == [(False, False), (True, True)]
    assert found[1]["title"] == "Gala"
    assert refusal(send("GET", "/events/e/occurrences", query_string={"from": "x"})) == (422, "validation_failed")
    given_event(client, "long", timezone="UTC", recurrence={"rrule": "FREQ=DAILY"})
    wide = {"from": "2000-01-01T00:00:00Z", "to": "2090-01-01T00:00:00Z"}
    assert refusal(send("GET", "/events/long/occurrences", query_string=wide)) == (422, "validation_failed")


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
        given_event(client, event_id, **fields)


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
    assert refusal(response) == (422, "validation_failed")
    assert [detail["field"] for detail in response.get_json()["error"]["details"]] == faulty


def test_ones_own_events_are_asked_for_by_somebody(send: Any) -> None:
    assert refusal(send("GET", "/events", by=None, query_string={"mine": "1"})) == (401, "not_signed_in")
