"""What follows from a payment as it is: for its seats, the registration, the tickets, the RSVP and the money. Pure.

Nothing here knows what happened last. So a fact that comes twice, late or out of order decides the same again, and
what a crash has left undone is decided and done by the next one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gather.attendance.model import Seat, SeatState
from gather.payments.fold import GIVEN_UP, reserved_cents
from gather.payments.model import Payment, PaymentStatus, Refund, RefundStatus
from gather.tickets.answer import PaymentShown
from gather.tickets.registration import Status
from gather.tickets.ticket import ticket_id

NO_ROOM = "no_room"
"""The reason of the refund that is made when money came for seats that are gone."""
SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What decides whether a payment whose seats are gone gets some after all: seats left, None for no limit.

    `is_of_gone_event`: there is no event any more.
    """

    open: bool
    left: int | None
    is_of_gone_event: bool = False

    def fits(self, seats: int) -> bool:
        """Whether there are as many seats, at an event that still takes people."""
        return self.open and (self.left is None or seats <= self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """What becomes of the seats and of the RSVP; `says_going`: the buyer has been admitted by this."""

    target: Seat | None
    shows: PaymentShown
    says_going: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything that follows. `seats` None: they, and the RSVP, stay as they are.

    `refund` is one to be made by ourselves. `void` are the tickets that let nobody in; None: there are none to issue.
    """

    payment: Payment
    seats: Seats | None = None
    registration: Status | None = None
    refund: Refund | None = None
    void: frozenset[str] | None = None
    discount_change: int = 0


def outcome_of(
    payment: Payment,
    refunds: Mapping[str, Refund],
    mine: Seat | None,
    *,
    room: Room,
    new_seat: Seat,
    void_now: frozenset[str] = frozenset(),
    now: datetime,
) -> Outcome:
    """Decide from the payment as folded, and from its entry of the ledger, what follows.

    `mine` is the payment's entry, None where its seats are gone; `new_seat` is the entry it would get; `void_now` are
    its tickets that are void.
    """
    if not payment.is_captured:
        return _unpaid(payment, mine)
    kept = payment.seats - len(void_tickets(payment, refunds.values()))
    if payment.status is PaymentStatus.REFUNDED or kept <= 0:
        seats = Seats(target=None, shows="refunded") if mine is not None else None
        return Outcome(payment=payment, seats=seats, registration=Status.REFUNDED, void=_all(payment))
    if mine is not None:
        if kept > mine.seats and not room.fits(kept - mine.seats):
            # A refund that has failed gives back seats that are gone: the tickets it made void stay void.
            return _admitted(payment, mine, void_now)
        return _admitted(payment, replace(mine, seats=kept), void_tickets(payment, refunds.values()))
    void = void_tickets(payment, refunds.values())
    if room.is_of_gone_event and payment.admitted:
        # The seats went with the event. Whether that gives the money back is decided once, when it is deleted.
        return Outcome(payment=payment, void=void_now | void)
    is_enough = payment.captured_cents >= payment.amount_cents
    is_late = is_enough and not _is_on_its_way_back(payment, refunds) and room.fits(kept)
    seat = replace(new_seat, seats=kept)
    return _admitted(payment, seat, void, is_late=True) if is_late else _without_seats(payment, refunds, now)


def void_tickets(payment: Payment, refunds: Iterable[Refund]) -> frozenset[str]:
    """All tickets of a payment that is refunded, else those that a refund has named and paid back."""
    if payment.status is PaymentStatus.REFUNDED:
        return _all(payment)
    named = {name for refund in refunds if refund.status is RefundStatus.SUCCEEDED for name in refund.ticket_ids}
    return _all(payment) & named


def ticket_names(payment: Payment) -> tuple[str, ...]:
    """The tickets of a payment: one for each seat."""
    purchase = payment.registration_id or payment.id
    return tuple(ticket_id(purchase, number) for number in range(1, payment.seats + 1))


def no_room_refund(payment: Payment) -> str:
    """The id of the payment's one automatic refund; it is Stripe's idempotency key too, so no other payment's."""
    return f"{payment.id}-no-room"


def refund_again(payment: Payment, refunds: Mapping[str, Refund], failed: Refund, *, now: datetime) -> Refund | None:
    """What an automatic refund comes to once more that was more than there is: somebody gave a part back meanwhile.

    None for people's refunds, who are told and decide; and where less would change nothing.
    """
    left = payment.captured_cents - reserved_cents(refunds.values())
    if failed.requested_by != SYSTEM or not 0 < left < failed.amount_cents:
        return None
    return replace(
        failed,
        id=f"{failed.id}-{left}",  # less each time, so no two are the same
        amount_cents=left,
        status=RefundStatus.PENDING,
        failure=None,
        created_at=now,
    )


def _unpaid(payment: Payment, mine: Seat | None) -> Outcome:
    if payment.is_open:
        if mine is None or payment.status is PaymentStatus.PENDING or mine.expires_at is None:
            return Outcome(payment=payment)
        # A method that takes days: the seats stay, and no time ends that.
        return Outcome(payment=payment, seats=Seats(target=replace(mine, expires_at=None), shows="pending"))
    if mine is None:
        return Outcome(payment=payment, registration=Status.EXPIRED)
    shows: PaymentShown = "failed" if payment.status is PaymentStatus.FAILED else "required"
    seats = Seats(target=None, shows=shows)
    return Outcome(payment=payment, seats=seats, registration=Status.EXPIRED, discount_change=-1)


def _admitted(payment: Payment, mine: Seat, void: frozenset[str], *, is_late: bool = False) -> Outcome:
    is_new = is_late or mine.state is not SeatState.ADMITTED
    seat = replace(mine, state=SeatState.ADMITTED, expires_at=None, before=None)
    return Outcome(
        payment=replace(payment, admitted=True),
        seats=Seats(target=seat, shows="paid", says_going=is_new),
        registration=Status.CONFIRMED,
        void=void,
        discount_change=1 if is_late and not payment.admitted else 0,
    )


def _without_seats(payment: Payment, refunds: Mapping[str, Refund], now: datetime) -> Outcome:
    """Money without seats goes back, once; a refund that Stripe could not make is for people to look at.

    Until it is back, an order of which nobody was admitted has expired: nobody waits for its money any more.
    """
    left = payment.captured_cents - reserved_cents(refunds.values())
    shows = Outcome(
        payment=payment,
        registration=None if payment.admitted else Status.EXPIRED,
        void=_all(payment) if payment.admitted else None,
    )
    refund_id = no_room_refund(payment)
    if refund_id in refunds or left <= 0:
        return shows
    refund = Refund(
        id=refund_id, payment_id=payment.id, amount_cents=left, reason=NO_ROOM, requested_by=SYSTEM, created_at=now
    )
    return replace(shows, seats=Seats(target=None, shows="refunded"), refund=refund)


def _is_on_its_way_back(payment: Payment, refunds: Mapping[str, Refund]) -> bool:
    first = no_room_refund(payment)
    return any(name.startswith(first) and found.status not in GIVEN_UP for name, found in refunds.items())


def _all(payment: Payment) -> frozenset[str]:
    return frozenset(ticket_names(payment))
