"""Events written over HTTP: the access law of the rules, the same bounds, one transaction each.

Derived fields, teaser, seats and feeds follow by the trigger, as after a direct write.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud import firestore

from gather.events.body import CLIENT_FIELDS, Detail, faults_of
from gather.events.model import Event, Viewer, can_manage, can_read
from gather.events.store import SignedIn, event_of, viewer_of
from gather.transactions import Transact, read, run_transaction


class EventRefusedError(Exception):
    """The event was not written; `code` is one of the client's error codes, `details` every fault."""

    def __init__(self, code: str, details: list[Detail] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.details = details or []


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An event as stored, and who the caller is to it."""

    event: Event
    stored: Mapping[str, Any]
    viewer: Viewer


def create_event(client: Any, caller: SignedIn, fields: Mapping[str, Any]) -> str:
    """Create an event of the caller's, who must be a member, also of its organization; returns its id."""
    if caller.role is None:
        raise EventRefusedError("forbidden")
    document = _written({}, fields, by=caller.uid) | {"createdBy": caller.uid}
    _refuse_faults(document)
    _require_membership(client, caller, document.get("organizationId"))
    reference = client.collection("events").document()
    reference.create(document | {"createdAt": firestore.SERVER_TIMESTAMP, "updatedAt": firestore.SERVER_TIMESTAMP})
    return str(reference.id)


def edit_event(
    client: Any,
    event_id: str,
    caller: SignedIn,
    change: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    *,
    now: datetime,
    transact: Transact = run_transaction,
) -> None:
    """Write what `change` makes of the stored fields (None: removed); to who may not read it, an event is missing."""

    def body(transaction: Any) -> None:
        snapshot = read(transaction, client.document("events", event_id))
        found = managed(client, snapshot, caller, now=now)
        stored = dict(found.stored)
        document = _written(stored, change(stored), by=caller.uid)
        _refuse_faults(document)
        if document.get("organizationId") != stored.get("organizationId"):
            _require_membership(client, caller, document.get("organizationId"))
        writes = {name: value for name, value in document.items() if name not in stored or stored[name] != value}
        writes |= {name: firestore.DELETE_FIELD for name in stored if name not in document}
        if writes.keys() - {"updatedBy"}:
            transaction.update(snapshot.reference, writes | {"updatedAt": firestore.SERVER_TIMESTAMP})

    transact(client, body, contend_on=f"events/{event_id}")


def delete_event(
    client: Any, event_id: str, caller: SignedIn, *, now: datetime, transact: Transact = run_transaction
) -> None:
    """Delete the event; what is below it, its teaser and its place in feeds go by the trigger."""

    def body(transaction: Any) -> None:
        snapshot = read(transaction, client.document("events", event_id))
        managed(client, snapshot, caller, now=now)
        transaction.delete(snapshot.reference)

    transact(client, body, contend_on=f"events/{event_id}")


def managed(client: Any, snapshot: Any, caller: SignedIn, *, now: datetime) -> Found:
    """Return the event if the caller manages it; refused as missing to who may not read it, else as forbidden."""
    event = event_of(snapshot)
    if event is None:
        raise EventRefusedError("event_not_found")
    viewer = viewer_of(client, caller, event)
    if not can_manage(event, viewer):
        raise EventRefusedError("forbidden" if can_read(event, viewer, now=now) else "event_not_found")
    return Found(event=event, stored=snapshot.to_dict(), viewer=viewer)


def replaced(stored: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """What PUT makes of an event: fields that organizers write and that were not sent are removed.

    Whether it is published and whether it is canceled stays: to leave these out must not put a draft online.
    """
    return {**{name: None for name in CLIENT_FIELDS if name in stored and name not in _STAYS}, **fields}


_STAYS = frozenset({"published", "canceled", "cancelReason"})


def _written(stored: Mapping[str, Any], fields: Mapping[str, Any], *, by: str) -> dict[str, Any]:
    document = {name: value for name, value in {**stored, **fields}.items() if value is not None or name not in fields}
    document.setdefault("description", "")
    if isinstance(document.get("title"), str):
        document["titleLower"] = document["title"].lower()
    return document | {"updatedBy": by}


def _refuse_faults(document: Mapping[str, Any]) -> None:
    if details := faults_of(document):
        raise EventRefusedError("validation_failed", details)


def _require_membership(client: Any, caller: SignedIn, organization_id: Any) -> None:
    if organization_id is None:
        return
    member = client.document("organizations", organization_id, "members", caller.uid)
    if not member.get([]).exists:
        raise EventRefusedError("forbidden")
