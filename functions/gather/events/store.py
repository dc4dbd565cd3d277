"""Events in Firestore: reading one, keeping what functions derive from it, cleaning up after it.

Everything is reconciled from what is stored now, never from what a trigger says has changed; therefore each
function here may run twice, late or out of order. Decisions are taken in `model` and `derive`.
"""

from datetime import datetime
from typing import Any, Literal, Protocol

from google.cloud import firestore

from gather.events.derive import derived_changes, teaser_of
from gather.events.fields import is_document_id
from gather.events.model import GUEST, Event, Viewer, parse_event
from gather.transactions import Transact, read_all, run_transaction

DELETE_PAGE = 200
"""Documents deleted in one transaction; Firestore bounds a commit by its size, which deletes hardly use."""
ORGANIZER_ROLES = frozenset({"organizer", "owner"})


class SignedIn(Protocol):
    """Somebody whose identity has been verified."""

    @property
    def uid(self) -> str:
        """The user's id."""

    @property
    def role(self) -> Literal["member", "admin"] | None:
        """The role claim."""


def reconcile_event(client: Any, event_id: str, *, now: datetime, transact: Transact = run_transaction) -> Event | None:
    """After it, the derived fields and the teaser agree with the event as it is stored; None if it is not there.

    Only what differs is written, and never updatedAt: that is when people last changed the event. For a missing
    event the teaser and everything stored below the event are deleted.
    """
    event_ref = client.document("events", event_id)
    teaser_ref = client.document("event_teasers", event_id)

    def reconcile(transaction: Any) -> Event | None:
        snapshot, teaser_snapshot = read_all(transaction, [event_ref, teaser_ref])
        event = event_of(snapshot)
        if event is not None:
            stored = snapshot.to_dict()
            changes = derived_changes(event, stored)
            if changes:
                transaction.update(event_ref, _with_deletes(changes))
            event = event_of(snapshot, changes)
        _write_teaser(transaction, teaser_snapshot, teaser_of(event, now) if event else None)
        return event

    event = transact(client, reconcile, contend_on=event_ref.path)
    if event is None:
        delete_below(client, event_id, transact=transact)
    return event


def delete_below(client: Any, event_id: str, *, transact: Transact = run_transaction) -> int:
    """Nothing stays below an event that is gone: rsvps, seats, audit and whatever else; returns how many.

    Safe to repeat. Each page is deleted in a transaction that also reads the event: should it have been created
    again, the transaction finds it (or is aborted and retried), and nothing more is deleted.
    """
    event_ref = client.document("events", event_id)
    deleted = 0
    for collection in event_ref.collections():
        # `recursive` finds the documents of nested collections as well, also below documents that do not exist.
        page_query = collection.recursive().select([]).limit(DELETE_PAGE)
        while page := [snapshot.reference for snapshot in page_query.stream()]:
            if not transact(client, _page_deletion(event_ref, page), contend_on=event_ref.path):
                return deleted
            deleted += len(page)
    return deleted


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


def _page_deletion(event_ref: Any, page: list[Any]) -> Any:
    def delete_page(transaction: Any) -> bool:
        (snapshot,) = read_all(transaction, [event_ref])
        if snapshot.exists:
            return False
        for reference in page:
            transaction.delete(reference)
        return True

    return delete_page


def _with_deletes(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: firestore.DELETE_FIELD if value is None else value for name, value in changes.items()}
