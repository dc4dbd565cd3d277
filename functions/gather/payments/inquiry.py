"""Asking Stripe what became of a payment: everything there is to know of it, in as few requests as that takes."""

from dataclasses import replace

from gather.payments.facts import GatewayRefusedError, IntentFacts, PaymentGateway, SessionFacts
from gather.payments.fold import Facts
from gather.payments.model import Payment

MISSING = "resource_missing"
"""Stripe's code for an object that it does not know: https://docs.stripe.com/error-codes#resource-missing"""


def ask_about(gateway: PaymentGateway, *, session_id: str | None, intent_id: str | None) -> Facts:
    """Ask about a session and the intent behind it; what Stripe does not know is None."""
    session = _session(gateway, session_id)
    found = intent_id or (session.payment_intent_id if session is not None else None)
    return Facts(session=session, intent=_intent(gateway, found))


def ask_about_payment(gateway: PaymentGateway, payment: Payment) -> Facts:
    """Ask about all that a payment knows of."""
    return ask_about(gateway, session_id=payment.session_id, intent_id=payment.payment_intent_id)


def completed(gateway: PaymentGateway, facts: Facts, payment: Payment) -> Facts:
    """Add what an event did not name and the payment knows: an intent that failed may have a session that goes on."""
    if facts.session is None and payment.session_id is not None:
        return replace(facts, session=_session(gateway, payment.session_id))
    return facts


def payment_id_of(facts: Facts) -> str | None:
    """The payment of ours that the facts are about, as Stripe was told when they began."""
    by_session = facts.session.payment_id if facts.session is not None else None
    return by_session or (facts.intent.payment_id if facts.intent is not None else None)


def livemodes_of(facts: Facts) -> set[bool]:
    """Whether real money moves, by each of the facts."""
    return {known.livemode for known in (facts.session, facts.intent) if known is not None}


def _session(gateway: PaymentGateway, session_id: str | None) -> SessionFacts | None:
    try:
        return None if session_id is None else gateway.retrieve_session(session_id)
    except GatewayRefusedError as refused:
        if refused.code == MISSING:
            return None
        raise


def _intent(gateway: PaymentGateway, intent_id: str | None) -> IntentFacts | None:
    try:
        return None if intent_id is None else gateway.retrieve_intent(intent_id)
    except GatewayRefusedError as refused:
        if refused.code == MISSING:
            return None
        raise
