"""Which events the public feed holds, on a real server: who may know of them, for how long, and what fits."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from gather.feeds.chunks import CHUNK_IDS, chunk_id, encode_chunk
from gather.feeds.documents import chunk_reference
from gather.feeds.reading import read_index
from tests.feeds.public_feed import filler, fragments_in, left_out, names, neighbors, put, shown, sync
from tests.feeds.samples import NOW, WEEKLY, document

pytestmark = pytest.mark.emulator


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": "members"},
        {"visibility": "private"},
        {"visibility": "nonsense"},
        {"visibility": None},
        {"published": False},
        {"published": "yes"},
    ],
)
def test_what_a_guest_may_not_always_read_is_never_in_the_feed(client: Any, fields: dict[str, Any]) -> None:
    """It is not shown from the start, and an event that becomes so leaves the feed."""
    assert put(client, "secret", **fields) == "unchanged"
    put(client, "turned")
    assert put(client, "turned", **fields) == "removed"
    assert shown(client) == []


AUDIENCES: list[tuple[str, bool, dict[str, Any]]] = [
    ("public", True, {}),
    ("without-teaser", True, {"noTeaser": True}),
    ("canceled", True, {"canceled": True, "updatedAt": NOW - timedelta(days=29)}),
    ("over", True, {"startAt": NOW - timedelta(days=80)}),
    ("private", False, {"visibility": "private", "invitedUsers": ["uid-of-cleo"]}),
    ("private-and-over", False, {"visibility": "private", "startAt": NOW - timedelta(days=80)}),
    ("private-and-canceled", False, {"visibility": "private", "canceled": True}),
    ("members", False, {"visibility": "members"}),
    ("members-without-teaser", False, {"visibility": "members", "noTeaser": True}),
    ("draft", False, {"published": False}),
    ("draft-and-over", False, {"published": False, "startAt": NOW - timedelta(days=80)}),
    ("canceled-long-ago", False, {"canceled": True, "updatedAt": NOW - timedelta(days=31)}),
]


def test_the_feed_tells_of_each_event_what_everyone_may_know(client: Any) -> None:
    """Public and published ones appear, teaser or not, canceled ones marked so; of the others nothing is stored."""
    for name, _, fields in AUDIENCES:
        put(client, name, title=f"Title of {name}.", description=f"Text of {name}.", createdBy="uid-of-ana", **fields)
    expected = {name for name, appears, _ in AUDIENCES if appears}
    assert set(shown(client)) == expected
    stored = {key: each for chunk in CHUNK_IDS for key, each in fragments_in(client, chunk).items()}
    assert stored.keys() == expected
    everything = "".join(fragment.ics + fragment.json for fragment in stored.values())
    for name, appears, _ in AUDIENCES:
        assert (f"Title of {name}." in everything, f"Text of {name}." in everything) == (appears, appears), name
    assert "uid-of-" not in everything
    assert {name for name, each in stored.items() if "STATUS:CANCELLED" in each.ics} == {"canceled"}


def test_legacy_public_events_are_in_the_feed(client: Any) -> None:
    assert put(client, "legacy", visibility=None, public=True) == "stored"


def test_events_leave_the_feed_ninety_days_after_their_end_without_any_write(client: Any) -> None:
    put(client, "over", startAt=NOW - timedelta(days=89), endAt=NOW - timedelta(days=89) + timedelta(hours=1))
    put(client, "endless", **WEEKLY | {"startAt": NOW - timedelta(days=400), "endAt": None, "overrides": None,
                                       "recurrence": {"rrule": "FREQ=WEEKLY"}})  # fmt: skip
    first, _ = read_index(client, now=NOW)
    assert shown(client) == ["endless", "over"]
    later = NOW + timedelta(days=1, hours=2)
    assert shown(client, now=later) == ["endless"]
    second, _ = read_index(client, now=later)
    assert second.digest != first.digest
    assert second.modified_at > first.modified_at
    assert put(client, "older", now=later, startAt=NOW - timedelta(days=95)) == "unchanged"


def test_canceled_events_stay_for_thirty_days(client: Any) -> None:
    put(client, "off", canceled=True, updatedAt=NOW)
    assert shown(client, now=NOW + timedelta(days=29)) == ["off"]
    assert shown(client, now=NOW + timedelta(days=31)) == []


@pytest.mark.parametrize(
    "recurrence",
    [{"rrule": "FREQ=WEEKLY;BYDAY=1MO"}, {"rrule": 7}, {"exdates": [NOW]}, "weekly", None],
    ids=["refused rule", "no text", "no rule", "no map", "null"],
)
def test_an_event_whose_recurrence_cannot_be_read_is_a_single_one_in_its_own_window(
    client: Any, recurrence: Any
) -> None:
    """For access it never ends, so that nothing is opened too early; the feed shows and drops what it can read."""
    stored = document(startAt=NOW, endAt=NOW + timedelta(hours=2), timezone="Europe/Berlin")
    client.collection("events").document("broken").set(stored | {"recurrence": recurrence})
    assert sync(client, "broken") == "stored"
    (fragment,) = fragments_in(client, chunk_id("broken")).values()
    assert "BEGIN:VEVENT" in fragment.ics
    assert "RRULE" not in fragment.ics
    assert fragment.expires_at == NOW + timedelta(days=90, hours=2)
    assert shown(client, now=fragment.expires_at - timedelta(seconds=1)) == ["broken"]
    assert shown(client, now=fragment.expires_at) == []
    assert sync(client, "broken", now=fragment.expires_at) == "removed"


def test_what_has_expired_goes_when_its_chunk_is_written(client: Any) -> None:
    """Only then: an event that has not changed writes nothing."""
    passing, staying, other = neighbors(3)
    elsewhere = next(name for name in names() if chunk_id(name) != chunk_id(passing))
    for name in (passing, elsewhere):
        put(client, name, canceled=True, updatedAt=NOW)
    put(client, staying)
    later = NOW + timedelta(days=31)
    assert sync(client, staying, now=later) == "unchanged"
    assert fragments_in(client, chunk_id(passing)).keys() == {passing, staying}
    assert put(client, other, now=later) == "stored"
    assert fragments_in(client, chunk_id(passing)).keys() == {staying, other}
    assert fragments_in(client, chunk_id(elsewhere)).keys() == {elsewhere}
    assert shown(client, now=later) == sorted([staying, other])


@pytest.mark.parametrize(("expires_at", "outcome"), [(NOW, "stored"), (None, "left out")], ids=["expired", "shown"])
def test_a_full_chunk_takes_another_event_when_what_fills_it_has_expired(
    client: Any, expires_at: datetime | None, outcome: str
) -> None:
    """Fragments that nobody sees any more hold up no event; those that are shown are not dropped for another."""
    event_id, *fillers = neighbors(10)
    chance = random.Random(1)
    filling = [filler(name, expires_at, chance.randbytes(48_600).hex()) for name in fillers]
    chunk = chunk_reference(client, chunk_id(event_id))
    chunk.set(encode_chunk({fragment.event_id: fragment for fragment in filling}))
    before = left_out("chunk")
    assert put(client, event_id, description=chance.randbytes(2_000).hex()) == outcome
    assert left_out("chunk") - before == (outcome == "left out")
    expected = {event_id} if outcome == "stored" else set(fillers)
    assert fragments_in(client, chunk.id).keys() == expected
    assert set(shown(client)) == expected


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("startAt", {"startAt": "tomorrow"}),
        ("startAt", {"startAt": None}),
        ("size", {"timezone": "Asia/Tokyo", "recurrence": {"rrule": "FREQ=DAILY"}, "description": "x" * 5000,
                  "overrides": {f"{NOW + timedelta(days=36 + day):%Y%m%d}T160000Z": {"location": chr(0x1F375) * 490}
                                for day in range(1, 360)}}),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_left_out_and_counted(client: Any, field: str, fields: dict[str, Any]) -> None:
    """The others stay, the call does not fail, and a shown event that turns malformed leaves the feed."""
    put(client, "fine")
    put(client, "odd")
    before = left_out(field)
    assert put(client, "odd", **fields) == "left out"
    assert left_out(field) == before + 1
    assert shown(client) == ["fine"]
