"""The waitlist in Firestore: the part of the line that could be served, read inside a transaction.

Nobody is put in line here and nobody is served; `settle` does both.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.attendance.ledger import seat_of
from gather.attendance.model import SeatState
from gather.attendance.opening import Draft, Opening, claim_of, refs
from gather.attendance.room import Room
from gather.attendance.settle import Claim, free_seats
from gather.transactions import WRITES_MAX, read_all, read_query

LINE_PAGE = 150  # line entries served by one transaction, two writes each


def read_line(
    transaction: Any, client: Any, opening: Opening, claims: Sequence[Claim]
) -> tuple[Room, dict[str, Draft], list[Claim]]:
    """Read the entries that could be served with what is free once `claims` have given up what they no longer want.

    Returns the room too: where the whole line has been read its length is known, and a count that drifted cannot
    block newcomers.
    """
    room, event_id = opening.room, opening.event.id
    free = free_seats(room, claims, now=opening.now)
    may_serve = room.open and (not room.is_paid or room.offers_until is not None)
    limit = _limit(free, claims)
    if not may_serve or room.waitlist_count == 0 or free == 0 or limit == 0:
        return room, {}, []
    found = read_query(transaction, waitlist_line(client, event_id, room=room, free=free).limit(limit))
    entries = {entry.id: seat for entry in found if (seat := seat_of(entry, opening.snapshot)) is not None}
    known = {claim.uid for claim in claims}
    if room.waitlist_policy == "strict" and len(found) < limit:
        # Of a claim its seat says whether it waits: whoever goes to pay, or comes back, is stored otherwise still.
        waiting_claims = sum(claim.seat is not None and not claim.seat.counts for claim in claims)
        room = replace(room, waitlist_count=waiting_claims + sum(uid not in known for uid in entries))
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


def _limit(free: int | None, claims: Sequence[Claim]) -> int:
    room_in_commit = (WRITES_MAX - 1 - 2 * len(claims)) // 2
    # Claims may be in line themselves; they must not use up the places of those who are served.
    served = LINE_PAGE if free is None else free + len(claims)
    return max(0, min(LINE_PAGE, room_in_commit, served))
