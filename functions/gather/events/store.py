"""Events in Firestore: reading one, keeping what functions derive from it, cleaning up after it.

Everything is reconciled from what is stored now, never from what a trigger says has changed; therefore each
function here may run twice, late or out of order. Decisions are taken in `model` and `derive`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from google.cloud import firestore

from gather.attendance.ledger import sum_ledger
from gather.events.audit import entry_of
from gather.events.derive import COUNTS, announcement_of, derived_changes, has_sound_counts, teaser_of
from gather.events.fields import is_document_id
from gather.events.model import GUEST, Event, Viewer, parse_event
from gather.events.rekey import rekeyed
from gather.transactions import Transact, read, read_all, run_transaction

DELETE_PAGE = 200
"""Documents deleted in one transaction; Firestore bounds a commit by its size, which deletes hardly use."""
DELETE_PAGES_MAX = 50
"""Pages of one delivery, so that it ends within a function's minute."""
ORGANIZER_ROLES = frozenset({"organizer", "owner"})


class SignedIn(Protocol):
    """Somebody whose identity has been verified."""

    @property
    def uid(self) -> str:
        """The user's id."""

    @property
    def role(self) -> Literal["member", "admin"] | None:
        """The role claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a delivery told of a change: the images before and after it, as snapshots, and the delivery's id."""

    before: Any | None
    after: Any | None
    delivery: str


def reconcile_event(
    client: Any, event_id: str, *, now: datetime, told: Told | None = None, transact: Transact = run_transaction
) -> Event | None:
    """After it, the derived fields and the teaser agree with the event as it is stored; None if it is not there.

    Only what differs is written, and never updatedAt: that is when people last changed the event. Counts that are
    missing or damaged are counted anew. For a missing event the teaser and everything below the event are deleted.
    What a delivery has told serves to give exdates and overrides to a series that moved, and is kept in the audit.
    """
    event_ref = client.document("events", event_id)
    teaser_ref = client.document("event_teasers", event_id)

    def reconcile(transaction: Any) -> Event | None:
        snapshot, teaser_snapshot = read_all(transaction, [event_ref, teaser_ref])
        event = event_of(snapshot)
        if event is not None:
            event = _write_derived(transaction, snapshot, event, told)
        _write_teaser(transaction, teaser_snapshot, teaser_of(event, now) if event else None)
        return event

    event = transact(client, reconcile, contend_on=event_ref.path)
    if event is None:
        delete_below(client, event_id, transact=transact)
    return event


def _write_derived(transaction: Any, snapshot: Any, event: Event, told: Told | None) -> Event:
    stored = snapshot.to_dict()
    before = None if told is None else _earlier(snapshot, told.before)
    changes = {} if before is None else rekeyed(before, event, stored)
    if not has_sound_counts(stored):
        changes |= zip(COUNTS, sum_ledger(transaction, snapshot), strict=True)
    event = _with(snapshot, changes)
    announcement = announcement_of(event, stored)
    changes |= derived_changes(event, {**stored, **changes})
    if changes:
        transaction.update(snapshot.reference, _with_deletes(changes))
    event = _with(snapshot, changes)
    if announcement is not None and event.published:
        announced = snapshot.reference.collection("announcements").document(str(event.sequence))
        transaction.set(announced, {"type": announcement, "at": firestore.SERVER_TIMESTAMP})
    if told is not None:
        _write_audit(transaction, snapshot, told)
    return event


def _with(snapshot: Any, changes: dict[str, Any]) -> Event:
    event = event_of(snapshot, changes)
    assert event is not None  # noqa: S101  # INVARIANT: callers have seen that it exists
    return event


def _earlier(snapshot: Any, before: Any | None) -> Event | None:
    """The event before the change told; None where there was none, or another event of the same name."""
    if before is None or before.create_time != snapshot.create_time:
        return None
    return parse_event(snapshot.id, before.to_dict() or {})


def _write_audit(transaction: Any, snapshot: Any, told: Told) -> None:
    images = [None if image is None else image.to_dict() or {} for image in (told.before, told.after)]
    entry = entry_of(*images)
    if entry is None or told.after is None or told.after.create_time != snapshot.create_time:
        return
    name = told.delivery if is_document_id(told.delivery) else None
    audit = snapshot.reference.collection("audit").document(name)
    transaction.set(audit, entry | {"at": told.after.update_time or snapshot.update_time})


def delete_below(
    client: Any, event_id: str, *, transact: Transact = run_transaction, pages_max: int = DELETE_PAGES_MAX
) -> int:
    """Nothing stays below an event that is gone: rsvps, seats, audit and whatever else; returns how many were there.

    Below an event that has been created again, what is its own stays, what was its predecessor's goes, and the
    counts are what the ledger says then. Safe to repeat: each page is judged in a transaction that reads the event,
    so it does not matter when it was created again. After `pages_max` pages the rest is left to the sweep, which
    finds it by `deletions/{eventId}`; what crashes before that is delivered again and goes on with what is left.
    """
    event_ref = client.document("events", event_id)
    unfinished = client.document("deletions", event_id)
    deleted = 0
    pages = (page for collection in event_ref.collections() for page in _pages(collection))
    for number, page in enumerate(pages):
        if number == pages_max:
            unfinished.set({"at": firestore.SERVER_TIMESTAMP})
            break
        deleted += transact(client, _page_deletion(event_ref, page), contend_on=event_ref.path)
    else:
        if unfinished.get([]).exists:
            unfinished.delete()
    recount(client, event_id, transact=transact)
    return deleted


def recount(client: Any, event_id: str, *, transact: Transact = run_transaction) -> bool:
    """Make the counts what the ledger says, in one transaction that reads all of it; True if they were not."""
    event_ref = client.document("events", event_id)

    def body(transaction: Any) -> bool:
        event = read(transaction, event_ref)
        if not event.exists:
            return False
        counts = dict(zip(COUNTS, sum_ledger(transaction, event), strict=True))
        stored = event.to_dict()
        if has_sound_counts(stored) and all(stored[name] == count for name, count in counts.items()):
            return False
        transaction.update(event_ref, counts)
        return True

    return transact(client, body, contend_on=event_ref.path)


def load_event(client: Any, event_id: str) -> Event | None:
    """One read; None for a missing event and for an id that no event can have."""
    if not is_document_id(event_id):
        return None
    return event_of(client.document("events", event_id).get())


def event_of(snapshot: Any, changes: dict[str, Any] | None = None) -> Event | None:
    """The event in a snapshot, with changes (None: deleted) that are being written on top; None if missing."""
    if not snapshot.exists:
        return None
    data = {**snapshot.to_dict(), **(changes or {})}
    return parse_event(snapshot.id, data, create_time=snapshot.create_time, update_time=snapshot.update_time)


def viewer_of(client: Any, caller: SignedIn | None, event: Event) -> Viewer:
    """Who the caller is to this event; the organization is read only when it could make a difference."""
    if caller is None:
        return GUEST
    is_decided = caller.role in (None, "admin") or caller.uid == event.created_by
    if is_decided or event.organization_id is None or not is_document_id(caller.uid):
        return Viewer(caller.uid, caller.role)
    member = client.document("organizations", event.organization_id, "members", caller.uid).get(["role"])
    role = (member.to_dict() or {}).get("role")
    return Viewer(caller.uid, caller.role, organizer=isinstance(role, str) and role in ORGANIZER_ROLES)


def _write_teaser(transaction: Any, stored: Any, teaser: dict[str, Any] | None) -> None:
    if teaser is None:
        if stored.exists:
            transaction.delete(stored.reference)
    elif not stored.exists or stored.to_dict() != teaser:
        transaction.set(stored.reference, teaser)


def _pages(collection: Any) -> Iterator[list[Any]]:
    # `recursive` finds the documents of nested collections as well, also below documents that do not exist.
    query = collection.recursive().select([]).limit(DELETE_PAGE)
    page = list(query.stream())
    while page:
        yield [snapshot.reference for snapshot in page]
        page = list(query.start_after(page[-1]).stream())


def _page_deletion(event_ref: Any, page: list[Any]) -> Callable[[Any], int]:
    def delete_page(transaction: Any) -> int:
        event = read(transaction, event_ref)
        condemned = page
        if event.exists:
            # Read again: what the page listed may have been replaced by something of the new event's since.
            found = read_all(transaction, page)
            condemned = [each.reference for each in found if each.exists and _is_older(each, event)]
        for reference in condemned:
            transaction.delete(reference)
        return len(condemned)

    return delete_page


def _is_older(below: Any, event: Any) -> bool:
    """Whether a document below the event is its predecessor's; a ledger entry, which is reused, says whose it is."""
    owner = below.to_dict().get("eventCreatedAt") if below.reference.parent.id == "seats" else None
    if isinstance(owner, datetime):
        return bool(owner != event.create_time)
    return bool(below.create_time < event.create_time)


def _with_deletes(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: firestore.DELETE_FIELD if value is None else value for name, value in changes.items()}
