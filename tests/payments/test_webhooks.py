"""Webhooks: what is Stripe's is kept and applied, and the payment follows."""

from gather.runtime import Runtime
from tests.payments.conftest import Deliver
from tests.support.clocks import Clock
from tests.support.events import assert_books_balance
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import PRICE, begun, on_sale, paid
from tests.support.stored import stored


def test_handle_webhook_payment_succeeded(paying: Runtime, model_stripe: ModelStripe, deliver: Deliver) -> None:
    on_sale(paying, seats=5)
    answer = deliver(paid(paying, model_stripe, quantity=2))
    assert (answer.status_code, answer.json) == (200, {"received": True})
    payment = stored(paying, "payments/paymentana")
    assert (payment["status"], payment["capturedCents"]) == ("succeeded", 2 * PRICE)
    assert stored(paying, "registrations/registration-paymentana")["status"] == "confirmed"
    tickets = [stored(paying, f"tickets/registration-paymentana-{number}") for number in (1, 2)]
    assert [ticket["status"] for ticket in tickets] == ["valid", "valid"]
    assert stored(paying, f"receipts/{payment['receiptNumber']}")["paymentId"] == "paymentana"
    seats = assert_books_balance(paying.firestore, "e")
    assert seats["registration-paymentana"]["state"] == "admitted"
    event = stored(paying, f"stripe_events/{model_stripe.events[-1]['id']}")
    assert (event["state"], event["paymentId"], event["attempts"]) == ("done", "paymentana", 1)


def test_webhook_payment_succeeded(paying: Runtime, model_stripe: ModelStripe, deliver: Deliver) -> None:
    """By the intent's event, at the older address, and under /api."""
    on_sale(paying)
    paid(paying, model_stripe)
    told = {event["type"]: event for event in model_stripe.events}
    assert deliver(told["payment_intent.succeeded"], "/webhooks/stripe/events").status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"
    assert deliver(told["checkout.session.completed"], "/api/webhooks/stripe").status_code == 200
    assert len(list(paying.firestore.collection("receipts").stream())) == 1


def test_handle_webhook_payment_failed(paying: Runtime, model_stripe: ModelStripe, deliver: Deliver) -> None:
    on_sale(paying, seats=5)
    session_id = begun(paying).session_id or ""
    model_stripe.pay_later(session_id)
    assert deliver(model_stripe.events[-1]).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "processing"
    assert stored(paying, "events/e")["attendingCount"] == 1, "the seats are kept while the bank takes its time"
    model_stripe.settle(session_id, succeeds=False)
    for event in model_stripe.events[-2:]:
        assert deliver(event).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "failed"
    assert stored(paying, "registrations/registration-paymentana")["status"] == "expired"
    assert assert_books_balance(paying.firestore, "e") == {}
    assert list(paying.firestore.collection("tickets").stream()) == []


def test_a_declined_card_ends_nothing(paying: Runtime, model_stripe: ModelStripe, deliver: Deliver) -> None:
    on_sale(paying)
    session_id = begun(paying).session_id or ""
    model_stripe.decline(session_id)
    assert deliver(model_stripe.events[-1]).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "pending"
    model_stripe.pay(session_id)
    assert deliver(model_stripe.events[-1]).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"


def test_ticket_payment_webhook_updates_registration(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver
) -> None:
    on_sale(paying)
    event = paid(paying, model_stripe)
    before = stored(paying, "registrations/registration-paymentana")
    assert deliver(event).status_code == 200
    after = stored(paying, "registrations/registration-paymentana")
    assert (before["status"], after["status"]) == ("pending_payment", "confirmed")
    assert [entry["status"] for entry in after["statusHistory"]] == ["pending_payment", "confirmed"]


def test_an_expired_session_releases_its_seats(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, clock: Clock
) -> None:
    on_sale(paying, seats=1)
    begun(paying)
    clock.advance(minutes=32)
    model_stripe.expire_due()
    assert deliver(model_stripe.events[-1]).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "expired"
    assert assert_books_balance(paying.firestore, "e") == {}
