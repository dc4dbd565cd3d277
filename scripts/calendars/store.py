"""Imported events in Firestore: what is new, what changed, and writing exactly that. Decides nothing of calendars.

Documents are written as a client would: functions fill in the fields that are theirs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from google.api_core.exceptions import AlreadyExists, NotFound
from google.cloud import firestore

from calendars.convert import ImportedEvent

BATCH_EVENTS = 100
"""Events read and written at a time: small enough for one request, even with long descriptions."""
_BATCH_BYTES_MAX = 4_000_000
_ATTEMPTS = 3
# What a calendar decides; everything else of a stored event belongs to its organizer or to functions.
_CALENDAR_FIELDS = (
    "title",
    "titleLower",
    "description",
    "startAt",
    "endAt",
    "allDay",
    "timezone",
    "location",
    "tags",
    "canceled",
    "recurrence",
    "overrides",
)


class Change(StrEnum):
    """What an import does to one event."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Written:
    """One event and what was done, or in a dry run would be done."""

    event: ImportedEvent
    change: Change
    fields: tuple[str, ...] = ()


def import_events(
    client: firestore.Client,
    events: Iterable[ImportedEvent],
    *,
    created_by: str,
    on_written: Callable[[Sequence[Written]], None],
    dry_run: bool = False,
) -> list[Written]:
    """An event that is stored as it would be written is not written: functions and subscribers see no change.

    Safe to repeat and to stop anywhere: ids come from the calendar, and a batch is written whole or not at all.
    """
    done: list[Written] = []
    for batch in _batches(events):
        written = _plan(client, batch) if dry_run else _write(client, batch, created_by)
        on_written(written)
        done += written
    return done


def changed_fields(event: ImportedEvent, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The updates that make a stored event what its calendar says; fields the calendar dropped are deleted.

    Who may read it was decided at the first import and is the organizer's since; a calendar can only make it
    private.
    """
    changes: dict[str, Any] = {}
    for name in _CALENDAR_FIELDS:
        wanted, found = event.fields.get(name), stored.get(name)
        if wanted is None and found is not None:
            changes[name] = firestore.DELETE_FIELD
        elif wanted is not None and not _is_same(wanted, found):
            changes[name] = wanted
    if event.fields["visibility"] == "private" and stored.get("visibility") != "private":
        changes["visibility"] = "private"
    return changes


def new_document(event: ImportedEvent, created_by: str) -> dict[str, Any]:
    """The document of an event that is not stored yet; the security rules accept it from a member."""
    return {
        **event.fields,
        "published": True,
        "createdBy": created_by,
        "createdAt": firestore.SERVER_TIMESTAMP,
        "updatedAt": firestore.SERVER_TIMESTAMP,
    }


def _batches(events: Iterable[ImportedEvent]) -> Iterator[list[ImportedEvent]]:
    remaining = iter(events)
    while batch := list(islice(remaining, BATCH_EVENTS)):
        yield from _by_size(batch)


def _by_size(batch: list[ImportedEvent]) -> Iterator[list[ImportedEvent]]:
    part: list[ImportedEvent] = []
    size = 0
    for event in batch:
        weight = len(str(event.fields))
        if part and size + weight > _BATCH_BYTES_MAX:
            yield part
            part, size = [], 0
        part.append(event)
        size += weight
    yield part


def _write(client: firestore.Client, batch: Sequence[ImportedEvent], created_by: str) -> list[Written]:
    for attempt in range(1, _ATTEMPTS + 1):
        planned = _plan(client, batch)
        try:
            _commit(client, planned, created_by)
        except (AlreadyExists, NotFound):
            # Somebody created or deleted one of them since it was read: read again.
            if attempt == _ATTEMPTS:
                raise
        else:
            return planned
    raise AssertionError("the loop returns or raises")


def _commit(client: firestore.Client, planned: Sequence[Written], created_by: str) -> None:
    writes = client.batch()
    for one in planned:
        reference = client.collection("events").document(one.event.event_id)
        if one.change is Change.NEW:
            writes.create(reference, new_document(one.event, created_by))
        elif one.change is Change.CHANGED:
            updates = {name: one.event.fields.get(name, firestore.DELETE_FIELD) for name in one.fields}
            writes.update(reference, {**updates, "updatedAt": firestore.SERVER_TIMESTAMP})
    if len(writes):
        writes.commit()


def _plan(client: firestore.Client, batch: Sequence[ImportedEvent]) -> list[Written]:
    references = [client.collection("events").document(event.event_id) for event in batch]
    stored = {snapshot.id: snapshot.to_dict() for snapshot in client.get_all(references) if snapshot.exists}
    return [_planned(event, stored.get(event.event_id)) for event in batch]


def _planned(event: ImportedEvent, stored: Mapping[str, Any] | None) -> Written:
    if stored is None:
        return Written(event, Change.NEW, tuple(event.fields))
    changes = changed_fields(event, stored)
    return Written(event, Change.CHANGED if changes else Change.UNCHANGED, tuple(changes))


def _is_same(wanted: Any, found: Any) -> bool:
    """Equal as Firestore stores it: times to the microsecond, whatever class they have come back as."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return wanted.keys() == found.keys() and all(_is_same(wanted[key], found[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(_is_same, wanted, found))
    if isinstance(wanted, datetime) and isinstance(found, datetime):
        return wanted == found
    return type(wanted) is type(found) and bool(wanted == found)
