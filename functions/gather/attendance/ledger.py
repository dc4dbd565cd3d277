"""The ledger in Firestore: `events/{eventId}/seats/{uid}`, read inside a transaction.

An event that was deleted and created again under the same id may still have its predecessor's entries below it; an
entry says by `eventCreatedAt` whose it is.
"""

from typing import Any

from gather.attendance.model import Seat, parse_seat
from gather.transactions import read_query


def seat_of(snapshot: Any, event_snapshot: Any) -> Seat | None:
    """Read a ledger entry; None where there is none, or only a predecessor's or a damaged one, which holds no seat."""
    seat = parse_seat(snapshot.to_dict()) if snapshot.exists else None
    if seat is None or seat.event_created_at not in {None, event_snapshot.create_time}:
        return None
    return seat


def sum_ledger(transaction: Any, event_snapshot: Any) -> tuple[int, int]:
    """Count the seats that are taken and the entries in line: what attendingCount and waitlistCount must be.

    Reads the whole ledger, so it is for events whose counts are missing or damaged.
    """
    entries = read_query(transaction, event_snapshot.reference.collection("seats").select(LEDGER_FIELDS))
    seats = [seat for entry in entries if (seat := seat_of(entry, event_snapshot)) is not None]
    return sum(seat.seats for seat in seats if seat.counts), sum(not seat.counts for seat in seats)


LEDGER_FIELDS = ["seats", "state", "since", "eventCreatedAt"]
