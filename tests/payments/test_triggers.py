"""Triggers of payments: a wanted refund is made, and who is concerned is told of it, once."""

from typing import Any

import pytest

from gather.notifications.causes import Cause, Kind
from gather.payments.causes import causes_of_payment, causes_of_refund
from gather.payments.facts import GatewayDownError
from gather.payments.reconcile import reconcile
from gather.payments.refunds import Wanted, reserve
from gather.payments.triggers import on_payment_written, on_refund_written
from gather.runtime import Runtime, installed
from tests.support.clocks import Clock
from tests.support.deliveries import deliver as hand_over
from tests.support.deliveries import image
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import begun, on_sale
from tests.support.stored import stored
from tests.support.stripe_faults import never, stripe_is_down

PAYMENT = {"eventId": "e", "uid": "ana"}
REFUND = "payments/paymentana/refunds/r1"


def told(causes: list[Cause]) -> list[tuple[Kind, str | None]]:
    return [(cause.kind, cause.recipient) for cause in causes]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, "pending", []),
        ("pending", "pending", []),
        ("pending", "requires_action", []),
        ("pending", "succeeded", [(Kind.REFUNDED, "ana"), (Kind.REFUNDED, None)]),
        (None, "succeeded", [(Kind.REFUNDED, "ana"), (Kind.REFUNDED, None)]),
        ("pending", "failed", [(Kind.REFUND_FAILED, None)]),
        ("pending", "canceled", [(Kind.REFUND_FAILED, None)]),
        ("succeeded", "failed", [(Kind.REFUND_FAILED, "ana"), (Kind.REFUND_FAILED, None)]),
        ("succeeded", None, []),
    ],
)
def test_whom_a_change_of_a_refund_tells(before: Any, after: Any, expected: list[Any]) -> None:
    images = [None if status is None else {"status": status} for status in (before, after)]
    assert told(causes_of_refund(PAYMENT, "p/r", *images)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, PAYMENT, []),
        (PAYMENT, PAYMENT | {"disputeStatus": "open"}, [(Kind.DISPUTED, None)]),
        (PAYMENT | {"disputeStatus": "open"}, PAYMENT | {"disputeStatus": "open", "status": "x"}, []),
        (PAYMENT | {"disputeStatus": "open"}, PAYMENT | {"disputeStatus": "lost"}, [(Kind.DISPUTE_CLOSED, None)]),
        (PAYMENT | {"disputeStatus": "open"}, None, []),
    ],
)
def test_whom_a_change_of_a_payment_tells(before: Any, after: Any, expected: list[Any]) -> None:
    assert told(causes_of_payment("p", before, after)) == expected


@pytest.fixture
def wanted(paying: Runtime, model_stripe: ModelStripe, clock: Clock) -> dict[str, Any]:
    """A refund of what ana has paid; returns its document."""
    on_sale(paying)
    model_stripe.pay(begun(paying).session_id or "")
    clock.advance(minutes=32)
    reconcile(paying)
    asked = Wanted(refund_id="r1", amount_cents=None, reason="ill", ticket_ids=(), requested_by="olga")
    reserve(paying, "paymentana", asked)
    document: dict[str, Any] = stored(paying, REFUND)
    return document


def refund_written(found: Runtime, before: Any, after: Any) -> None:
    images = [None if document is None else image(document) for document in (before, after)]
    with installed(found):
        hand_over(on_refund_written, *images, paymentId="paymentana", refundId="r1")


def notifications(found: Runtime) -> list[tuple[str, str]]:
    everything = found.firestore.collection_group("notifications").stream()
    return sorted((each.reference.parent.parent.id, each.get("type")) for each in everything)


def test_a_wanted_refund_is_made_and_both_sides_are_told_once(
    paying: Runtime, model_stripe: ModelStripe, wanted: dict[str, Any]
) -> None:
    refund_written(paying, None, wanted)
    made = stored(paying, REFUND)
    assert made["status"] == "succeeded"
    assert notifications(paying) == [], "the change that shows it tells it"
    for _ in range(2):
        refund_written(paying, wanted, made)
        refund_written(paying, made, made | {"creditNote": "another"})
    assert notifications(paying) == [("ana", "payment_refunded"), ("cleo", "payment_refunded")]
    refund_written(paying, None, wanted)  # late and again
    assert len(model_stripe.refunds) == 1


def test_while_stripe_is_down_the_delivery_fails_and_is_retried(
    paying: Runtime, model_stripe: ModelStripe, wanted: dict[str, Any]
) -> None:
    model_stripe.fault = stripe_is_down()
    with pytest.raises(GatewayDownError):
        refund_written(paying, None, wanted)
    model_stripe.fault = never
    refund_written(paying, None, wanted)
    assert stored(paying, REFUND)["status"] == "succeeded"


def test_a_refund_that_is_deleted_asks_for_nothing(paying: Runtime, wanted: dict[str, Any]) -> None:
    refund_written(paying, wanted, None)
    assert stored(paying, REFUND)["status"] == "pending"


def test_the_organizer_is_told_of_a_dispute(paying: Runtime, wanted: dict[str, Any]) -> None:
    payment = stored(paying, "payments/paymentana")
    with installed(paying):
        for after in (payment | {"disputeStatus": "open"}, payment):
            hand_over(on_payment_written, image(payment), image(after), paymentId="paymentana")
    assert notifications(paying) == [("cleo", "payment_disputed")]


def test_both_triggers_are_retried() -> None:
    functions: list[Any] = [on_refund_written, on_payment_written]
    for function in functions:
        assert function.__firebase_endpoint__.eventTrigger["retry"] is True
