"""What follows from a payment, in Firestore: all that is read before it is decided, and all that is written after.

Both belong to the transaction of `fulfil`; nothing here decides, and only what differs is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from google.cloud import firestore

from gather.attendance.model import Seat, SeatState, parse_rsvp
from gather.observability import log
from gather.payments.model import Payment, Refund, payment_document, refund_document
from gather.payments.outcome import SYSTEM, Outcome, Room, ticket_names
from gather.payments.papers import refunded_of, sale_of
from gather.payments.store import refund_ref
from gather.receipts.store import Papers, open_papers, write_papers
from gather.runtime import Runtime
from gather.tickets.discount import parse_discount
from gather.tickets.issuing import issued
from gather.tickets.model import IMPLICIT_TYPE_ID, parse_pool, parse_ticket_type
from gather.tickets.registration import (
    TRANSITIONS,
    Registration,
    Status,
    advanced,
    registration_document,
)
from gather.tickets.seats import Holding, Plan, carry_out, open_holding, plan_seats
from gather.tickets.store import pool_ref, registration_in, registration_ref, ticket_in, type_ref
from gather.tickets.ticket import Ticket, TicketStatus, signing_key, ticket_document
from gather.transactions import read, read_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a payment is about, as a transaction has read it; `holding` None: the event is gone."""

    holding: Holding | None
    registration: Registration | None
    tickets: Mapping[str, Ticket]
    papers: Papers | None
    discount: Any | None

    @property
    def void_tickets(self) -> frozenset[str]:
        """The payment's tickets that are void."""
        return frozenset(name for name, ticket in self.tickets.items() if ticket.status is TicketStatus.VOID)

    def seats_of(self, payment: Payment) -> Seat | None:
        """The payment's own entry of the ledger: not one that somebody has there for another reason by now."""
        entry = self.holding.entry if self.holding is not None else None
        return entry if entry is not None and entry.is_purchased and entry.payment_id == payment.id else None


def read_surroundings(
    transaction: Any, client: Any, payment: Payment, *, is_captured: bool, now: datetime
) -> Surroundings:
    """Read what a payment is about; papers only where there are any to be written."""
    holding = open_holding(
        transaction,
        client,
        payment.event_id,
        uid=payment.uid,
        key=payment.ledger_key,
        type_id=payment.ticket_type_id,
        pool_id=payment.pool_id,
        now=now,
    )
    if holding is not None and payment.event_created_at not in {None, holding.opening.room.created_at}:
        holding = None  # an event that was created since under the same id
    tickets = read_all(transaction, [client.document("tickets", name) for name in ticket_names(payment)])
    registration = discount = papers = None
    if payment.registration_id is not None:
        registration = registration_in(read(transaction, registration_ref(client, payment.registration_id)))
    if payment.discount_id is not None:
        discount = read(transaction, client.document("discountCodes", payment.discount_id))
    if is_captured:
        organization_id = payment.organization_id
        papers = open_papers(transaction, client, payment_id=payment.id, organization_id=organization_id, at=now)
    return Surroundings(
        holding=holding,
        registration=registration,
        tickets={ticket.id: ticket for each in tickets if (ticket := ticket_in(each)) is not None},
        papers=papers,
        discount=discount,
    )


def room_for(client: Any, payment: Payment, found: Surroundings) -> Room:
    """The room for a payment whose seats are gone, or are too few.

    There is none where the event is gone, where the buyer's seats belong to another purchase by now, or where the
    discount code that was given back with the seats has been used up by others.
    """
    holding = found.holding
    entry = holding.entry if holding is not None else None
    if holding is None:
        return Room(open=False, left=0, is_of_gone_event=True)
    if found.seats_of(payment) is None and entry is not None and entry.is_purchased:
        return Room(open=False, left=0)
    if found.seats_of(payment) is None and not payment.admitted and _is_used_up(found.discount):
        return Room(open=False, left=0)
    room, left = holding.opening.room, []
    if room.max_attendees is not None:
        own = holding.own if holding.own is not None and not holding.own.is_purchased else None
        left.append(room.max_attendees - room.attending_count + (own.seats if own is not None and own.counts else 0))
    if payment.ticket_type_id not in {None, IMPLICIT_TYPE_ID}:
        stored = holding.counted[type_ref(client, payment.event_id, payment.ticket_type_id or "").path]
        kind_left = 0 if not stored.exists else parse_ticket_type(stored.id, stored.to_dict()).left
        left += [] if kind_left is None else [kind_left]
    if payment.pool_id is not None:
        stored = holding.counted[pool_ref(client, payment.event_id, payment.pool_id).path]
        left.append(0 if not stored.exists else parse_pool(stored.id, stored.to_dict()).left)
    return Room(open=room.open, left=min(left) if left else None)


def _is_used_up(discount: Any | None) -> bool:
    if discount is None or not discount.exists:
        return False
    code = parse_discount(discount.id, discount.to_dict())
    return code.uses_max is not None and code.uses_count >= code.uses_max


def new_seat(payment: Payment, found: Surroundings, *, now: datetime) -> Seat:
    """The entry that a payment gets whose seats are gone."""
    opening = found.holding.opening if found.holding is not None else None
    stored = found.holding.stored_rsvp if found.holding is not None else None
    rsvp = parse_rsvp(payment.uid, stored or {}, written_at=now)
    is_of_rsvp = payment.registration_id is None
    return Seat(
        seats=payment.seats,
        state=SeatState.HELD,
        since=now,
        party_size=rsvp.party_size if is_of_rsvp else 1,
        kids=rsvp.kids if is_of_rsvp else 0,
        source="payment" if is_of_rsvp else "registration",
        event_created_at=None if opening is None else opening.room.created_at,
        payment_id=payment.id,
        ticket_type_id=payment.ticket_type_id,
        pool_id=payment.pool_id,
    )


def plan_effects(transaction: Any, client: Any, found: Surroundings, outcome: Outcome) -> Plan | None:
    """Plan what becomes of the seats; None where they stay, or went with the event."""
    seats, holding = outcome.seats, found.holding
    if seats is None or holding is None:
        return None
    entry = holding.entry
    if seats.target is None and entry is not None and found.seats_of(outcome.payment) is None:
        return None  # what the buyer has there by now is not the payment's
    return plan_seats(
        transaction,
        client,
        holding,
        seats.target,
        shows=seats.shows,
        says_going=seats.says_going,
        intent_id=outcome.payment.payment_intent_id,
    )


def with_papers(
    transaction: Any, client: Any, payment: Payment, refunds: Mapping[str, Refund], found: Surroundings, now: datetime
) -> tuple[Payment, dict[str, Refund]]:
    """Write the papers that are missing, and name them in the payment and its refunds."""
    if found.papers is None:
        return payment, dict(refunds)
    event = None if found.holding is None else found.holding.opening.event
    sale = sale_of(payment, event, now=now)
    issued = write_papers(transaction, client, found.papers, sale, refunded_of(refunds.values()))
    named = {
        name: replace(refund, credit_note=issued.credit_notes.get(name, refund.credit_note))
        for name, refund in refunds.items()
    }
    return replace(payment, receipt_number=issued.receipt_number, invoice_id=issued.invoice_id), named


def write_refunds(transaction: Any, client: Any, before: Mapping[str, Refund], after: Mapping[str, Refund]) -> bool:
    """Write the refunds that differ; True if any does."""
    changed = [refund for name, refund in after.items() if before.get(name) != refund]
    for refund in changed:
        known = before.get(refund.id)
        _write(
            transaction,
            refund_ref(client, refund),
            None if known is None else refund_document(known),
            refund_document(refund),
        )
    return bool(changed)


def write_payment(transaction: Any, client: Any, before: Payment, after: Payment) -> bool:
    """Write what of the payment differs; True if anything does."""
    reference = client.document("payments", after.id)
    return _write(transaction, reference, payment_document(before), payment_document(after))


def write_effects(
    transaction: Any, found: Runtime, outcome: Outcome, surroundings: Surroundings, plan: Plan | None, now: datetime
) -> None:
    """Write seats, registration, tickets and the use of the discount code, where they differ."""
    client = found.firestore
    if plan is not None:
        carry_out(transaction, client, plan)
    if surroundings.registration is not None and outcome.registration is not None:
        _write_registration(transaction, client, surroundings.registration, outcome.registration, now)
    if outcome.void is not None:
        _write_tickets(transaction, found, outcome.payment, surroundings, outcome.void, now)
    discount = surroundings.discount
    if outcome.discount_change and discount is not None and discount.exists:
        transaction.update(discount.reference, {"usesCount": firestore.Increment(outcome.discount_change)})


def _write_registration(transaction: Any, client: Any, before: Registration, to: Status, now: datetime) -> None:
    is_there = before.status is to or (to is Status.CONFIRMED and before.status is Status.CHECKED_IN)
    if is_there or (to is Status.EXPIRED and before.status in {Status.CANCELLED, Status.REFUNDED}):
        return
    if to not in TRANSITIONS[before.status]:
        log("ERROR", "a registration does not follow its payment", registration=before.id, before=before.status, to=to)
        return
    after = advanced(before, to, at=now, by=SYSTEM)
    reference = registration_ref(client, before.id)
    _write(transaction, reference, registration_document(before), registration_document(after))


def _write_tickets(
    transaction: Any, found: Runtime, payment: Payment, surroundings: Surroundings, void: frozenset[str], now: datetime
) -> None:
    """Tickets are issued when somebody is admitted; a void one stays, so that it can be told from a forged one."""
    client, key = found.firestore, signing_key(found.settings.ticket_signing_key)
    registration = surroundings.registration
    for number, name in enumerate(ticket_names(payment), 1):
        before, is_void = surroundings.tickets.get(name), name in void
        reference = client.document("tickets", name)
        if before is None and payment.admitted and not is_void:
            ticket = issued(
                payment.registration_id or payment.id,
                number,
                event_id=payment.event_id,
                uid=payment.uid,
                ticket_type_id=payment.ticket_type_id or IMPLICIT_TYPE_ID,
                key=key,
                at=now,
                attendees=registration.attendees if registration is not None else (),
                organization_id=payment.organization_id,
                registration_id=payment.registration_id,
                payment_id=payment.id,
            )
            transaction.create(reference, ticket_document(ticket))
        elif before is not None and (before.status is TicketStatus.VOID) != is_void:
            status = TicketStatus.VOID if is_void else TicketStatus.VALID
            after = replace(before, status=status, voided_at=now if is_void else None)
            _write(transaction, reference, ticket_document(before), ticket_document(after))


def _write(transaction: Any, reference: Any, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
    """Write the fields that differ; True if any does."""
    if before is None:
        transaction.create(reference, dict(after))
        return True
    changed: dict[str, Any] = {name: value for name, value in after.items() if before.get(name) != value}
    changed |= {name: firestore.DELETE_FIELD for name in before if name not in after}
    if changed:
        transaction.update(reference, changed)
    return bool(changed)
