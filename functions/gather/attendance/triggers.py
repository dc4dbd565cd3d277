"""on_rsvp_written: whatever happened to an RSVP, its history is sound and its seats are settled afterwards."""

from collections.abc import Mapping
from typing import Any

from firebase_functions import firestore_fn, scheduler_fn
from firebase_functions.core import Change

from gather.attendance.draining import drain, has_left_markers
from gather.attendance.history import is_closed_by_functions
from gather.attendance.pending import settle_or_mark
from gather.attendance.sweep import sweep
from gather.delivery import retried
from gather.notifications.causes import causes_of_rsvp
from gather.notifications.store import tell
from gather.observability import DELIVERIES, bound
from gather.runtime import Runtime, runtime
from gather.settings import REGION, TIMEOUT_S

# What seats and history depend on. Every change of these comes with an event of its own, so an event that changes
# none of them (notes, or what a settlement shows) has nothing to settle and costs no read.
RELEVANT_FIELDS = ("status", "partySize", "kids", "waitlisted", "statusHistory")


@retried
@firestore_fn.on_document_written(document="events/{eventId}/rsvps/{uid}", region=REGION, timeout_sec=TIMEOUT_S)
def on_rsvp_written(event: firestore_fn.Event[Change[Any]]) -> None:
    """Settle the RSVP named by the event from what is stored now; safe to deliver twice, late or out of order."""
    name = "on_rsvp_written"
    event_id, uid = event.params["eventId"], event.params["uid"]
    before, after = event.data.before, event.data.after
    causes = causes_of_rsvp(event_id, uid, _document(before), _document(after))
    must_settle = is_relevant(before, after)
    if not must_settle and not causes:
        DELIVERIES.labels(function=name, outcome="irrelevant").inc()
        return
    found = runtime()
    with bound(function=name, event_id=event_id, delivery=event.id):
        outcome = _settle(found, event) if must_settle else "told"
        # What a settlement has come to is told by the change that shows it, so that settling stays as short as it is.
        tell(found.firestore, causes)
    DELIVERIES.labels(function=name, outcome=outcome).inc()


def _settle(found: Runtime, event: firestore_fn.Event[Change[Any]]) -> str:
    before, after = event.data.before, event.data.after
    event_id = event.params["eventId"]
    is_own_write = is_closed_by_functions(_history(before), _history(after))
    is_marked = settle_or_mark(
        found.firestore,
        event_id,
        event.params["uid"],
        now=found.now(),
        before=None if is_own_write else before,
        cause=event.id,
        transact=found.transact,
    )
    if is_marked or has_left_markers(found, event_id):
        drain(found, event_id)
    return "marked" if is_marked else "settled"


@scheduler_fn.on_schedule(schedule="every 5 minutes", region=REGION, timeout_sec=TIMEOUT_S)
def sweep_seats(_: scheduler_fn.ScheduledEvent) -> None:
    """End offers whose time is over, and go on with whatever was left behind."""
    sweep(runtime())


def is_relevant(before: Any | None, after: Any | None) -> bool:
    """Say whether seats or history could differ between two snapshots (None: the document was not there)."""
    if before is None or after is None:
        return True
    old, new = _document(before) or {}, _document(after) or {}
    return any(old.get(field) != new.get(field) for field in RELEVANT_FIELDS)


def _history(snapshot: Any | None) -> Any:
    return (_document(snapshot) or {}).get("statusHistory")


def _document(snapshot: Any | None) -> Mapping[str, Any] | None:
    return None if snapshot is None else snapshot.to_dict() or {}
