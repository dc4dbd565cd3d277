"""What the RSVP of a buyer says, and what their own ledger entry points to. Pure."""

from dataclasses import replace

import pytest

from gather.attendance.model import Purchase, Seat, SeatState
from gather.tickets.answer import given_up, not_pointing_to, pointing_to, waiting_again
from tests.support.events import NOW, rsvp_document

WAITED = Seat(seats=2, state=SeatState.WAITLISTED, since=NOW)


def bought(registration_id: str, state: SeatState = SeatState.HELD) -> Purchase:
    return Purchase(registration_id=registration_id, ticket_type_id="t", state=state, payment_id="p")


def test_who_has_said_that_they_do_not_come_is_told_nothing_else() -> None:
    document = rsvp_document("ana", "not-going")
    assert given_up(document | {"seatState": "held"}, at=NOW) == document
    assert waiting_again(document, WAITED, at=NOW) == document


def test_who_has_a_seat_again_is_going_again() -> None:
    document = rsvp_document("ana", "maybe")
    after = waiting_again(document, replace(WAITED, state=SeatState.ADMITTED), at=NOW)
    assert after["status"] == "going"
    assert [each["changedBy"] for each in after["statusHistory"]] == ["ana", "system"]


def test_what_somebody_had_is_theirs_again_after_their_last_purchase_came_to_nothing() -> None:
    one = pointing_to(WAITED, bought("r1"), at=NOW, event_created_at=None)
    two = pointing_to(one, bought("r2"), at=NOW, event_created_at=None)
    assert [each.registration_id for each in two.purchases] == ["r1", "r2"]
    left = not_pointing_to(two, "r1")
    assert left is not None
    assert (left.seats, [each.registration_id for each in left.purchases]) == (0, ["r2"])
    assert not_pointing_to(left, "r2") == WAITED
    assert not_pointing_to(WAITED, "r2") == WAITED


@pytest.mark.parametrize("paid_first", [True, False])
def test_one_purchase_that_is_paid_admits_and_leaves_nothing_to_come_back_to(*, paid_first: bool) -> None:
    states = [SeatState.ADMITTED, SeatState.HELD] if paid_first else [SeatState.HELD, SeatState.ADMITTED]
    own: Seat | None = WAITED
    for name, state in zip(("r1", "r2"), states, strict=True):
        own = pointing_to(own, bought(name, state), at=NOW, event_created_at=None)
    assert own is not None
    assert (own.state, own.before) == (SeatState.ADMITTED, None)
    unpaid = "r2" if paid_first else "r1"
    left = not_pointing_to(own, unpaid)
    assert left is not None
    assert left.state is SeatState.ADMITTED
