"""Settling seats: who is admitted, who waits, who is declined. Pure; the one place where seats are decided.

It takes the event's room, the claims (each an RSVP as it is now and its ledger entry) and says what the ledger and
the counts must be afterwards. Nothing here knows what happened before, so a duplicate or late delivery of a change
decides the same again, and a deleted RSVP frees its seats because the ledger still has them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gather.attendance.model import Rsvp, Seat, SeatState, Status
from gather.attendance.room import Room, seats_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One person's stake in an event: their RSVP as it is now (None: there is none) and their ledger entry.

    `over_capacity`: an admin seats this party whether or not there is room.
    """

    uid: str
    rsvp: Rsvp | None
    seat: Seat | None
    over_capacity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a claim. `refused_growth`: a larger party did not fit, the seats held before are kept."""

    claim: Claim
    seat: Seat | None
    declined: bool = False
    refused_growth: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The ledger entries of all claims and the event's counts after them."""

    outcomes: tuple[Outcome, ...]
    attending_count: int
    waitlist_count: int


@dataclass(slots=True)
class _Tally:
    """The running counts of one settlement, and the outcomes so far."""

    taken: int
    waiting: int
    outcomes: list[Outcome] = field(default_factory=list)

    def record(self, claim: Claim, seat: Seat | None, *, declined: bool = False, refused_growth: bool = False) -> None:
        before = claim.seat
        self.taken += _taken(seat) - _taken(before)
        self.waiting += _waits(seat) - _waits(before)
        self.outcomes.append(Outcome(claim=claim, seat=seat, declined=declined, refused_growth=refused_growth))


def settle(room: Room, claims: Iterable[Claim], *, now: datetime) -> Settlement:
    """Seats that are given up are freed first, then the line is served, then newcomers are seated.

    - Who holds seats keeps them, whatever became of the capacity; a party that grew is admitted if the growth fits,
      else it keeps what it holds (`refused_growth`).
    - The line is served by (since, uid): `strict` stops at the first party that does not fit, `skip` passes over it.
    - A newcomer is admitted if the seats fit and, under `strict`, nobody waits who asked before; else waits where the
      event has a waitlist; else is declined. While the event is not open nobody is admitted or joins the line.
    - Paid events: who is served gets an offer instead, seats held until `room.offers_until`; a newcomer whom the room
      would admit is left to the payment. An offer that nobody took in time is freed and its holder declined; while
      the event is not open offers go back in line, and where it costs nothing any more they are admissions.
    - Whom an admin seats over capacity is admitted first, room or not.
    - Purchased seats are neither freed nor moved, whatever the RSVP says; who has them is not seated a second time.

    `claims` holds every line entry that could be served now; whoever is in line but not in `claims` still counts in
    `room.waitlist_count` and goes before a newcomer under `strict`.
    """
    tally = _Tally(taken=room.attending_count, waiting=room.waitlist_count)
    in_line, newcomers = _free_and_keep(room, sorted(claims, key=lambda claim: claim.uid), tally, now)
    _serve_line(room, in_line, tally, now)
    for wish in sorted(newcomers, key=lambda wish: (wish.rsvp.written_at, wish.claim.uid)):
        _seat_newcomer(room, wish, tally, now)
    return Settlement(outcomes=tuple(tally.outcomes), attending_count=tally.taken, waitlist_count=tally.waiting)


def free_seats(room: Room, claims: Iterable[Claim], *, now: datetime) -> int | None:
    """Seats that nobody holds once these claims have given up what they no longer want; None: unlimited."""
    if room.max_attendees is None:
        return None
    mine = [claim for claim in claims if claim.seat is None or not claim.seat.is_purchased]
    given_up = sum(_taken(claim.seat) - min(_wanted(claim, room, now), _taken(claim.seat)) for claim in mine)
    return max(0, room.max_attendees - room.attending_count + given_up)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A claim that wants seats: how many, for which party."""

    claim: Claim
    rsvp: Rsvp
    wanted: int


@dataclass(frozen=True, slots=True)
class _Stake(_Wish):
    """A wish that already has a ledger entry."""

    seat: Seat

    def resized(self) -> Seat:
        return replace(self.seat, seats=self.wanted, party_size=self.rsvp.party_size, kids=self.rsvp.kids)


def _free_and_keep(
    room: Room, claims: Sequence[Claim], tally: _Tally, now: datetime
) -> tuple[list[_Stake], list[_Wish]]:
    in_line: list[_Stake] = []
    newcomers: list[_Wish] = []
    growing: list[_Stake] = []
    for claim in claims:
        rsvp, wanted = claim.rsvp, _wanted(claim, room, now)
        seat = None if claim.seat is None else _in_room(claim.seat, room)
        if seat is not None and seat.is_purchased:
            tally.record(claim, seat, refused_growth=0 < seat.seats < wanted)
        elif rsvp is None or wanted == 0:
            tally.record(claim, None, declined=_has_lapsed(claim, now) or _still_declined(rsvp))
        elif claim.over_capacity and (seat is None or not seat.counts or seat.seats < wanted):
            admitted = _new_seat(room, _Wish(claim, rsvp, wanted), SeatState.ADMITTED, now)
            tally.record(claim, replace(admitted, admit_over_capacity=True))
        elif seat is None:
            newcomers.append(_Wish(claim, rsvp, wanted))
        elif not seat.counts:
            in_line.append(_Stake(claim, rsvp, wanted, seat))
        elif wanted <= seat.seats:
            tally.record(claim, _Stake(claim, rsvp, wanted, seat).resized())
        else:
            growing.append(_Stake(claim, rsvp, wanted, seat))
    for stake in growing:
        _grow(room, stake, tally)
    return in_line, newcomers


def _in_room(seat: Seat, room: Room) -> Seat:
    """What an offer is worth in the room as it is now; any other seat is what it is."""
    if seat.is_offer and not room.open:
        return replace(seat, state=SeatState.WAITLISTED, expires_at=None)
    if seat.is_offer and not room.is_paid:
        return replace(seat, state=SeatState.ADMITTED, expires_at=None)
    return seat


def _grow(room: Room, stake: _Stake, tally: _Tally) -> None:
    # Of a ticket type and of a pool there may be less left than of the event: more of these is ordered, not answered.
    may_grow = room.open and not room.is_paid and stake.seat.ticket_type_id is None
    if may_grow and room.fits(stake.wanted - stake.seat.seats, taken=tally.taken):
        tally.record(stake.claim, stake.resized())
    else:
        tally.record(stake.claim, stake.seat, refused_growth=True)


def _serve_line(room: Room, in_line: Sequence[_Stake], tally: _Tally, now: datetime) -> None:
    blocked = not room.open or (room.is_paid and room.offers_until is None)
    for stake in sorted(in_line, key=lambda stake: (stake.seat.since, stake.claim.uid)):
        waiting = stake.resized()
        if not blocked and room.fits(waiting.seats, taken=tally.taken):
            tally.record(stake.claim, _served(room, waiting, now))
        else:
            blocked = blocked or room.waitlist_policy == "strict"
            tally.record(stake.claim, waiting)


def _served(room: Room, waiting: Seat, now: datetime) -> Seat:
    """An offer keeps the time since when its holder waits, to which it goes back if the event closes meanwhile."""
    if room.is_paid:
        return replace(waiting, state=SeatState.HELD, expires_at=room.offers_until)
    return replace(waiting, state=SeatState.ADMITTED, since=now)


def _seat_newcomer(room: Room, wish: _Wish, tally: _Tally, now: datetime) -> None:
    behind_others = room.waitlist_policy == "strict" and tally.waiting > 0 and not _is_first(wish, tally)
    if room.open and not behind_others and room.fits(wish.wanted, taken=tally.taken):
        tally.record(wish.claim, None if room.is_paid else _new_seat(room, wish, SeatState.ADMITTED, now))
    elif room.open and room.is_waitlist_enabled:
        tally.record(wish.claim, _new_seat(room, wish, SeatState.WAITLISTED, wish.rsvp.written_at))
    else:
        tally.record(wish.claim, None, declined=True)


def _is_first(wish: _Wish, tally: _Tally) -> bool:
    """Whether a newcomer asked before the head of the line did; deliveries come in any order.

    The head is among the claims whenever there are seats to give.
    """
    line = [(seat.since, each.claim.uid) for each in tally.outcomes if (seat := each.seat) and not seat.counts]
    return bool(line) and (wish.rsvp.written_at, wish.claim.uid) < min(line)


def _new_seat(room: Room, wish: _Wish, state: SeatState, since: datetime) -> Seat:
    return Seat(
        seats=wish.wanted,
        state=state,
        since=since,
        party_size=wish.rsvp.party_size,
        kids=wish.rsvp.kids,
        event_created_at=room.created_at,
    )


def _wanted(claim: Claim, room: Room, now: datetime) -> int:
    if claim.rsvp is None or not claim.rsvp.wants_seat or _has_lapsed(claim, now):
        return 0
    return seats_of(claim.rsvp, room)


def _has_lapsed(claim: Claim, now: datetime) -> bool:
    """Whether the claim is an offer that was open too long; that its holder said yes in time is not payment."""
    seat = claim.seat
    return seat is not None and seat.is_offer and seat.expires_at is not None and seat.expires_at <= now


def _still_declined(rsvp: Rsvp | None) -> bool:
    """Keep showing `declined` until its owner says something else than the `maybe` that declining left behind."""
    return rsvp is not None and rsvp.seat_state == SeatState.DECLINED and rsvp.status is Status.MAYBE


def _taken(seat: Seat | None) -> int:
    return seat.seats if seat is not None and seat.counts else 0


def _waits(seat: Seat | None) -> int:
    return int(seat is not None and seat.state is SeatState.WAITLISTED)
