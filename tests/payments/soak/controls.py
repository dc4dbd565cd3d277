"""Negative controls: the same histories with one precaution left out. Each has to break a law."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from firewarden import Firestore
from gather.attendance import commit
from gather.events.model import Event
from gather.payments import fulfil, intake, taking
from gather.payments.claims import EventState
from gather.payments.facts import GatewayRefusedError
from gather.payments.fold import Facts, fold_all, succeeded_cents
from gather.payments.model import Payment, Refund, RefundStatus, parse_payment, parse_refund
from gather.payments.outcome import Outcome, outcome_of
from gather.runtime import Runtime
from gather.tickets.counters import Move, additions
from gather.tickets.model import ORDER_MAX, Pool
from gather.tickets.order import Order, quote
from tests.payments.soak.actions import Actions
from tests.payments.soak.play import Arrange, Change, HistoryError, play
from tests.payments.soak.setting import Kind, Setting

HISTORIES_MAX = 40
OFTEN = 0.6
"""Of calls to Stripe, with which somebody comes in between, so that a control need not be played for long."""


@dataclass(frozen=True, slots=True)
class Control:
    """How a precaution is left out: `change` what happens, in settings that `arrange` makes ones it matters in."""

    change: Change
    arrange: Arrange | None = None


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
        yield Control(change, _plain)


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
        yield Control(change, _plain)


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

    yield Control(change, _plain)


@contextmanager
def pools_by_what_is_told() -> Iterator[Control]:
    """A pool is counted up by what is taken and down by what is given up, without a look at what was there before."""

    def counted(moves: Sequence[Move]) -> dict[tuple[str, str], dict[str, int]]:
        added = additions(move for move in moves)
        for move in moves:
            pool_id = move.after.pool_id if move.after is not None else None
            if move.after is not None and pool_id is not None:
                added.setdefault(("pools", pool_id), {})["takenCount"] = move.after.seats
        return added

    with patch.object(commit, "additions", counted):
        yield Control(_only_buying, _with_a_pool)


@contextmanager
def without_a_look_at_pools() -> Iterator[Control]:
    """Seats are sold by what the event and the type have left; what a pool has is not asked."""

    def priced(order: Order, event: Event, types: Any, pools: Mapping[str, Pool], *rest: Any, **named: Any) -> Any:
        wide = {name: replace(pool, capacity=pool.taken_count + ORDER_MAX) for name, pool in pools.items()}
        return quote(order, event, types, wide, *rest, **named)

    with patch.object(taking, "quote", priced):
        yield Control(_only_buying, _with_a_pool)


def _plain(setting: Setting) -> Setting:
    return Setting(seats=4, refunds_take_time=setting.refunds_take_time)


def _only_buying(actions: Actions) -> None:
    actions.weights = {"order": 6, "pay": 6, "deliver": 6, "come_back": 3, "wait": 1}


def _with_a_pool(setting: Setting) -> Setting:
    kinds = (Kind(id="adult", pool_id="hall"), Kind(id="child", pool_id="hall"))
    return replace(setting, seats=None, kinds=kinds, pools={"hall": 2}, discounts={})


@contextmanager
def discounts_never_given_back() -> Iterator[Control]:
    """A code that was used stays used, though nobody has paid."""

    def kept(*facts: Any, **named: Any) -> Outcome:
        return replace(outcome_of(*facts, **named), discount_change=0)

    def change(actions: Actions) -> None:
        actions.weights = {"order": 6, "give_up": 6, "wait": 1}

    def arrange(setting: Setting) -> Setting:
        return replace(setting, seats=None, kinds=(Kind(id="adult"),), pools={}, discounts={"HALF": 1})

    with patch.object(fulfil, "outcome_of", kept):
        yield Control(change, arrange)


CONTROLS = {
    "without claims": without_claims,
    "by differences": by_differences,
    "without idempotency keys": without_idempotency_keys,
    "pools by what is told": pools_by_what_is_told,
    "without a look at pools": without_a_look_at_pools,
    "discounts never given back": discounts_never_given_back,
}


def broken_by(firestore: Firestore, name: str) -> HistoryError | None:
    """The first history that a control breaks; None if it breaks none of so many, and so proves nothing."""
    with CONTROLS[name]() as control:
        for seed in range(1, HISTORIES_MAX + 1):
            try:
                play(firestore, seed, control.change, control.arrange)
            except HistoryError as broken:
                return broken
    return None
