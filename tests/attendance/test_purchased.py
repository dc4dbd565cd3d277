"""Seats that are paid for, or about to be, in the seat core: nothing an RSVP says moves them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gather.attendance.model import Purchase, Rsvp, Seat, SeatState, Status, parse_seat, seat_document
from gather.attendance.outcome import shown
from gather.attendance.settle import Claim, free_seats, settle
from tests.attendance.rooms import ROOM as FREE
from tests.support.events import NOW, rsvp_document

ROOM = replace(FREE, attending_count=2)
HELD = Seat(seats=2, state=SeatState.HELD, since=NOW, source="payment", payment_id="p", expires_at=NOW)
PURCHASES = (Purchase(registration_id="r", ticket_type_id="t", state=SeatState.ADMITTED, payment_id="p"),)
POINTER = Seat(seats=0, state=SeatState.ADMITTED, since=NOW, source="registration", purchases=PURCHASES)


def rsvp(status: Status, party_size: int = 1) -> Rsvp:
    return Rsvp(uid="ana", status=status, party_size=party_size, written_at=NOW)


@pytest.mark.parametrize("seat", [HELD, replace(HELD, state=SeatState.ADMITTED), POINTER])
@pytest.mark.parametrize("status", [*Status, None])
@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("is_paid", [True, False])
def test_purchased_seats_stay_whatever_is_said(
    seat: Seat, status: Status | None, *, is_open: bool, is_paid: bool
) -> None:
    room = replace(ROOM, open=is_open, is_paid=is_paid)
    claim = Claim(uid="ana", rsvp=None if status is None else rsvp(status), seat=seat)
    settlement = settle(room, [claim], now=NOW + timedelta(days=9))
    (outcome,) = settlement.outcomes
    assert (outcome.seat, outcome.declined) == (seat, False)
    assert settlement.attending_count == ROOM.attending_count
    assert free_seats(ROOM, [claim], now=NOW) == 2


def test_an_admin_cannot_seat_a_buyer_a_second_time() -> None:
    claim = Claim(uid="ana", rsvp=rsvp(Status.GOING, 2), seat=POINTER, over_capacity=True)
    (outcome,) = settle(ROOM, [claim], now=NOW).outcomes
    assert outcome.seat == POINTER


def test_a_party_that_outgrows_its_purchased_seats_is_put_back_and_one_without_seats_of_its_own_is_not() -> None:
    grown = rsvp(Status.GOING, 3)
    for seat, is_refused in ((HELD, True), (POINTER, False)):
        (outcome,) = settle(ROOM, [Claim(uid="ana", rsvp=grown, seat=seat)], now=NOW).outcomes
        assert outcome.refused_growth is is_refused
    document = rsvp_document("ana", partySize=3)
    (outcome,) = settle(ROOM, [Claim(uid="ana", rsvp=grown, seat=replace(HELD, party_size=2))], now=NOW).outcomes
    assert shown(document, outcome, now=NOW)["partySize"] == 2


@pytest.mark.parametrize("status", list(Status))
def test_the_rsvp_shows_the_seats_and_keeps_what_its_owner_says(status: Status) -> None:
    document = rsvp_document("ana", status.value)
    (outcome,) = settle(ROOM, [Claim(uid="ana", rsvp=rsvp(status), seat=HELD)], now=NOW).outcomes
    assert shown(document, outcome, now=NOW) == document | {"seatState": "held"}


@pytest.mark.parametrize(
    "seat",
    [
        HELD,
        POINTER,
        replace(HELD, ticket_type_id="t", pool_id="hall", before=Seat(seats=1, state=SeatState.WAITLISTED, since=NOW)),
        replace(POINTER, before=replace(HELD, source="rsvp", payment_id=None)),
    ],
)
def test_an_entry_of_a_purchase_is_read_as_it_was_written(seat: Seat) -> None:
    assert parse_seat(seat_document(seat)) == seat


@pytest.mark.parametrize("damage", [None, 7, [7], [{}], [{"registrationId": "r", "ticketTypeId": "t", "state": "x"}]])
def test_an_entry_without_seats_that_names_no_purchase_is_none(damage: object) -> None:
    assert parse_seat(seat_document(POINTER) | {"purchases": damage}) is None
