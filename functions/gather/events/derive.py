"""What the functions keep in an event's document and in its teaser, computed from the event as it is. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gather.events.event import Event
from gather.events.laws import last_end, schedule_digest, wants_teaser

COUNTS = ("attendingCount", "waitlistCount")
"""The fields that are derived from the ledger, in the order `sum_ledger` gives them."""
PACE = "busyUntil"
"""How busy settlements have been; written with the counts and, like them, nothing else is derived from it."""


def has_sound_counts(stored: Mapping[str, Any]) -> bool:
    """Whether both counts are there and are counts; a lost one is never taken for zero, which would oversell."""
    return all(is_count(stored.get(name)) for name in COUNTS)


def is_count(value: object) -> bool:
    """A whole number, and none below zero; a fraction of equal value is none."""
    return type(value) is int and value >= 0


def derived_changes(event: Event, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The fields to write so that the document agrees with itself; None means delete, and {} that it does.

    The counts are not among them: they follow from the ledger, not from the document.

    `sequence` grows when the schedule's digest is another than the one stored with it, so that neither a duplicate
    nor an old delivery can move it. A first digest is recorded without growth.
    """
    digest = schedule_digest(event)
    wanted = {
        "titleLower": event.title.lower(),
        "lastEndAt": last_end(event),
        "sequence": event.sequence + (1 if _has_moved(event, digest) else 0),
        "scheduleDigest": digest,
        "cancelAnnounced": True if event.canceled else None,
    }
    if "published" not in stored:
        # Absent means true, but a list query can only find what is there. A null is a draft, and stays one.
        wanted["published"] = True
    return {name: value for name, value in wanted.items() if not _is_same(stored.get(name), value)}


def announcement_of(event: Event, stored: Mapping[str, Any]) -> str | None:
    """What to tell everybody who is going when `sequence` grows: that the event is canceled, or has changed.

    Once canceled, further changes are nobody's concern, until it takes place after all.
    """
    if not _has_moved(event, schedule_digest(event)):
        return None
    if event.canceled:
        return None if stored.get("cancelAnnounced") is True else "event_canceled"
    return "event_changed"


def teaser_of(event: Event, now: datetime) -> dict[str, Any] | None:
    """The teaser an event has at this moment; None for none."""
    if not wants_teaser(event, now):
        return None
    teaser = {"title": event.title, "startAt": event.start_at, "createdAt": event.created_at}
    return {name: value for name, value in teaser.items() if value is not None}


def _has_moved(event: Event, digest: str) -> bool:
    return event.schedule_digest is not None and event.schedule_digest != digest


def _is_same(stored: object, wanted: object) -> bool:
    """Equal in type as well: Python takes True for 1 and 1.0, Firestore and the rules do not."""
    if isinstance(wanted, datetime):
        return isinstance(stored, datetime) and stored == wanted
    return type(stored) is type(wanted) and stored == wanted
