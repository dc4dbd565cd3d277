"""Opening the way to pay at Stripe: a session or an intent, under a key that belongs to the payment."""

from gather.payments.facts import IntentFacts, SessionFacts
from gather.payments.model import Payment, PaymentForm
from gather.payments.ordering import idempotency_key, intent_request, session_request
from gather.runtime import Runtime


def ask_to_open(found: Runtime, payment: Payment) -> SessionFacts | IntentFacts:
    """Ask Stripe for the payment's session or intent: a new one the first time, the same one ever after."""
    key = idempotency_key(payment)
    if payment.form is PaymentForm.INTENT:
        return found.gateway.create_intent(intent_request(payment), idempotency_key=key)
    request = session_request(payment, found.settings.public_url)
    return found.gateway.create_session(request, idempotency_key=key)
