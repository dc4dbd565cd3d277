"""Counters of ticket types and pools: what the ledger holds for them, kept by the difference its entries make. Pure.

`soldCount` and `heldCount` of a type are the admitted and the held seats of its entries, `takenCount` of a pool is
both; like attendingCount they can be counted anew from the ledger at any time.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from gather.attendance.model import Seat, SeatState


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What becomes of one entry of the ledger; None is no entry."""

    key: str
    before: Seat | None
    after: Seat | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Seats by ticket type, sold and held, and by pool; seats of a move may be negative."""

    sold: Counter[str]
    held: Counter[str]
    taken: Counter[str]


def counts_of(seats: Iterable[Seat]) -> Counts:
    """Count the seats of ledger entries for their types and pools."""
    counts = Counts(sold=Counter(), held=Counter(), taken=Counter())
    for seat in seats:
        _add(counts, seat, 1)
    return counts


def difference(moves: Iterable[Move]) -> Counts:
    """What moves change in the counters."""
    counts = Counts(sold=Counter(), held=Counter(), taken=Counter())
    for move in moves:
        _add(counts, move.before, -1)
        _add(counts, move.after, 1)
    return counts


def additions(moves: Iterable[Move]) -> dict[tuple[str, str], dict[str, int]]:
    """What moves add to the counters of which documents below the event, by collection and id."""
    change = difference(moves)
    found = {
        ("ticketTypes", name): {"soldCount": change.sold[name], "heldCount": change.held[name]}
        for name in sorted({*change.sold, *change.held})
    }
    found |= {("pools", name): {"takenCount": taken} for name, taken in sorted(change.taken.items())}
    moved = {name: {field: many for field, many in added.items() if many} for name, added in found.items()}
    return {name: added for name, added in moved.items() if added}


def room_change(moves: Iterable[Move]) -> tuple[int, int]:
    """What moves change in the event's counts: seats taken, and entries in line."""
    taken = waiting = 0
    for move in moves:
        for seat, sign in ((move.before, -1), (move.after, 1)):
            if seat is not None:
                taken += sign * seat.seats * seat.counts
                waiting += sign * (not seat.counts)
    return taken, waiting


def _add(counts: Counts, seat: Seat | None, sign: int) -> None:
    if seat is None or not seat.counts:
        return
    if seat.ticket_type_id is not None:
        by_type = counts.sold if seat.state is SeatState.ADMITTED else counts.held
        by_type[seat.ticket_type_id] += sign * seat.seats
    if seat.pool_id is not None:
        counts.taken[seat.pool_id] += sign * seat.seats
