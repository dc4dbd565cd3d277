"""on_event_written on a database: the steps together, deliveries twice and out of order, and when nothing is read."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from firewarden.testing import Database
from gather.attendance.store import settle_rsvp
from gather.events.derive import COUNTS
from gather.events.model import ENDLESS
from gather.events.triggers import is_only_counting, may_change_everyone, may_change_seats, on_event_written
from gather.observability import MALFORMED
from gather.runtime import Runtime, installed
from gather.transactions import Contended
from tests.support.deliveries import deliver as deliver_to
from tests.support.deliveries import image
from tests.support.events import NOW, assert_books_balance, event_document, rsvp_document
from tests.support.runtimes import runtime_for

EVENT = event_document(maxAttendees=5)
Deliver = Callable[..., None]


@pytest.mark.parametrize(
    ("change", "only_counting", "seats"),
    [
        ({}, False, False),
        ({"attendingCount": 3}, True, False),
        ({"attendingCount": 3, "waitlistCount": 1}, True, False),
        ({"attendingCount": 3, "title": "Feast"}, False, False),
        ({"title": "Feast"}, False, False),
        ({"maxAttendees": 9}, False, True),
        ({"maxAttendees": float("nan")}, False, True),
        ({"isWaitlistEnabled": False}, False, True),  # there where it was absent
        ({"waitlistPolicy": "skip"}, False, True),
        ({"countPartySize": False}, False, True),
        ({"canceled": True}, False, True),
        ({"isPaid": True}, False, True),
        ({"startAt": NOW + timedelta(days=9)}, False, True),
        ({"endAt": NOW + timedelta(days=9)}, False, True),
        ({"allDay": True}, False, True),
        ({"timezone": "Europe/Berlin"}, False, True),
        ({"recurrence": {"rrule": "FREQ=DAILY"}}, False, True),
        ({"overrides": {}}, False, True),
        ({"lastEndAt": NOW}, False, True),
        ({"attendingCount": "3"}, False, False),  # which must be counted anew
        ({"waitlistCount": None}, False, False),
    ],
)
def test_what_a_change_may_lead_to(change: dict[str, Any], only_counting: bool, seats: bool) -> None:
    assert is_only_counting(EVENT, EVENT | change) == only_counting
    assert may_change_seats(EVENT, EVENT | change) == seats
    assert may_change_everyone(EVENT, EVENT | change) == bool({"countPartySize", "isPaid"} & set(change))


@pytest.mark.parametrize(("before", "after"), [(None, EVENT), (EVENT, None), (None, None)])
def test_where_there_is_nothing_to_compare_everything_is_looked_at(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    assert not is_only_counting(before, after)
    assert may_change_seats(before, after)


# --- On a database ---------------------------------------------------------------------------------------------


@pytest.fixture
def deliver(gather_runtime: Runtime) -> Iterator[Deliver]:
    """``deliver(before, after)``: hand the change of events/e to the function as the platform does, decoded."""

    def send(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, delivery: str = "delivery") -> None:
        created = gather_runtime.firestore.document("events/e").get().create_time
        images = [None if data is None else image(data, create_time=created) for data in (before, after)]
        deliver_to(on_event_written, *images, id=delivery, eventId="e")

    with installed(gather_runtime):
        yield send


def state(client: Any) -> dict[str, Any]:
    paths = ("events/e", "event_teasers/e", "feeds/public")
    return {
        snapshot.reference.path: snapshot.to_dict() for snapshot in client.get_all([client.document(p) for p in paths])
    }


@pytest.mark.emulator
def test_a_new_event_is_in_order_has_a_teaser_and_is_in_the_feed(client: Any, deliver: Deliver) -> None:
    client.document("events/e").set(EVENT)
    deliver(None, EVENT)
    after = state(client)
    assert after["events/e"]["scheduleDigest"]
    assert after["event_teasers/e"]["title"] == "Picnic"
    assert after["feeds/public"] is not None


@pytest.mark.emulator
def test_deliveries_twice_late_and_out_of_order_lead_to_one_state(client: Any, deliver: Deliver) -> None:
    """Created, moved, moved again: every order of deliveries sees the last state, and one growth of sequence."""
    moved, again = (EVENT | {"startAt": NOW + timedelta(days=days)} for days in (3, 4))
    client.document("events/e").set(EVENT)
    deliver(None, EVENT)
    client.document("events/e").update({"startAt": again["startAt"]})
    deliver(moved, again)
    settled = state(client)
    assert settled["events/e"]["sequence"] == 1
    for before, after in [(moved, again), (EVENT, moved), (None, EVENT), (EVENT, moved)]:
        deliver(before, after)
        assert state(client) == settled


@pytest.mark.emulator
def test_a_deletion_leaves_nothing_however_late_the_rest_arrives(
    client: Any, deliver: Deliver, http: FlaskClient
) -> None:
    client.document("events/e").set(EVENT)
    deliver(None, EVENT)
    assert len(http.get("/feeds/public.json").get_json()["events"]) == 1
    client.document("events/e/rsvps/ana").set(rsvp_document("ana"))
    client.document("events/e").delete()
    for before, after in [(EVENT, None), (None, EVENT), (EVENT, EVENT | {"title": "Feast"}), (EVENT, None)]:
        deliver(before, after)
        assert state(client)["events/e"] is None
        assert state(client)["event_teasers/e"] is None
        assert not client.document("events/e/rsvps/ana").get().exists
    assert http.get("/feeds/public.json").get_json()["events"] == []


@pytest.mark.emulator
def test_an_event_created_again_inherits_nothing_by_a_late_deletion(client: Any, deliver: Deliver) -> None:
    """Two are admitted, the event goes and comes back, the deletion is delivered last; a new guest keeps the seat."""
    new = {name: value for name, value in EVENT.items() if name not in COUNTS} | {"maxAttendees": 2}
    client.document("events/e").set(new)
    deliver(None, new)
    for uid in ("ana", "ben"):
        client.document("events/e/rsvps", uid).set(rsvp_document(uid))
        settle_rsvp(client, "e", uid, now=NOW)
    assert state(client)["events/e"]["attendingCount"] == 2
    client.document("events/e").delete()
    client.document("events/e").set(new)
    deliver(None, new)
    client.document("events/e/rsvps/cleo").set(rsvp_document("cleo"))
    deliver(new, None)
    assert [found.id for found in client.collection("events/e/rsvps").stream()] == ["cleo"]
    assert [state(client)["events/e"][name] for name in COUNTS] == [0, 0]
    assert settle_rsvp(client, "e", "cleo", now=NOW) is not None
    deliver(new, None)
    assert client.document("events/e/rsvps/cleo").get().get("seatState") == "admitted"
    assert list(assert_books_balance(client, "e")) == ["cleo"]


@pytest.mark.emulator
def test_counts_that_somebody_broke_are_counted_anew(client: Any, deliver: Deliver) -> None:
    client.document("events/e").set(EVENT | {"attendingCount": "none"})
    client.document("events/e/seats/ana").set({"seats": 2, "state": "admitted", "since": NOW})
    deliver(EVENT, EVENT | {"attendingCount": "none"})
    assert state(client)["events/e"]["attendingCount"] == 2


@pytest.mark.emulator
def test_a_past_event_that_is_to_come_after_all_serves_its_line(client: Any, deliver: Deliver) -> None:
    line = {"maxAttendees": 1, "waitlistCount": 1, "isWaitlistEnabled": True}
    past = EVENT | line | {"startAt": NOW - timedelta(days=2), "lastEndAt": NOW - timedelta(days=1)}
    ahead = past | {"startAt": EVENT["startAt"]}
    client.document("events/e").set(ahead)
    client.document("events/e/rsvps/ben").set(rsvp_document("ben", "maybe", waitlisted=True, waitlistedAt=NOW))
    client.document("events/e/seats/ben").set({"seats": 1, "state": "waitlisted", "since": NOW, "source": "rsvp"})
    deliver(past, ahead)
    assert client.document("events/e/rsvps/ben").get().get("seatState") == "admitted"


@pytest.mark.emulator
def test_more_seats_serve_the_waitlist(client: Any, deliver: Deliver) -> None:
    full = event_document(maxAttendees=1, attendingCount=1, waitlistCount=1, isWaitlistEnabled=True)
    since = NOW - timedelta(hours=1)
    client.document("events/e").set(full | {"maxAttendees": 2})
    client.document("events/e/rsvps/ana").set(rsvp_document("ana"))
    client.document("events/e/seats/ana").set({"seats": 1, "state": "admitted", "since": since, "source": "rsvp"})
    client.document("events/e/rsvps/ben").set(
        rsvp_document("ben", "maybe", waitlisted=True, waitlistedAt=since, seatState="waitlisted")
    )
    client.document("events/e/seats/ben").set({"seats": 1, "state": "waitlisted", "since": since, "source": "rsvp"})
    deliver(full, full | {"maxAttendees": 2})
    assert state(client)["events/e"]["attendingCount"] == 2
    assert client.document("events/e/rsvps/ben").get().get("seatState") == "admitted"


@pytest.mark.emulator
def test_a_malformed_event_is_counted_and_does_not_stop_anything(client: Any, deliver: Deliver) -> None:
    malformed = EVENT | {"endAt": NOW, "timezone": "Mars/Olympus", "recurrence": {"rrule": "FREQ=HOURLY"}, "tags": 3}
    counters = [
        MALFORMED.labels(kind="event", field=name) for name in ("endAt", "timezone", "recurrence.rrule", "tags")
    ]
    before = [counter._value.get() for counter in counters]  # the library offers no other reading
    client.document("events/e").set(malformed)
    deliver(None, malformed)
    assert [value + 1 for value in before] == [counter._value.get() for counter in counters]
    assert state(client)["events/e"]["lastEndAt"] == ENDLESS


def test_a_change_of_counts_alone_reads_nothing() -> None:
    """No runtime is installed and none can be built from this environment: any use of it would raise."""
    deliver_to(on_event_written, *(image(EVENT | {"attendingCount": count}) for count in (1, 2)), eventId="e")


@pytest.mark.emulator
def test_a_feed_that_fails_does_not_hold_up_the_seats(
    firestore: Database, gather_runtime: Runtime, deliver: Deliver
) -> None:
    """The failure is raised after all, so that the delivery is tried again."""
    refused: list[str] = []

    def transact(client: Any, body: Any, *, contend_on: Contended = None) -> Any:
        if isinstance(contend_on, str) and contend_on.startswith("feeds/"):
            refused.append(contend_on)
            raise ConnectionError("the feed's chunk cannot be reached")
        return gather_runtime.transact(client, body, contend_on=contend_on)

    client = gather_runtime.firestore
    client.document("events/e").set(EVENT | {"attendingCount": 4})
    broken = runtime_for(gather_runtime.settings, client, now=gather_runtime.now, transact=transact)
    with installed(broken), pytest.raises(ExceptionGroup, match="events/e is not fully reconciled") as failed:
        deliver(None, EVENT)
    assert [type(each) for each in failed.value.exceptions] == [ConnectionError]
    assert refused
    assert state(client)["events/e"]["scheduleDigest"]
    deliver(None, EVENT)
    assert state(client)["feeds/public"] is not None


def test_what_a_party_counts_for_is_settled_for_everyone_and_then_the_line(client: Any, deliver: Deliver) -> None:
    before = event_document(maxAttendees=4, isWaitlistEnabled=True)
    client.document("events/e").set(before)
    for uid in ("ana", "ben", "cy"):
        client.document("events/e/rsvps", uid).set(rsvp_document(uid, partySize=3))
        settle_rsvp(client, "e", uid, now=NOW)
    client.document("events/e").update({"countPartySize": False})
    deliver(before, before | {"countPartySize": False})
    assert {uid: seat["seats"] for uid, seat in assert_books_balance(client, "e").items()} == {
        "ana": 1,
        "ben": 1,
        "cy": 1,
    }
    assert client.document("events/e").get().get("attendingCount") == 3
