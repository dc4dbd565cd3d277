"""What Stripe has sent names buyers: it is not kept for ever, and what comes again after that changes nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from firewarden import Firestore
from firewarden.testing import VirtualClock
from gather.payments.claims import SETTLED_FOR
from gather.payments.facts import GatewayDownError
from gather.payments.intake import Intake, receive
from gather.payments.reconcile import reconcile
from gather.runtime import Runtime
from tests.conftest import settings_for
from tests.support.everything import every_document
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import PRICE, begun, on_sale
from tests.support.runtimes import runtime_for
from tests.support.stripe_faults import never, stripe_is_down
from tests.support.stripe_payloads import body_of, signature_of

INDEXES = Path(__file__).parents[2] / "indexes" / "firestore.indexes.json"


@pytest.fixture
def calendar() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def years(calendar: VirtualClock) -> Iterator[Runtime]:
    """The functions on a Firestore that deletes what is over, as the deployed definitions say."""
    with Firestore(indexes=INDEXES, project="demo-payments", clock=calendar) as firestore:
        yield runtime_for(
            settings_for("demo-payments"),
            firestore.as_owner(),
            now=calendar.now,
            gateway=ModelStripe(calendar.now),
        )


def deliver(found: Runtime, event: dict[str, Any]) -> Intake:
    body = body_of(event)
    return receive(found, body, signature_of(body, found.settings.stripe_webhook_secrets[0], at=found.now()))


def kept(found: Runtime) -> dict[str, Any]:
    return {each.id: each.get("state") for each in found.firestore.collection("stripe_events").stream()}


def but_for_events(found: Runtime) -> dict[str, Any]:
    """Every document but those that keep what Stripe has sent."""
    everything = every_document(found.firestore)
    return {path: content for path, content in everything.items() if not path.startswith("stripe_events/")}


def history(found: Runtime, stripe: ModelStripe) -> list[dict[str, Any]]:
    """Ana pays, gets a part back and disputes the rest in vain; ben does not pay; cy's bank says no after days."""
    on_sale(found)
    ana, _, cy = (begun(found, uid, quantity=2).session_id or "" for uid in ("ana", "ben", "cy"))
    stripe.pay(ana)
    stripe.pay_later(cy)
    intent_id = stripe.sessions[ana].payment_intent_id or ""
    stripe.refund_in_dashboard(intent_id, PRICE)
    stripe.close_dispute(stripe.dispute(intent_id), "won")
    stripe.settle(cy, succeeds=False)
    stripe.expire_session(next(name for name, each in stripe.sessions.items() if each.status == "open"))
    return stripe.events


def test_what_is_settled_is_deleted_after_its_time_and_what_is_not_stays(
    years: Runtime, calendar: VirtualClock
) -> None:
    stripe: Any = years.gateway
    events = history(years, stripe)
    done, ignored, left = events[-1], events[0] | {"type": "customer.created"}, events[1]
    assert (deliver(years, done), deliver(years, ignored)) == (Intake.APPLIED, Intake.IGNORED)
    stripe.fault = stripe_is_down()
    with pytest.raises(GatewayDownError):
        deliver(years, left)
    calendar.advance(SETTLED_FOR - timedelta(seconds=1))
    assert kept(years) == {done["id"]: "done", ignored["id"]: "ignored", left["id"]: "received"}
    calendar.advance(seconds=1)
    assert kept(years) == {left["id"]: "received"}, "time settles nothing"
    stripe.fault = never
    reconcile(years)
    calendar.advance(SETTLED_FOR)
    assert kept(years) == {}


@pytest.mark.parametrize("step", [1, -1])
def test_what_comes_again_after_it_was_deleted_changes_nothing(
    years: Runtime, calendar: VirtualClock, step: int
) -> None:
    """By then the event is over too. They come in the order they were sent, or in the other one."""
    stripe: Any = years.gateway
    events = history(years, stripe)
    for event in events:
        deliver(years, event)
    payments = {each.id: each.to_dict() for each in years.firestore.collection("payments").stream()}
    assert {name: each["status"] for name, each in payments.items()} == {
        "paymentana": "partially_refunded",
        "paymentben": "expired",
        "paymentcy": "failed",
    }
    assert payments["paymentana"]["disputeStatus"] == "won"
    assert len(kept(years)) == len(events) > 8
    calendar.advance(SETTLED_FOR)
    assert kept(years) == {}
    before = but_for_events(years)
    for event in events[::step]:
        deliver(years, event)
        assert but_for_events(years) == before, event["type"]
    assert set(kept(years)) == {event["id"] for event in events}, "each is kept, and deleted, anew"
