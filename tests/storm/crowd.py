"""A crowd that answers at once: everybody writes their own RSVP straight to Firestore, and the rules are asked."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore import SERVER_TIMESTAMP

from firewarden.testing import Database, firestore_as
from firewarden.testing.clients import kept_connection
from tests.support.events import event_document
from tests.support.trying import write_until_taken


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who wants to come to an event."""

    uid: str
    event: str


def create_events(database: Database, *, events: int, seats: int | None) -> list[str]:
    """As many events, each with an organizer of its own, that many seats and a waitlist; their ids."""
    room: Mapping[str, Any] = {} if seats is None else {"maxAttendees": seats, "isWaitlistEnabled": True}
    ids = [f"event{number:05}" for number in range(events)]
    for number, name in enumerate(ids):
        document = event_document(**room, createdBy=f"organizer{number:05}")
        database.as_owner().document("events", name).set(document)
    return ids


def crowd(size: int, events: Sequence[str]) -> list[Guest]:
    """Everybody wants to come to one event; these come in turn."""
    return [Guest(f"guest{number:07}", events[number % len(events)]) for number in range(size)]


def answer_all(guests: Sequence[Guest], *, host: str, project: str, clients: int) -> float:
    """Everybody answers, so many of them at a time; seconds until the last one has."""
    began = time.monotonic()
    with kept_connection(host), ThreadPoolExecutor(clients) as pool:
        for _ in pool.map(lambda guest: _answer(guest, host=host, project=project), guests):
            pass
    return time.monotonic() - began


def _answer(guest: Guest, *, host: str, project: str) -> None:
    entry = {"status": "going", "changedAt": datetime.now(UTC), "changedBy": guest.uid}
    rsvp = {
        "status": "going",
        "statusHistory": [entry],
        "createdAt": SERVER_TIMESTAMP,
        "updatedAt": SERVER_TIMESTAMP,
    }
    with firestore_as(guest.uid, {"role": "member"}, project=project, host=host) as client:
        mine = client.document("events", guest.event, "rsvps", guest.uid)
        write_until_taken(lambda: mine.set(rsvp), is_taken=lambda: bool(mine.get().exists))
