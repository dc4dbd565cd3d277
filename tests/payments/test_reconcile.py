"""Reconciling: what Stripe did not tell, or a crash has lost, is found and done; what is fresh is left alone."""

from typing import Any

import pytest

from gather.payments.claims import keep
from gather.payments.reconcile import CAPTURED_PAGE, reconcile
from gather.payments.refunds import Wanted, reserve
from gather.payments.stripe_event import parse_event
from gather.payments.triggers import reconcile_payments
from gather.runtime import Runtime, installed
from tests.support.clocks import Clock
from tests.support.events import assert_books_balance
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import PRICE, begun, held, on_sale
from tests.support.stored import stored
from tests.support.stripe_faults import never, stripe_is_down
from tests.support.stripe_payloads import body_of

PAYMENT = "payments/paymentana"


@pytest.fixture
def session_id(paying: Runtime) -> str:
    """A session in which ana may pay."""
    on_sale(paying, seats=1)
    return begun(paying).session_id or ""


def test_a_payment_that_nobody_told_of_is_found_when_its_hold_is_over(
    paying: Runtime, model_stripe: ModelStripe, clock: Clock, session_id: str
) -> None:
    model_stripe.pay(session_id)
    reconcile(paying)
    assert stored(paying, PAYMENT)["status"] == "pending", "it may still be told"
    clock.advance(minutes=32)
    schedule: Any = reconcile_payments
    with installed(paying):
        schedule.__wrapped__(None)
    assert stored(paying, PAYMENT)["status"] == "succeeded"
    assert stored(paying, "registrations/registration-paymentana")["status"] == "confirmed"


def test_a_session_that_has_expired_unheard_is_found(paying: Runtime, clock: Clock, session_id: str) -> None:
    clock.advance(minutes=32)
    reconcile(paying)
    assert stored(paying, PAYMENT)["status"] == "expired"
    assert assert_books_balance(paying.firestore, "e") == {}


def test_a_method_that_takes_days_is_asked_about_until_it_is_decided(
    paying: Runtime, model_stripe: ModelStripe, clock: Clock, session_id: str
) -> None:
    model_stripe.pay_later(session_id)
    for _ in range(3):
        clock.advance(days=1)
        reconcile(paying)
        assert stored(paying, PAYMENT)["status"] == "processing"
        assert stored(paying, "events/e")["attendingCount"] == 1
    model_stripe.settle(session_id, succeeds=True)
    reconcile(paying)
    assert stored(paying, PAYMENT)["status"] == "succeeded"


def test_a_payment_that_never_came_to_stripe_is_left_to_the_sweep_of_holds(
    paying: Runtime, model_stripe: ModelStripe, clock: Clock
) -> None:
    on_sale(paying)
    held(paying, "ana", quantity=1, event_id="e", payment_id="paymentana")
    clock.advance(minutes=32)
    reconcile(paying)
    assert stored(paying, PAYMENT)["status"] == "pending"
    assert model_stripe.calls == []


def test_an_event_that_was_kept_and_lost_is_applied(
    paying: Runtime, model_stripe: ModelStripe, clock: Clock, session_id: str
) -> None:
    model_stripe.pay(session_id)
    event = model_stripe.events[-1]
    keep(paying.firestore, parse_event(body_of(event)), body_of(event), now=clock.now())
    reconcile(paying)
    assert stored(paying, f"stripe_events/{event['id']}")["state"] == "received", "a delivery is likely at work on it"
    clock.advance(minutes=6)
    reconcile(paying)
    assert stored(paying, f"stripe_events/{event['id']}")["state"] == "done"
    assert stored(paying, PAYMENT)["status"] == "succeeded"


@pytest.fixture
def sold(paying: Runtime, model_stripe: ModelStripe, clock: Clock, session_id: str) -> str:
    """Ana has paid; returns the intent's id."""
    model_stripe.pay(session_id)
    clock.advance(minutes=32)
    reconcile(paying)
    return str(stored(paying, PAYMENT)["paymentIntentId"])


def test_a_refund_that_a_crash_has_left_is_made(
    paying: Runtime, model_stripe: ModelStripe, clock: Clock, sold: str
) -> None:
    reserve(paying, "paymentana", wanted())
    reconcile(paying)
    assert model_stripe.refunds == {}
    clock.advance(minutes=6)
    reconcile(paying)
    assert model_stripe.refunded_cents("paymentana") == PRICE
    assert stored(paying, PAYMENT)["status"] == "refunded"


def test_a_refund_that_was_on_its_way_is_asked_about(
    paying: Runtime, model_stripe: ModelStripe, clock: Clock, sold: str
) -> None:
    model_stripe.refunds_take_time = True
    reserve(paying, "paymentana", wanted())
    clock.advance(minutes=6)
    reconcile(paying)
    assert stored(paying, f"{PAYMENT}/refunds/r1")["status"] == "pending"
    (stripe_refund_id,) = model_stripe.refunds
    model_stripe.finish_refund(stripe_refund_id, "succeeded")
    clock.advance(days=3)
    reconcile(paying)
    assert stored(paying, f"{PAYMENT}/refunds/r1")["status"] == "succeeded"
    assert len(model_stripe.refunds) == 1


def test_a_refund_in_the_dashboard_that_nobody_told_of_is_found_in_turn(
    paying: Runtime, model_stripe: ModelStripe, sold: str
) -> None:
    model_stripe.refund_in_dashboard(sold, 1000)
    reconcile(paying)
    payment = stored(paying, PAYMENT)
    assert (payment["status"], payment["refundedCents"]) == ("partially_refunded", 1000)


def test_captured_payments_take_turns(paying: Runtime, model_stripe: ModelStripe, clock: Clock) -> None:
    on_sale(paying)
    names = [f"buyer{number:03d}" for number in range(CAPTURED_PAGE + 5)]
    for number, name in enumerate(names):
        model_stripe.pay(begun(paying, name, payment_id=f"{number:08d}").session_id or "")
        clock.advance(seconds=1)
    clock.advance(minutes=32)
    for _ in range(2):
        reconcile(paying)  # pending ones come in turns too
    assert {each.get("status") for each in paying.firestore.collection("payments").stream()} == {"succeeded"}
    for intent in list(model_stripe.intents.values()):
        model_stripe.refund_in_dashboard(intent.id, 500)
    for _ in range(3):
        reconcile(paying)
    shown = [each.to_dict() for each in paying.firestore.collection("payments").stream()]
    assert sum(each["refundedCents"] == 500 for each in shown) == len(names)


def test_one_step_that_fails_does_not_hold_up_the_others(
    paying: Runtime, model_stripe: ModelStripe, clock: Clock, session_id: str
) -> None:
    event = {"id": "evt_lost", "object": "event", "type": "refund.created", "livemode": False}
    event["data"] = {"object": {"id": "re_1", "payment_intent": "pi_unknown"}}
    keep(paying.firestore, parse_event(body_of(event)), body_of(event), now=clock.now())
    model_stripe.pay(session_id)
    clock.advance(minutes=32)
    model_stripe.fault = stripe_is_down("retrieve_session")
    with pytest.raises(ExceptionGroup, match="not whole"):
        reconcile(paying)
    assert stored(paying, "stripe_events/evt_lost")["state"] == "ignored"
    model_stripe.fault = never
    reconcile(paying)
    assert stored(paying, PAYMENT)["status"] == "succeeded"


def wanted() -> Wanted:
    return Wanted(refund_id="r1", amount_cents=None, reason="ill", ticket_ids=(), requested_by="olga")
