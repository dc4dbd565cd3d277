"""What firestore.indexes.json leaves unindexed is what is stored and large and never queried: no less, no more.

The fields are not listed here: documents are written through the rules and by the functions, and are then looked at.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore as sdk

from firewarden.indexes import read_catalog, read_definitions
from firewarden.testing import Database
from gather.attendance.pace import BURST
from gather.attendance.pending import settle_or_mark
from gather.attendance.store import settle_rsvp
from gather.events.store import Told, reconcile_event
from gather.feeds.reading import read_index
from gather.feeds.store import sync_fragment
from tests.conftest import settings_for

_FOLDER = Path(__file__).parents[2] / "indexes"
NOW = datetime.now(UTC).replace(microsecond=0)
# Longer text is indexed by its beginning only: https://firebase.google.com/docs/firestore/quotas#indexes
INDEXED_OCTETS_MAX = 1_500
Field = tuple[str, str]

# Every text is as long as the rules allow.
EVENT: dict[str, Any] = {
    "title": "t" * 200,
    "titleLower": "t" * 200,
    "description": "d" * 20_000,
    "startAt": NOW + timedelta(days=2),
    "endAt": NOW + timedelta(days=2, hours=1),
    "timezone": "Europe/Berlin",
    "location": "l" * 500,
    "imageUrl": "https://" + "i" * 1_992,
    "refundPolicy": "r" * 5_000,
    "cancelReason": "c" * 2_000,
    "externalProductId": "e" * 200,
    "tags": ["food"],
    "recurrence": {"rrule": "FREQ=WEEKLY", "exdates": [NOW + timedelta(days=9)]},
    "overrides": {f"{NOW + timedelta(days=16):%Y%m%dT%H%M%SZ}": {"location": "Hall"}},
    "published": True,
    "createdBy": "ana",
    "createdAt": sdk.SERVER_TIMESTAMP,
    "updatedAt": sdk.SERVER_TIMESTAMP,
}


@pytest.mark.emulator
def test_what_is_large_and_never_queried_is_exempt_from_indexes(stored: dict[Field, list[Any]]) -> None:
    """A map is indexed leaf by leaf and a list item by item; an exemption for what nobody stores would say nothing."""
    overrides = read_definitions(_FOLDER / "firestore.indexes.json").overrides
    exempt = {(each.collection, each.path) for each in overrides if not each.indexes}
    catalog = read_catalog(_FOLDER / "queries.yaml")
    queried = {
        (each.query.collection.rpartition("/")[2], path)
        for each in catalog.queries
        for path in (
            *(condition.field for condition in each.query.filters()),
            *(order.field for order in each.query.order_by),
        )
    }
    large = {field for field, values in stored.items() if any(_is_large(value) for value in values)}
    assert exempt == large - queried
    assert {(each.collection, each.path) for each in overrides} <= stored.keys()


@pytest.fixture
def stored(firestore: Database) -> dict[Field, list[Any]]:
    """Every field of everything stored, after a member's clients and the functions have written what they write."""
    owner = firestore.as_owner()
    ana, ben = (firestore.as_user(uid, role="member") for uid in ("ana", "ben"))
    ana.document("events/open").set({**EVENT, "visibility": "public"})
    ana.document("events/closed").set({**EVENT, "visibility": "private", "invitedUsers": ["ben"]})
    ben.document("events/open/rsvps/ben").set(
        {
            "status": "going",
            "statusHistory": [{"status": "going", "changedAt": NOW, "changedBy": "ben"}],
            "partySize": 2,
            "notes": "n" * 2_000,
            "createdAt": sdk.SERVER_TIMESTAMP,
            "updatedAt": sdk.SERVER_TIMESTAMP,
        }
    )
    reconcile_event(owner, "open", now=NOW)
    before = owner.document("events/open/rsvps/ben").get()
    before.reference.update({"statusHistory": [{"status": "maybe", "changedAt": NOW, "changedBy": "root"}]})
    settle_rsvp(owner, "open", "ben", now=NOW, before=before, cause="rewritten")
    _move_a_busy_event(owner)
    sync_fragment(owner, "open", now=NOW, settings=settings_for(firestore.project))
    read_index(owner, now=NOW)
    found: dict[Field, list[Any]] = {}
    for collection, document in _documents(owner):
        for name, value in document.items():
            found.setdefault((collection, name), []).append(value)
    assert {collection for collection, _ in found} == {
        "events", "rsvps", "seats", "audit", "announcements", "pending", "event_teasers", "feeds", "chunks",
    }  # fmt: skip
    return found


def _move_a_busy_event(owner: Any) -> None:
    """Somebody answers while the event is too busy to be written, and its organizer moves it."""
    event = owner.document("events/open")
    event.update({"busyUntil": NOW + BURST})
    owner.document("events/open/rsvps/cy").set(owner.document("events/open/rsvps/ben").get().to_dict())
    settle_or_mark(owner, "open", "cy", now=NOW, cause="busy")
    before = event.get()
    event.update({"startAt": NOW + timedelta(days=3), "endAt": NOW + timedelta(days=3, hours=1)})
    reconcile_event(owner, "open", now=NOW, told=Told(before=before, after=event.get(), delivery="moved"))


def _documents(parent: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for collection in parent.collections():
        for reference in collection.list_documents():
            yield collection.id, reference.get().to_dict() or {}
            yield from _documents(reference)


def _is_large(value: Any) -> bool:
    # A blob is never compared with anything, however small this one happens to be.
    return isinstance(value, dict | list | bytes) or (isinstance(value, str) and len(value) > INDEXED_OCTETS_MAX)
