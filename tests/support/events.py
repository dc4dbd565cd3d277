"""Event and RSVP documents for tests, as a client would have written them."""

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime.now(UTC).replace(microsecond=0)


def event_document(**fields: Any) -> dict[str, Any]:
    """A public event two days from now, created by `cleo`, with what the functions keep already there."""
    start = NOW + timedelta(days=2)
    return {
        "title": "Picnic",
        "titleLower": "picnic",
        "description": "",
        "startAt": start,
        "visibility": "public",
        "published": True,
        "createdBy": "cleo",
        "createdAt": NOW,
        "updatedAt": NOW,
        "attendingCount": 0,
        "waitlistCount": 0,
        "lastEndAt": start + timedelta(hours=1),
        "sequence": 0,
    } | fields


def given_event(client: Any, event_id: str = "e", **fields: Any) -> None:
    """Store such an event."""
    client.document("events", event_id).set(event_document(**fields))


def rsvp_document(uid: str, status: str = "going", **fields: Any) -> dict[str, Any]:
    """An RSVP as its owner writes it first."""
    return {
        "status": status,
        "statusHistory": [{"status": status, "changedAt": NOW, "changedBy": uid}],
        "createdAt": NOW,
        "updatedAt": NOW,
    } | fields


def ledger(client: Any, event_id: str) -> dict[str, dict[str, Any]]:
    """The seat ledger of an event, by uid."""
    return {found.id: found.to_dict() for found in client.collection("events", event_id, "seats").stream()}


def assert_books_balance(client: Any, event_id: str) -> dict[str, dict[str, Any]]:
    """The event's counts are what its ledger says, and no seat is taken beyond its capacity; returns the ledger."""
    event = client.document("events", event_id).get().to_dict()
    seats = ledger(client, event_id)
    taken = sum(seat["seats"] for seat in seats.values() if seat["state"] in {"admitted", "held"})
    assert event["attendingCount"] == taken, "attendingCount is not the ledger's sum"
    assert event["waitlistCount"] == sum(seat["state"] == "waitlisted" for seat in seats.values())
    assert event.get("maxAttendees") is None or taken <= event["maxAttendees"], "oversold"
    return seats
