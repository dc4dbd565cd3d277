"""Taking in Stripe's events: kept first, then applied from facts asked for anew, together with the claim.

`receive` is the webhook's; `process` is also the reconciliation's, for events that were kept and then lost.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Any

from gather.events.fields import is_document_id
from gather.observability import bound, log
from gather.payments.claims import ignore, keep, record_failure
from gather.payments.fold import Facts
from gather.payments.fulfil import apply_facts
from gather.payments.inquiry import ask_about, completed, livemodes_of, payment_id_of
from gather.payments.model import Payment, parse_payment
from gather.payments.signature import verify
from gather.payments.stripe_event import Concern, StripeEvent, concern_of, parse_event
from gather.runtime import Runtime


class Intake(StrEnum):
    """What became of a delivery."""

    APPLIED = "applied"
    REPEATED = "repeated"
    IGNORED = "ignored"


def receive(found: Runtime, body: bytes, signature: str | None) -> Intake:
    """Take in a delivery: raise SignatureError or MalformedEventError, nothing kept, for what is not Stripe's.

    Anything raised later means that the event is kept and still to be done: Stripe has to deliver it again.
    """
    now = found.now()
    verify(body, signature, found.settings.stripe_webhook_secrets, now=now)
    event = parse_event(body)
    kept = keep(found.firestore, event, body, now=now)
    if kept.is_settled:
        return Intake.REPEATED
    return process(found, event, kept.reference)


def process(found: Runtime, event: StripeEvent, reference: Any) -> Intake:
    """Apply an event that is kept; raise what hindered it, noted with the event."""
    with bound(stripe_event=event.id, type=event.type):
        try:
            return _processed(found, event, reference)
        except Exception as failure:
            log("ERROR", "an event of Stripe's was not applied", error=type(failure).__name__)
            record_failure(reference, type(failure).__name__)
            raise


def _processed(found: Runtime, event: StripeEvent, reference: Any) -> Intake:
    concern, reason = concern_of(event), _not_ours(found, event)
    if reason is not None:
        return _ignored(found, reference, reason, severity="WARNING")
    if concern is None:
        return _ignored(found, reference, "changes nothing of ours")
    facts = ask_about(found.gateway, session_id=concern.session_id, intent_id=concern.intent_id)
    payment = _payment_of(found, facts)
    if payment is None:
        # Money that moves without a payment of ours must not go unseen.
        return _ignored(found, reference, "about no payment of ours", severity="WARNING")
    if livemodes_of(facts) - {payment.livemode}:
        return _ignored(found, reference, "the payment is of the other mode", severity="WARNING")
    _apply(found, payment, facts, concern, reference)
    return Intake.APPLIED


def _apply(found: Runtime, payment: Payment, facts: Facts, concern: Concern, reference: Any) -> None:
    told = replace(completed(found.gateway, facts, payment), dispute=concern.dispute)
    apply_facts(
        found,
        payment.id,
        session=told.session,
        intent=told.intent,
        dispute=told.dispute,
        claim=reference,
        known=payment,
    )


def _not_ours(found: Runtime, event: StripeEvent) -> str | None:
    if event.livemode != found.settings.stripe_livemode:
        return "of the other mode"
    if event.account != found.settings.stripe_account:
        return "of another account"
    return None


def _payment_of(found: Runtime, facts: Facts) -> Payment | None:
    payment_id = payment_id_of(facts)
    if payment_id is None or not is_document_id(payment_id):
        return None
    stored = found.firestore.document("payments", payment_id).get()
    return parse_payment(payment_id, stored.to_dict()) if stored.exists else None


def _ignored(found: Runtime, reference: Any, reason: str, *, severity: Any = "INFO") -> Intake:
    log(severity, "an event of Stripe's was ignored", reason=reason)
    ignore(reference, reason, now=found.now())
    return Intake.IGNORED
