"""Fulfilment: what Stripe says of a payment, and everything that follows from it, in one transaction.

The webhook, the success page, the sweep of holds and the reconciliation all call `apply_facts`. It reads what there
is, folds the facts in, decides with `outcome_of` and writes what differs; so it does not matter which of them comes,
how often, or in which order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gather.observability import log
from gather.payments.claims import is_settled, settle_claim
from gather.payments.effects import (
    new_seat,
    plan_effects,
    read_surroundings,
    room_for,
    with_papers,
    write_effects,
    write_payment,
    write_refunds,
)
from gather.payments.facts import DisputeFacts, IntentFacts, SessionFacts
from gather.payments.fold import Facts, fold_all
from gather.payments.model import Payment, PaymentEntry, PaymentStatus, Refund
from gather.payments.outcome import outcome_of
from gather.payments.store import read_payment
from gather.receipts.store import contended_by_papers
from gather.runtime import Runtime
from gather.transactions import read

Fold = Callable[[Payment, Mapping[str, Refund]], tuple[Payment, dict[str, Refund]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The payment as it is after the facts; None where there is none. `changed`: it is another than before."""

    payment: Payment | None
    changed: bool


def apply_facts(
    found: Runtime,
    payment_id: str,
    *,
    session: SessionFacts | None = None,
    intent: IntentFacts | None = None,
    dispute: DisputeFacts | None = None,
    claim: Any | None = None,
    known: Payment | None = None,
) -> Applied:
    """Bring a payment, and everything that follows from it, into agreement with what Stripe says; idempotent.

    `claim` is the reference of the `stripe_events` document that told of it: where that is settled already nothing
    is changed, and otherwise it is settled by the same transaction. `known` is the payment as the caller has it.
    """
    facts, now = Facts(session=session, intent=intent, dispute=dispute), found.now()
    return _reconcile(
        found, payment_id, lambda payment, refunds: fold_all(payment, refunds, facts, now=now), claim, known
    )


def close_unbegun(found: Runtime, payment_id: str, status: PaymentStatus) -> Applied:
    """End a payment of which nothing at Stripe is known that anybody could pay."""
    now = found.now()

    def close(payment: Payment, refunds: Mapping[str, Refund]) -> tuple[Payment, dict[str, Refund]]:
        has_begun = payment.session_id is not None or payment.payment_intent_id is not None
        if has_begun or payment.status is not PaymentStatus.PENDING:
            return payment, dict(refunds)
        history = (*payment.history, PaymentEntry(status=status, at=now))
        return replace(payment, status=status, history=history), dict(refunds)

    return _reconcile(found, payment_id, close, None, None)


def _reconcile(found: Runtime, payment_id: str, fold: Fold, claim: Any | None, known: Payment | None) -> Applied:
    client, now = found.firestore, found.now()

    def body(transaction: Any) -> Applied:
        payment, refunds = read_payment(transaction, client, payment_id)
        if payment is None or (claim is not None and is_settled(read(transaction, claim))):
            return Applied(payment=payment, changed=False)
        folded, made = fold(payment, refunds)
        if (folded, made) == (payment, refunds) and not _lacks_seats(payment):
            # INVARIANT: what follows from a payment is written with it, so here it has been done.
            _settle(transaction, claim, payment_id, now)
            return Applied(payment=payment, changed=False)
        around = read_surroundings(transaction, client, payment, is_captured=folded.is_captured, now=now)
        outcome = outcome_of(
            folded,
            made,
            around.seats_of(folded),
            room=room_for(client, folded, around),
            new_seat=new_seat(folded, around, now=now),
            void_now=around.void_tickets,
            now=now,
        )
        made |= {} if outcome.refund is None else {outcome.refund.id: outcome.refund}
        plan = plan_effects(transaction, client, around, outcome)
        # INVARIANT: everything has been read; from here on there are only writes.
        after, made = with_papers(transaction, client, outcome.payment, made, around, now)
        write_effects(transaction, found, replace(outcome, payment=after), around, plan, now)
        changed = write_refunds(transaction, client, refunds, made)
        changed |= write_payment(transaction, client, payment, after)
        _settle(transaction, claim, payment_id, now)
        return Applied(payment=after, changed=changed)

    applied = found.transact(client, body, contend_on=_contended(client, payment_id, known))
    if applied.payment is None:
        log("WARNING", "told of a payment that there is not", payment=payment_id)
    return applied


def _lacks_seats(payment: Payment) -> bool:
    """Whether there is money for which nobody was admitted: whenever it is looked at there may be room, or a refund."""
    return payment.is_captured and not payment.admitted


def _settle(transaction: Any, claim: Any | None, payment_id: str, now: datetime) -> None:
    if claim is not None:
        settle_claim(transaction, claim, payment_id=payment_id, now=now)


def _contended(client: Any, payment_id: str, known: Payment | None) -> tuple[str, ...]:
    """Whose seats are settled fights over the event with everybody else; word of what is known need not wait.

    Numbers of papers have no gaps: all payments of an organization fight over the counter they are taken from.
    """
    if known is not None:
        stored: dict[str, Any] = {
            "eventId": known.event_id,
            "organizationId": known.organization_id,
            "admitted": known.admitted,
        }
    else:
        wanted = ["eventId", "organizationId", "admitted"]
        stored = client.document("payments", payment_id).get(wanted).to_dict() or {}
    seats = f"payments/{payment_id}" if stored.get("admitted") is True else f"events/{stored.get('eventId')}"
    organization_id = stored.get("organizationId")
    return (seats,) if organization_id is None else (seats, contended_by_papers(organization_id))
