"""Purchases that wait for their money: seats held, a payment pending, a session open. What a checkout leaves behind."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from gather.attendance.model import Seat, SeatState
from gather.payments.facts import Line, SessionRequest
from gather.payments.model import Item, Payment, payment_document
from gather.runtime import Runtime
from gather.tickets.registration import Status, registered, registration_document
from gather.tickets.seats import carry_out, open_holding, plan_seats
from tests.support.events import event_document
from tests.support.model_stripe import ModelStripe

SESSION_LASTS = timedelta(minutes=31)
PRICE = 2500


def on_sale(found: Runtime, *, seats: int | None = None, event_id: str = "e", **fields: Any) -> None:
    """An event of `acme` with one ticket type, `adult`."""
    client = found.firestore
    capacity = {} if seats is None else {"maxAttendees": seats}
    start = found.now() + timedelta(days=30)
    times = {"startAt": start, "lastEndAt": start + timedelta(hours=1)}
    event = event_document(isPaid=True, organizationId="acme", **times, **capacity, **fields)
    client.document("events", event_id).set(event)
    kind = {"name": "Adult", "priceCents": PRICE, "currency": "usd", "soldCount": 0, "heldCount": 0}
    client.document("events", event_id, "ticketTypes", "adult").set(kind)
    client.document("organizations/acme").set({"name": "Acme", "tier": "pro"})
    client.document("organizations/acme/members/olga").set({"role": "organizer"})


def begun(found: Runtime, uid: str = "ana", *, quantity: int = 1, event_id: str = "e", payment_id: str = "") -> Payment:
    """Hold seats for a buyer and open a session for them; returns the payment as it is stored."""
    payment = held(found, uid, quantity=quantity, event_id=event_id, payment_id=payment_id or f"payment{uid}")
    item = payment.items[0]
    session = found.gateway.create_session(
        SessionRequest(
            payment_id=payment.id,
            event_id=event_id,
            uid=uid,
            lines=(Line(name=item.name, unit_cents=item.unit_cents, quantity=item.quantity),),
            currency=payment.currency,
            expires_at=payment.hold_expires_at,
            success_url="https://events.example.org/paid",
            cancel_url="https://events.example.org/",
        ),
        idempotency_key=f"{payment.id}-1",
    )
    found.firestore.document("payments", payment.id).update({"sessionId": session.id, "sessionUrl": session.url})
    return replace(payment, session_id=session.id, session_url=session.url)


def paid(found: Runtime, stripe: ModelStripe, uid: str = "ana", **options: Any) -> dict[str, Any]:
    """Somebody buys and pays; returns the event by which Stripe tells."""
    payment = begun(found, uid, **options)
    stripe.pay(payment.session_id or "")
    return stripe.events[-1]


def held(found: Runtime, uid: str, *, quantity: int, event_id: str, payment_id: str) -> Payment:
    """Seats are held and the payment is pending; Stripe has not heard of it."""
    client, now = found.firestore, found.now()
    payment = _payment(found, uid, quantity=quantity, event_id=event_id, payment_id=payment_id)
    registration = registered(
        payment.registration_id or "",
        event_id=event_id,
        uid=uid,
        ticket_type_id="adult",
        quantity=quantity,
        status=Status.PENDING_PAYMENT,
        at=now,
        organization_id="acme",
        payment_id=payment_id,
    )

    def body(transaction: Any) -> None:
        holding = open_holding(
            transaction, client, event_id, uid=uid, key=registration.id, type_id="adult", pool_id=None, now=now
        )
        assert holding is not None, "there is no event to hold seats at"
        seat = Seat(
            seats=quantity,
            state=SeatState.HELD,
            since=now,
            source="registration",
            expires_at=payment.hold_expires_at,
            event_created_at=holding.opening.room.created_at,
            payment_id=payment_id,
            ticket_type_id="adult",
        )
        plan = plan_seats(transaction, client, holding, seat, shows="pending", says_going=False)
        carry_out(transaction, client, plan)
        transaction.create(client.document("registrations", registration.id), registration_document(registration))
        transaction.create(client.document("payments", payment_id), payment_document(payment))

    found.transact(client, body)
    return payment


def _payment(found: Runtime, uid: str, *, quantity: int, event_id: str, payment_id: str) -> Payment:
    amount_cents = quantity * PRICE
    item = Item(
        name="Adult",
        ticket_type_id="adult",
        quantity=quantity,
        unit_cents=PRICE,
        discount_cents=0,
        amount_cents=amount_cents,
    )
    return Payment(
        id=payment_id,
        event_id=event_id,
        uid=uid,
        organization_id="acme",
        registration_id=f"registration-{payment_id}",
        items=(item,),
        seats=quantity,
        amount_cents=amount_cents,
        currency="usd",
        livemode=False,
        hold_expires_at=found.now() + SESSION_LASTS,
        created_at=found.now(),
        event_title="Picnic",
        buyer_email=f"{uid}@example.org",
    )
