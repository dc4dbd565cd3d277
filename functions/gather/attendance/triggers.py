"""on_rsvp_written: whatever happened to an RSVP, its history is sound and its seats are settled afterwards."""

from typing import Any

from firebase_functions import firestore_fn
from firebase_functions.core import Change

from gather.attendance.history import is_closed_by_functions
from gather.attendance.store import settle_rsvp
from gather.delivery import retried
from gather.observability import DELIVERIES, bound
from gather.runtime import runtime
from gather.settings import REGION

# What seats and history depend on. Every change of these comes with an event of its own, so an event that changes
# none of them (notes, or what a settlement shows) has nothing to settle and costs no read.
RELEVANT_FIELDS = ("status", "partySize", "kids", "waitlisted", "statusHistory")


@retried
@firestore_fn.on_document_written(document="events/{eventId}/rsvps/{uid}", region=REGION)
def on_rsvp_written(event: firestore_fn.Event[Change[Any]]) -> None:
    """Settle the RSVP named by the event from what is stored now; safe to deliver twice, late or out of order."""
    name = "on_rsvp_written"
    if not is_relevant(event.data.before, event.data.after):
        DELIVERIES.labels(function=name, outcome="irrelevant").inc()
        return
    found = runtime()
    before, after = event.data.before, event.data.after
    is_own_write = is_closed_by_functions(_history(before), _history(after))
    with bound(function=name, event_id=event.params["eventId"], delivery=event.id):
        settle_rsvp(
            found.firestore,
            event.params["eventId"],
            event.params["uid"],
            now=found.now(),
            before=None if is_own_write else before,
            cause=event.id,
            transact=found.transact,
        )
    DELIVERIES.labels(function=name, outcome="settled").inc()


def is_relevant(before: Any | None, after: Any | None) -> bool:
    """Say whether seats or history could differ between two snapshots (None: the document was not there)."""
    if before is None or after is None:
        return True
    old, new = before.to_dict() or {}, after.to_dict() or {}
    return any(old.get(field) != new.get(field) for field in RELEVANT_FIELDS)


def _history(snapshot: Any | None) -> Any:
    return None if snapshot is None else (snapshot.to_dict() or {}).get("statusHistory")
