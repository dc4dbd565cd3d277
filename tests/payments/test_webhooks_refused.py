"""Webhooks that are not Stripe's, or no events: refused, never by 5xx, and nothing changes."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from gather.payments.webhooks import BODY_BYTES_MAX
from gather.runtime import Runtime
from tests.payments.conftest import Deliver
from tests.support.clocks import Clock
from tests.support.everything import every_document
from tests.support.stored import stored
from tests.support.stripe_payloads import body_of, signature_of

STALE = timedelta(seconds=301)


def test_handle_webhook_invalid_signature(paying: Runtime, shop: FlaskClient, open_sale: dict[str, Any]) -> None:
    before = every_document(paying.firestore)
    body = body_of(open_sale)
    forged = signature_of(body, "whsec_of_somebody_else", at=paying.now())
    answer = shop.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": forged})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "invalid_signature")
    assert every_document(paying.firestore) == before


def test_webhook_invalid_signature(paying: Runtime, shop: FlaskClient, open_sale: dict[str, Any]) -> None:
    """None at all, one of another body, of long ago, of the future; an event that was cut off."""
    before, body, secret = (
        every_document(paying.firestore),
        body_of(open_sale),
        paying.settings.stripe_webhook_secrets[0],
    )
    genuine = signature_of(body, secret, at=paying.now())
    attempts: list[tuple[bytes, dict[str, str]]] = [
        (body, {}),
        (body, {"Stripe-Signature": ""}),
        (body, {"Stripe-Signature": "t=1,v1=" + "0" * 64}),
        (body + b" ", {"Stripe-Signature": genuine}),
        (body[:-10], {"Stripe-Signature": genuine}),
        (b"", {"Stripe-Signature": genuine}),
        (body, {"Stripe-Signature": signature_of(body, secret, at=paying.now() - STALE)}),
        (body, {"Stripe-Signature": signature_of(body, secret, at=paying.now() + STALE)}),
    ]
    for content, headers in attempts:
        answer = shop.post("/webhooks/stripe", data=content, headers=headers)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "invalid_signature"), headers
    assert every_document(paying.firestore) == before


def test_a_replay_of_a_genuine_delivery_is_refused_once_it_is_old(
    paying: Runtime, shop: FlaskClient, clock: Clock, open_sale: dict[str, Any]
) -> None:
    body = body_of(open_sale)
    headers = {"Stripe-Signature": signature_of(body, paying.settings.stripe_webhook_secrets[0], at=paying.now())}
    assert shop.post("/webhooks/stripe", data=body, headers=headers).status_code == 200
    before = every_document(paying.firestore)
    assert shop.post("/webhooks/stripe", data=body, headers=headers).status_code == 200, "and changes nothing"
    clock.advance(seconds=301)
    assert shop.post("/webhooks/stripe", data=body, headers=headers).status_code == 400
    assert every_document(paying.firestore) == before


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b"{" * 5000, b'{"object": "event", "id": "evt_1"}'])
def test_what_is_signed_and_no_event_is_refused(paying: Runtime, shop: FlaskClient, body: bytes) -> None:
    headers = {"Stripe-Signature": signature_of(body, paying.settings.stripe_webhook_secrets[0], at=paying.now())}
    answer = shop.post("/webhooks/stripe", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "invalid_payload")
    assert every_document(paying.firestore) == {}


def test_a_huge_body_is_refused_unread(paying: Runtime, shop: FlaskClient, open_sale: dict[str, Any]) -> None:
    before = every_document(paying.firestore)
    body = body_of(open_sale | {"padding": "x" * BODY_BYTES_MAX})
    headers = {"Stripe-Signature": signature_of(body, paying.settings.stripe_webhook_secrets[0], at=paying.now())}
    answer = shop.post("/webhooks/stripe", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "payload_too_large")
    assert every_document(paying.firestore) == before


def test_a_large_event_is_taken(paying: Runtime, deliver: Deliver, open_sale: dict[str, Any]) -> None:
    """Larger than what any client of ours may send."""
    assert deliver(open_sale | {"padding": "x" * 400_000}).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"
