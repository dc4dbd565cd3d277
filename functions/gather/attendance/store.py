"""RSVPs and their seats in Firestore: each function is one transaction (or a row of them) around a pure decision.

Reads come first and are what the decision sees; only what differs is written. The event document holds the counts
and is read by every settlement, so two settlements of one event cannot both commit on the same counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath

from gather.attendance.history import repair, valid_entries
from gather.attendance.ledger import seat_of, sum_ledger
from gather.attendance.model import (
    Room,
    Seat,
    SeatState,
    parse_rsvp,
    room_of,
    seat_document,
)
from gather.attendance.outcome import shown
from gather.attendance.settle import Claim, Outcome, Settlement, free_seats, settle
from gather.events.model import Event, parse_event
from gather.transactions import Transact, read_all, read_query, run_transaction

LINE_PAGE = 150  # line entries served by one transaction: two writes each, and a transaction may write 500
EVERYONE_PAGE = 50  # RSVPs settled again by one transaction, besides the line


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An RSVP document: as stored (None: not there) and as it should become before seats are decided."""

    stored: Mapping[str, Any] | None
    desired: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What every settlement reads first: the event as it is, its room, and who is concerned."""

    event: Event
    snapshot: Any
    stored_counts: tuple[Any, Any]
    room: Room
    now: datetime


def settle_rsvp(
    client: Any,
    event_id: str,
    uid: str,
    *,
    now: datetime,
    before: Any | None = None,
    cause: str | None = None,
    transact: Transact = run_transaction,
) -> Outcome | None:
    """Bring one RSVP, its ledger entry and the event's counts into agreement with what the RSVP says now.

    `before` is the trigger's before-image (a snapshot): entries of its statusHistory that were lost since are put
    back and audited under an id derived from `cause`. Returns None where the event is gone: then its ledger entry,
    if any, goes too.
    """

    def body(transaction: Any) -> Outcome | None:
        event_ref, rsvp_ref, seat_ref = refs(client, event_id, uid)
        event, rsvp, seat = read_all(transaction, [event_ref, rsvp_ref, seat_ref])
        if not event.exists:
            if seat.exists:
                transaction.delete(seat_ref)
            return None
        stored = rsvp.to_dict() if rsvp.exists else None
        desired, problem = _with_sound_history(rsvp, stored, before, now)
        opening = open_event(transaction, event, now=now)
        outcomes = settle_claims(
            transaction,
            client,
            opening,
            {uid: Draft(stored=stored, desired=desired)},
            [claim_of(uid, desired, written_at=rsvp.update_time or now, seat=seat_of(seat, event))],
        )
        if problem is not None:
            _audit_repair(transaction, event_ref, uid, problem, stored, cause=cause)
        return next(outcome for outcome in outcomes.outcomes if outcome.claim.uid == uid)

    return transact(client, body, contend_on=f"events/{event_id}")


def settle_event(client: Any, event_id: str, *, now: datetime, transact: Transact = run_transaction) -> int:
    """Serve the line after a change of capacity, policy or cancellation; returns how many were admitted.

    Up to LINE_PAGE are admitted per transaction, until nobody more can be.
    """
    admitted_in_all = 0
    while True:
        admitted = transact(
            client,
            lambda transaction: _serve(transaction, client, event_id, now),
            contend_on=f"events/{event_id}",
        )
        admitted_in_all += admitted
        if admitted == 0:
            return admitted_in_all


def settle_everyone(client: Any, event_id: str, *, now: datetime, transact: Transact = run_transaction) -> None:
    """Settle every RSVP of the event: after a change of what a party counts for, or of whether seats cost money."""
    after: str | None = None
    while True:
        page = partial(_settle_page, client=client, event_id=event_id, now=now, after=after)
        after = transact(client, page, contend_on=f"events/{event_id}")
        if after is None:
            return


def _settle_page(transaction: Any, *, client: Any, event_id: str, now: datetime, after: str | None) -> str | None:
    """Settle the next RSVPs in order of uid; returns the last uid, None when there was none."""
    (event,) = read_all(transaction, [client.document("events", event_id)])
    if not event.exists:
        return None
    query = rsvps_in_order(client, event_id, after=after)
    page = read_query(transaction, query)
    if not page:
        return None
    seats = read_all(transaction, [refs(client, event_id, rsvp.id)[2] for rsvp in page])
    drafts: dict[str, Draft] = {}
    claims: list[Claim] = []
    for rsvp, seat in zip(page, seats, strict=True):
        document = rsvp.to_dict()
        drafts[rsvp.id] = Draft(stored=document, desired=document)
        claims.append(claim_of(rsvp.id, document, written_at=rsvp.update_time, seat=seat_of(seat, event)))
    settle_claims(transaction, client, open_event(transaction, event, now=now), drafts, claims)
    return str(page[-1].id)


def rsvps_in_order(client: Any, event_id: str, *, after: str | None) -> Any:
    """The next page of an event's RSVPs in order of uid."""
    rsvps = client.collection("events", event_id, "rsvps")
    query = rsvps.order_by("__name__").limit(EVERYONE_PAGE)
    return query if after is None else query.start_after({"__name__": rsvps.document(after)})


def _serve(transaction: Any, client: Any, event_id: str, now: datetime) -> int:
    (event,) = read_all(transaction, [client.document("events", event_id)])
    if not event.exists:
        return 0
    settlement = settle_claims(transaction, client, open_event(transaction, event, now=now), {}, [])
    return sum(
        outcome.seat is not None
        and outcome.seat.state is SeatState.ADMITTED
        and outcome.claim.seat is not None
        and not outcome.claim.seat.counts
        for outcome in settlement.outcomes
    )


def settle_claims(
    transaction: Any, client: Any, opening: Opening, drafts: Mapping[str, Draft], claims: Sequence[Claim]
) -> Settlement:
    """Decide `claims` together with the part of the line that could be served now, and write what differs."""
    event_id = opening.event.id
    room, line_drafts, line_claims = _read_line(transaction, client, opening, claims)
    settlement = settle(room, [*claims, *line_claims], now=opening.now)
    everyone = {**line_drafts, **drafts}
    for outcome in settlement.outcomes:
        uid = outcome.claim.uid
        _, rsvp_ref, seat_ref = refs(client, event_id, uid)
        _write_seat(transaction, seat_ref, outcome)
        _write_rsvp(transaction, rsvp_ref, everyone[uid], outcome, opening.now)
    counts = (settlement.attending_count, settlement.waitlist_count)
    if counts != opening.stored_counts:
        transaction.update(
            client.document("events", event_id), {"attendingCount": counts[0], "waitlistCount": counts[1]}
        )
    return settlement


def open_event(transaction: Any, snapshot: Any, *, now: datetime) -> Opening:
    """Read what a settlement starts from, given the event's snapshot inside the transaction."""
    data = snapshot.to_dict()
    event = parse_event(snapshot.id, data, create_time=snapshot.create_time, update_time=snapshot.update_time)
    room = room_of(event, now=now, created_at=snapshot.create_time)
    counts = (data.get("attendingCount"), data.get("waitlistCount"))
    sound = [isinstance(count, int) and not isinstance(count, bool) and count >= 0 for count in counts]
    if not all(sound):
        # A new event has no counts yet, a damaged one has wrong ones: the ledger knows.
        summed = sum_ledger(transaction, snapshot)
        attending, waiting = (
            count if is_sound else ledger_s for count, is_sound, ledger_s in zip(counts, sound, summed, strict=True)
        )
        room = replace(room, attending_count=attending, waitlist_count=waiting)
    return Opening(event=event, snapshot=snapshot, stored_counts=counts, room=room, now=now)


def _read_line(
    transaction: Any, client: Any, opening: Opening, claims: Sequence[Claim]
) -> tuple[Room, dict[str, Draft], list[Claim]]:
    room, event_id = opening.room, opening.event.id
    free = free_seats(room, claims)
    if not room.open or room.is_paid or room.waitlist_count == 0 or free == 0:
        return room, {}, []
    known = {claim.uid for claim in claims}
    # Claims may be in line themselves; they must not use up the places of those who are served.
    limit = LINE_PAGE if free is None else min(LINE_PAGE, free + len(known))
    found = read_query(transaction, waitlist_line(client, event_id, room=room, free=free).limit(limit))
    entries = {entry.id: seat for entry in found if (seat := seat_of(entry, opening.snapshot)) is not None}
    if room.waitlist_policy == "strict" and len(found) < limit:
        # This was the whole line, so its length is known, and a count that drifted cannot block newcomers.
        room = replace(room, waitlist_count=len(entries))
    waiting = [uid for uid in entries if uid not in known]
    rsvps = read_all(transaction, [refs(client, event_id, uid)[1] for uid in waiting])
    drafts: dict[str, Draft] = {}
    line: list[Claim] = []
    for uid, rsvp in zip(waiting, rsvps, strict=True):
        document = rsvp.to_dict() if rsvp.exists else None
        drafts[uid] = Draft(stored=document, desired=document)
        line.append(claim_of(uid, document, written_at=rsvp.update_time or opening.now, seat=entries[uid]))
    return room, drafts, line


def waitlist_line(client: Any, event_id: str, *, room: Room, free: int | None) -> Any:
    """The part of the line that could be served with `free` seats: the head under `strict`, who fits under `skip`."""
    query = client.collection("events", event_id, "seats").where(
        filter=FieldFilter("state", "==", SeatState.WAITLISTED.value)
    )
    if room.waitlist_policy == "skip" and free is not None:
        query = query.where(filter=FieldFilter("seats", "<=", free))
    # Equal times are told apart by the document name, which is the uid and the implicit last order; `settle` sorts.
    return query.order_by("since")


def claim_of(uid: str, document: Mapping[str, Any] | None, *, written_at: datetime, seat: Seat | None) -> Claim:
    """Make the claim of an RSVP document (None: no RSVP) and its ledger entry."""
    rsvp = None if document is None else parse_rsvp(uid, document, written_at=written_at)
    return Claim(uid=uid, rsvp=rsvp, seat=seat)


def _with_sound_history(
    rsvp: Any, stored: Mapping[str, Any] | None, before: Any | None, now: datetime
) -> tuple[Mapping[str, Any] | None, str | None]:
    if stored is None:
        return None, None
    # An RSVP deleted and written anew owes nothing to its predecessor, whose late events may still arrive.
    same = before is not None and before.create_time == rsvp.create_time
    earlier = valid_entries((before.to_dict() or {}).get("statusHistory")) if same and before is not None else []
    status = parse_rsvp(rsvp.id, stored, written_at=now).status
    repaired = repair(earlier, stored.get("statusHistory"), status, now=now)
    if repaired is None:
        return stored, None
    return {**stored, "status": status.value, "statusHistory": repaired.history}, repaired.problem


def _write_seat(transaction: Any, seat_ref: Any, outcome: Outcome) -> None:
    before, after = outcome.claim.seat, outcome.seat
    if after is None and before is not None:
        transaction.delete(seat_ref)
    elif after is not None and after != before:
        transaction.set(seat_ref, seat_document(after))


def _write_rsvp(transaction: Any, rsvp_ref: Any, draft: Draft, outcome: Outcome, now: datetime) -> None:
    if draft.desired is None:
        if draft.stored is not None:
            transaction.delete(rsvp_ref)
        return
    after = shown(draft.desired, outcome, now=now)
    if after == draft.stored:
        return
    after["updatedAt"] = firestore.SERVER_TIMESTAMP
    if draft.stored is None:
        transaction.set(rsvp_ref, after)
        return
    changed = {key: value for key, value in after.items() if key not in draft.stored or draft.stored[key] != value}
    removed = {key: firestore.DELETE_FIELD for key in draft.stored if key not in after}
    transaction.update(rsvp_ref, {FieldPath(key).to_api_repr(): value for key, value in (changed | removed).items()})


def _audit_repair(
    transaction: Any,
    event_ref: Any,
    uid: str,
    problem: str,
    stored: Mapping[str, Any] | None,
    *,
    cause: str | None,
) -> None:
    audit = event_ref.collection("audit").document(f"history-{uid}-{cause}" if cause else None)
    transaction.set(
        audit,
        {
            "kind": "statusHistory.repaired",
            "uid": uid,
            "actor": "system",
            "problem": problem,
            "found": (stored or {}).get("statusHistory"),
            "at": firestore.SERVER_TIMESTAMP,
        },
    )


def refs(client: Any, event_id: str, uid: str) -> tuple[Any, Any, Any]:
    """The documents of one person's stake: event, RSVP, ledger entry."""
    event_ref = client.document("events", event_id)
    return event_ref, event_ref.collection("rsvps").document(uid), event_ref.collection("seats").document(uid)
