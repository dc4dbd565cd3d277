"""Payments and refunds as values: what was sold at which price, and what became of the money. No decisions, no I/O.

A payment is a purchase of tickets (`registration_id`) or of the seats of an RSVP (its buyer's own). Amounts are
integers in the currency's minor unit, from our own prices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class PaymentStatus(StrEnum):
    """What became of a payment: the field `status`, and each entry of `history`."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"


CAPTURED = frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED})
"""Money has been taken, whatever was given back since."""
OPEN = frozenset({PaymentStatus.PENDING, PaymentStatus.PROCESSING})
"""It is not known yet whether money will be taken."""


class RefundStatus(StrEnum):
    """What became of a refund, in Stripe's words: the field `status`."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class DisputeStatus(StrEnum):
    """Whether the buyer's bank contests the payment: the field `disputeStatus`."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class PaymentForm(StrEnum):
    """How the buyer pays: on Stripe's own page, or in the client's with Stripe's Elements."""

    SESSION = "session"
    INTENT = "intent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is paid for, as it was priced when it was ordered."""

    name: str
    ticket_type_id: str | None
    quantity: int
    unit_cents: int
    discount_cents: int
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEntry:
    """One step of a payment's history."""

    status: PaymentStatus
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment as every reader sees it.

    `captured_cents` is what Stripe has received, `refunded_cents` what of it was given back for certain.
    `admitted`: the buyer was given what was paid for, once; seats that are freed later do not change that.
    """

    id: str
    event_id: str
    uid: str
    organization_id: str | None
    registration_id: str | None
    form: PaymentForm = PaymentForm.SESSION
    items: tuple[Item, ...]
    seats: int
    pool_id: str | None = None
    discount_id: str | None = None
    amount_cents: int
    currency: str
    status: PaymentStatus = PaymentStatus.PENDING
    captured_cents: int = 0
    refunded_cents: int = 0
    admitted: bool = False
    session_id: str | None = None
    session_url: str | None = None
    payment_intent_id: str | None = None
    charge_id: str | None = None
    livemode: bool
    dispute_status: DisputeStatus | None = None
    attempt: int = 1
    """Part of the idempotency key; a session or intent of the payment belongs to the latest."""
    hold_expires_at: datetime
    created_at: datetime
    receipt_number: str | None = None
    invoice_id: str | None = None
    event_title: str = ""
    event_created_at: datetime | None = None
    """Whose event it was: another may have been created under its id since."""
    buyer_name: str | None = None
    buyer_email: str | None = None
    history: tuple[PaymentEntry, ...] = ()

    @property
    def ledger_key(self) -> str:
        """The seats of a purchase of tickets stand under its registration, those of an RSVP under its buyer."""
        return self.registration_id or self.uid

    @property
    def ticket_type_id(self) -> str | None:
        """What was bought; None: the seats of an RSVP, or an event without types."""
        return self.items[0].ticket_type_id if self.items else None

    @property
    def is_captured(self) -> bool:
        """Whether money has been taken."""
        return self.status in CAPTURED

    @property
    def is_open(self) -> bool:
        """Whether money may still be taken."""
        return self.status in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money to be given back: wanted as soon as it is written, carried out when Stripe says so.

    `ticket_ids` are the tickets it makes void; none named: those of the whole payment once all of it is refunded.
    `failure` is Stripe's code where it would not make the refund at all.
    """

    id: str
    payment_id: str
    amount_cents: int
    reason: str
    status: RefundStatus = RefundStatus.PENDING
    stripe_refund_id: str | None = None
    requested_by: str
    ticket_ids: tuple[str, ...] = ()
    created_at: datetime
    credit_note: str | None = None
    failure: str | None = None


def parse_payment(payment_id: str, data: Mapping[str, Any]) -> Payment:
    """Read a stored payment; only the functions write them, so one that is malformed is our error and raises."""
    return Payment(
        id=payment_id,
        event_id=data["eventId"],
        uid=data["uid"],
        organization_id=data.get("organizationId"),
        registration_id=data.get("registrationId"),
        form=PaymentForm(data.get("form", PaymentForm.SESSION)),
        items=tuple(_parse_item(item) for item in data["items"]),
        seats=data["seats"],
        pool_id=data.get("poolId"),
        discount_id=data.get("discountId"),
        amount_cents=data["amountCents"],
        currency=data["currency"],
        status=PaymentStatus(data["status"]),
        captured_cents=data.get("capturedCents", 0),
        refunded_cents=data.get("refundedCents", 0),
        admitted=data.get("admitted", False),
        session_id=data.get("sessionId"),
        session_url=data.get("sessionUrl"),
        payment_intent_id=data.get("paymentIntentId"),
        charge_id=data.get("chargeId"),
        livemode=data["livemode"],
        dispute_status=_dispute_status(data.get("disputeStatus")),
        attempt=data.get("attempt", 1),
        hold_expires_at=data["holdExpiresAt"],
        created_at=data["createdAt"],
        receipt_number=data.get("receiptNumber"),
        invoice_id=data.get("invoiceId"),
        event_title=data.get("eventTitle", ""),
        event_created_at=data.get("eventCreatedAt"),
        buyer_name=data.get("buyerName"),
        buyer_email=data.get("buyerEmail"),
        history=_parse_history(data.get("history", ())),
    )


def payment_document(payment: Payment) -> dict[str, Any]:
    """Write a payment as the document that holds it; what is None is left out."""
    document: dict[str, Any] = {
        "eventId": payment.event_id,
        "uid": payment.uid,
        "organizationId": payment.organization_id,
        "registrationId": payment.registration_id,
        "rsvpPath": None if payment.registration_id else f"events/{payment.event_id}/rsvps/{payment.uid}",
        "form": payment.form.value,
        "items": [_item_document(item) for item in payment.items],
        "seats": payment.seats,
        "poolId": payment.pool_id,
        "discountId": payment.discount_id,
        "amountCents": payment.amount_cents,
        "currency": payment.currency,
        "status": payment.status.value,
        "capturedCents": payment.captured_cents,
        "refundedCents": payment.refunded_cents,
        "admitted": payment.admitted,
        "sessionId": payment.session_id,
        "sessionUrl": payment.session_url,
        "paymentIntentId": payment.payment_intent_id,
        "chargeId": payment.charge_id,
        "livemode": payment.livemode,
        "disputeStatus": payment.dispute_status and payment.dispute_status.value,
        "attempt": payment.attempt,
        "holdExpiresAt": payment.hold_expires_at,
        "createdAt": payment.created_at,
        "receiptNumber": payment.receipt_number,
        "invoiceId": payment.invoice_id,
        "eventTitle": payment.event_title,
        "eventCreatedAt": payment.event_created_at,
        "buyerName": payment.buyer_name,
        "buyerEmail": payment.buyer_email,
        "history": [{"status": entry.status.value, "at": entry.at} for entry in payment.history],
    }
    return {name: value for name, value in document.items() if value is not None}


def parse_refund(refund_id: str, payment_id: str, data: Mapping[str, Any]) -> Refund:
    """Read a stored refund; as of a payment, one that is malformed raises."""
    return Refund(
        id=refund_id,
        payment_id=payment_id,
        amount_cents=data["amountCents"],
        reason=data["reason"],
        status=RefundStatus(data["status"]),
        stripe_refund_id=data.get("stripeRefundId"),
        requested_by=data["requestedBy"],
        ticket_ids=tuple(data.get("ticketIds", ())),
        created_at=data["createdAt"],
        credit_note=data.get("creditNote"),
        failure=data.get("failure"),
    )


def refund_document(refund: Refund) -> dict[str, Any]:
    """Write a refund as the document that holds it; what is None is left out."""
    document: dict[str, Any] = {
        "amountCents": refund.amount_cents,
        "reason": refund.reason,
        "status": refund.status.value,
        "stripeRefundId": refund.stripe_refund_id,
        "requestedBy": refund.requested_by,
        "ticketIds": list(refund.ticket_ids),
        "createdAt": refund.created_at,
        "creditNote": refund.credit_note,
        "failure": refund.failure,
    }
    return {name: value for name, value in document.items() if value is not None}


def _parse_item(data: Mapping[str, Any]) -> Item:
    return Item(
        name=data["name"],
        ticket_type_id=data.get("ticketTypeId"),
        quantity=data["quantity"],
        unit_cents=data["unitCents"],
        discount_cents=data["discountCents"],
        amount_cents=data["amountCents"],
    )


def _item_document(item: Item) -> dict[str, Any]:
    return {
        "name": item.name,
        "ticketTypeId": item.ticket_type_id,
        "quantity": item.quantity,
        "unitCents": item.unit_cents,
        "discountCents": item.discount_cents,
        "amountCents": item.amount_cents,
    }


def _parse_history(entries: Sequence[Mapping[str, Any]]) -> tuple[PaymentEntry, ...]:
    return tuple(PaymentEntry(status=PaymentStatus(entry["status"]), at=entry["at"]) for entry in entries)


def _dispute_status(value: str | None) -> DisputeStatus | None:
    return None if value is None else DisputeStatus(value)
