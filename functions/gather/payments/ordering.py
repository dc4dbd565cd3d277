"""What a buyer wants, and the payment, session and intent that it comes to. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gather.attendance.model import Seat, SeatState
from gather.events.model import Event
from gather.payments.facts import IntentRequest, Line, SessionRequest
from gather.payments.model import Item, Payment, PaymentEntry, PaymentForm, PaymentStatus
from gather.tickets.model import TicketType, find_type, implicit_type
from gather.tickets.order import Order, Quote, is_admitted

HOLD_LASTS = timedelta(minutes=31)
"""A Checkout Session lives 30 minutes at least, by Stripe's clock: https://docs.stripe.com/api/checkout/sessions"""


class PurchaseRefusedError(Exception):
    """Nothing was sold and nothing has changed; `code` is one of the client's error codes.

    `payment_id` is the caller's own payment that stands in the way.
    """

    def __init__(self, code: str, message: str = "", *, payment_id: str | None = None) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.payment_id = payment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The seats of an RSVP as its owner asks for them."""

    party_size: int
    kids: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who buys, by the ID token; name and address are for papers."""

    uid: str
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be bought: tickets, or with `party` the seats of the buyer's RSVP; `key` is the client's own."""

    order: Order
    party: Party | None
    form: PaymentForm
    key: str | None

    @property
    def digest(self) -> str:
        """Equal for two wishes that ask for the same."""
        content = (self.order, self.party, self.form)
        return hashlib.sha256(repr(content).encode()).hexdigest()


def type_wanted(wish: Wish, types: Sequence[TicketType], event: Event) -> TicketType | None:
    """The type that is wished for, where it is clear which; whether it is sold is another question."""
    implicit = None if types else implicit_type(event)
    offered = types if implicit is None else (implicit,)
    if wish.order.ticket_type is not None:
        return find_type(offered, wish.order.ticket_type)
    listed = [each for each in offered if is_admitted(each, wish.order.access_code)]
    return listed[0] if len(listed) == 1 else None


def payment_of(  # noqa: PLR0913  # the fields of a document
    payment_id: str,
    wish: Wish,
    quote: Quote,
    event: Event,
    buyer: Buyer,
    *,
    registration_id: str | None,
    discount_id: str | None,
    livemode: bool,
    event_created_at: datetime | None,
    now: datetime,
) -> Payment:
    """The payment of an order, pending, with the prices as they are now."""
    return Payment(
        id=payment_id,
        event_id=event.id,
        uid=buyer.uid,
        organization_id=event.organization_id,
        registration_id=registration_id,
        form=wish.form,
        items=items_of(quote),
        seats=quote.quantity,
        pool_id=quote.ticket_type.pool_id,
        discount_id=discount_id,
        amount_cents=quote.amount_cents,
        currency=quote.currency,
        livemode=livemode,
        # Stripe takes whole seconds.
        hold_expires_at=(now + HOLD_LASTS).replace(microsecond=0),
        created_at=now,
        event_title=event.title,
        event_created_at=event_created_at,
        buyer_name=buyer.name,
        buyer_email=buyer.email,
        history=(PaymentEntry(status=PaymentStatus.PENDING, at=now),),
    )


def items_of(quote: Quote) -> tuple[Item, ...]:
    """What is charged, with the discount as it is shared out over the tickets."""
    return tuple(
        Item(
            name=item.name,
            ticket_type_id=item.ticket_type_id,
            quantity=item.quantity,
            unit_cents=quote.unit_cents,
            discount_cents=item.quantity * (quote.unit_cents - item.unit_cents),
            amount_cents=item.quantity * item.unit_cents,
        )
        for item in quote.items
    )


def seat_of_order(
    wish: Wish,
    quote: Quote,
    *,
    payment: Payment | None,
    before: Seat | None,
    discount_id: str | None,
    event_created_at: datetime | None,
    now: datetime,
) -> Seat:
    """The ledger entry of an order: held until it is paid, admitted where nothing is to be paid.

    The seats of an RSVP that cost nothing are the RSVP's, as if they had been asked for at an event without a price.
    """
    party = wish.party
    remembers = payment is not None and before is not None and not before.is_purchased
    source: Any = "registration" if party is None else "payment" if payment is not None else "rsvp"
    return Seat(
        seats=quote.quantity,
        state=SeatState.ADMITTED if payment is None else SeatState.HELD,
        since=now,
        party_size=1 if party is None else party.party_size,
        kids=0 if party is None else party.kids,
        source=source,
        expires_at=None if payment is None else payment.hold_expires_at,
        event_created_at=event_created_at,
        payment_id=None if payment is None else payment.id,
        ticket_type_id=quote.ticket_type.id,
        pool_id=quote.ticket_type.pool_id,
        discount_id=discount_id if source == "rsvp" else None,
        before=before.at_the_event_alone if before is not None and remembers else None,
    )


def session_request(payment: Payment, public_url: str) -> SessionRequest:
    """The Checkout Session of a payment; it depends on the payment alone, so that asking again asks for the same."""
    page = f"{public_url}/api/payments/{payment.id}"
    return SessionRequest(
        payment_id=payment.id,
        event_id=payment.event_id,
        uid=payment.uid,
        lines=tuple(
            Line(name=_title(payment, item), unit_cents=item.amount_cents // item.quantity, quantity=item.quantity)
            for item in payment.items
        ),
        currency=payment.currency.lower(),
        expires_at=payment.hold_expires_at,
        success_url=f"{page}/success?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{page}/canceled",
    )


def intent_request(payment: Payment) -> IntentRequest:
    """The payment intent of a payment whose buyer pays in the client's own page."""
    return IntentRequest(
        payment_id=payment.id,
        event_id=payment.event_id,
        uid=payment.uid,
        amount_cents=payment.amount_cents,
        currency=payment.currency.lower(),
        description=payment.event_title or "Tickets",
    )


def idempotency_key(payment: Payment) -> str:
    """Under which Stripe is asked to open the payment's session or intent."""
    return f"{payment.id}-{payment.attempt}"


def _title(payment: Payment, item: Item) -> str:
    return f"{payment.event_title}: {item.name}" if payment.event_title else item.name
