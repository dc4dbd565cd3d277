"""Negative controls: the same histories with one precaution left out. Each has to break a law."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from firewarden import Firestore
from gather.payments import fulfil, intake
from gather.payments.claims import EventState
from gather.payments.facts import GatewayRefusedError
from gather.payments.fold import Facts, fold_all, succeeded_cents
from gather.payments.model import Payment, Refund, RefundStatus, parse_payment, parse_refund
from gather.runtime import Runtime
from tests.payments.soak.actions import Actions
from tests.payments.soak.play import HistoryError, play

HISTORIES_MAX = 40
OFTEN = 0.6
"""Of calls to Stripe, with which somebody comes in between, so that a control need not be played for long."""

Control = Callable[[Actions], None]


@contextmanager
def without_claims() -> Iterator[Control]:
    """An event is marked as done after it was applied, not with it: between the two a crash makes it come again."""
    applied: list[Actions] = []

    def apply_facts(found: Runtime, payment_id: str, *, claim: Any = None, **facts: Any) -> Any:
        answer = fulfil.apply_facts(found, payment_id, **facts)
        if claim is not None:
            applied[-1].world.applied[claim.id] += 1
            claim.update({"state": EventState.DONE.value})
        return answer

    def change(actions: Actions) -> None:
        applied.append(actions)
        actions.weights = {"order": 4, "pay": 6, "deliver": 12}
        actions.world.interleaves = OFTEN

    with patch.object(intake, "apply_facts", apply_facts):
        yield change


@contextmanager
def by_differences() -> Iterator[Control]:
    """What was refunded is added up as it is told, whoever has told it before."""

    def added(
        payment: Payment, refunds: Mapping[str, Refund], facts: Facts, *, now: datetime
    ) -> tuple[Payment, dict[str, Refund]]:
        after, known = fold_all(payment, refunds, facts, now=now)
        told = [each for each in known.values() if facts.intent is not None]
        return replace(after, refunded_cents=payment.refunded_cents + succeeded_cents(told)), known

    def change(actions: Actions) -> None:
        actions.weights = {"order": 4, "pay": 6, "come_back": 6, "refund": 6}

    with patch.object(fulfil, "fold_all", added):
        yield change


@contextmanager
def without_idempotency_keys() -> Iterator[Control]:
    """A refund is asked for under a new key each time, until one answers."""

    def carry_out(found: Any, payment_id: str, refund_id: str) -> None:
        stored = found.firestore.document("payments", payment_id, "refunds", refund_id).get()
        refund = parse_refund(refund_id, payment_id, stored.to_dict())
        payment = parse_payment(payment_id, found.firestore.document("payments", payment_id).get().to_dict())
        if refund.status is RefundStatus.PENDING and refund.stripe_refund_id is None and payment.payment_intent_id:
            with suppress(GatewayRefusedError):
                found.gateway.create_refund(
                    payment.payment_intent_id,
                    amount_cents=refund.amount_cents,
                    metadata={"refundId": refund_id},
                    idempotency_key=f"{refund_id}@{len(found.gateway.calls)}",
                )
            intent = found.gateway.retrieve_intent(payment.payment_intent_id)
            fulfil.apply_facts(found, payment_id, intent=intent)

    def change(actions: Actions) -> None:
        actions.carry_out = carry_out
        actions.weights = {"order": 4, "pay": 6, "come_back": 6, "refund": 6, "carry": 6}
        actions.world.interleaves = OFTEN

    yield change


CONTROLS = {
    "without claims": without_claims,
    "by differences": by_differences,
    "without idempotency keys": without_idempotency_keys,
}


def broken_by(firestore: Firestore, name: str) -> HistoryError | None:
    """The first history that a control breaks; None if it breaks none of so many, and so proves nothing."""
    with CONTROLS[name]() as change:
        for seed in range(1, HISTORIES_MAX + 1):
            try:
                play(firestore, seed, change)
            except HistoryError as broken:
                return broken
    return None
