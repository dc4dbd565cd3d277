"""Webhooks that come twice, late, out of order or while something is down: applied once, and never lost."""

from typing import Any

import pytest

from gather.payments import intake
from gather.payments.facts import GatewayRefusedError
from gather.runtime import Runtime
from tests.payments.conftest import Deliver
from tests.support.clocks import Clock
from tests.support.everything import every_document
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import begun, on_sale, paid
from tests.support.stored import stored
from tests.support.stripe_faults import never, stripe_is_down


def test_an_event_that_comes_again_changes_nothing(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, clock: Clock
) -> None:
    on_sale(paying)
    event = paid(paying, model_stripe)
    deliver(event)
    before, asked = every_document(paying.firestore), len(model_stripe.calls)
    clock.advance(days=2)
    assert deliver(event).status_code == 200
    assert every_document(paying.firestore) == before
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
