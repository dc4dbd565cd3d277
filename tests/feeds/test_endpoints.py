"""The feeds over HTTP: what a client with and without a copy gets, byte for byte and header for header."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from flask.testing import FlaskClient
from werkzeug.http import http_date
from werkzeug.test import TestResponse

from gather.feeds.http_cache import CACHE_CONTROL, BodyCache
from gather.feeds.store import sync_fragment
from gather.runtime import Runtime
from gather.settings import Settings
from tests.feeds.billing import billed
from tests.feeds.rfc_linter import lint
from tests.feeds.samples import NOW, WEEKLY, document
from tests.support.apps import http_of
from tests.support.runtimes import runtime_for

pytestmark = pytest.mark.emulator
ICS = "/feeds/public.ics"
JSON = "/feeds/public.json"


@dataclass
class Town:
    """A feed and its clients; `now` is what the server takes for the time."""

    client: FlaskClient
    firestore: Any
    settings: Settings
    now: datetime = field(default=NOW)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def put(self, event_id: str, **fields: Any) -> None:
        self.firestore.collection("events").document(event_id).set(document(**fields))
        sync_fragment(self.firestore, event_id, now=self.now, settings=self.settings)


@pytest.fixture
def town(firestore: Any, gather_runtime: Runtime) -> Iterator[Town]:
    made: list[Town] = []
    runtime = runtime_for(gather_runtime.settings, firestore.as_owner(), now=lambda: made[0].now)
    with http_of(runtime) as client:
        made.append(Town(client, runtime.firestore, runtime.settings))
        made[0].put("choir", **WEEKLY)
        made[0].put("picnic")
        yield made[0]


def test_the_calendar_and_its_headers(town: Town) -> None:
    response = town.get(ICS)
    assert response.status_code == 200
    assert lint(response.data) == []
    events = icalendar.Calendar.from_ical(response.data).walk("VEVENT")
    assert {str(event["UID"]) for event in events} == {"choir@events.example.org", "picnic@events.example.org"}
    headers = response.headers
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Content-Disposition"] == 'inline; filename="events.ics"'
    assert headers["Cache-Control"] == CACHE_CONTROL
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Last-Modified"] == http_date(NOW)
    assert headers["ETag"].startswith('"')
    assert int(headers["Content-Length"]) == len(response.data)


@pytest.mark.parametrize("path", [ICS, JSON, f"{JSON}?format=jsonfeed", f"/api{ICS}"])
def test_a_copy_that_is_current_is_answered_with_304_and_nothing_else(town: Town, path: str) -> None:
    first = town.get(path)
    again = town.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]
    assert "Content-Type" not in again.headers
    assert "Content-Encoding" not in again.headers


OLD = http_date(NOW - timedelta(days=1))
CURRENT = http_date(NOW)
LATER = http_date(NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"If_None_Match": "{etag}"}, 304),
        ({"If_None_Match": "W/{etag}"}, 304),
        ({"If_None_Match": '"other", {etag}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_None_Match": "not quoted"}, 200),
        ({"If_Modified_Since": CURRENT}, 304),
        ({"If_Modified_Since": LATER}, 304),
        ({"If_Modified_Since": OLD}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        # If-None-Match decides; If-Modified-Since is not even looked at.
        ({"If_None_Match": '"other"', "If_Modified_Since": LATER}, 200),
        ({"If_None_Match": "{etag}", "If_Modified_Since": OLD}, 304),
        # The compressed representation is another one.
        ({"If_None_Match": "{etag}", "Accept_Encoding": "gzip"}, 200),
        ({"Range": "bytes=0-9"}, 200),
    ],
)
def test_conditional_requests(town: Town, headers: dict[str, str], status: int) -> None:
    etag = town.get(ICS).headers["ETag"]
    asked = {name: value.replace("{etag}", etag) for name, value in headers.items()}
    assert town.get(ICS, **asked).status_code == status
    head = town.client.head(ICS, headers={name.replace("_", "-"): value for name, value in asked.items()})
    assert (head.status_code, head.data) == (status, b"")


def test_head_says_what_get_would(town: Town) -> None:
    got, head = town.get(ICS), town.client.head(ICS)
    own = {"X-Request-Id", "Date"}
    assert {name: value for name, value in head.headers.items() if name not in own} == {
        name: value for name, value in got.headers.items() if name not in own
    }


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("gzip;q=0.5, identity;q=0.9", None),
        ("br", None),
        ("", None),
    ],
)
def test_compression_is_used_where_it_is_welcome(town: Town, accepted: str, coding: str | None) -> None:
    plain, response = town.get(ICS), town.get(ICS, Accept_Encoding=accepted)
    assert response.headers.get("Content-Encoding") == coding
    assert response.headers["Vary"] == "Accept-Encoding"
    assert (gzip.decompress(response.data) if coding else response.data) == plain.data
    assert (response.headers["ETag"] == plain.headers["ETag"]) is (coding is None)
    again = town.get(ICS, Accept_Encoding=accepted, If_None_Match=response.headers["ETag"])
    assert again.status_code == 304


def test_a_change_gives_new_validators_and_a_return_gives_the_old_tag_back(town: Town) -> None:
    """The tag names the content; the date only ever moves on."""
    first = town.get(ICS)
    town.now += timedelta(minutes=5)
    town.put("picnic", title="Picnic by the lake")
    second = town.get(ICS, If_None_Match=first.headers["ETag"])
    assert second.status_code == 200
    assert b"SUMMARY:Picnic by the lake" in second.data
    assert second.headers["Last-Modified"] == http_date(town.now)
    town.now += timedelta(minutes=5)
    town.put("picnic")
    third = town.get(ICS)
    assert (third.headers["ETag"], third.data) == (first.headers["ETag"], first.data)
    assert third.headers["Last-Modified"] == http_date(town.now)


def test_an_event_that_leaves_the_feed_is_noticed_by_date_alone(town: Town) -> None:
    first = town.get(ICS)
    town.now += timedelta(seconds=30)
    town.put("picnic", visibility="private")
    response = town.get(ICS, If_Modified_Since=first.headers["Last-Modified"])
    assert response.status_code == 200
    assert b"picnic" not in response.data


def test_no_validator_lies_in_the_future(town: Town) -> None:
    """Two contents within a second: the second's date would be a second ahead, so it has none for that long."""
    town.get(ICS)
    town.put("picnic", title="Changed")
    assert "Last-Modified" not in town.get(ICS).headers
    town.now += timedelta(seconds=1)
    assert town.get(ICS).headers["Last-Modified"] == http_date(town.now)


def test_the_plain_list(town: Town) -> None:
    response = town.get(JSON)
    assert response.headers["Content-Type"] == "application/json"
    feed = json.loads(response.data)
    assert feed["name"] == town.settings.feed_name
    assert [event["id"] for event in feed["events"]] == ["picnic", "choir"]
    assert feed["updatedAt"] == "2026-04-02T09:30:00Z"
    assert "nextPage" not in feed


@pytest.mark.parametrize("form", ["json", "jsonfeed"])
def test_pages_hold_every_event_once_and_in_order(town: Town, form: str) -> None:
    for number in range(7):
        town.put(f"event-{number}", startAt=NOW + timedelta(hours=number % 3))
    ids: list[str] = []
    url = f"{JSON}?limit=4&format={form}"
    tags = set()
    while url:
        response = town.get(url)
        tags.add(response.headers["ETag"])
        page = json.loads(response.data)
        ids += [event["id"].split("@")[0] for event in page["items" if form == "jsonfeed" else "events"]]
        following = page.get("next_url" if form == "jsonfeed" else "nextPage", "")
        url = following.removeprefix(town.settings.public_url)
    assert ids == ["event-0", "event-3", "event-6", "event-1", "event-4", "event-2", "event-5", "picnic", "choir"]
    assert len(tags) == 3


def test_a_query_that_is_not_understood_is_refused_with_every_fault(town: Town) -> None:
    response = town.get(f"{JSON}?format=xml&limit=0&cursor=%21")
    assert response.status_code == 422
    error = json.loads(response.data)["error"]
    assert error["code"] == "validation_failed"
    assert [fault["field"] for fault in error["details"]] == ["format", "limit", "cursor"]
    assert response.headers["Cache-Control"] == "no-store"
    assert town.get(f"{ICS}?utm_source=mail").status_code == 200


def test_bodies_are_kept_by_tag_and_the_oldest_make_room() -> None:
    cache = BodyCache(octets_max=10)
    cache.put("a", b"12345")
    cache.put("b", b"12345")
    assert cache.get("a") == b"12345"
    cache.put("c", b"123")
    assert [cache.get(tag) for tag in "abc"] == [b"12345", None, b"123"]
    cache.put("d", b"12345678901")
    assert [cache.get(tag) for tag in "acd"] == [None, None, None]


def test_a_served_body_costs_one_read_the_next_time(town: Town) -> None:
    """The body is found by its tag, so even a client without a copy costs no more than one with it."""
    first = town.get(ICS)
    with billed(town.firestore) as bill:
        assert town.get(ICS).data == first.data
        assert town.get(ICS, If_None_Match=first.headers["ETag"]).status_code == 304
    assert (bill.reads, bill.writes) == (2, 0)
