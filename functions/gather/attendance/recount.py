"""Recounting an event: what its document, its ledger and its RSVPs say, compared at one moment, and healed."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from google.cloud import firestore

from gather.attendance.drift import Drift, drift_of
from gather.attendance.ledger import seat_of
from gather.attendance.opening import claim_of, open_event, refs
from gather.attendance.store import settle_event, settle_everyone, settle_found
from gather.events.derive import COUNTS
from gather.events.store import recount
from gather.tickets.seats import recount_counters
from gather.transactions import Transact, read, read_all, read_query, run_snapshot, run_transaction

LEDGER_PAGE = 100  # entries settled by one transaction, two writes each, besides the line


def find_drift(client: Any, event_id: str, *, now: datetime) -> Drift | None:
    """Read all of an event at one moment and say what does not agree; None for a missing event. Writes nothing.

    RSVPs whose delivery is still under way show here too: they are not lost, only not settled yet.
    """

    def body(transaction: Any) -> Drift | None:
        event = read(transaction, client.document("events", event_id))
        if not event.exists:
            return None
        rsvps = {
            found.id: found
            for found in read_query(transaction, event.reference.collection("rsvps").order_by("__name__"))
        }
        entries = read_query(transaction, event.reference.collection("seats").order_by("__name__"))
        seats = {entry.id: seat for entry in entries if (seat := seat_of(entry, event)) is not None}
        taken = sum(seat.seats for seat in seats.values() if seat.counts)
        waiting = sum(not seat.counts for seat in seats.values())
        room = replace(open_event(transaction, event, now=now).room, attending_count=taken, waitlist_count=waiting)
        documents = {uid: found.to_dict() for uid, found in rsvps.items()}
        claims = [
            claim_of(
                uid,
                documents.get(uid),
                written_at=rsvps[uid].update_time if uid in rsvps else now,
                seat=seats.get(uid),
            )
            for uid in {**rsvps, **seats}
        ]
        stored = event.to_dict()
        counts = (stored.get(COUNTS[0]), stored.get(COUNTS[1]))
        return drift_of(event_id, room, claims, documents, stored_counts=counts, now=now)

    return run_snapshot(client, body)


def heal(client: Any, event_id: str, *, by: str, now: datetime, transact: Transact = run_transaction) -> Drift | None:
    """Settle everybody of an event that drifted, so that everything agrees; returns what was found, as `find_drift`.

    The counts come first, since every settlement starts from them; then who has an RSVP, then entries without one.
    The counters of ticket types and pools are counted anew in any case.
    """
    recount_counters(client, event_id, transact=transact)
    drift = find_drift(client, event_id, now=now)
    if drift is None or drift.is_none:
        return drift
    recount(client, event_id, transact=transact)
    settle_everyone(client, event_id, now=now, transact=transact)
    _settle_ledger(client, event_id, now=now, transact=transact)
    settle_event(client, event_id, now=now, transact=transact)
    recount(client, event_id, transact=transact)
    transact(client, partial(_audit, client=client, drift=drift, by=by), contend_on=f"events/{event_id}")
    return drift


def _audit(transaction: Any, *, client: Any, drift: Drift, by: str) -> None:
    """Keep who healed what; below an event that was deleted meanwhile nothing may be left."""
    event = client.document("events", drift.event_id)
    if not read(transaction, event).exists:
        return
    transaction.set(
        event.collection("audit").document(),
        {
            "kind": "seats.recounted",
            "actor": by,
            "at": firestore.SERVER_TIMESTAMP,
            "attendingFound": drift.stored_counts[0],
            "waitingFound": drift.stored_counts[1],
            "attendingInLedger": drift.ledger_counts[0],
            "waitingInLedger": drift.ledger_counts[1],
            "people": len(drift.people),
        },
    )


def _settle_ledger(client: Any, event_id: str, *, now: datetime, transact: Transact) -> None:
    after: str | None = None
    while True:
        page = partial(_settle_entries, client=client, event_id=event_id, now=now, after=after)
        after = transact(client, page, contend_on=f"events/{event_id}")
        if after is None:
            return


def _settle_entries(transaction: Any, *, client: Any, event_id: str, now: datetime, after: str | None) -> str | None:
    event = read(transaction, client.document("events", event_id))
    if not event.exists:
        return None
    page = read_query(transaction, ledger_in_order(client, event_id, after=after))
    if not page:
        return None
    rsvps = read_all(transaction, [refs(client, event_id, entry.id)[1] for entry in page])
    settlement = settle_found(transaction, client, open_event(transaction, event, now=now), rsvps, page)
    seated = {outcome.claim.uid for outcome in settlement.outcomes if outcome.seat is not None}
    for entry in page:
        if seat_of(entry, event) is None and entry.id not in seated:
            transaction.delete(entry.reference)  # damaged, or a predecessor's
    return str(page[-1].id)


def ledger_in_order(client: Any, event_id: str, *, after: str | None) -> Any:
    """The next page of an event's ledger in order of uid."""
    seats = client.collection("events", event_id, "seats")
    query = seats.order_by("__name__").limit(LEDGER_PAGE)
    return query if after is None else query.start_after({"__name__": seats.document(after)})
