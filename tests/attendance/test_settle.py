"""Settling seats: the decisions, case by case and as properties over random crowds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather.attendance.model import Rsvp, Seat, SeatState, Status
from gather.attendance.room import Room
from gather.attendance.settle import Claim, Outcome, Settlement, free_seats, settle
from tests.attendance.rooms import ROOM

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADMITTED, WAITLISTED = SeatState.ADMITTED, SeatState.WAITLISTED


def rsvp(uid: str = "ana", status: Status = Status.GOING, **fields: Any) -> Rsvp:
    return Rsvp(uid=uid, status=status, written_at=fields.pop("written_at", NOW), **fields)


def seat(seats: int, state: SeatState = ADMITTED, *, minutes: int = 0) -> Seat:
    return Seat(seats=seats, state=state, since=NOW + timedelta(minutes=minutes), party_size=seats)


def waiting(uid: str, seats: int, *, minutes: int) -> Claim:
    found = rsvp(uid, Status.MAYBE, waitlisted=True, party_size=seats)
    return Claim(uid=uid, rsvp=found, seat=seat(seats, WAITLISTED, minutes=minutes))


def only(settlement: Settlement) -> Outcome:
    (outcome,) = settlement.outcomes
    return outcome


def states(settlement: Settlement) -> dict[str, SeatState | None]:
    return {outcome.claim.uid: outcome.seat.state if outcome.seat else None for outcome in settlement.outcomes}


@pytest.mark.parametrize(
    ("taken", "waitlist", "party", "expected"),
    [
        (0, True, 4, ADMITTED),
        (1, True, 3, ADMITTED),
        (1, True, 4, WAITLISTED),
        (4, True, 1, WAITLISTED),
        (1, False, 4, None),
        (9, True, 1, WAITLISTED),
    ],
)
def test_a_newcomer_is_admitted_if_the_seats_fit_else_waits_else_is_declined(
    taken: int, waitlist: bool, party: int, expected: SeatState | None
) -> None:
    room = replace(ROOM, attending_count=taken, is_waitlist_enabled=waitlist)
    outcome = only(settle(room, [Claim(uid="ana", rsvp=rsvp(party_size=party), seat=None)], now=NOW))
    assert (outcome.seat.state if outcome.seat else None) == expected
    assert outcome.declined == (expected is None)


def test_unlimited_capacity_admits_any_party() -> None:
    room = replace(ROOM, max_attendees=None, attending_count=10_000)
    assert only(settle(room, [Claim(uid="ana", rsvp=rsvp(party_size=50, kids=50), seat=None)], now=NOW)).seat == Seat(
        seats=100, state=ADMITTED, since=NOW, party_size=50, kids=50
    )


def test_a_party_counts_as_one_where_the_event_says_so() -> None:
    settlement = settle(
        replace(ROOM, count_party_size=False), [Claim(uid="a", rsvp=rsvp(party_size=9), seat=None)], now=NOW
    )
    assert settlement.attending_count == 1


@pytest.mark.parametrize("gone", [None, rsvp(status=Status.NOT_GOING), rsvp(status=Status.MAYBE)])
def test_seats_no_longer_wanted_are_freed_by_the_ledger_even_when_the_rsvp_is_gone(gone: Rsvp | None) -> None:
    settlement = settle(replace(ROOM, attending_count=3), [Claim(uid="ana", rsvp=gone, seat=seat(3))], now=NOW)
    assert (only(settlement).seat, settlement.attending_count) == (None, 0)


def test_settling_what_is_settled_changes_nothing() -> None:
    room = replace(ROOM, attending_count=3)
    claim = Claim(uid="ana", rsvp=rsvp(party_size=3), seat=seat(3))
    settlement = settle(room, [claim], now=NOW + timedelta(hours=1))
    assert only(settlement).seat == claim.seat
    assert settlement.attending_count == 3


def test_lowered_capacity_throws_nobody_out_and_admits_nobody() -> None:
    room = replace(ROOM, max_attendees=2, attending_count=4)
    settlement = settle(
        room,
        [Claim(uid="ana", rsvp=rsvp(party_size=4), seat=seat(4)), Claim(uid="ben", rsvp=rsvp("ben"), seat=None)],
        now=NOW,
    )
    assert states(settlement) == {"ana": ADMITTED, "ben": WAITLISTED}
    assert settlement.attending_count == 4


@pytest.mark.parametrize(("taken", "refused"), [(2, False), (3, True)])
def test_a_party_that_grows_beyond_the_room_keeps_the_seats_it_holds(taken: int, refused: bool) -> None:
    room = replace(ROOM, attending_count=taken)
    outcome = only(settle(room, [Claim(uid="ana", rsvp=rsvp(party_size=4), seat=seat(2))], now=NOW))
    assert outcome.refused_growth == refused
    assert outcome.seat == (seat(2) if refused else replace(seat(4), party_size=4))


@pytest.mark.parametrize(("minutes", "expected"), [(-1, ADMITTED), (1, WAITLISTED)])
def test_under_strict_a_newcomer_who_asked_before_the_head_of_the_line_is_ahead_of_it(
    minutes: int, expected: SeatState
) -> None:
    """Their delivery came late; put in line, they would be its head and wait for no reason."""
    room = replace(ROOM, attending_count=2, waitlist_count=1)
    late = Claim(uid="zoe", rsvp=rsvp("zoe", written_at=NOW + timedelta(minutes=minutes)), seat=None)
    assert states(settle(room, [waiting("ana", 3, minutes=0), late], now=NOW)) == {"ana": WAITLISTED, "zoe": expected}


def test_freed_seats_go_to_the_line_before_a_newcomer() -> None:
    room = replace(ROOM, attending_count=4, waitlist_count=1)
    leaver = Claim(uid="ana", rsvp=None, seat=seat(2))
    newcomer = Claim(uid="zoe", rsvp=rsvp("zoe"), seat=None)
    settlement = settle(room, [newcomer, leaver, waiting("ben", 2, minutes=5)], now=NOW)
    assert states(settlement) == {"ana": None, "ben": ADMITTED, "zoe": WAITLISTED}
    assert (settlement.attending_count, settlement.waitlist_count) == (4, 1)


@pytest.mark.parametrize(("policy", "expected"), [("strict", WAITLISTED), ("skip", ADMITTED)])
def test_strict_waits_for_the_head_and_skip_takes_the_first_that_fits(policy: Any, expected: SeatState) -> None:
    room = replace(ROOM, waitlist_policy=policy, attending_count=3, waitlist_count=2)
    settlement = settle(room, [waiting("big", 3, minutes=0), waiting("one", 1, minutes=1)], now=NOW)
    assert states(settlement) == {"big": WAITLISTED, "one": expected}


def test_the_line_is_served_by_since_and_then_uid() -> None:
    room = replace(ROOM, attending_count=3, waitlist_count=3)
    line = [waiting("c", 1, minutes=0), waiting("b", 1, minutes=0), waiting("a", 1, minutes=1)]
    assert states(settle(room, line, now=NOW)) == {"b": ADMITTED, "c": WAITLISTED, "a": WAITLISTED}


def test_under_strict_nobody_overtakes_those_who_wait_unseen() -> None:
    """Line entries beyond the page that was read still count in waitlist_count."""
    room = replace(ROOM, attending_count=0, waitlist_count=7)
    assert states(settle(room, [Claim(uid="ana", rsvp=rsvp(), seat=None)], now=NOW)) == {"ana": WAITLISTED}


def test_a_closed_event_admits_and_queues_nobody_but_frees_and_keeps() -> None:
    room = replace(ROOM, open=False, attending_count=2, waitlist_count=1)
    settlement = settle(
        room,
        [
            Claim(uid="new", rsvp=rsvp("new"), seat=None),
            Claim(uid="old", rsvp=rsvp("old"), seat=seat(1)),
            Claim(uid="off", rsvp=None, seat=seat(1)),
            waiting("line", 1, minutes=0),
        ],
        now=NOW,
    )
    assert states(settlement) == {"new": None, "old": ADMITTED, "off": None, "line": WAITLISTED}
    assert settlement.attending_count == 1


def test_a_paid_event_gives_no_seat_without_payment() -> None:
    settlement = settle(replace(ROOM, is_paid=True), [Claim(uid="ana", rsvp=rsvp(), seat=None)], now=NOW)
    assert (only(settlement).seat, only(settlement).declined) == (None, False)


def test_free_seats_are_those_left_after_the_claims_gave_up_theirs() -> None:
    room = replace(ROOM, attending_count=4)
    assert free_seats(room, [], now=NOW) == 0
    assert free_seats(room, [Claim(uid="ana", rsvp=None, seat=seat(3))], now=NOW) == 3
    assert free_seats(room, [Claim(uid="ana", rsvp=rsvp(party_size=1), seat=seat(3))], now=NOW) == 2
    assert free_seats(replace(room, max_attendees=None), [], now=NOW) is None
    assert free_seats(replace(room, attending_count=9), [], now=NOW) == 0


parties = st.builds(
    lambda uid, status, party, kids, waitlisted, minute: Rsvp(
        uid=uid,
        status=status,
        party_size=party,
        kids=kids,
        waitlisted=waitlisted,
        written_at=NOW + timedelta(minutes=minute),
    ),
    st.sampled_from("abcdefgh"),
    st.sampled_from(Status),
    st.integers(1, 4),
    st.integers(0, 2),
    st.booleans(),
    st.integers(0, 9),
)
rooms = st.builds(
    Room,
    open=st.booleans(),
    max_attendees=st.none() | st.integers(1, 12),
    count_party_size=st.booleans(),
    is_waitlist_enabled=st.booleans(),
    waitlist_policy=st.sampled_from(["strict", "skip"]),
    is_paid=st.just(False),
    attending_count=st.just(0),
    waitlist_count=st.just(0),
)


@given(rooms, st.lists(st.lists(parties, max_size=6), max_size=6))
def test_over_any_history_of_changes_the_counts_are_the_ledger_and_nothing_is_oversold(
    room: Room, rounds: list[list[Rsvp]]
) -> None:
    ledger: dict[str, Seat] = {}
    written: dict[str, Rsvp] = {}
    for changes in rounds:
        written |= {change.uid: change for change in changes}
        claims = [Claim(uid=uid, rsvp=written[uid], seat=ledger.get(uid)) for uid in sorted(written)]
        settlement = settle(room, claims, now=NOW)
        ledger = {outcome.claim.uid: outcome.seat for outcome in settlement.outcomes if outcome.seat is not None}
        taken = sum(found.seats for found in ledger.values() if found.counts)
        assert settlement.attending_count == taken
        assert settlement.waitlist_count == sum(not found.counts for found in ledger.values())
        assert room.max_attendees is None or taken <= room.max_attendees
        _every_wish_is_answered(settlement)
        room = replace(room, attending_count=settlement.attending_count, waitlist_count=settlement.waitlist_count)


def _every_wish_is_answered(settlement: Settlement) -> None:
    for outcome in settlement.outcomes:
        wants = outcome.claim.rsvp is not None and outcome.claim.rsvp.wants_seat
        assert wants == (outcome.seat is not None or (outcome.declined and wants))
