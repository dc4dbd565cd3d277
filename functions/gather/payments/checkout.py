"""Checkout: seats first, then Stripe. Whatever fails or crashes in between, the next call or the sweep puts right.

The seats and the payment are there before Stripe hears of it, and Stripe is asked under a key that belongs to the
payment. So asking again opens no second session, and a session whose answer was lost is found again.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gather.observability import log
from gather.payments.facts import GatewayDownError, GatewayRefusedError, IntentFacts, SessionFacts
from gather.payments.fulfil import apply_facts, close_unbegun
from gather.payments.holds import end_hold
from gather.payments.inquiry import ask_about_payment
from gather.payments.model import Payment, PaymentForm, PaymentStatus, parse_payment
from gather.payments.opening import ask_to_open
from gather.payments.ordering import Buyer, PurchaseRefusedError, Wish
from gather.payments.repeats import Taken
from gather.payments.taking import ViewerOf, take
from gather.runtime import Runtime
from gather.transactions import read

SESSION_LASTS_MIN = timedelta(minutes=30)
"""https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at"""
AMOUNT_REFUSALS = frozenset({"amount_too_small", "amount_too_large", "invalid_charge_amount"})
"""Stripe's codes for an amount that it does not charge: https://docs.stripe.com/error-codes"""
CANNOT_PAY = "the payment service does not answer; nothing was ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What was ordered, and how to pay for it; `client_secret` is for a page of the client's own with Elements."""

    taken: Taken
    client_secret: str | None = None


def buy(found: Runtime, event_id: str, buyer: Buyer, wish: Wish, *, viewer_of: ViewerOf) -> Ordered:
    """Order what is wished for and open the way to pay for it; raise PurchaseRefusedError, nothing held.

    Asked again before it is paid, the same order is answered with the same session.
    """
    taken = take(found, event_id, buyer, wish, viewer_of=viewer_of)
    if taken.payment is not None and _is_over(found, taken.payment):
        # It came to nothing, and nobody has looked since.
        try:
            end_hold(found, taken.payment)
        except GatewayDownError as error:
            raise PurchaseRefusedError("try_again", CANNOT_PAY) from error
        taken = take(found, event_id, buyer, wish, viewer_of=viewer_of)
    payment = taken.payment
    if payment is None or payment.status is not PaymentStatus.PENDING:
        return Ordered(taken=taken)
    payment, secret = open_payment(found, payment)
    return Ordered(taken=replace(taken, payment=payment), client_secret=secret)


def _is_over(found: Runtime, payment: Payment) -> bool:
    """Whether a pending payment's time is over, or too short by now for a session that is yet to be opened."""
    if payment.status is not PaymentStatus.PENDING:
        return False
    has_begun = payment.session_id is not None or payment.payment_intent_id is not None
    left = payment.hold_expires_at - found.now()
    return left <= timedelta() or (not has_begun and left < SESSION_LASTS_MIN)


def open_payment(found: Runtime, payment: Payment) -> tuple[Payment, str | None]:
    """Have Stripe open the payment's session or intent, once; where it cannot, the seats are free again."""
    if payment.form is PaymentForm.SESSION and payment.session_id is not None:
        return payment, None
    try:
        opened = ask_to_open(found, payment)
    except (GatewayDownError, GatewayRefusedError) as error:
        close_unbegun(found, payment.id, PaymentStatus.FAILED)
        log("ERROR", "a payment could not be opened", payment=payment.id, reason=str(error))
        if isinstance(error, GatewayRefusedError) and error.code in AMOUNT_REFUSALS:
            raise PurchaseRefusedError("validation_failed", "this amount cannot be charged") from error
        raise PurchaseRefusedError("try_again", CANNOT_PAY) from error
    attached = _attach(found, payment, opened)
    if attached.is_open:
        return attached, opened.client_secret if isinstance(opened, IntentFacts) else None
    _shut(found, opened)
    raise PurchaseRefusedError("try_again", "the seats were given back meanwhile; order again")


def refresh(found: Runtime, payment: Payment) -> Payment:
    """Ask Stripe how a payment stands and fulfil it; the payment as it was known where Stripe does not answer."""
    if payment.session_id is None and payment.payment_intent_id is None:
        return payment
    try:
        facts = ask_about_payment(found.gateway, payment)
    except (GatewayDownError, GatewayRefusedError) as error:
        log("WARNING", "Stripe was asked about a payment in vain", payment=payment.id, reason=str(error))
        return payment
    applied = apply_facts(found, payment.id, session=facts.session, intent=facts.intent, known=payment)
    return applied.payment or payment


def cancel(found: Runtime, payment: Payment) -> Payment:
    """Give up a payment that is not paid: first nobody can pay it any more, then its seats are free.

    Raise PurchaseRefusedError where it is paid, or where a payment is under way.
    """
    if not payment.is_open:
        return payment
    try:
        after = end_hold(found, payment)
    except GatewayDownError as error:
        raise PurchaseRefusedError("try_again", CANNOT_PAY) from error
    if after.is_captured or after.is_open:
        raise PurchaseRefusedError("invalid_transition", "this payment is paid, or about to be")
    return after


def _attach(found: Runtime, payment: Payment, opened: SessionFacts | IntentFacts) -> Payment:
    """Keep in the payment what Stripe has opened for it, if it is still to be paid."""
    reference = found.firestore.document("payments", payment.id)

    def body(transaction: Any) -> Payment:
        stored = parse_payment(payment.id, read(transaction, reference).to_dict())
        if not stored.is_open:
            return stored
        if isinstance(opened, SessionFacts):
            known = {"sessionId": opened.id, "sessionUrl": opened.url, "paymentIntentId": opened.payment_intent_id}
        else:
            known = {"paymentIntentId": opened.id}
        changed = {name: value for name, value in known.items() if value is not None}
        transaction.update(reference, changed)
        return replace(
            stored,
            session_id=known.get("sessionId") or stored.session_id,
            session_url=known.get("sessionUrl") or stored.session_url,
            payment_intent_id=known.get("paymentIntentId") or stored.payment_intent_id,
        )

    return found.transact(found.firestore, body, contend_on=reference.path)


def _shut(found: Runtime, opened: SessionFacts | IntentFacts) -> None:
    """Nobody has been told where to pay: what cannot be shut now ends by itself."""
    try:
        if isinstance(opened, SessionFacts):
            found.gateway.expire_session(opened.id)
        else:
            found.gateway.cancel_intent(opened.id)
    except (GatewayDownError, GatewayRefusedError) as error:
        log("WARNING", "a session without seats could not be ended", session=opened.id, reason=str(error))
