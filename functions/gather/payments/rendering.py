"""Payments and refunds as HTTP shows them: to who paid, and with Stripe's names to who organizes. Pure."""

from collections.abc import Iterable
from typing import Any

from gather.payments.model import Item, Payment, Refund


def payment_json(payment: Payment, *, may_manage: bool) -> dict[str, Any]:
    """A payment; where it can still be paid, its buyer learns where."""
    shown: dict[str, Any] = {
        "id": payment.id,
        "eventId": payment.event_id,
        "eventTitle": payment.event_title,
        "uid": payment.uid,
        "registrationId": payment.registration_id,
        "items": [_item_json(item) for item in payment.items],
        "amountCents": payment.amount_cents,
        "capturedCents": payment.captured_cents,
        "refundedCents": payment.refunded_cents,
        "currency": payment.currency,
        "status": payment.status.value,
        "admitted": payment.admitted,
        "livemode": payment.livemode,
        "createdAt": payment.created_at.isoformat(),
        "receiptNumber": payment.receipt_number,
        "invoiceId": payment.invoice_id,
    }
    if payment.is_open:
        shown["holdExpiresAt"] = payment.hold_expires_at.isoformat()
    if may_manage:
        shown |= {
            "sessionId": payment.session_id,
            "paymentIntentId": payment.payment_intent_id,
            "chargeId": payment.charge_id,
            "disputeStatus": payment.dispute_status and payment.dispute_status.value,
        }
    elif payment.is_open:
        shown["sessionUrl"] = payment.session_url
    return {name: value for name, value in shown.items() if value is not None}


def refund_json(refund: Refund, *, may_manage: bool) -> dict[str, Any]:
    """A refund."""
    shown: dict[str, Any] = {
        "id": refund.id,
        "amountCents": refund.amount_cents,
        "reason": refund.reason,
        "status": refund.status.value,
        "ticketIds": list(refund.ticket_ids),
        "createdAt": refund.created_at.isoformat(),
        "creditNote": refund.credit_note,
    }
    if may_manage:
        shown |= {
            "stripeRefundId": refund.stripe_refund_id,
            "requestedBy": refund.requested_by,
            "failure": refund.failure,
        }
    return {name: value for name, value in shown.items() if value is not None}


def refunds_json(refunds: Iterable[Refund], *, may_manage: bool) -> list[dict[str, Any]]:
    """Refunds in the order in which they were wanted."""
    ordered = sorted(refunds, key=lambda refund: (refund.created_at, refund.id))
    return [refund_json(refund, may_manage=may_manage) for refund in ordered]


def _item_json(item: Item) -> dict[str, Any]:
    shown = {
        "name": item.name,
        "ticketTypeId": item.ticket_type_id,
        "quantity": item.quantity,
        "unitCents": item.unit_cents,
        "discountCents": item.discount_cents,
        "amountCents": item.amount_cents,
    }
    return {name: value for name, value in shown.items() if value is not None}
