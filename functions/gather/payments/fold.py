"""Folding facts into a payment: what it is follows from what is true at Stripe, not from what arrived when. Pure.

Facts may be older than those folded before. So everything here only rises: money that was captured stays captured, a
refund goes pending → requires action → succeeded → failed or canceled and never back, a dispute stays known. Folding
the same facts in any order, any number of times, comes to the same payment. What a payment has refunded is the sum of
its refunds that succeeded; that one may fall, when Stripe says that a refund has failed after all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gather.payments.facts import DisputeFacts, IntentFacts, RefundFacts, SessionFacts
from gather.payments.model import DisputeStatus, Payment, PaymentEntry, PaymentStatus, Refund, RefundStatus

REFUND_RANK: Mapping[RefundStatus, int] = {
    RefundStatus.PENDING: 0,
    RefundStatus.REQUIRES_ACTION: 1,
    RefundStatus.SUCCEEDED: 2,
    RefundStatus.CANCELED: 3,
    RefundStatus.FAILED: 4,
}
GIVEN_UP = frozenset({RefundStatus.CANCELED, RefundStatus.FAILED})
"""Refunds whose money stayed, or came back."""
UNPAID_RANK: Mapping[PaymentStatus, int] = {
    PaymentStatus.PENDING: 0,
    PaymentStatus.PROCESSING: 1,
    PaymentStatus.EXPIRED: 2,
    PaymentStatus.FAILED: 3,
}
"""What a payment without money may become; once there is money only refunds move it."""
DISPUTE_RANK: Mapping[DisputeStatus | None, int] = {
    None: 0,
    DisputeStatus.OPEN: 1,
    DisputeStatus.WON: 2,
    DisputeStatus.LOST: 3,
}
DISPUTE_ENDS: Mapping[str, DisputeStatus] = {
    "won": DisputeStatus.WON,
    "warning_closed": DisputeStatus.WON,
    "prevented": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
}
"""Every other status of a dispute is one that is not decided."""
FROM_STRIPE = "stripe"
"""Who asked for a refund that we did not: somebody in Stripe's dashboard, or Stripe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What Stripe says of one payment at one moment; None is what was not asked."""

    session: SessionFacts | None = None
    intent: IntentFacts | None = None
    dispute: DisputeFacts | None = None


def fold_all(
    payment: Payment, refunds: Mapping[str, Refund], facts: Facts, *, now: datetime
) -> tuple[Payment, dict[str, Refund]]:
    """Return the payment and its refunds as they are once the facts are known."""
    folded = fold_refunds(refunds, facts.intent, payment_id=payment.id, now=now)
    return fold(payment, facts, refunded_cents=succeeded_cents(folded.values()), now=now), folded


def fold(payment: Payment, facts: Facts, *, refunded_cents: int, now: datetime) -> Payment:
    """Return the payment once the facts are known; `refunded_cents` is what its refunds come to."""
    session, intent = _session_of(payment, facts.session), _intent_of(payment, facts.intent)
    captured_cents = max(payment.captured_cents, _captured(session, intent))
    folded = replace(
        payment,
        captured_cents=captured_cents,
        refunded_cents=refunded_cents,
        session_id=payment.session_id or (session.id if session else None),
        payment_intent_id=_intent_id(payment, session, intent),
        charge_id=(intent.charge_id if intent else None) or payment.charge_id,
        dispute_status=_dispute(payment, facts),
    )
    status = _settled(captured_cents, refunded_cents) if captured_cents else _unpaid(payment, session, intent)
    if status is payment.status:
        return folded
    return replace(folded, status=status, history=(*payment.history, PaymentEntry(status=status, at=now)))


def fold_refunds(
    refunds: Mapping[str, Refund], intent: IntentFacts | None, *, payment_id: str, now: datetime
) -> dict[str, Refund]:
    """Return the refunds once the intent's are known; one that we did not ask for gets Stripe's id as ours."""
    folded = dict(refunds)
    for fact in sorted(intent.refunds if intent else (), key=lambda fact: fact.id):
        refund_id = _refund_id(folded, fact)
        known = folded.get(refund_id)
        folded[refund_id] = _made_elsewhere(fact, payment_id, now) if known is None else _risen(known, fact)
    return folded


def succeeded_cents(refunds: Iterable[Refund]) -> int:
    """What refunds come to: those that succeeded."""
    return sum(refund.amount_cents for refund in refunds if refund.status is RefundStatus.SUCCEEDED)


def reserved_cents(refunds: Iterable[Refund]) -> int:
    """What refunds come to if those on their way succeed: no more may be asked for than is left beside it."""
    return sum(refund.amount_cents for refund in refunds if refund.status not in GIVEN_UP)


def _session_of(payment: Payment, session: SessionFacts | None) -> SessionFacts | None:
    """A session that the payment has given up says nothing about it, unless it was paid."""
    if session is None or payment.session_id in {None, session.id} or session.payment_status == "paid":
        return session
    return None


def _intent_of(payment: Payment, intent: IntentFacts | None) -> IntentFacts | None:
    if intent is None or payment.payment_intent_id in {None, intent.id} or intent.received_cents > 0:
        return intent
    return None


def _captured(session: SessionFacts | None, intent: IntentFacts | None) -> int:
    by_session = session.amount_cents if session is not None and session.payment_status == "paid" else 0
    return max(by_session, intent.received_cents if intent is not None else 0)


def _intent_id(payment: Payment, session: SessionFacts | None, intent: IntentFacts | None) -> str | None:
    """The intent that has the money, else the first one known."""
    if intent is not None and intent.received_cents > 0 and not payment.captured_cents:
        return intent.id
    found = session.payment_intent_id if session is not None else None
    return payment.payment_intent_id or found or (intent.id if intent is not None else None)


def _settled(captured_cents: int, refunded_cents: int) -> PaymentStatus:
    if refunded_cents >= captured_cents:
        return PaymentStatus.REFUNDED
    return PaymentStatus.PARTIALLY_REFUNDED if refunded_cents else PaymentStatus.SUCCEEDED


def _unpaid(payment: Payment, session: SessionFacts | None, intent: IntentFacts | None) -> PaymentStatus:
    return max(payment.status, _says(session, intent), key=lambda status: UNPAID_RANK[status])


def _says(session: SessionFacts | None, intent: IntentFacts | None) -> PaymentStatus:
    """What a payment without money is by these facts alone.

    A declined card ends nothing while its session, or its intent, can be tried again.
    """
    if session is not None and session.status == "expired":
        return PaymentStatus.EXPIRED
    if intent is not None and intent.status == "canceled":
        return PaymentStatus.FAILED
    if session is not None and session.status == "complete":
        has_failed = intent is not None and intent.status == "requires_payment_method"
        return PaymentStatus.FAILED if has_failed else PaymentStatus.PROCESSING
    if intent is not None and intent.status == "processing":
        return PaymentStatus.PROCESSING
    return PaymentStatus.PENDING


def _dispute(payment: Payment, facts: Facts) -> DisputeStatus | None:
    found = [payment.dispute_status]
    if facts.intent is not None and facts.intent.disputed:
        found.append(DisputeStatus.OPEN)
    if facts.dispute is not None:
        found.append(DISPUTE_ENDS.get(facts.dispute.status, DisputeStatus.OPEN))
    return max(found, key=lambda status: DISPUTE_RANK[status])


def _refund_id(refunds: Mapping[str, Refund], fact: RefundFacts) -> str:
    """Ours where Stripe's refund carries our id; a second one that carries it was made twice, and counts as its own."""
    ours = refunds.get(fact.refund_id) if fact.refund_id is not None else None
    if ours is not None and ours.stripe_refund_id in {None, fact.id}:
        return ours.id
    return fact.id


def _made_elsewhere(fact: RefundFacts, payment_id: str, now: datetime) -> Refund:
    return Refund(
        id=fact.id,
        payment_id=payment_id,
        amount_cents=fact.amount_cents,
        reason="requested_in_dashboard",
        status=_status(fact),
        stripe_refund_id=fact.id,
        requested_by=FROM_STRIPE,
        created_at=now,
    )


def _risen(refund: Refund, fact: RefundFacts) -> Refund:
    status = max(refund.status, _status(fact), key=lambda status: REFUND_RANK[status])
    return replace(refund, status=status, amount_cents=fact.amount_cents, stripe_refund_id=fact.id)


def _status(fact: RefundFacts) -> RefundStatus:
    """A status that Stripe has yet to invent is on its way."""
    return RefundStatus(fact.status) if fact.status in set(RefundStatus) else RefundStatus.PENDING
