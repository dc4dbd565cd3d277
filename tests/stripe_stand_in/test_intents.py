"""Payment intents for clients of Elements: created, changed, confirmed, captured, cancelled."""

from typing import Any

import pytest
import stripe

from stripe_stand_in import Clock, StandIn
from tests.stripe_stand_in.conftest import SessionMaker

BACK = "https://example.org/back"


@pytest.fixture
def intent(client: stripe.StripeClient) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create({"amount": 2000, "currency": "eur", "metadata": {"paymentId": "p"}})


def test_a_new_intent_waits_for_a_payment_method(intent: stripe.PaymentIntent) -> None:
    assert (intent.status, intent.amount, intent.amount_received) == ("requires_payment_method", 2000, 0)
    assert intent.client_secret is not None
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert intent.automatic_payment_methods is not None
    assert intent.automatic_payment_methods.enabled
    assert intent.latest_charge is None


def test_confirming_with_a_card_charges_it(client: stripe.StripeClient, intent: stripe.PaymentIntent) -> None:
    paid = client.v1.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_visa", "return_url": BACK, "expand": ["latest_charge"]}
    )
    assert (paid.status, paid.amount_received) == ("succeeded", 2000)
    assert isinstance(paid.latest_charge, stripe.Charge)
    assert paid.latest_charge.metadata.to_dict() == {"paymentId": "p"}


def test_a_declined_card_is_402_and_the_intent_says_why(
    client: stripe.StripeClient, intent: stripe.PaymentIntent
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined", "return_url": BACK})
    error: Any = refused.value
    assert (error.http_status, error.code, error.error.decline_code) == (402, "card_declined", "generic_decline")
    assert error.error.payment_intent.status == "requires_payment_method"
    found = client.v1.payment_intents.retrieve(intent.id)
    assert found.last_payment_error is not None
    assert (found.last_payment_error.code, found.payment_method) == ("card_declined", None)


def test_an_intent_made_from_a_card_number_can_be_confirmed_at_once(client: stripe.StripeClient) -> None:
    method = client.v1.payment_methods.create(
        {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    )
    intent = client.v1.payment_intents.create(
        {"amount": 2000, "currency": "eur", "confirm": True, "payment_method": method.id, "return_url": BACK}
    )
    assert intent.status == "succeeded"


def test_automatic_methods_need_a_way_back(client: stripe.StripeClient, intent: stripe.PaymentIntent) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="you must provide a `return_url`"):
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    stays = client.v1.payment_intents.create(
        {"amount": 2000, "currency": "eur", "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    )
    assert client.v1.payment_intents.confirm(stays.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_confirming_needs_a_method_and_happens_once(client: stripe.StripeClient, intent: stripe.PaymentIntent) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method") as refused:
        client.v1.payment_intents.confirm(intent.id, {"return_url": BACK})
    assert refused.value.code == "payment_intent_unexpected_state"
    client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": BACK})
    with pytest.raises(stripe.InvalidRequestError, match="already succeeded after being previously confirmed"):
        client.v1.payment_intents.confirm(intent.id, {"return_url": BACK})


def test_an_open_intent_can_be_changed_and_cancelled(client: stripe.StripeClient, intent: stripe.PaymentIntent) -> None:
    changed = client.v1.payment_intents.update(intent.id, {"amount": 3000, "metadata": {"paymentId": "", "x": "y"}})
    assert (changed.amount, changed.metadata.to_dict()) == (3000, {"x": "y"})
    cancelled = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(
        stripe.InvalidRequestError, match="You cannot cancel this PaymentIntent because it has a status"
    ):
        client.v1.payment_intents.cancel(intent.id)
    with pytest.raises(stripe.InvalidRequestError, match="amount could not be updated"):
        client.v1.payment_intents.update(intent.id, {"amount": 100})


def test_what_is_held_can_be_captured_in_part(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(
        {"amount": 2000, "currency": "eur", "capture_method": "manual", "confirm": True,
         "payment_method": "pm_card_visa", "return_url": BACK}
    )  # fmt: skip
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2000, 0)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2001})
    captured = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1500})
    assert (captured.status, captured.amount_received) == ("succeeded", 1500)
    assert client.v1.refunds.create({"payment_intent": intent.id}).amount == 1500


def test_a_delayed_method_is_processing_until_it_settles(client: stripe.StripeClient, clock: Clock) -> None:
    intent = client.v1.payment_intents.create(
        {"amount": 2000, "currency": "eur", "confirm": True, "return_url": BACK,
         "payment_method": "pm_sepaDebit_success"}
    )  # fmt: skip
    assert (intent.status, intent.amount_received) == ("processing", 0)
    clock.advance(3 * 86_400)
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_cancelled_payment_never_settles(client: stripe.StripeClient, clock: Clock, stand_in: StandIn) -> None:
    intent = client.v1.payment_intents.create(
        {"amount": 2000, "currency": "eur", "confirm": True, "return_url": BACK,
         "payment_method": "pm_sepaDebit_success"}
    )  # fmt: skip
    client.v1.payment_intents.cancel(intent.id)
    clock.advance(30 * 86_400)
    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"
    assert stand_in.events[-1]["type"] == "payment_intent.canceled"


def test_an_intent_of_a_session_belongs_to_it(
    new_session: SessionMaker, client: stripe.StripeClient, stand_in: StandIn
) -> None:
    session = new_session()
    stand_in.pay(session.id, card="4000000000000002")
    intent_id = stand_in.get(session.id)["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session instead"):
        client.v1.payment_intents.cancel(intent_id)
    with pytest.raises(stripe.InvalidRequestError, match="its page confirms it"):
        client.v1.payment_intents.confirm(intent_id, {"payment_method": "pm_card_visa"})


def test_a_card_that_asks_the_bank_waits_for_it(
    client: stripe.StripeClient, intent: stripe.PaymentIntent, stand_in: StandIn
) -> None:
    asked = client.v1.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_authenticationRequired", "return_url": BACK}
    )
    assert asked.next_action is not None
    assert asked.next_action.redirect_to_url is not None
    assert (asked.status, asked.next_action.redirect_to_url.return_url) == ("requires_action", BACK)
    assert stand_in.answer_bank(intent.id, succeeds=True) == (BACK, None)
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    with pytest.raises(stripe.CardError) as refused:
        client.v1.payment_intents.create(
            {"amount": 2000, "currency": "eur", "confirm": True, "payment_method": "pm_card_authenticationRequired",
             "return_url": BACK, "error_on_requires_action": True}
        )  # fmt: skip
    assert refused.value.code == "authentication_required"


def test_real_cards_are_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError, match="used a non test card"):
        client.v1.payment_methods.create({"type": "card", "card": {"number": "4111111111111111"}})


def test_customers_pay_an_intent_on_the_clients_own_page(
    client: stripe.StripeClient, intent: stripe.PaymentIntent, stand_in: StandIn
) -> None:
    assert stand_in.pay(intent.id, card="4000000000000002").status == "declined"
    assert stand_in.pay(intent.id, card="4000002760003184").status == "requires_action"
    stand_in.answer_bank(intent.id, succeeds=False)
    assert stand_in.pay(intent.id).status == "paid"
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    with pytest.raises(Exception, match="already succeeded"):
        stand_in.pay(intent.id)
    delayed = client.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
    assert stand_in.pay(delayed.id, method="us_bank_account").status == "processing"
