"""Holds: seats of a payment that nobody has made in time are free again, once it is certain that nobody can.

Time alone frees nothing: Stripe is asked first, and made to end what could still be paid.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.observability import log
from gather.payments.facts import GatewayRefusedError, IntentFacts, SessionFacts
from gather.payments.fulfil import apply_facts, close_unbegun
from gather.payments.model import Payment, PaymentStatus, parse_payment
from gather.payments.opening import ask_to_open
from gather.runtime import Runtime
from gather.steps import run_all

GRACE = timedelta(minutes=1)
"""Stripe's own word of an expired session comes first, as a rule."""
FOUND_MAX = 200
"""Holds ended by one sweep; the next goes on with the rest."""


def sweep(found: Runtime) -> None:
    """End every hold whose time is over; all are tried."""
    held = lapsed_holds(found.firestore, found.now() - GRACE).limit(FOUND_MAX).stream()
    steps: list[Callable[[], object]] = [
        partial(end_hold, found, parse_payment(each.id, each.to_dict())) for each in held
    ]
    run_all("the sweep of holds is not whole", steps)


def lapsed_holds(client: Any, before: datetime) -> Any:
    """Payments that were to be made before a time and are not."""
    pending = client.collection("payments").where(filter=FieldFilter("status", "==", PaymentStatus.PENDING.value))
    return pending.where(filter=FieldFilter("holdExpiresAt", "<=", before)).order_by("holdExpiresAt")


def end_hold(found: Runtime, payment: Payment) -> Payment:
    """See to it that a payment cannot be made any more, and fulfil or release it; returns it as it is then.

    Raises GatewayDownError where Stripe does not say what it did: then the seats stay held.
    """
    try:
        opened = _opened(found, payment)
    except GatewayRefusedError as refused:
        # Of this account or mode it is not; whoever set the key has to look, and until then nothing is given away.
        log("ERROR", "Stripe does not know what a payment names", payment=payment.id, code=refused.code)
        return payment
    if opened is None:
        return close_unbegun(found, payment.id, PaymentStatus.EXPIRED).payment or payment
    if isinstance(opened, SessionFacts):
        session = _ended_session(found, opened)
        intent_id = session.payment_intent_id
        intent = None if intent_id is None else found.gateway.retrieve_intent(intent_id)
        return apply_facts(found, payment.id, session=session, intent=intent, known=payment).payment or payment
    return apply_facts(found, payment.id, intent=_ended_intent(found, opened), known=payment).payment or payment


def _opened(found: Runtime, payment: Payment) -> SessionFacts | IntentFacts | None:
    """What Stripe has opened for a payment; None: nothing that anybody could pay."""
    if payment.session_id is not None:
        return found.gateway.retrieve_session(payment.session_id)
    if payment.payment_intent_id is not None:
        return found.gateway.retrieve_intent(payment.payment_intent_id)
    try:
        # Whether it was opened and the answer lost is learnt by asking once more under the same key. A new session is
        # refused by then, for the time in the request has passed, or is ended like any other.
        return ask_to_open(found, payment)
    except GatewayRefusedError:
        return None


def _ended_session(found: Runtime, session: SessionFacts) -> SessionFacts:
    """An answer kept under a key is as old as the key: what became of the session since is asked for."""
    current = found.gateway.retrieve_session(session.id)
    if current.status != "open":
        return current
    try:
        return found.gateway.expire_session(session.id)
    except GatewayRefusedError:
        return found.gateway.retrieve_session(session.id)


def _ended_intent(found: Runtime, intent: IntentFacts) -> IntentFacts:
    try:
        return found.gateway.cancel_intent(intent.id)
    except GatewayRefusedError:
        return found.gateway.retrieve_intent(intent.id)
