"""Events in Firestore: derived fields and teasers follow the stored event, whatever order deliveries come in."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from google.cloud import firestore as sdk

from gather.events.model import ENDLESS, GUEST, Viewer
from gather.events.store import load_event, reconcile_event, viewer_of
from gather.http.auth import Caller
from gather.transactions import Contended, Transact, run_transaction
from tests.support.events import NOW
from tests.support.unprotected import run_unprotected

T = TypeVar("T")

pytestmark = pytest.mark.emulator

START = NOW + timedelta(days=2)


def stored(client: Any, path: str = "events/e") -> dict[str, Any] | None:
    data: dict[str, Any] | None = client.document(path).get().to_dict()
    return data


def teaser(client: Any) -> dict[str, Any] | None:
    return stored(client, "event_teasers/e")


def test_a_new_event_gets_its_derived_fields_and_its_teaser(client: Any, write: Any) -> None:
    write(title="Ärger İm PARK")
    event = reconcile_event(client, "e", now=NOW)
    assert event is not None
    assert stored(client) == {
        "title": "Ärger İm PARK",
        "titleLower": "ärger i̇m park",
        "startAt": START,
        "visibility": "public",
        "published": True,
        "createdBy": "cleo",
        "createdAt": NOW,
        "updatedAt": NOW,
        "attendingCount": 0,
        "waitlistCount": 0,
        "lastEndAt": START + timedelta(hours=1),
        "sequence": 0,
        "scheduleDigest": event.schedule_digest,
    }
    assert event.last_end_at == START + timedelta(hours=1)
    assert teaser(client) == {"title": "Ärger İm PARK", "startAt": START, "createdAt": NOW}


def test_what_agrees_already_is_not_written_again(client: Any, write: Any) -> None:
    """A delivery that comes twice writes nothing, so it triggers nothing."""
    write()
    reconcile_event(client, "e", now=NOW)
    before = [client.document(path).get().update_time for path in ("events/e", "event_teasers/e")]
    reconcile_event(client, "e", now=NOW)
    assert before == [client.document(path).get().update_time for path in ("events/e", "event_teasers/e")]


def test_an_endless_series_ends_at_the_end_of_time(client: Any, write: Any) -> None:
    write(timezone="Europe/Berlin", recurrence={"rrule": "FREQ=WEEKLY"})
    reconcile_event(client, "e", now=NOW)
    assert (stored(client) or {})["lastEndAt"] == ENDLESS
    reconcile_event(client, "e", now=NOW)
    found = client.collection("events").where(filter=sdk.FieldFilter("lastEndAt", ">=", NOW)).get()
    assert [each.id for each in found] == ["e"]


def test_a_last_end_that_no_longer_exists_is_deleted(client: Any, write: Any) -> None:
    write(startAt="soon", lastEndAt=START)
    reconcile_event(client, "e", now=NOW)
    assert "lastEndAt" not in (stored(client) or {})


def test_counts_and_drafts_are_left_as_they_are(client: Any, write: Any) -> None:
    write(attendingCount=7, waitlistCount=2, published=False)
    reconcile_event(client, "e", now=NOW)
    after = stored(client) or {}
    assert (after["attendingCount"], after["waitlistCount"], after["published"]) == (7, 2, False)
    assert teaser(client) is None


LEDGER = {
    "ana": {"seats": 2, "state": "admitted", "since": NOW},
    "ben": {"seats": 1, "state": "held", "since": NOW},
    "cleo": {"seats": 4, "state": "waitlisted", "since": NOW},
}


@pytest.mark.parametrize(
    "lost",
    [
        {},
        {"attendingCount": 3},
        {"waitlistCount": 1},
        {"attendingCount": "3", "waitlistCount": 1},
        {"attendingCount": None, "waitlistCount": 1},
        {"attendingCount": 3, "waitlistCount": -1},
        {"attendingCount": 3.0, "waitlistCount": 1},
    ],
)
def test_lost_counts_are_counted_anew(client: Any, write: Any, lost: dict[str, Any]) -> None:
    """Zero in their place would sell the seats that are taken a second time."""
    write(maxAttendees=3, **lost)
    for uid, entry in LEDGER.items():
        client.document("events/e/seats", uid).set(entry)
    event = reconcile_event(client, "e", now=NOW)
    after = stored(client) or {}
    assert (after["attendingCount"], after["waitlistCount"]) == (3, 1)
    assert event is not None
    assert (event.attending_count, event.waitlist_count) == (3, 1)


def test_a_draft_by_a_malformed_mark_is_not_published(client: Any, write: Any) -> None:
    write(published=None)
    reconcile_event(client, "e", now=NOW)
    assert (stored(client) or {})["published"] is None
    assert teaser(client) is None


def test_a_private_series_with_an_unreadable_rule_stays_closed(client: Any, write: Any) -> None:
    recurrence = {"rrule": "FREQ=WEEKLY;BYDAY=1MO"}
    write(startAt=NOW - timedelta(days=1), visibility="private", timezone="UTC", recurrence=recurrence)
    reconcile_event(client, "e", now=NOW)
    assert (stored(client) or {})["lastEndAt"] == ENDLESS


@pytest.mark.parametrize(
    "change",
    [
        {"visibility": "private"},
        {"published": False},
        {"canceled": True},
        {"noTeaser": True},
        {"startAt": NOW - timedelta(days=1)},
    ],
)
def test_a_teaser_goes_with_what_it_showed(client: Any, write: Any, change: dict[str, Any]) -> None:
    write()
    reconcile_event(client, "e", now=NOW)
    assert teaser(client) is not None
    client.document("events/e").update(change)
    reconcile_event(client, "e", now=NOW)
    assert teaser(client) is None


def test_a_teaser_somebody_tampered_with_is_put_right(client: Any, write: Any) -> None:
    write()
    client.document("event_teasers/e").set({"title": "Spam", "link": "https://example.org"})
    reconcile_event(client, "e", now=NOW)
    assert teaser(client) == {"title": "Picnic", "startAt": START, "createdAt": NOW}


def test_an_old_delivery_after_a_newer_one_changes_nothing(client: Any, write: Any) -> None:
    """Two moves, then both deliveries, in any order and twice: two looks at one state are one change."""
    write()
    reconcile_event(client, "e", now=NOW)
    for days in (3, 4):
        client.document("events/e").update({"startAt": NOW + timedelta(days=days)})
    for _ in range(4):
        reconcile_event(client, "e", now=NOW)
    after = stored(client) or {}
    assert after["sequence"] == 1
    assert after["lastEndAt"] == NOW + timedelta(days=4, hours=1)
    assert (teaser(client) or {})["startAt"] == NOW + timedelta(days=4)


def test_a_delivery_after_the_deletion_brings_nothing_back(client: Any, write: Any) -> None:
    write()
    reconcile_event(client, "e", now=NOW)
    client.document("events/e").delete()
    for _ in range(2):
        assert reconcile_event(client, "e", now=NOW) is None
    assert stored(client) is None
    assert teaser(client) is None


@pytest.mark.parametrize(("run", "leaked"), [(run_transaction, None), (run_unprotected, "Secret")])
def test_a_title_made_private_meanwhile_does_not_leak(
    client: Any, write: Any, run: Transact, leaked: str | None
) -> None:
    """A slow reconciliation has read the public event; before it writes, the event goes private and is reconciled.

    The control without transactions leaks the title for good: no further delivery would come.
    """
    write(title="Secret")

    def go_private() -> None:
        client.document("events/e").update({"visibility": "private"})
        reconcile_event(client, "e", now=NOW, transact=run)

    other = threading.Thread(target=go_private)

    def slowly(client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
        def wait_before_writing(transaction: Any) -> T:
            result = body(transaction)
            if other.ident is None:
                other.start()
                other.join(1.0)  # either it is done by then, or it waits for our locks
            return result

        # Without the name, so that only Firestore can keep the two apart, not the queue inside this process.
        return run(client, wait_before_writing)

    reconcile_event(client, "e", now=NOW, transact=slowly)
    other.join()
    assert (teaser(client) or {}).get("title") == leaked


@pytest.mark.parametrize("event_id", ["missing", ".", "..", "__all__", "", "a/b", "x" * 1501])
def test_there_is_no_event_under_an_impossible_or_unknown_id(client: Any, event_id: str) -> None:
    assert load_event(client, event_id) is None


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (None, GUEST),
        (Caller(uid="olga", role="member"), Viewer("olga", "member", organizer=True)),
        (Caller(uid="otto", role="member"), Viewer("otto", "member", organizer=True)),
        (Caller(uid="mia", role="member"), Viewer("mia", "member")),
        (Caller(uid="ana", role="member"), Viewer("ana", "member")),
        (Caller(uid="olga", role=None), Viewer("olga")),
        (Caller(uid="root", role="admin"), Viewer("root", "admin")),
        (Caller(uid="a/b", role="member"), Viewer("a/b", "member")),
    ],
)
def test_the_organization_says_who_organizes(client: Any, write: Any, caller: Caller | None, expected: Viewer) -> None:
    write(organizationId="club")
    for uid, role in (("olga", "organizer"), ("otto", "owner"), ("mia", "member")):
        client.document("organizations/club/members", uid).set({"role": role})
    event = load_event(client, "e")
    assert event is not None
    assert viewer_of(client, caller, event) == expected
