"""When a series moves, exdates and overrides move along, whatever order deliveries come in and however often."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firewarden.testing import Database
from gather.events.model import Event, parse_event
from gather.events.rekey import rekeyed
from gather.events.store import Told, reconcile_event
from tests.support.deliveries import image
from tests.support.events import NOW, event_document

START = datetime(2026, 6, 1, 16, tzinfo=UTC)  # a Monday, 18:00 in Berlin
WEEK = timedelta(days=7)


def series(
    start: datetime = START, *, rrule: str = "FREQ=WEEKLY", zone: str = "Europe/Berlin", **fields: Any
) -> dict[str, Any]:
    return {"title": "Club", "createdBy": "ana", "visibility": "public", "startAt": start, "timezone": zone} | {
        "recurrence": {"rrule": rrule, "exdates": fields.pop("exdates", [])},
        **fields,
    }


def read(data: dict[str, Any]) -> Event:
    return parse_event("e", data)


def moved(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return {**new, **rekeyed(read(old), read(new), new)}


def test_another_hour_moves_exdates_and_overrides_across_a_change_of_the_clocks() -> None:
    winter = START + 22 * WEEK + timedelta(hours=1)  # still 18:00 in Berlin
    old = series(exdates=[START + WEEK, winter], overrides={"20260615T160000Z": {"title": "Gala"}})
    new = {**old, "startAt": START + timedelta(hours=2)}
    found = moved(old, new)
    assert found["recurrence"]["exdates"] == [START + WEEK + timedelta(hours=2), winter + timedelta(hours=2)]
    assert found["overrides"] == {"20260615T180000Z": {"title": "Gala"}}
    assert set(read(found).overrides) == {"20260615T180000Z"}


def test_another_day_moves_them_to_the_day_that_took_its_place() -> None:
    old = series(exdates=[START + WEEK])
    found = moved(old, {**old, "startAt": START + timedelta(days=1)})
    assert found["recurrence"]["exdates"] == [START + WEEK + timedelta(days=1)]


def test_another_zone_and_whole_days_move_them() -> None:
    old = series(exdates=[START + WEEK], overrides={"20260615T160000Z": {}})
    found = moved(old, {**old, "timezone": "America/New_York"})
    assert found["recurrence"]["exdates"] == [START + WEEK]  # the same moments are occurrences there as well
    midnight = datetime(2026, 5, 31, 22, tzinfo=UTC)
    found = moved(old, {**old, "startAt": midnight, "allDay": True})
    assert found["overrides"] == {"20260615": {}}
    # An all-day exdate names its day by any time of it.
    assert read(found).recurrence is not None


def test_what_a_client_has_given_new_names_stays() -> None:
    old = series(exdates=[START + WEEK], overrides={"20260615T160000Z": {"title": "old"}})
    later = START + timedelta(hours=1)
    new = {**old, "startAt": later, "overrides": {"20260615T170000Z": {"title": "new"}}}
    new["recurrence"] = {"rrule": "FREQ=WEEKLY", "exdates": [later + WEEK]}
    assert rekeyed(read(old), read(new), new) == {}
    both = {**new, "overrides": {**new["overrides"], **old["overrides"]}}
    assert moved(old, both)["overrides"] == both["overrides"], "what names nothing and has no place is left alone"


@pytest.mark.parametrize(
    "change",
    [{"title": "Gala"}, {"startAt": "soon"}, {"recurrence": {"rrule": "FREQ=HOURLY"}}, {"recurrence": None}],
)
def test_a_series_that_did_not_move_or_is_none_is_left_alone(change: dict[str, Any]) -> None:
    old = series(exdates=[START + WEEK])
    new = {**old, **change}
    assert rekeyed(read(old), read(new), new) == {}


@pytest.mark.parametrize("exdates", [None, "x", ["x", 3, None]])
def test_malformed_exdates_are_left_as_they_are(exdates: Any) -> None:
    old = series(exdates=exdates, overrides={"x": 1, "20260615T160000Z": 2})
    found = moved(old, {**old, "startAt": START + timedelta(hours=1)})
    assert found["recurrence"]["exdates"] == exdates
    assert found["overrides"] == {"x": 1, "20260615T170000Z": 2}


@given(
    st.lists(st.integers(1, 40), unique=True, max_size=5),
    st.lists(st.integers(-20, 20).map(lambda quarters: timedelta(minutes=15 * quarters)), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_every_order_of_deliveries_leads_to_the_same_occurrences(
    weeks: list[int], shifts: list[timedelta], rng: Any
) -> None:
    """The event has taken all its moves before the first delivery arrives, as it may."""
    starts = [START]
    for shift in shifts:
        starts.append(starts[-1] + shift)
    old = series(exdates=[START + week * WEEK for week in weeks], zone="UTC")
    expected = [starts[-1] + week * WEEK for week in weeks]
    for order in permutations(starts[:-1]):
        stored = {**old, "startAt": starts[-1]}
        for before in [*order, rng.choice(order)]:
            stored = moved({**old, "startAt": before}, stored)
        assert stored["recurrence"]["exdates"] == expected


@pytest.mark.emulator
def test_a_move_and_its_names_are_one_change(firestore: Database) -> None:
    client = firestore.as_owner()
    start = NOW.replace(minute=0, second=0) + timedelta(days=2)
    stored = event_document(
        startAt=start, timezone="UTC", recurrence={"rrule": "FREQ=DAILY", "exdates": [start + timedelta(days=1)]}
    )
    client.document("events/e").set(stored)
    reconcile_event(client, "e", now=NOW)
    before = client.document("events/e").get()
    before.reference.update({"startAt": start + timedelta(hours=1)})
    after = before.reference.get()
    for _ in range(2):
        told = Told(before=before, after=after, delivery="d")
        event = reconcile_event(client, "e", now=NOW, told=told)
        assert event is not None
        assert event.recurrence is not None
        assert event.recurrence.exdates == (start + timedelta(days=1, hours=1),)
        assert event.sequence == 1
    (audit,) = client.collection("events/e/audit").stream()
    assert (audit.id, audit.get("kind"), audit.get("fields")) == ("d", "event.changed", ["startAt"])
    predecessor = image(stored, create_time=NOW - timedelta(days=9))
    reconcile_event(client, "e", now=NOW, told=Told(before=predecessor, after=predecessor, delivery="late"))
    assert len(list(client.collection("events/e/audit").stream())) == 1
