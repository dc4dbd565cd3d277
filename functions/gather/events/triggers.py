"""on_event_written: whatever happened to an event, what others derive from it agrees with it afterwards.

Thin: it decides from before and after only what cannot have changed; everything else reads the state as it is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from firebase_functions import firestore_fn, scheduler_fn
from firebase_functions.core import Change

from gather.attendance.store import settle_event, settle_everyone
from gather.delivery import retried
from gather.events.derive import COUNTS, PACE, has_sound_counts
from gather.events.store import Told, delete_below, reconcile_event
from gather.events.teasers import sweep
from gather.feeds.store import sync_fragment
from gather.notifications.announce import announce
from gather.observability import DELIVERIES, bound, report_faults
from gather.runtime import Runtime, runtime
from gather.settings import REGION, TIMEOUT_S
from gather.steps import run_all

SEATING = (
    "maxAttendees",
    "countPartySize",
    "isWaitlistEnabled",
    "waitlistPolicy",
    "canceled",
    "isPaid",
    "startAt",
    "endAt",
    "allDay",
    "timezone",
    "recurrence",
    "overrides",
    "lastEndAt",
)
"""The fields on which it depends who gets a seat: the room, and whether the event is still to come."""


@retried
@firestore_fn.on_document_written(document="events/{eventId}", region=REGION, timeout_sec=TIMEOUT_S)
def on_event_written(event: firestore_fn.Event[Change[Any]]) -> None:
    """Reconcile derived fields, teaser, seats and feeds of the event named; safe twice, late or out of order.

    A failure is raised, so that the platform delivers again; it gives up after 24 hours by itself. Deliveries are
    never dropped here for their age: they are reconciled from the current state, so an old one does no harm.
    """
    name = "on_event_written"
    before, after = _data(event.data.before), _data(event.data.after)
    if is_only_counting(before, after):
        DELIVERIES.labels(function=name, outcome="irrelevant").inc()
        return
    with bound(function=name, event_id=event.params["eventId"], delivery=event.id):
        react(
            runtime(),
            event.params["eventId"],
            told=Told(before=event.data.before, after=event.data.after, delivery=event.id),
            may_change_seats=may_change_seats(before, after),
            may_change_everyone=may_change_everyone(before, after),
        )
    DELIVERIES.labels(function=name, outcome="reconciled").inc()


def react(
    found: Runtime, event_id: str, *, told: Told, may_change_seats: bool, may_change_everyone: bool = False
) -> None:
    """Seats and feeds follow the reconciled event; a failure of one does not hold up the other, and is raised after.

    An event that is there although its deletion is reported was created again: what is below it may be older.
    """
    client, now, transact = found.firestore, found.now(), found.transact
    event = reconcile_event(client, event_id, now=now, told=told, transact=transact)
    steps: list[Callable[[], object]] = []
    if event is not None:
        report_faults("event", f"events/{event_id}", event.faults)
        # Before seats are settled: who loses a held seat by a cancellation was going, and is told.
        steps.append(lambda: announce(client, event_id, transact=transact))
        if told.after is None:
            steps.append(lambda: delete_below(client, event_id, transact=transact))
        if may_change_everyone:
            steps.append(lambda: settle_everyone(client, event_id, now=now, transact=transact))
        if may_change_seats:
            steps.append(lambda: settle_event(client, event_id, now=now, transact=transact))
    steps.append(lambda: sync_fragment(client, event_id, now=now, settings=found.settings, transact=transact))
    run_all(f"events/{event_id} is not fully reconciled; the delivery is retried", steps)


def is_only_counting(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Counters are the functions' own and nothing is derived from them: such a change costs no read.

    Unless it left counters that are none, which only a privileged writer can do: these are counted anew.
    """
    if before is None or after is None or not has_sound_counts(after):
        return False
    changed = {name for name in {*before, *after} if not _is_equal(before, after, name)}
    return bool(changed) and changed <= {*COUNTS, PACE}


def may_change_seats(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Seats must be settled when a field they depend on differs, or when there is nothing to compare."""
    if before is None or after is None:
        return True
    return any(not _is_equal(before, after, name) for name in SEATING)


def may_change_everyone(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """What a party counts for, and whether seats cost money, concerns every RSVP there is, not only the line."""
    if before is None or after is None:
        return False
    return any(not _is_equal(before, after, name) for name in ("countPartySize", "isPaid"))


def _is_equal(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> bool:
    return (name in before) == (name in after) and bool(before.get(name) == after.get(name))


def _data(snapshot: Any | None) -> Mapping[str, Any] | None:
    return None if snapshot is None else snapshot.to_dict() or {}


@scheduler_fn.on_schedule(schedule="every 15 minutes", region=REGION, timeout_sec=TIMEOUT_S)
def sweep_teasers(_: scheduler_fn.ScheduledEvent) -> None:
    """Remove teasers of what has begun, and add those that are missing."""
    sweep(runtime())
