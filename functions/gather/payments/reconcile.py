"""Reconciling with Stripe: whatever was not told, or was told and then lost, is asked for.

Webhooks are lost and processes crash. Everything here is found by a query and then done by what would have done it in
time; all steps are tried, whatever becomes of the others.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.observability import log
from gather.payments.claims import left_events
from gather.payments.fold import Facts
from gather.payments.fulfil import apply_facts
from gather.payments.holds import end_hold
from gather.payments.inquiry import ask_about_payment
from gather.payments.intake import process
from gather.payments.model import PaymentStatus, RefundStatus, parse_payment
from gather.payments.refunds import carry_out
from gather.payments.stripe_event import parse_event
from gather.runtime import Runtime
from gather.steps import run_all
from gather.turns import next_in_turn

LEFT_ALONE = timedelta(minutes=5)
"""What is younger is likely being worked on, or will be delivered again."""
ASKED_FOR = timedelta(days=120)
"""As long as a buyer may dispute most payments; who changes an older one in Stripe's dashboard is told by webhook."""
IDLE = "requires_payment_method"
"""An intent that nobody is paying: https://docs.stripe.com/payments/paymentintents/lifecycle"""
OPEN_PAGE, CAPTURED_PAGE, REFUNDS_PAGE = 50, 25, 50
"""Requests to Stripe in one run; the next goes on behind them."""


def reconcile(found: Runtime) -> None:
    """Apply events that were kept, ask about payments in turn, go on with refunds that are not done."""
    client, now = found.firestore, found.now()
    before = now - LEFT_ALONE
    steps: list[Callable[[], object]] = []
    steps += [partial(_process, found, event) for event in left_events(client, before).stream()]
    steps += [partial(_end_or_ask, found, payment) for payment in _open(client, now)]
    steps += [partial(_go_on, found, refund) for refund in _refunds(client, before)]
    steps += [partial(_ask, found, payment) for payment in _captured(client, now)]
    run_all("the reconciliation with Stripe is not whole", steps)


def open_payments(client: Any, now: datetime) -> Any:
    """Payments that may still be paid although their hold is over, that one first which ended first."""
    return (
        client.collection("payments")
        .where(filter=FieldFilter("status", "in", [PaymentStatus.PENDING.value, PaymentStatus.PROCESSING.value]))
        .where(filter=FieldFilter("holdExpiresAt", "<=", now))
        .order_by("holdExpiresAt")
    )


def captured_payments(client: Any, now: datetime) -> Any:
    """Payments with money that may have been given back, or disputed, without our hearing of it."""
    statuses = [PaymentStatus.SUCCEEDED.value, PaymentStatus.PARTIALLY_REFUNDED.value]
    return (
        client.collection("payments")
        .where(filter=FieldFilter("status", "in", statuses))
        .where(filter=FieldFilter("createdAt", ">", now - ASKED_FOR))
        .order_by("createdAt")
    )


def unfinished_refunds(client: Any, before: datetime) -> Any:
    """Refunds of all payments that are not done, the oldest first."""
    return (
        client.collection_group("refunds")
        .where(filter=FieldFilter("status", "in", [RefundStatus.PENDING.value, RefundStatus.REQUIRES_ACTION.value]))
        .where(filter=FieldFilter("createdAt", "<=", before))
        .order_by("createdAt")
        .limit(REFUNDS_PAGE)
    )


def _open(client: Any, now: datetime) -> list[Any]:
    query = open_payments(client, now)
    return next_in_turn(client, "open_payments", query, "holdExpiresAt", size=OPEN_PAGE, collection="payments")


def _captured(client: Any, now: datetime) -> list[Any]:
    query = captured_payments(client, now)
    return next_in_turn(client, "captured_payments", query, "createdAt", size=CAPTURED_PAGE, collection="payments")


def _refunds(client: Any, before: datetime) -> list[Any]:
    return [found for found in unfinished_refunds(client, before).stream() if _is_of_payment(found.reference)]


def _is_of_payment(reference: Any) -> bool:
    return bool(reference.parent.parent is not None and reference.parent.parent.parent.id == "payments")


def _process(found: Runtime, stored: Any) -> None:
    process(found, parse_event(stored.get("raw").encode()), stored.reference)


def _end_or_ask(found: Runtime, stored: Any) -> None:
    """A method that takes days has failed in the client's own page, where the buyer could try again for ever."""
    facts = _ask(found, stored)
    is_idle = facts.session is None and facts.intent is not None and facts.intent.status == IDLE
    if is_idle and stored.to_dict()["status"] == PaymentStatus.PROCESSING.value:
        end_hold(found, parse_payment(stored.id, stored.to_dict()))


def _ask(found: Runtime, stored: Any) -> Facts:
    payment = parse_payment(stored.id, stored.to_dict())
    facts = ask_about_payment(found.gateway, payment)
    if facts.session is not None or facts.intent is not None:  # else it never came to Stripe: the sweep releases it
        apply_facts(found, payment.id, session=facts.session, intent=facts.intent, known=payment)
    return facts


def _go_on(found: Runtime, stored: Any) -> None:
    payment_id = stored.reference.parent.parent.id
    log("INFO", "a refund is gone on with", payment=payment_id, refund=stored.id)
    if stored.to_dict().get("stripeRefundId") is None:
        carry_out(found, payment_id, stored.id)
    else:
        _ask(found, stored.reference.parent.parent.get())
