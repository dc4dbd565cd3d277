"""What receipts, invoices and credit notes need to know of a payment. Pure."""

from collections.abc import Iterable
from datetime import datetime

from gather.events.model import Event
from gather.payments.model import CAPTURED, Payment, Refund, RefundStatus
from gather.receipts.sale import Line, Party, Refunded, Sale


def sale_of(payment: Payment, event: Event | None, *, now: datetime) -> Sale | None:
    """The sale that a captured payment is; None where no money has come."""
    if payment.captured_cents <= 0:
        return None
    return Sale(
        payment_id=payment.id,
        event_id=None if event is None else event.id,
        event_title=payment.event_title,
        event_start_at=None if event is None else event.start_at,
        timezone=None if event is None else event.timezone,
        uid=payment.uid,
        organization_id=payment.organization_id,
        registration_id=payment.registration_id,
        buyer=Party(name=payment.buyer_name or payment.buyer_email or payment.uid, email=payment.buyer_email),
        currency=payment.currency,
        lines=_lines(payment),
        paid_at=next((entry.at for entry in payment.history if entry.status in CAPTURED), now),
        admitted=payment.admitted,
    )


def refunded_of(refunds: Iterable[Refund]) -> list[Refunded]:
    """Every refund that stands as succeeded."""
    return [
        Refunded(id=refund.id, amount_cents=refund.amount_cents, reason=refund.reason, at=refund.created_at)
        for refund in refunds
        if refund.status is RefundStatus.SUCCEEDED
    ]


def _lines(payment: Payment) -> tuple[Line, ...]:
    """The order's positions; should another amount have come than was asked for, the papers say that amount."""
    lines = tuple(
        Line(
            description=item.name,
            quantity=item.quantity,
            unit_cents=item.unit_cents,
            discount_cents=item.discount_cents,
        )
        for item in payment.items
    )
    if sum(line.amount_cents for line in lines) == payment.captured_cents:
        return lines
    return (Line(description=payment.event_title or "Payment", quantity=1, unit_cents=payment.captured_cents),)
