"""What payments come to by themselves: refunds are carried out, people told, and Stripe asked what it did not tell.

Every function here is safe to run twice, late, or beside another that does the same.
"""

from collections.abc import Mapping
from typing import Any

from firebase_functions import firestore_fn, scheduler_fn
from firebase_functions.core import Change

from gather.delivery import retried
from gather.notifications.store import tell
from gather.observability import DELIVERIES, bound
from gather.payments import holds
from gather.payments.causes import causes_of_payment, causes_of_refund
from gather.payments.deleted_events import undo_sales
from gather.payments.model import RefundStatus
from gather.payments.reconcile import reconcile
from gather.payments.refunds import carry_out
from gather.receipts.store import forget_event
from gather.runtime import runtime
from gather.settings import REGION, TIMEOUT_S
from gather.steps import run_all


@retried
@firestore_fn.on_document_written(document="payments/{paymentId}/refunds/{refundId}", region=REGION)
def on_refund_written(event: firestore_fn.Event[Change[Any]]) -> None:
    """Have Stripe make a refund that is wanted, and tell of one that is made, or failed."""
    name = "on_refund_written"
    payment_id, refund_id = event.params["paymentId"], event.params["refundId"]
    before, after = _document(event.data.before), _document(event.data.after)
    found = runtime()
    with bound(function=name, payment=payment_id, refund=refund_id, delivery=event.id):
        if is_wanted(after):
            carry_out(found, payment_id, refund_id)
        if (before or {}).get("status") != (after or {}).get("status"):
            payment = found.firestore.document("payments", payment_id).get().to_dict() or {}
            tell(found.firestore, causes_of_refund(payment, f"{payment_id}/{refund_id}", before, after))
    DELIVERIES.labels(function=name, outcome="wanted" if is_wanted(after) else "seen").inc()


@retried
@firestore_fn.on_document_written(document="payments/{paymentId}", region=REGION)
def on_payment_written(event: firestore_fn.Event[Change[Any]]) -> None:
    """Tell the organizer of a dispute, and of its end."""
    name = "on_payment_written"
    before, after = _document(event.data.before), _document(event.data.after)
    causes = causes_of_payment(event.params["paymentId"], before, after)
    if causes:
        with bound(function=name, payment=event.params["paymentId"], delivery=event.id):
            tell(runtime().firestore, causes)
    DELIVERIES.labels(function=name, outcome="told" if causes else "irrelevant").inc()


@retried
@firestore_fn.on_document_deleted(document="events/{eventId}", region=REGION, timeout_sec=TIMEOUT_S)
def on_event_deleted(event: firestore_fn.Event[Any]) -> None:
    """Undo what was sold for an event that was still to come, and take the reference to it out of its receipts."""
    name, event_id, found = "on_event_deleted", event.params["eventId"], runtime()
    with bound(function=name, event_id=event_id, delivery=event.id):
        run_all(
            f"events/{event_id} is gone, what it leaves is not in order yet; the delivery is retried",
            [
                lambda: undo_sales(found, event.data, at=event.time),
                lambda: forget_event(found.firestore, event_id, transact=found.transact),
            ],
        )
    DELIVERIES.labels(function=name, outcome="in order").inc()


@scheduler_fn.on_schedule(schedule="every 15 minutes", region=REGION, timeout_sec=TIMEOUT_S)
def reconcile_payments(_: scheduler_fn.ScheduledEvent) -> None:
    """Ask Stripe about everything that is open longer than it should be, and go on with what was left behind."""
    reconcile(runtime())


@scheduler_fn.on_schedule(schedule="every 5 minutes", region=REGION, timeout_sec=TIMEOUT_S)
def sweep_holds(_: scheduler_fn.ScheduledEvent) -> None:
    """Free the seats of payments that nobody has made in time, once Stripe says that nobody can."""
    holds.sweep(runtime())


def is_wanted(refund: Mapping[str, Any] | None) -> bool:
    """Whether a stored refund is one that Stripe has yet to be asked for."""
    return refund is not None and refund["status"] == RefundStatus.PENDING.value and "stripeRefundId" not in refund


def _document(snapshot: Any | None) -> Mapping[str, Any] | None:
    return None if snapshot is None else snapshot.to_dict() or {}
