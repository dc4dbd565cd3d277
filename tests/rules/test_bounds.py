"""What is too large to be written down in a case file: each bound is met, and one more is refused.

The largest documents also hold the rules within the 1,000 expressions that one request may cost.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.exceptions import PermissionDenied
from google.cloud.firestore import SERVER_TIMESTAMP

from firewarden.testing import Database

_NOW = datetime.now(UTC)
_STAMPS = {"createdAt": SERVER_TIMESTAMP, "updatedAt": SERVER_TIMESTAMP}
_EVENT = {
    "title": "Picnic",
    "titleLower": "picnic",
    "description": "",
    "startAt": _NOW + timedelta(days=2),
    "visibility": "private",
    "timezone": "Europe/Berlin",
    "createdBy": "ana",
    **_STAMPS,
}


def _words(count: int, *, size: int = 28) -> list[str]:
    return [f"{number:0{size}d}" for number in range(count)]


def _overrides(count: int) -> dict[str, Any]:
    return {f"{20260000 + number}T100000Z": {"title": "Rain"} for number in range(count)}


def _series(*, exdates: int = 0, rule_size: int = 20) -> dict[str, Any]:
    rule = "FREQ=DAILY;BYMONTH=".ljust(rule_size - 1, "1") + "2"
    return {"rrule": rule, "exdates": [_NOW] * exdates}


_EVENT_BOUNDS = {
    "title": ("x" * 200, "x" * 201),
    "titleLower": ("x" * 400, "x" * 401),
    "description": ("x" * 20_000, "x" * 20_001),
    "location": ("x" * 500, "x" * 501),
    "refundPolicy": ("x" * 5_000, "x" * 5_001),
    "cancelReason": ("x" * 2_000, "x" * 2_001),
    "externalProductId": ("x" * 200, "x" * 201),
    "imageUrl": ("https://".ljust(2_000, "x"), "https://".ljust(2_001, "x")),
    "tags": (_words(10, size=40), _words(10, size=41)),
    "invitedUsers": (_words(500, size=128), _words(501)),
    "overrides": (_overrides(366), _overrides(367)),
    "recurrence": (_series(rule_size=500, exdates=366), _series(exdates=367)),
    "recurrence.rrule": (_series(rule_size=500), _series(rule_size=501)),
}
_REST = {
    "endAt": _NOW + timedelta(days=3),
    "allDay": False,
    "maxAttendees": 50,
    "countPartySize": True,
    "isWaitlistEnabled": True,
    "waitlistPolicy": "skip",
    "isPaid": True,
    "priceCents": 500,
    "currency": "EUR",
    "organizationId": "acme",
    "published": False,
    "noTeaser": True,
    "guestListVisible": False,
    "canceled": False,
    "updatedBy": "ana",
}
_LARGEST_EVENT = {
    **_EVENT,
    **_REST,
    **{field: largest for field, (largest, _) in _EVENT_BOUNDS.items() if "." not in field},
}
_USER_BOUNDS = {"name": 200, "contact": 500}

pytestmark = pytest.mark.emulator


@pytest.mark.parametrize("field", _EVENT_BOUNDS)
def test_event_fields_are_bounded(field: str, firestore: Database) -> None:
    event = firestore.as_user("ana", role="member").document("events/e")
    largest, too_large = _EVENT_BOUNDS[field]
    name = field.partition(".")[0]
    with pytest.raises(PermissionDenied):
        event.create({**_EVENT, name: too_large})
    event.create({**_EVENT, name: largest})


@pytest.mark.parametrize("field", _USER_BOUNDS)
def test_profile_fields_are_bounded(field: str, firestore: Database) -> None:
    profile = firestore.as_user("ana", role="member").document("users/ana")
    size = _USER_BOUNDS[field]
    with pytest.raises(PermissionDenied):
        profile.create({field: "x" * (size + 1), "updatedAt": SERVER_TIMESTAMP})
    profile.create({field: "x" * size, "updatedAt": SERVER_TIMESTAMP})


def test_the_largest_event_fits_one_request(firestore: Database) -> None:
    """Every field at its bound: to create, and for an organizer to change all of it and move it elsewhere."""
    owner = firestore.as_owner()
    for path in ("acme/members/ana", "acme/members/olga", "bets/members/olga"):
        owner.document(f"organizations/{path}").set({"role": "organizer"})
    firestore.as_user("ana", role="member").document("events/e").set(_LARGEST_EVENT)
    owner.document("events/e").update({"attendingCount": 5, "waitlistCount": 1, "sequence": 2, "lastEndAt": _NOW})
    change = {key: value for key, value in _LARGEST_EVENT.items() if key not in {"createdBy", "createdAt"}}
    firestore.as_user("olga", role="member").document("events/e").update(
        {**change, "title": "y" * 200, "organizationId": "bets", "updatedBy": "olga"}
    )
    assert owner.document("events/e").get().get("organizationId") == "bets"


def test_several_of_the_largest_events_fit_one_batch(firestore: Database) -> None:
    """Each write of a commit has its own budget."""
    firestore.as_owner().document("organizations/acme/members/ana").set({"role": "member"})
    client = firestore.as_user("ana", role="member")
    batch = client.batch()
    for number in range(5):
        batch.set(client.document(f"events/e{number}"), _LARGEST_EVENT)
    batch.commit()


def test_a_history_holds_200_entries(firestore: Database) -> None:
    entries = [{"status": "maybe", "changedAt": _NOW - timedelta(days=1), "changedBy": "ben"}] * 198
    owner = firestore.as_owner()
    owner.document("events/e").set({**_EVENT, **_REST, "visibility": "public", "published": True})
    owner.document("events/e/rsvps/ben").set(
        {"status": "maybe", "statusHistory": entries, "partySize": 2, "notes": "x" * 2_000, **_STAMPS}
    )
    answer = firestore.as_user("ben", role="member").document("events/e/rsvps/ben")
    for status in ("going", "not-going"):
        entries = [*entries, {"status": status, "changedAt": datetime.now(UTC), "changedBy": "ben"}]
        answer.update({"status": status, "statusHistory": entries, "notes": "y" * 2_000, "updatedAt": SERVER_TIMESTAMP})
    entries = [*entries, {"status": "maybe", "changedAt": datetime.now(UTC), "changedBy": "ben"}]
    with pytest.raises(PermissionDenied):
        answer.update({"status": "maybe", "statusHistory": entries, "updatedAt": SERVER_TIMESTAMP})


def test_notes_are_bounded(firestore: Database) -> None:
    firestore.as_owner().document("events/e").set({**_EVENT, "visibility": "public"})
    answer = firestore.as_user("ben", role="member").document("events/e/rsvps/ben")
    entry = {"status": "going", "changedAt": datetime.now(UTC), "changedBy": "ben"}
    data = {"status": "going", "statusHistory": [entry], **_STAMPS}
    with pytest.raises(PermissionDenied):
        answer.create({**data, "notes": "x" * 2_001})
    answer.create({**data, "notes": "x" * 2_000})
