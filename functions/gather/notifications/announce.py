"""Announcements: what everybody who is going is told, page by page.

The transaction that sees an event canceled or moved leaves `events/{id}/announcements/{sequence}`; it goes when all
have been told. The page's people are told and the place reached is kept in one transaction, so a crash between two
pages goes on where it stopped and nobody is told twice.
"""

from functools import partial
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.notifications.causes import SYSTEM, Cause, Kind
from gather.notifications.store import create_told
from gather.transactions import Transact, read_all, read_query, run_transaction

TOLD_PAGE = 100  # people told by one transaction, two writes each


def announce(client: Any, event_id: str, *, transact: Transact = run_transaction) -> None:
    """Carry out whatever announcements of the event are left."""
    pending = client.collection("events", event_id, "announcements").order_by("at")
    for announcement in pending.stream():
        page = partial(_tell_page, client=client, event_id=event_id, reference=announcement.reference)
        while transact(client, page, contend_on=announcement.reference.path):
            pass


def _tell_page(transaction: Any, *, client: Any, event_id: str, reference: Any) -> bool:
    """Tell the next people; False when nobody is left, or somebody else has finished."""
    announcement, event = read_all(transaction, [reference, client.document("events", event_id)])
    if not announcement.exists:
        return False
    stored = announcement.to_dict()
    page = read_query(transaction, going_in_order(client, event_id, after=stored.get("after")))
    if not event.exists or not page or stored.get("type") not in set(Kind):
        transaction.delete(reference)
        return False
    organizer = (event.to_dict() or {}).get("createdBy")
    # An event that was deleted and created again counts its changes anew, and is another cause.
    key = f"{reference.id}@{event.create_time.isoformat()}"
    cause = Cause(kind=Kind(stored["type"]), event_id=event_id, actor=SYSTEM, key=key, recipient=None)
    for rsvp in page:
        if rsvp.id != organizer:
            create_told(transaction, client, cause, rsvp.id)
    transaction.update(reference, {"after": page[-1].id})
    return True


def going_in_order(client: Any, event_id: str, *, after: str | None) -> Any:
    """The next page of who is going, in order of uid."""
    rsvps = client.collection("events", event_id, "rsvps")
    query = rsvps.where(filter=FieldFilter("status", "==", "going")).order_by("__name__").limit(TOLD_PAGE)
    return query if after is None else query.start_after({"__name__": rsvps.document(after)})
