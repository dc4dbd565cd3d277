"""Offers, closed events and overbooking: the decisions, case by case and over random histories with a moving clock."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gather.attendance.model import Rsvp, Seat, SeatState, Status
from gather.attendance.outcome import shown
from gather.attendance.room import Room, room_of
from gather.attendance.settle import Claim, Outcome, settle
from gather.events.model import parse_event
from tests.attendance.rooms import ROOM
from tests.support.events import event_document

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
PAID = replace(ROOM, is_paid=True, offers_until=TOMORROW)
ADMITTED, HELD, WAITLISTED = SeatState.ADMITTED, SeatState.HELD, SeatState.WAITLISTED


def in_line(uid: str, seats: int, *, minutes: int = 0) -> Claim:
    since = NOW - timedelta(hours=1) + timedelta(minutes=minutes)
    rsvp = Rsvp(uid=uid, status=Status.MAYBE, waitlisted=True, party_size=seats, written_at=since)
    return Claim(uid=uid, rsvp=rsvp, seat=Seat(seats=seats, state=WAITLISTED, since=since, party_size=seats))


def offered(uid: str, seats: int, *, until: datetime = TOMORROW, status: Status = Status.MAYBE) -> Claim:
    claim = in_line(uid, seats)
    assert claim.seat is not None
    assert claim.rsvp is not None
    rsvp = replace(claim.rsvp, status=status, waitlisted=status is Status.MAYBE)
    return replace(claim, rsvp=rsvp, seat=replace(claim.seat, state=HELD, expires_at=until))


def by_uid(room: Room, *claims: Claim, now: datetime = NOW) -> dict[str, Outcome]:
    return {outcome.claim.uid: outcome for outcome in settle(room, claims, now=now).outcomes}


def test_who_is_served_at_a_paid_event_is_offered_seats_that_are_held() -> None:
    outcome = by_uid(replace(PAID, waitlist_count=1), in_line("ana", 2))["ana"]
    assert outcome.seat is not None
    assert (outcome.seat.state, outcome.seat.expires_at) == (HELD, TOMORROW)
    assert outcome.seat.since == NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("policy", "expected"), [("strict", [HELD, WAITLISTED, WAITLISTED]), ("skip", [HELD, WAITLISTED, HELD])]
)
def test_offers_are_made_by_policy(policy: Any, expected: list[SeatState]) -> None:
    line = [in_line("a", 3, minutes=0), in_line("b", 2, minutes=1), in_line("c", 1, minutes=2)]
    found = by_uid(replace(PAID, waitlist_count=3, waitlist_policy=policy), *line)
    assert [seat.state for uid in "abc" if (seat := found[uid].seat)] == expected


def test_an_offer_nobody_took_goes_to_the_next() -> None:
    room = replace(PAID, max_attendees=2, attending_count=2, waitlist_count=1)
    settlement = settle(room, [offered("ana", 2, until=NOW), in_line("ben", 2, minutes=5)], now=NOW)
    ana, ben = (outcome for outcome in settlement.outcomes)
    assert (ana.seat, ana.declined) == (None, True)
    assert ben.seat is not None
    assert ben.seat.state is HELD
    assert (settlement.attending_count, settlement.waitlist_count) == (2, 0)


def test_who_said_yes_in_time_and_did_not_pay_loses_the_seats_as_well() -> None:
    outcome = by_uid(replace(PAID, attending_count=2), offered("ana", 2, until=NOW, status=Status.GOING))["ana"]
    assert (outcome.seat, outcome.declined) == (None, True)
    after = shown({"status": "going", "statusHistory": []}, outcome, now=NOW)
    assert (after["status"], after["seatState"]) == ("maybe", "declined")


def test_an_offer_that_is_taken_stays_held_and_has_to_be_paid() -> None:
    claim = offered("ana", 2, status=Status.GOING)
    outcome = by_uid(replace(PAID, attending_count=2), claim)["ana"]
    assert outcome.seat == claim.seat
    after = shown({"status": "going", "waitlisted": True, "waitlistedAt": NOW}, outcome, now=NOW)
    assert after == {
        "status": "going",
        "seatState": "held",
        "offerExpiresAt": TOMORROW,
        "requiresPayment": True,
        "paymentStatus": "required",
    }


def test_who_has_not_answered_an_offer_is_still_shown_in_line() -> None:
    outcome = by_uid(replace(PAID, waitlist_count=1), in_line("ana", 2))["ana"]
    before = {
        "status": "maybe",
        "waitlisted": True,
        "waitlistedAt": NOW - timedelta(hours=1),
        "seatState": "waitlisted",
    }
    assert shown(before, outcome, now=NOW) == before | {"seatState": "held", "offerExpiresAt": TOMORROW}


def test_declining_frees_an_offer_at_once() -> None:
    room = replace(PAID, max_attendees=2, attending_count=2, waitlist_count=1)
    found = by_uid(room, offered("ana", 2, status=Status.NOT_GOING), in_line("ben", 2, minutes=5))
    assert (found["ana"].seat, found["ana"].declined) == (None, False)
    assert found["ben"].seat is not None
    assert found["ben"].seat.state is HELD


def test_a_closed_event_takes_its_offers_back_in_line_where_they_were() -> None:
    claim = offered("ana", 2)
    settlement = settle(replace(PAID, open=False, attending_count=2), [claim], now=NOW)
    (outcome,) = settlement.outcomes
    assert outcome.seat == in_line("ana", 2).seat
    assert (settlement.attending_count, settlement.waitlist_count) == (0, 1)


def test_an_offer_is_an_admission_where_it_costs_nothing_any_more() -> None:
    outcome = by_uid(replace(PAID, is_paid=False, attending_count=2), offered("ana", 2))["ana"]
    assert outcome.seat is not None
    assert (outcome.seat.state, outcome.seat.expires_at) == (ADMITTED, None)


def test_the_hold_of_a_checkout_is_left_to_the_payment() -> None:
    claim = offered("ana", 2, until=NOW - timedelta(days=1), status=Status.GOING)
    assert claim.seat is not None
    claim = replace(claim, seat=replace(claim.seat, source="payment"))
    for room in (PAID, replace(PAID, open=False), replace(PAID, is_paid=False)):
        assert by_uid(replace(room, attending_count=2), claim)["ana"].seat == claim.seat


@pytest.mark.parametrize(
    ("taken", "waitlist", "expected"),
    [(0, True, (None, False)), (4, True, (WAITLISTED, False)), (4, False, (None, True))],
)
def test_a_newcomer_to_a_paid_event_pays_or_waits_or_is_declined(
    taken: int, waitlist: bool, expected: tuple[SeatState | None, bool]
) -> None:
    room = replace(PAID, attending_count=taken, is_waitlist_enabled=waitlist)
    rsvp = Rsvp(uid="ana", status=Status.GOING, written_at=NOW)
    outcome = by_uid(room, Claim(uid="ana", rsvp=rsvp, seat=None))["ana"]
    assert (outcome.seat and outcome.seat.state, outcome.declined) == expected


@pytest.mark.parametrize(
    "seat", [None, Seat(seats=3, state=WAITLISTED, since=NOW), Seat(seats=1, state=ADMITTED, since=NOW)]
)
def test_whom_an_admin_seats_is_admitted_room_or_not(seat: Seat | None) -> None:
    rsvp = Rsvp(uid="ana", status=Status.GOING, party_size=3, written_at=NOW)
    claim = Claim(uid="ana", rsvp=rsvp, seat=seat, over_capacity=True)
    room = replace(PAID, is_paid=False, attending_count=4)
    settlement = settle(room, [claim], now=NOW)
    (outcome,) = settlement.outcomes
    assert outcome.seat is not None
    assert (outcome.seat.state, outcome.seat.seats, outcome.seat.admit_over_capacity) == (ADMITTED, 3, True)
    newcomer = Claim(uid="zoe", rsvp=replace(rsvp, uid="zoe", party_size=1), seat=None)
    crowded = replace(room, attending_count=settlement.attending_count)
    assert by_uid(crowded, newcomer)["zoe"].seat == Seat(seats=1, state=WAITLISTED, since=NOW)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"startAt": NOW + 48 * HOUR}, NOW + 24 * HOUR),
        ({"startAt": NOW + 3 * HOUR}, NOW + 3 * HOUR),
        ({"startAt": NOW - HOUR, "endAt": NOW + HOUR}, NOW + HOUR),
        ({"startAt": NOW - HOUR, "timezone": "UTC", "recurrence": {"rrule": "FREQ=DAILY"}}, NOW + 24 * HOUR),
        ({"startAt": NOW - 3 * HOUR}, None),
        ({"startAt": "soon"}, None),
    ],
)
def test_an_offer_lasts_a_day_and_never_past_the_start(fields: Mapping[str, Any], expected: datetime | None) -> None:
    stored = {name: value for name, value in event_document().items() if name != "lastEndAt"} | dict(fields)
    assert room_of(parse_event("e", stored), now=NOW, created_at=None).offers_until == expected


answers = st.tuples(st.sampled_from("abcdef"), st.sampled_from(Status), st.integers(1, 3))
steps = st.lists(
    st.one_of(
        answers,
        st.sampled_from(["hours pass", "capacity up", "capacity down", "close", "open", "free", "paid"]),
    ),
    max_size=25,
)


@example(True, "strict", ["capacity down", ("b", Status.GOING, 3), ("a", Status.GOING, 1)])
@given(st.booleans(), st.sampled_from(["strict", "skip"]), steps)
def test_over_any_history_of_a_paid_event_nothing_is_oversold_and_no_offer_outlives_its_time(
    is_waitlist_enabled: bool, policy: Any, history: list[Any]
) -> None:
    room = replace(PAID, is_waitlist_enabled=is_waitlist_enabled, waitlist_policy=policy)
    now, ledger, documents = NOW, dict[str, Seat](), dict[str, dict[str, Any]]()
    for step in history:
        if isinstance(step, tuple):
            uid, status, party = step
            documents[uid] = {**documents.get(uid, {}), "status": status.value, "partySize": party}
        else:
            now, room = _changed(room, step, now)
        overbooked = _taken(ledger)
        claims = [_claim(uid, documents[uid], ledger.get(uid), now) for uid in sorted(documents)]
        settlement = settle(room, claims, now=now)
        ledger = {outcome.claim.uid: outcome.seat for outcome in settlement.outcomes if outcome.seat is not None}
        documents = {o.claim.uid: shown(documents[o.claim.uid], o, now=now) for o in settlement.outcomes}
        assert (settlement.attending_count, settlement.waitlist_count) == (
            _taken(ledger),
            len(ledger) - _counted(ledger),
        )
        assert room.max_attendees is not None
        assert _taken(ledger) <= max(room.max_attendees, overbooked)
        offers = [seat for seat in ledger.values() if seat.is_offer]
        assert all(room.open and room.is_paid and seat.expires_at and seat.expires_at > now for seat in offers)
        assert all("offerExpiresAt" in documents[uid] for uid, seat in ledger.items() if seat.is_offer)
        room = replace(room, attending_count=settlement.attending_count, waitlist_count=settlement.waitlist_count)
        again = settle(room, [_claim(uid, documents[uid], ledger.get(uid), now) for uid in sorted(documents)], now=now)
        assert {o.claim.uid: o.seat for o in again.outcomes if o.seat} == ledger, "settling again changes something"


def _changed(room: Room, step: str, now: datetime) -> tuple[datetime, Room]:
    match step:
        case "hours pass":
            now += 13 * HOUR
            return now, replace(room, offers_until=now + 24 * HOUR)
        case "capacity up" | "capacity down":
            assert room.max_attendees is not None
            return now, replace(room, max_attendees=max(1, room.max_attendees + (2 if step.endswith("up") else -2)))
        case "close" | "open":
            return now, replace(room, open=step == "open")
        case _:
            return now, replace(room, is_paid=step == "paid")


def _claim(uid: str, document: Mapping[str, Any], seat: Seat | None, now: datetime) -> Claim:
    rsvp = Rsvp(
        uid=uid,
        status=Status(document["status"]),
        party_size=document["partySize"],
        waitlisted=document.get("waitlisted") is True,
        seat_state=document.get("seatState"),
        written_at=NOW,
    )
    return Claim(uid=uid, rsvp=rsvp, seat=seat)


def _taken(ledger: Mapping[str, Seat]) -> int:
    return sum(seat.seats for seat in ledger.values() if seat.counts)


def _counted(ledger: Mapping[str, Seat]) -> int:
    return sum(seat.counts for seat in ledger.values())
