"""Drift: where an event's counts, ledger and RSVPs do not agree. Pure.

What is wrong is not defined a second time: it is whatever a settlement of everybody would change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gather.attendance.outcome import shown
from gather.attendance.room import Room
from gather.attendance.settle import Claim, Outcome, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What an event's document says, what its ledger says, and whose entries or RSVPs would be settled otherwise."""

    event_id: str
    stored_counts: tuple[Any, Any]
    ledger_counts: tuple[int, int]
    people: tuple[tuple[str, str], ...]

    @property
    def is_none(self) -> bool:
        """Nothing would be written."""
        return self.stored_counts == self.ledger_counts and not self.people


def drift_of(
    event_id: str,
    room: Room,
    claims: Sequence[Claim],
    documents: Mapping[str, Mapping[str, Any]],
    *,
    stored_counts: tuple[Any, Any],
    now: datetime,
) -> Drift:
    """Compare an event with its whole ledger and all its RSVPs; `room` holds the ledger's counts."""
    settlement = settle(room, claims, now=now)
    people = [
        (outcome.claim.uid, problem)
        for outcome in settlement.outcomes
        if (problem := _problem(outcome, documents.get(outcome.claim.uid), now))
    ]
    return Drift(
        event_id=event_id,
        stored_counts=stored_counts,
        ledger_counts=(room.attending_count, room.waitlist_count),
        people=tuple(sorted(people)),
    )


def _problem(outcome: Outcome, document: Mapping[str, Any] | None, now: datetime) -> str | None:
    seat, wanted = outcome.claim.seat, outcome.seat
    if seat is None and wanted is not None:
        return f"has no ledger entry, and would be {wanted.state}"
    if seat is not None and wanted is None:
        return f"has a ledger entry ({seat.state}, {seat.seats} seats) that nothing asks for"
    if seat != wanted and seat is not None and wanted is not None:
        return f"has {seat.seats} seats {seat.state}, and would have {wanted.seats} {wanted.state}"
    if document is not None and shown(document, outcome, now=now) != document:
        return "is shown something else than the ledger says"
    return None
