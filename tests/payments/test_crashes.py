"""A process that dies between any two steps of a purchase: the buyer's next try, or the sweep, puts it right."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gather.events.model import Viewer
from gather.payments import holds
from gather.payments.checkout import Ordered, buy, refresh
from gather.payments.fulfil import close_unbegun
from gather.payments.holds import GRACE
from gather.payments.model import PaymentForm, PaymentStatus, parse_payment
from gather.payments.ordering import HOLD_LASTS, Buyer, PurchaseRefusedError, Wish
from gather.payments.reconcile import reconcile
from gather.runtime import Runtime
from gather.tickets.order import Order
from tests.payments.dying import Death, ProcessDiedError
from tests.support.clocks import Clock
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import PRICE, on_sale
from tests.support.shopping import Shopping
from tests.support.stripe_faults import never, stripe_is_down

STEPS_MAX = 40


def order(found: Runtime, uid: str, form: PaymentForm) -> Ordered:
    """Order one ticket."""
    wish = Wish(order=Order(ticket_type="adult", quantity=1), party=None, form=form, key=None)
    return buy(found, "e", Buyer(uid=uid), wish, viewer_of=lambda _transaction, _event: Viewer(uid, "member"))


def purchase(found: Runtime, stripe: ModelStripe, uid: str, form: PaymentForm) -> None:
    """Order, pay, come back: what one process does for a buyer who goes straight on."""
    ordered = order(found, uid, form)
    payment = ordered.taken.payment
    assert payment is not None
    if payment.is_open:
        pay(stripe, payment.session_id, payment.payment_intent_id)
    refresh(found, payment)


def pay(stripe: ModelStripe, session_id: str | None, intent_id: str | None) -> None:
    """Pay, unless it was paid before the process died."""
    if session_id is not None:
        if stripe.sessions[session_id].status == "open":
            stripe.pay(session_id)
    elif intent_id is not None and stripe.intents[intent_id].status == "requires_payment_method":
        stripe.settle_intent(intent_id)


def die_at(step: int, paying: Runtime, stripe: ModelStripe, form: PaymentForm) -> bool:
    """Let a purchase die at a step; False when it has fewer."""
    death = Death(at=step)
    stripe.fault = death.step
    try:
        purchase(replace(paying, transact=death.transact), stripe, f"buyer{step}", form)
    except ProcessDiedError:
        return True
    finally:
        stripe.fault = never
    return False


@pytest.mark.parametrize("form", list(PaymentForm))
def test_who_tries_again_pays_once_and_is_admitted_once(
    shopping: Shopping, model_stripe: ModelStripe, form: PaymentForm
) -> None:
    on_sale(shopping.found)
    step = 1
    while die_at(step, shopping.found, model_stripe, form):
        uid = f"buyer{step}"
        with suppress(PurchaseRefusedError):  # who had paid before it died is told that they have this already
            purchase(shopping.found, model_stripe, uid, form)
        assert money_of(shopping, uid) == PRICE, f"died at step {step}"
        assert len(shopping.tickets(uid=uid, status="valid")) == 1, f"died at step {step}"
        step += 1
    assert 10 < step < STEPS_MAX
    shopping.seats()
    assert_money_is_tickets(shopping)


@pytest.mark.parametrize("form", list(PaymentForm))
def test_of_who_does_not_come_back_no_seat_stays_held_and_no_money_unanswered(
    shopping: Shopping, model_stripe: ModelStripe, clock: Clock, form: PaymentForm
) -> None:
    """No webhook arrives, nobody asks: time and the sweeps alone."""
    on_sale(shopping.found)
    step = 1
    while die_at(step, shopping.found, model_stripe, form):
        step += 1
    clock.time += HOLD_LASTS + GRACE + timedelta(minutes=5)
    holds.sweep(shopping.found)
    reconcile(shopping.found)
    assert {seat["state"] for seat in shopping.seats().values()} == {"admitted"}
    assert_money_is_tickets(shopping)
    assert all(not payment.is_open for payment in payments(shopping))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("form", list(PaymentForm))
def test_a_stripe_that_is_down_frees_the_seats_at_once(
    shopping: Shopping, model_stripe: ModelStripe, moment: str, form: PaymentForm
) -> None:
    on_sale(shopping.found, seats=1)
    model_stripe.fault = stripe_is_down(moment=moment)
    answer = shopping.orders("ana", {"ticketType": "adult", "form": form.value})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "try_again")
    assert "Retry-After" in answer.headers
    assert shopping.seats() == {}
    assert [payment.status for payment in payments(shopping)] == [PaymentStatus.FAILED]
    model_stripe.fault = never
    assert shopping.orders("ana", {"ticketType": "adult", "form": form.value}).status_code == 201
    assert len(shopping.seats()) == 2


def test_a_sweep_that_dies_anywhere_is_made_good_by_the_next(
    shopping: Shopping, model_stripe: ModelStripe, clock: Clock
) -> None:
    on_sale(shopping.found)
    for step in range(1, STEPS_MAX):
        order(shopping.found, f"buyer{step}", PaymentForm.SESSION)
        clock.time += HOLD_LASTS + GRACE
        death = Death(at=step)
        model_stripe.fault = death.step
        try:
            holds.sweep(replace(shopping.found, transact=death.transact))
            break
        except ProcessDiedError:
            model_stripe.fault = never
            holds.sweep(shopping.found)
        assert shopping.seats() == {}
    assert step > 3
    assert shopping.seats() == {}


def test_a_session_whose_seats_were_given_back_meanwhile_is_ended(
    shopping: Shopping, model_stripe: ModelStripe
) -> None:
    """Stripe answers one process while another has given the order up."""
    on_sale(shopping.found)

    def given_up_meanwhile(method: str, moment: str) -> None:
        if (method, moment) == ("create_session", "after"):
            model_stripe.fault = never
            (payment,) = payments(shopping)
            close_unbegun(shopping.found, payment.id, PaymentStatus.FAILED)

    model_stripe.fault = given_up_meanwhile
    assert shopping.orders("ana", {"ticketType": "adult"}).status_code == 503
    assert [session.status for session in model_stripe.sessions.values()] == ["expired"]
    assert shopping.seats() == {}


def payments(shopping: Shopping) -> list[Any]:
    """Every payment there is."""
    stored = shopping.found.firestore.collection("payments").stream()
    return [parse_payment(each.id, each.to_dict()) for each in stored]


def money_of(shopping: Shopping, uid: str) -> int:
    """What Stripe has of a buyer's and has not given back."""
    mine = [payment.id for payment in payments(shopping) if payment.uid == uid]
    return sum(shopping.stripe.captured_cents(each) - shopping.stripe.refunded_cents(each) for each in mine)


def assert_money_is_tickets(shopping: Shopping) -> None:
    """Whoever's money Stripe has has a ticket and a receipt, nobody else has any."""
    tickets, receipts = shopping.tickets(status="valid"), shopping.found.firestore.collection("receipts").stream()
    paid = {payment.id for payment in payments(shopping) if shopping.stripe.captured_cents(payment.id)}
    assert sorted(ticket["paymentId"] for ticket in tickets.values()) == sorted(paid)
    assert sorted(receipt.get("paymentId") for receipt in receipts) == sorted(paid)
