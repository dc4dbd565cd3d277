"""Webhooks of Stripe's that say nothing about our payments: kept, answered, and nothing follows."""

import json
from dataclasses import replace
from typing import Any

import pytest

from gather.runtime import Runtime
from tests.payments.conftest import Deliver
from tests.support.apps import http_of
from tests.support.model_stripe import ModelStripe
from tests.support.stored import stored
from tests.support.stripe_payloads import body_of, signature_of


@pytest.mark.parametrize("event_type", ["customer.created", "payment_intent.created", "no.such.type"])
def test_unknown_types_are_kept_and_answered(
    paying: Runtime, deliver: Deliver, open_sale: dict[str, Any], event_type: str
) -> None:
    assert deliver(open_sale | {"type": event_type}).status_code == 200
    assert stored(paying, f"stripe_events/{open_sale['id']}")["state"] == "ignored"
    assert stored(paying, "payments/paymentana")["status"] == "pending"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"livemode": True}, "of the other mode"), ({"account": "acct_other"}, "of another account")],
)
def test_events_of_another_account_or_mode_are_kept_and_ignored(
    paying: Runtime, deliver: Deliver, open_sale: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    assert deliver(open_sale | changes).status_code == 200
    kept = stored(paying, f"stripe_events/{open_sale['id']}")
    assert (kept["state"], kept["reason"]) == ("ignored", reason)
    assert json.loads(kept["raw"])["id"] == open_sale["id"]
    assert stored(paying, "payments/paymentana")["status"] == "pending"


def test_the_account_we_take_payments_for_is_ours(
    paying: Runtime, open_sale: dict[str, Any], emulated_auth: None
) -> None:
    connected = replace(paying, settings=replace(paying.settings, stripe_account="acct_1"))
    body = body_of(open_sale | {"account": "acct_1"})
    headers = {"Stripe-Signature": signature_of(body, paying.settings.stripe_webhook_secrets[0], at=paying.now())}
    with http_of(connected) as client:
        assert client.post("/webhooks/stripe", data=body, headers=headers).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"


def test_either_secret_counts_while_one_is_rotated(paying: Runtime, open_sale: dict[str, Any]) -> None:
    rotated = replace(paying, settings=replace(paying.settings, stripe_webhook_secrets=("whsec_new", "whsec_old")))
    body = body_of(open_sale)
    with http_of(rotated) as client:
        for secret in ("whsec_old", "whsec_new"):
            headers = {"Stripe-Signature": signature_of(body, secret, at=paying.now())}
            assert client.post("/webhooks/stripe", data=body, headers=headers).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"


@pytest.mark.parametrize("payment_id", [None, "unknown", "a/b", "__x__"])
def test_money_that_is_about_no_payment_of_ours_is_ignored(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, open_sale: dict[str, Any], payment_id: str | None
) -> None:
    stripe: Any = model_stripe
    for facts in (stripe.sessions, stripe.intents):
        facts.update({name: replace(each, payment_id=payment_id) for name, each in facts.items()})
    assert deliver(open_sale).status_code == 200
    assert stored(paying, f"stripe_events/{open_sale['id']}")["reason"] == "about no payment of ours"


def test_an_object_that_stripe_does_not_know_is_ignored(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, open_sale: dict[str, Any]
) -> None:
    model_stripe.sessions.clear()
    assert deliver(open_sale).status_code == 200
    assert stored(paying, f"stripe_events/{open_sale['id']}")["state"] == "ignored"


def test_a_payment_of_the_other_mode_is_left_alone(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, open_sale: dict[str, Any]
) -> None:
    paying.firestore.document("payments/paymentana").update({"livemode": True})
    assert deliver(open_sale).status_code == 200
    assert stored(paying, f"stripe_events/{open_sale['id']}")["reason"] == "the payment is of the other mode"
    assert stored(paying, "payments/paymentana")["status"] == "pending"
