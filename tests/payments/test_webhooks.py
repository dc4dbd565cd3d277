"""Webhooks: what is Stripe's is kept and applied once; what is not changes nothing, and is never answered by 5xx."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from gather.http.app import create_app
from gather.payments import intake
from gather.payments.facts import GatewayRefusedError
from gather.payments.webhooks import BODY_BYTES_MAX
from gather.runtime import Runtime
from tests.payments.conftest import Deliver
from tests.support.clocks import Clock
from tests.support.events import assert_books_balance
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import PRICE, begun, on_sale
from tests.support.stripe_faults import never, stripe_is_down
from tests.support.stripe_payloads import body_of, signature_of

STALE = timedelta(seconds=301)


def stored(found: Runtime, path: str) -> Any:
    return found.firestore.document(path).get().to_dict()


def everything(found: Runtime) -> dict[str, Any]:
    """Every document that money or seats are in, and every event that was kept."""
    groups = ["payments", "refunds", "registrations", "tickets", "receipts", "invoices", "seats", "events"]
    groups += ["stripe_events", "rsvps", "ticketTypes"]
    return {
        each.reference.path: each.to_dict()
        for group in groups
        for each in found.firestore.collection_group(group).stream()
    }


def paid(found: Runtime, stripe: ModelStripe, uid: str = "ana", **options: Any) -> dict[str, Any]:
    """Somebody buys and pays; returns the event by which Stripe tells."""
    payment = begun(found, uid, **options)
    stripe.pay(payment.session_id or "")
    return stripe.events[-1]


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


# --- Twice, late, out of order, half done -----------------------------------------------------------------------


def test_an_event_that_comes_again_changes_nothing(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, clock: Clock
) -> None:
    on_sale(paying)
    event = paid(paying, model_stripe)
    deliver(event)
    before, asked = everything(paying), len(model_stripe.calls)
    clock.advance(days=2)
    assert deliver(event).status_code == 200
    assert everything(paying) == before
    assert len(model_stripe.calls) == asked, "nobody asks about what is done"


@pytest.mark.parametrize("method", ["retrieve_session", "retrieve_intent"])
def test_while_stripe_is_down_the_event_is_kept_and_wanted_again(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, method: str
) -> None:
    on_sale(paying)
    event = paid(paying, model_stripe)
    model_stripe.fault = stripe_is_down(method)
    answer = deliver(event)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "try_again")
    kept = stored(paying, f"stripe_events/{event['id']}")
    assert (kept["state"], kept["attempts"], kept["reason"]) == ("received", 1, "GatewayDownError")
    assert stored(paying, "payments/paymentana")["status"] == "pending"
    model_stripe.fault = never
    assert deliver(event).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"
    assert stored(paying, f"stripe_events/{event['id']}")["attempts"] == 2


@pytest.mark.parametrize("method", ["retrieve_session", "retrieve_intent"])
def test_while_stripe_refuses_us_the_event_is_wanted_again(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, method: str
) -> None:
    """A key that was revoked says nothing about the payment."""
    on_sale(paying)
    event = paid(paying, model_stripe)

    def refuses(asked: str, _moment: str) -> None:
        if asked == method:
            raise GatewayRefusedError("api_key_expired")

    model_stripe.fault = refuses
    assert deliver(event).status_code == 503
    model_stripe.fault = never
    assert deliver(event).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"


def test_a_crash_between_keeping_and_applying_is_healed_by_the_next_delivery(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_sale(paying)
    event = paid(paying, model_stripe)

    def crash(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(intake, "process", crash)
        with pytest.raises(KeyboardInterrupt):
            deliver(event)
    assert stored(paying, f"stripe_events/{event['id']}")["state"] == "received"
    assert deliver(event).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"


def test_what_goes_wrong_in_applying_is_sent_again(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_sale(paying)
    event = paid(paying, model_stripe)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(intake, "apply_facts", fail)
        assert deliver(event).status_code == 500
    assert stored(paying, f"stripe_events/{event['id']}")["state"] == "received"
    assert deliver(event).status_code == 200


def test_a_late_failure_after_success_is_ignored(paying: Runtime, model_stripe: ModelStripe, deliver: Deliver) -> None:
    on_sale(paying)
    session_id = begun(paying).session_id or ""
    model_stripe.decline(session_id)
    declined = model_stripe.events[-1]
    model_stripe.pay(session_id)
    deliver(model_stripe.events[-1])
    assert deliver(declined).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"


# --- What is not Stripe's, or not ours ---------------------------------------------------------------------------


@pytest.fixture
def open_sale(paying: Runtime, model_stripe: ModelStripe) -> dict[str, Any]:
    """An event that would change much if it were taken; returns it."""
    on_sale(paying)
    return paid(paying, model_stripe)


def test_handle_webhook_invalid_signature(paying: Runtime, shop: FlaskClient, open_sale: dict[str, Any]) -> None:
    before = everything(paying)
    body = body_of(open_sale)
    forged = signature_of(body, "whsec_of_somebody_else", at=paying.now())
    answer = shop.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": forged})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "invalid_signature")
    assert everything(paying) == before


def test_webhook_invalid_signature(paying: Runtime, shop: FlaskClient, open_sale: dict[str, Any]) -> None:
    """None at all, one of another body, of long ago, of the future; an event that was cut off."""
    before, body, secret = everything(paying), body_of(open_sale), paying.settings.stripe_webhook_secrets[0]
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
    assert everything(paying) == before


def test_a_replay_of_a_genuine_delivery_is_refused_once_it_is_old(
    paying: Runtime, shop: FlaskClient, clock: Clock, open_sale: dict[str, Any]
) -> None:
    body = body_of(open_sale)
    headers = {"Stripe-Signature": signature_of(body, paying.settings.stripe_webhook_secrets[0], at=paying.now())}
    assert shop.post("/webhooks/stripe", data=body, headers=headers).status_code == 200
    before = everything(paying)
    assert shop.post("/webhooks/stripe", data=body, headers=headers).status_code == 200, "and changes nothing"
    clock.advance(seconds=301)
    assert shop.post("/webhooks/stripe", data=body, headers=headers).status_code == 400
    assert everything(paying) == before


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b"{" * 5000, b'{"object": "event", "id": "evt_1"}'])
def test_what_is_signed_and_no_event_is_refused(paying: Runtime, shop: FlaskClient, body: bytes) -> None:
    headers = {"Stripe-Signature": signature_of(body, paying.settings.stripe_webhook_secrets[0], at=paying.now())}
    answer = shop.post("/webhooks/stripe", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "invalid_payload")
    assert everything(paying) == {}


def test_a_huge_body_is_refused_unread(paying: Runtime, shop: FlaskClient, open_sale: dict[str, Any]) -> None:
    before = everything(paying)
    body = body_of(open_sale | {"padding": "x" * BODY_BYTES_MAX})
    headers = {"Stripe-Signature": signature_of(body, paying.settings.stripe_webhook_secrets[0], at=paying.now())}
    answer = shop.post("/webhooks/stripe", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "payload_too_large")
    assert everything(paying) == before


def test_a_large_event_is_taken(paying: Runtime, deliver: Deliver, open_sale: dict[str, Any]) -> None:
    """Larger than what any client of ours may send."""
    assert deliver(open_sale | {"padding": "x" * 400_000}).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"


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
    with create_app(connected).test_client() as client:
        assert client.post("/webhooks/stripe", data=body, headers=headers).status_code == 200
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"


def test_either_secret_counts_while_one_is_rotated(paying: Runtime, open_sale: dict[str, Any]) -> None:
    rotated = replace(paying, settings=replace(paying.settings, stripe_webhook_secrets=("whsec_new", "whsec_old")))
    body = body_of(open_sale)
    with create_app(rotated).test_client() as client:
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
