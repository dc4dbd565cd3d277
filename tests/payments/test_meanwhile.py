"""What others do between two steps of a payment: whoever comes second finds it done, or not theirs to do."""

from datetime import timedelta
from typing import Any

import pytest

from gather.payments.fulfil import apply_facts, close_unbegun
from gather.payments.holds import GRACE
from gather.payments.intake import receive
from gather.payments.model import PaymentStatus, parse_payment
from gather.payments.ordering import HOLD_LASTS
from gather.payments.triggers import sweep_holds
from gather.runtime import Runtime, installed
from tests.payments.conftest import Deliver
from tests.support.clocks import Clock
from tests.support.everything import every_document
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import begun, on_sale, paid
from tests.support.refusals import refusal
from tests.support.shopping import Shopping
from tests.support.stored import stored
from tests.support.stripe_faults import never, stripe_is_down
from tests.support.stripe_payloads import body_of, signature_of

ADULT = {"ticketType": "adult"}


def test_one_event_that_is_delivered_twice_at_once_is_applied_once(paying: Runtime, model_stripe: ModelStripe) -> None:
    """Both have kept it and found it undone; the first has asked Stripe when the second applies it."""
    on_sale(paying)
    event = paid(paying, model_stripe)
    body = body_of(event)
    signature = signature_of(body, paying.settings.stripe_webhook_secrets[0], at=paying.now())
    applied: list[dict[str, Any]] = []

    def another_delivery(method: str, moment: str) -> None:
        if (method, moment) == ("retrieve_intent", "after"):
            model_stripe.fault = never
            receive(paying, body, signature)
            applied.append(every_document(paying.firestore))

    model_stripe.fault = another_delivery
    receive(paying, body, signature)
    assert applied == [every_document(paying.firestore)]
    assert stored(paying, f"stripe_events/{event['id']}")["attempts"] == 1


def test_a_payment_that_is_gone_when_its_facts_come_is_nobodys(paying: Runtime, model_stripe: ModelStripe) -> None:
    on_sale(paying)
    event = paid(paying, model_stripe)
    session = model_stripe.sessions[event["data"]["object"]["id"]]
    paying.firestore.document("payments/paymentana").delete()
    before = every_document(paying.firestore)
    applied = apply_facts(paying, "paymentana", session=session)
    assert (applied.payment, applied.changed) == (None, False)
    assert every_document(paying.firestore) == before


def test_what_has_begun_meanwhile_is_not_closed_as_unbegun(paying: Runtime) -> None:
    on_sale(paying)
    payment = begun(paying)
    applied = close_unbegun(paying, payment.id, PaymentStatus.FAILED)
    assert not applied.changed
    assert stored(paying, f"payments/{payment.id}")["status"] == "pending"


@pytest.mark.parametrize(("form", "ends"), [("session", "expire_session"), ("intent", "cancel_intent")])
def test_what_was_opened_too_late_and_cannot_be_ended_holds_no_seats(
    shopping: Shopping, model_stripe: ModelStripe, clock: Clock, form: str, ends: str
) -> None:
    """Nobody has been told where to pay; Stripe is silent when it is to be ended, and time ends a session."""
    on_sale(shopping.found, seats=1)

    def given_up_meanwhile(method: str, moment: str) -> None:
        if (method, moment) == (f"create_{form}", "after"):
            model_stripe.fault = stripe_is_down(ends)
            (payment,) = (each.id for each in shopping.found.firestore.collection("payments").stream())
            close_unbegun(shopping.found, payment, PaymentStatus.FAILED)

    model_stripe.fault = given_up_meanwhile
    assert refusal(shopping.orders("ana", ADULT | {"form": form})) == (503, "try_again")
    assert shopping.seats() == {}
    assert model_stripe.calls[-1] == ends
    clock.time += HOLD_LASTS
    model_stripe.expire_due()
    assert [session.status for session in model_stripe.sessions.values()] == ["expired"] * (form == "session")


def test_late_money_leaves_alone_what_its_buyer_has_bought_since(shopping: Shopping) -> None:
    """The seats of an RSVP stand under its owner's id: what stands there by now is another payment's."""
    on_sale(shopping.found, seats=5)
    shopping.found.firestore.document("events/e/ticketTypes/adult").delete()
    shopping.found.firestore.document("events/e").update({"priceCents": 1500, "currency": "usd"})
    first = shopping.checks_out("ana").get_json()
    opened = shopping.stripe.sessions[first["sessionId"]]
    shopping.cancels("ana", first)
    shopping.pays(shopping.checks_out("ana").get_json())
    seats, rsvp = shopping.seats(), shopping.rsvp("ana")
    shopping.stripe.sessions[opened.id] = opened  # by a mistake of Stripe's it could be paid all the same
    shopping.stripe.pay(opened.id)
    assert shopping.returns(first)["admitted"] is False
    assert (shopping.seats(), shopping.rsvp("ana")) == (seats, rsvp)
    (refund,) = shopping.found.firestore.collection("payments", first["payment"]["id"], "refunds").stream()
    assert refund.get("reason") == "no_room"
    assert len(shopping.tickets(uid="ana", status="valid")) == 1


def test_a_registration_that_cannot_follow_its_payment_is_left_and_the_money_stays_right(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody with privileges has cancelled it by hand: that is logged for people, and nothing else stops."""
    on_sale(paying)
    event = paid(paying, model_stripe)
    registration = paying.firestore.document("registrations/registration-paymentana")
    registration.update({"status": "cancelled"})
    assert deliver(event).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"
    assert registration.get().get("status") == "cancelled"
    assert "a registration does not follow its payment" in "".join(capsys.readouterr())


def test_the_scheduled_sweep_frees_what_nobody_has_paid_for(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT).get_json()
    schedule: Any = sweep_holds
    with installed(shopping.found):
        schedule.__wrapped__(None)
        assert shopping.payment(ordered)["status"] == "pending"
        clock.time += HOLD_LASTS + GRACE + timedelta(seconds=1)
        schedule.__wrapped__(None)
    payment = shopping.found.firestore.document("payments", ordered["payment"]["id"]).get()
    assert parse_payment(payment.id, payment.to_dict()).status is PaymentStatus.EXPIRED
    assert shopping.seats() == {}
