"""What every settlement reads first: the event as it is, and the stakes of those it concerns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gather.attendance.ledger import seat_of, sum_ledger
from gather.attendance.model import Seat, parse_rsvp
from gather.attendance.room import Room, room_of
from gather.attendance.settle import Claim
from gather.events.derive import COUNTS, has_sound_counts, is_count
from gather.events.model import Event
from gather.events.store import event_of
from gather.transactions import read_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An RSVP document: as stored (None: not there) and as it should become before seats are decided."""

    stored: Mapping[str, Any] | None
    desired: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The event as it is, the room it offers, what its document says of the counts and of recent settlements."""

    event: Event
    snapshot: Any
    stored_counts: tuple[Any, Any]
    busy_until: datetime | None
    room: Room
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """One person's documents as a transaction read them."""

    rsvp: Any
    seat: Any


def open_event(transaction: Any, snapshot: Any, *, now: datetime) -> Opening:
    """Make the opening of an event that is there; counts that are no counts are summed from the ledger."""
    stored = snapshot.to_dict()
    changes: dict[str, Any] = {}
    if not has_sound_counts(stored):
        summed = zip(COUNTS, sum_ledger(transaction, snapshot), strict=True)
        changes = {name: count for name, count in summed if not is_count(stored.get(name))}
    event = event_of(snapshot, changes)
    assert event is not None  # noqa: S101  # INVARIANT: callers have seen that it exists
    busy_until = stored.get("busyUntil")
    return Opening(
        event=event,
        snapshot=snapshot,
        stored_counts=(stored.get("attendingCount"), stored.get("waitlistCount")),
        busy_until=busy_until if isinstance(busy_until, datetime) else None,
        room=room_of(event, now=now, created_at=snapshot.create_time),
        now=now,
    )


def stakes_of(transaction: Any, client: Any, event_id: str, uids: Sequence[str]) -> tuple[Any, dict[str, Stake]]:
    """Read the event and the RSVP and ledger entry of each uid, all in one request."""
    event_ref = client.document("events", event_id)
    wanted = [refs(client, event_id, uid) for uid in uids]
    event, *found = read_all(transaction, [event_ref, *(ref for _, *pair in wanted for ref in pair)])
    pairs = zip(found[::2], found[1::2], strict=True)
    return event, {uid: Stake(rsvp=rsvp, seat=seat) for uid, (rsvp, seat) in zip(uids, pairs, strict=True)}


def claim_in(stake: Stake, opening: Opening, document: Mapping[str, Any] | None) -> Claim:
    """Make the claim of a stake whose RSVP shall read `document`; a late predecessor's ledger entry is none."""
    seat = seat_of(stake.seat, opening.snapshot)
    return claim_of(stake.rsvp.id, document, written_at=stake.rsvp.update_time or opening.now, seat=seat)


def claim_of(uid: str, document: Mapping[str, Any] | None, *, written_at: datetime, seat: Seat | None) -> Claim:
    """Make the claim of an RSVP document (None: no RSVP) and its ledger entry."""
    rsvp = None if document is None else parse_rsvp(uid, document, written_at=written_at)
    return Claim(uid=uid, rsvp=rsvp, seat=seat)


def document_of(stake: Stake) -> Mapping[str, Any] | None:
    """Return the stored RSVP; None where there is none."""
    document: Mapping[str, Any] | None = stake.rsvp.to_dict() if stake.rsvp.exists else None
    return document


def refs(client: Any, event_id: str, uid: str) -> tuple[Any, Any, Any]:
    """The documents of one person's stake: event, RSVP, ledger entry."""
    event_ref = client.document("events", event_id)
    return event_ref, event_ref.collection("rsvps").document(uid), event_ref.collection("seats").document(uid)
