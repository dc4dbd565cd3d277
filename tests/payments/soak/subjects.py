"""Whom an action may be about: what there is in a world, by Stripe and by the store, in the order a seed gives."""

from collections.abc import Sequence
from typing import Any, TypeVar

from gather.payments.model import Payment, PaymentForm, parse_payment
from tests.payments.soak.world import World

T = TypeVar("T")

PAYABLE = "requires_payment_method"
"""The status of an intent that nobody has paid yet, or that was declined."""


def picked(world: World, among: Sequence[T]) -> list[T]:
    """One of them, or none where there is none."""
    return [world.rng.choice(among)] if among else []


def payments(world: World) -> list[Payment]:
    """All payments as they are stored."""
    return [parse_payment(name, fields) for name, fields in world.firestore.stored_in("payments").items()]


def sessions(world: World, status: str) -> list[str]:
    """Sessions whose address a buyer has."""
    known = {payment.session_id for payment in payments(world)}
    return [each.id for each in world.stripe.sessions.values() if each.status == status and each.id in known]


def intents(world: World, *statuses: str) -> list[str]:
    """Intents of which a buyer has the secret, to pay them in the client's own page."""
    shown = {each.payment_intent_id for each in payments(world) if each.form is PaymentForm.INTENT}
    return [each.id for each in world.stripe.intents.values() if each.status in statuses and each.id in shown]


def undecided_sessions(world: World) -> list[str]:
    """Sessions in which somebody has paid by a method that takes days."""
    return _sessions_with(world, "processing", is_complete=False)


def failed_sessions(world: World) -> list[str]:
    """Sessions that are over because such a method has failed."""
    return _sessions_with(world, PAYABLE, is_complete=True)


def paid_intents(world: World) -> list[str]:
    """Intents that have brought money, whatever went back since."""
    return [each.id for each in world.stripe.intents.values() if each.received_cents]


def refunds(world: World, *statuses: str) -> list[str]:
    """Stripe's refunds."""
    return [each.id for each in world.stripe.refunds.values() if each.status in statuses]


def stored_refunds(world: World) -> list[tuple[str, str]]:
    """Our own refunds, by payment and id."""
    firestore = world.firestore
    return [
        (payment_id, refund_id)
        for payment_id in firestore.stored_in("payments")
        for refund_id in firestore.stored_in(f"payments/{payment_id}/refunds")
    ]


def registrations(world: World, *statuses: str, is_free: bool | None = None) -> list[tuple[str, dict[str, Any]]]:
    """Registrations, by code."""
    return [
        (code, dict(fields))
        for code, fields in world.firestore.stored_in("registrations").items()
        if fields["status"] in statuses and is_free in {None, "paymentId" not in fields}
    ]


def _sessions_with(world: World, status: str, *, is_complete: bool) -> list[str]:
    of_status = {intent.id for intent in world.stripe.intents.values() if intent.status == status}
    found = [each for each in world.stripe.sessions.values() if each.payment_intent_id in of_status]
    return [each.id for each in found if not is_complete or each.status == "complete"]
