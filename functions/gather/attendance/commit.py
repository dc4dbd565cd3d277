"""Carrying out a settlement: `decide` reads the line and asks `settle`, `carry_out` writes what differs.

The event document holds the counts and is read by every settlement, so two settlements of one event cannot both
commit on the same counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from google.cloud import firestore
from google.cloud.firestore_v1.field_path import FieldPath

from gather.attendance.line import read_line
from gather.attendance.model import seat_document
from gather.attendance.opening import Draft, Opening, refs
from gather.attendance.outcome import shown
from gather.attendance.pace import WRITE_COST, busy_after
from gather.attendance.settle import Claim, Outcome, Settlement, settle
from gather.tickets.counters import Move, additions
from gather.transactions import read_all

Counters = tuple[tuple[Any, Mapping[str, int]], ...]
"""Ticket types and pools that are there, by reference, and what is added to which of their counters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be written: the settlement, and the RSVPs it concerns as they are and as they should become."""

    settlement: Settlement
    drafts: Mapping[str, Draft]
    changes_counts: bool
    counters: Counters = ()

    def outcome_of(self, uid: str) -> Outcome:
        """What became of one of the claims."""
        return next(outcome for outcome in self.settlement.outcomes if outcome.claim.uid == uid)


def settle_claims(
    transaction: Any, client: Any, opening: Opening, drafts: Mapping[str, Draft], claims: Sequence[Claim]
) -> Settlement:
    """Decide `claims` together with the part of the line that could be served now, and write what differs."""
    decision = decide(transaction, client, opening, drafts, claims)
    carry_out(transaction, client, opening, decision)
    return decision.settlement


def decide(
    transaction: Any, client: Any, opening: Opening, drafts: Mapping[str, Draft], claims: Sequence[Claim]
) -> Decision:
    """Decide without writing anything."""
    room, line_drafts, line_claims = read_line(transaction, client, opening, claims)
    settlement = settle(room, [*claims, *line_claims], now=opening.now)
    counts = (settlement.attending_count, settlement.waitlist_count)
    return Decision(
        settlement=settlement,
        drafts={**line_drafts, **drafts},
        changes_counts=counts != opening.stored_counts,
        # Seats of an RSVP that were ordered for nothing are of a type, perhaps in a pool, until it gives them up.
        counters=read_counters(transaction, client.document("events", opening.event.id), _moves(settlement)),
    )


def carry_out(
    transaction: Any, client: Any, opening: Opening, decision: Decision, *, cost: timedelta = WRITE_COST
) -> None:
    """Write the ledger entries, RSVPs and counts that differ; a write of the counts also says how busy the event is."""
    event_id = opening.event.id
    for outcome in decision.settlement.outcomes:
        uid = outcome.claim.uid
        _, rsvp_ref, seat_ref = refs(client, event_id, uid)
        _write_seat(transaction, seat_ref, outcome)
        _write_rsvp(transaction, rsvp_ref, decision.drafts[uid], outcome, opening.now)
    write_counters(transaction, decision.counters)
    if decision.changes_counts:
        transaction.update(
            client.document("events", event_id),
            {
                "attendingCount": decision.settlement.attending_count,
                "waitlistCount": decision.settlement.waitlist_count,
                "busyUntil": busy_after(opening.busy_until, opening.now, cost),
            },
        )


def read_counters(
    transaction: Any, event_ref: Any, moves: Sequence[Move], known: Mapping[str, Any] | None = None
) -> Counters:
    """Read the ticket types and pools that moves change, unless they are `known` by path; those not there have none."""
    added = {event_ref.collection(kind).document(name): many for (kind, name), many in additions(moves).items()}
    missing = [reference for reference in added if reference.path not in (known or {})]
    found = {**(known or {}), **{each.reference.path: each for each in read_all(transaction, missing)}}
    return tuple((reference, many) for reference, many in added.items() if found[reference.path].exists)


def write_counters(transaction: Any, counters: Counters) -> None:
    """Add to the counters what the moves have changed."""
    for reference, added in counters:
        transaction.update(reference, {name: firestore.Increment(number) for name, number in added.items()})


def _moves(settlement: Settlement) -> list[Move]:
    return [Move(key=each.claim.uid, before=each.claim.seat, after=each.seat) for each in settlement.outcomes]


def _write_seat(transaction: Any, seat_ref: Any, outcome: Outcome) -> None:
    before, after = outcome.claim.seat, outcome.seat
    if after is None and before is not None:
        transaction.delete(seat_ref)
    elif after is not None and after != before:
        transaction.set(seat_ref, seat_document(after))


def _write_rsvp(transaction: Any, rsvp_ref: Any, draft: Draft, outcome: Outcome, now: datetime) -> None:
    if draft.desired is not None:
        write_document(transaction, rsvp_ref, draft.stored, shown(draft.desired, outcome, now=now))
    elif draft.stored is not None:
        transaction.delete(rsvp_ref)


def write_document(
    transaction: Any, reference: Any, stored: Mapping[str, Any] | None, desired: Mapping[str, Any]
) -> None:
    """Make an RSVP read as desired: nothing is written where it does, and `updatedAt` where anything is."""
    if desired == stored:
        return
    after = {**desired, "updatedAt": firestore.SERVER_TIMESTAMP}
    if stored is None:
        transaction.set(reference, after)
        return
    changed = {key: value for key, value in after.items() if key not in stored or stored[key] != value}
    removed = {key: firestore.DELETE_FIELD for key in stored if key not in after}
    transaction.update(reference, {FieldPath(key).to_api_repr(): value for key, value in (changed | removed).items()})
