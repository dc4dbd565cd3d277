"""What follows from a payment: money is a ticket or a refund, once, and never both for long. Pure."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.attendance.model import Seat, SeatState
from gather.payments.fold import GIVEN_UP
from gather.payments.model import CAPTURED, Payment, PaymentStatus, Refund, RefundStatus
from gather.payments.outcome import (
    NO_ROOM,
    SYSTEM,
    Outcome,
    Room,
    no_room_refund,
    outcome_of,
    refund_again,
    ticket_names,
    void_tickets,
)
from gather.tickets.registration import Status
from tests.payments.three_seats import PAID, PENDING, PRICE, SEATS
from tests.support.events import NOW

HELD = Seat(
    seats=SEATS,
    state=SeatState.HELD,
    since=NOW,
    source="registration",
    payment_id="p",
    expires_at=PENDING.hold_expires_at,
)
ADMITTED = replace(HELD, state=SeatState.ADMITTED, expires_at=None)
FULL, EMPTY, CLOSED = Room(open=True, left=0), Room(open=True, left=None), Room(open=False, left=None)


def refund(status: RefundStatus = RefundStatus.SUCCEEDED, **fields: object) -> Refund:
    known = {
        "id": "re", "payment_id": "p", "amount_cents": PRICE, "reason": "asked", "requested_by": "olga",
        "created_at": NOW, "status": status,
    }  # fmt: skip
    return Refund(**(known | fields))  # type: ignore[arg-type]  # as the dictionary says


def follows(payment: Payment, mine: Seat | None, *refunds: Refund, room: Room = EMPTY) -> Outcome:
    return outcome_of(payment, {each.id: each for each in refunds}, mine, room=room, new_seat=HELD, now=NOW)


def test_a_pending_payment_changes_nothing() -> None:
    assert follows(PENDING, HELD) == Outcome(payment=PENDING)
    assert follows(PENDING, None) == Outcome(payment=PENDING)


def test_a_method_that_takes_days_keeps_seats_without_an_end() -> None:
    processing = replace(PENDING, status=PaymentStatus.PROCESSING)
    seats = follows(processing, HELD).seats
    assert seats is not None
    assert seats.target == replace(HELD, expires_at=None)
    assert follows(processing, replace(HELD, expires_at=None)).seats is None


@pytest.mark.parametrize(("status", "shows"), [(PaymentStatus.EXPIRED, "required"), (PaymentStatus.FAILED, "failed")])
def test_seats_of_who_does_not_pay_are_free_and_their_code_unused(status: PaymentStatus, shows: str) -> None:
    outcome = follows(replace(PENDING, status=status), HELD)
    assert outcome.seats is not None
    assert (outcome.seats.target, outcome.seats.shows) == (None, shows)
    assert (outcome.registration, outcome.discount_change, outcome.void) == (Status.EXPIRED, -1, None)
    again = follows(replace(PENDING, status=status), None)
    assert (again.seats, again.discount_change) == (None, 0)


def test_who_pays_is_admitted_with_a_ticket_for_each_seat() -> None:
    outcome = follows(PAID, replace(HELD, before=HELD), room=FULL)
    assert outcome.seats is not None
    assert outcome.seats.target == ADMITTED
    assert (outcome.seats.says_going, outcome.payment.admitted) == (True, True)
    assert (outcome.void, outcome.registration, outcome.refund) == (frozenset(), Status.CONFIRMED, None)
    after = follows(outcome.payment, ADMITTED, room=FULL)
    assert after.seats is not None
    assert (after.seats.target, after.seats.says_going) == (ADMITTED, False)


def test_late_money_is_admitted_where_it_fits_and_uses_its_code_again() -> None:
    outcome = follows(PAID, None, room=Room(open=True, left=SEATS))
    assert outcome.seats is not None
    assert outcome.seats.target == ADMITTED
    assert outcome.discount_change == 1
    assert follows(replace(PAID, admitted=True), None).discount_change == 0


@pytest.mark.parametrize("room", [FULL, CLOSED, Room(open=True, left=SEATS - 1)])
def test_late_money_without_room_goes_back_once(room: Room) -> None:
    outcome = follows(PAID, None, room=room)
    assert outcome.refund is not None
    assert outcome.refund.id == no_room_refund(PAID)
    assert (outcome.refund.amount_cents, outcome.refund.reason) == (SEATS * PRICE, NO_ROOM)
    assert outcome.void is None
    for status in RefundStatus:
        if status is not RefundStatus.SUCCEEDED:
            assert follows(PAID, None, replace(outcome.refund, status=status), room=room).refund is None


def test_money_on_its_way_back_buys_nothing_and_money_that_came_back_may() -> None:
    wanted = refund(RefundStatus.PENDING, id=no_room_refund(PAID), amount_cents=SEATS * PRICE)
    assert follows(PAID, None, wanted) == Outcome(payment=PAID, registration=Status.EXPIRED)
    failed = follows(PAID, None, replace(wanted, status=RefundStatus.FAILED))
    assert failed.payment.admitted


def test_of_too_little_money_nobody_is_admitted_late() -> None:
    short = replace(PAID, captured_cents=PRICE)
    outcome = follows(short, None)
    assert outcome.refund is not None
    assert outcome.refund.amount_cents == PRICE


def test_what_others_give_back_of_late_money_is_not_given_back_twice() -> None:
    by_hand = refund(RefundStatus.PENDING, amount_cents=2 * PRICE)
    outcome = follows(PAID, None, by_hand, room=FULL)
    assert outcome.refund is not None
    assert outcome.refund.amount_cents == PRICE
    all_of_it = refund(RefundStatus.PENDING, amount_cents=SEATS * PRICE)
    assert follows(PAID, None, all_of_it, room=FULL).refund is None


def test_an_automatic_refund_is_wanted_again_only_where_less_is_left() -> None:
    name = no_room_refund(PAID)
    failed = refund(RefundStatus.FAILED, id=name, amount_cents=SEATS * PRICE, requested_by=SYSTEM, failure="too much")
    by_hand = refund(amount_cents=PRICE)
    again = refund_again(PAID, {"re": by_hand, name: failed}, failed, now=NOW)
    assert again is not None
    assert (again.amount_cents, again.status, again.failure) == ((SEATS - 1) * PRICE, RefundStatus.PENDING, None)
    on_its_way_back = Outcome(payment=PAID, registration=Status.EXPIRED)
    assert follows(PAID, None, by_hand, failed, again) == on_its_way_back
    assert refund_again(PAID, {name: failed}, failed, now=NOW) is None, "it was not too much"
    all_of_it = replace(by_hand, amount_cents=SEATS * PRICE)
    assert refund_again(PAID, {"re": all_of_it, name: failed}, failed, now=NOW) is None, "nothing is left"
    assert refund_again(PAID, {"re": by_hand}, replace(failed, requested_by="olga"), now=NOW) is None


def test_a_full_refund_frees_the_seats_and_voids_every_ticket() -> None:
    refunded = replace(PAID, status=PaymentStatus.REFUNDED, refunded_cents=SEATS * PRICE, admitted=True)
    outcome = follows(refunded, ADMITTED)
    assert outcome.seats is not None
    assert (outcome.seats.target, outcome.seats.shows) == (None, "refunded")
    assert (outcome.void, outcome.registration) == (frozenset(ticket_names(PAID)), Status.REFUNDED)
    assert follows(refunded, None).seats is None


def test_a_partial_refund_leaves_everything_but_the_tickets_it_names() -> None:
    partly = replace(PAID, status=PaymentStatus.PARTIALLY_REFUNDED, refunded_cents=PRICE, admitted=True)
    unnamed = follows(partly, ADMITTED, refund())
    assert unnamed.seats is not None
    assert (unnamed.seats.target, unnamed.void) == (ADMITTED, frozenset())
    named = follows(partly, ADMITTED, refund(ticket_ids=("r-2", "another-1")))
    assert named.seats is not None
    assert named.seats.target == replace(ADMITTED, seats=SEATS - 1)
    assert named.void == frozenset({"r-2"})
    # It has come to nothing: the seat comes back where it fits, else the ticket stays void.
    shrunk = replace(ADMITTED, seats=SEATS - 1)
    restored = follows(replace(PAID, admitted=True), shrunk, refund(RefundStatus.FAILED, ticket_ids=("r-2",)))
    assert restored.seats is not None
    assert (restored.seats.target, restored.void) == (ADMITTED, frozenset())
    stays = outcome_of(
        replace(PAID, admitted=True), {}, shrunk, room=FULL, new_seat=HELD, void_now=frozenset({"r-2"}), now=NOW
    )
    assert stays.seats is not None
    assert (stays.seats.target, stays.void) == (shrunk, frozenset({"r-2"}))


def test_every_ticket_named_is_every_seat_free() -> None:
    partly = replace(PAID, status=PaymentStatus.PARTIALLY_REFUNDED, refunded_cents=PRICE, admitted=True)
    outcome = follows(partly, ADMITTED, refund(ticket_ids=ticket_names(PAID)))
    assert outcome.seats is not None
    assert outcome.seats.target is None


STATUSES = st.sampled_from(list(PaymentStatus))
REFUNDS = st.lists(
    st.builds(
        refund,
        st.sampled_from(list(RefundStatus)),
        id=st.sampled_from(["a", "b", no_room_refund(PAID)]),
        amount_cents=st.integers(1, SEATS * PRICE),
        ticket_ids=st.sampled_from([(), ("r-1",), ticket_names(PAID)]),
    ),
    max_size=3,
)


@settings(deadline=None)
@given(
    STATUSES,
    REFUNDS,
    st.sampled_from([None, HELD, ADMITTED, replace(ADMITTED, seats=1)]),
    st.sampled_from([EMPTY, FULL, CLOSED]),
    st.booleans(),
)
def test_deciding_again_after_it_is_done_changes_nothing_more(
    status: PaymentStatus, refunds: list[Refund], mine: Seat | None, room: Room, admitted: bool
) -> None:
    payment = replace(
        PAID, status=status, admitted=admitted, captured_cents=PAID.captured_cents if status in CAPTURED else 0
    )
    known = {each.id: each for each in refunds}
    first = outcome_of(payment, known, mine, room=room, new_seat=HELD, now=NOW)
    seat = mine if first.seats is None else first.seats.target
    known |= {} if first.refund is None else {first.refund.id: first.refund}
    again = outcome_of(first.payment, known, seat, room=room, new_seat=HELD, now=NOW)
    assert again.payment == first.payment
    assert again.refund is None
    assert (seat if again.seats is None else again.seats.target) == seat
    assert again.discount_change == 0
    given_back = sum(each.amount_cents for each in known.values() if each.status not in GIVEN_UP)
    if first.refund is not None:
        assert given_back == payment.captured_cents
    assert void_tickets(payment, known.values()) <= set(ticket_names(payment))
