"""Deleted events: nobody can come any more, so nothing can be paid, what was paid goes back, and no ticket is valid.

Of an event that was over nothing moves: it has taken place. One that was called off never does. Every step is done
once, however often it is asked for: by the refund's id, and by what is still open.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from gather.events.model import is_past, parse_event
from gather.payments.holds import end_hold
from gather.payments.listing import Asked, list_query
from gather.payments.model import Payment, PaymentStatus, parse_payment
from gather.payments.outcome import SYSTEM
from gather.payments.refunds import RefundRefusedError, Wanted, reserve
from gather.runtime import Runtime
from gather.steps import run_all
from gather.tickets.store import registrations_of
from gather.tickets.write import call_off

EVENT_DELETED = "event_deleted"
"""The reason of such refunds."""
HAS_MONEY = frozenset({PaymentStatus.SUCCEEDED, PaymentStatus.PARTIALLY_REFUNDED})


def undo_sales(found: Runtime, deleted: Any, *, at: datetime) -> bool:
    """Undo what was sold for an event, by its last snapshot and when it was deleted; False where it was over.

    Every payment and registration is tried, and what failed is raised after the last. Refunds are only written here:
    `on_refund_written` has Stripe make them.
    """
    client = found.firestore
    event = parse_event(deleted.id, deleted.to_dict() or {})
    if is_past(event, at) and not event.canceled:
        return False
    sold = list_query(client, Asked(event_id=deleted.id), uid=None).stream()
    payments = [parse_payment(each.id, each.to_dict()) for each in sold]
    steps: list[Callable[[], object]] = [
        partial(_undo, found, payment)
        for payment in payments
        if payment.event_created_at in {None, deleted.create_time}
    ]
    steps += [
        partial(call_off, client, each.id, now=found.now(), transact=found.transact)
        for each in registrations_of(client, deleted.id).stream()
        # What is older is of an event that had the name before; what was paid for follows its payment.
        if each.create_time >= deleted.create_time and "paymentId" not in each.to_dict()
    ]
    run_all(f"what was sold for events/{deleted.id} is not undone yet; the delivery is retried", steps)
    return True


def deletion_refund(payment: Payment) -> str:
    """The id of the refund of all that is left of a payment when its event is deleted."""
    return f"{payment.id}-event-deleted"


def _undo(found: Runtime, payment: Payment) -> None:
    current = end_hold(found, payment) if payment.is_open else payment
    if current.status not in HAS_MONEY:
        return
    wanted = Wanted(
        refund_id=deletion_refund(payment),
        amount_cents=None,
        reason=EVENT_DELETED,
        ticket_ids=(),
        requested_by=SYSTEM,
    )
    try:
        reserve(found, payment.id, wanted)
    except RefundRefusedError as refused:
        if refused.code != "refund_too_large":
            raise
        # All that is left is on its way back already.
