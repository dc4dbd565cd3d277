"""Refunds: wanted in a transaction that sees what is left, carried out at Stripe, and true when Stripe says so.

A refund's document is there before Stripe is asked, and its id is the idempotency key. So whoever carries it out,
again or at the same time, gives the money back once; and what a crash has left is found by its document.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gather.observability import log
from gather.payments.facts import GatewayRefusedError
from gather.payments.fold import reserved_cents
from gather.payments.fulfil import apply_facts
from gather.payments.inquiry import ask_about_payment
from gather.payments.model import Payment, Refund, RefundStatus, parse_payment, parse_refund, refund_document
from gather.payments.outcome import refund_again
from gather.payments.store import read_payment, refund_ref
from gather.runtime import Runtime
from gather.tickets.ticket import TicketStatus, parse_ticket
from gather.transactions import read_all

PASSING = frozenset({"balance_insufficient", "lock_timeout", "rate_limit"})
"""Refusals that time may cure: https://docs.stripe.com/error-codes. Stripe keeps its answer to a key for 24 hours."""


class RefundRefusedError(Exception):
    """The refund may not be made; `code` is one of the API's, nothing was changed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A refund as somebody asks for it; `amount_cents` None is everything that is left."""

    refund_id: str
    amount_cents: int | None
    reason: str
    ticket_ids: tuple[str, ...]
    requested_by: str


def reserve(found: Runtime, payment_id: str, wanted: Wanted) -> Refund:
    """Write the refund if what is left of the payment allows it, else raise RefundRefusedError.

    Asked again under the same id, it answers with the refund there is.
    """
    client, now = found.firestore, found.now()

    def body(transaction: Any) -> Refund:
        payment, refunds = read_payment(transaction, client, payment_id)
        if payment is None:
            raise RefundRefusedError("not_found", f"there is no payment {payment_id}")
        known = refunds.get(wanted.refund_id)
        if known is not None:
            return _same(known, wanted)
        amount_cents = _amount(payment, refunds.values(), wanted)
        _check_tickets(transaction, client, payment, wanted.ticket_ids)
        refund = Refund(
            id=wanted.refund_id,
            payment_id=payment_id,
            amount_cents=amount_cents,
            reason=wanted.reason,
            requested_by=wanted.requested_by,
            ticket_ids=wanted.ticket_ids,
            created_at=now,
        )
        transaction.create(refund_ref(client, refund), refund_document(refund))
        return refund

    return found.transact(client, body, contend_on=f"payments/{payment_id}")


def carry_out(found: Runtime, payment_id: str, refund_id: str) -> Refund:
    """Have Stripe give the money back, if it has not; returns the refund as it stands then.

    Stripe is asked first what it has done: it forgets an idempotency key after a day, the refund it keeps. Raises
    GatewayDownError where nothing is known; the refund then stays wanted.
    """
    stored = found.firestore.document("payments", payment_id).get()
    payment, refund = parse_payment(payment_id, stored.to_dict()), _stored(found, payment_id, refund_id)
    if refund.stripe_refund_id is not None or refund.status is not RefundStatus.PENDING:
        return refund
    payment = _applied(found, payment)
    refund = _stored(found, payment_id, refund_id)
    if refund.stripe_refund_id is not None or refund.status is not RefundStatus.PENDING:
        return refund
    intent_id = payment.payment_intent_id
    if intent_id is None:
        return _failed(found, refund, "no_payment_intent")
    try:
        found.gateway.create_refund(
            intent_id,
            amount_cents=refund.amount_cents,
            metadata={"refundId": refund.id, "paymentId": payment.id},
            idempotency_key=refund.id,
        )
    except GatewayRefusedError as refused:
        return _refused(found, payment, refund, refused)
    _applied(found, payment)
    return _stored(found, payment_id, refund_id)


def _same(known: Refund, wanted: Wanted) -> Refund:
    is_same = wanted.amount_cents in {None, known.amount_cents}
    if not is_same or (known.reason, known.ticket_ids) != (wanted.reason, wanted.ticket_ids):
        raise RefundRefusedError("idempotency_conflict", "this key was used for another refund")
    return known


def _amount(payment: Payment, refunds: Iterable[Refund], wanted: Wanted) -> int:
    if not payment.is_captured:
        raise RefundRefusedError("invalid_transition", f"a payment that is {payment.status} has nothing to give back")
    left = payment.captured_cents - reserved_cents(refunds)
    amount_cents = left if wanted.amount_cents is None else wanted.amount_cents
    if not 0 < amount_cents <= left:
        raise RefundRefusedError("refund_too_large", f"of this payment {left} can still be given back")
    return amount_cents


def _check_tickets(transaction: Any, client: Any, payment: Payment, ticket_ids: Sequence[str]) -> None:
    snapshots = read_all(transaction, [client.document("tickets", name) for name in ticket_ids])
    for snapshot in snapshots:
        ticket = parse_ticket(snapshot.id, snapshot.to_dict()) if snapshot.exists else None
        if ticket is None or ticket.payment_id != payment.id:
            raise RefundRefusedError("not_found", f"the payment has no ticket {snapshot.id}")
        if ticket.status is TicketStatus.VOID:
            raise RefundRefusedError("invalid_transition", f"ticket {snapshot.id} is void already")


def _stored(found: Runtime, payment_id: str, refund_id: str) -> Refund:
    stored = found.firestore.document("payments", payment_id, "refunds", refund_id).get()
    return parse_refund(refund_id, payment_id, stored.to_dict())


def _applied(found: Runtime, payment: Payment) -> Payment:
    facts = ask_about_payment(found.gateway, payment)
    applied = apply_facts(found, payment.id, session=facts.session, intent=facts.intent, known=payment)
    return applied.payment or payment


def _refused(found: Runtime, payment: Payment, refund: Refund, refused: GatewayRefusedError) -> Refund:
    log("ERROR", "Stripe refused a refund", payment=payment.id, refund=refund.id, code=refused.code)
    if refused.code in PASSING:
        return refund
    _applied(found, payment)  # it may be refused because it is done
    return _failed(found, refund, refused.code)


def _failed(found: Runtime, refund: Refund, code: str) -> Refund:
    """Give a refund up that Stripe has none of; one of our own that was too much is wanted again, of what is left."""
    client, now = found.firestore, found.now()

    def body(transaction: Any) -> Refund:
        payment, refunds = read_payment(transaction, client, refund.payment_id)
        known = refunds[refund.id]
        if payment is None or known.stripe_refund_id is not None or known.status is not RefundStatus.PENDING:
            return known
        failed = replace(known, status=RefundStatus.FAILED, failure=code)
        again = refund_again(payment, {**refunds, failed.id: failed}, failed, now=now)
        changed = _changed(refund_document(known), refund_document(failed))
        transaction.update(refund_ref(client, failed), changed)
        if again is not None:
            transaction.create(refund_ref(client, again), refund_document(again))
        return failed

    return found.transact(client, body, contend_on=f"payments/{refund.payment_id}")


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if before.get(name) != value}
