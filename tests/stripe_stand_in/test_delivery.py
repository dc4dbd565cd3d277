"""Events: what they hold, how they are signed, when they are delivered, and what can go wrong on the way."""

from typing import Any

import pytest
import stripe

from stripe_stand_in import Clock, Mischief, StandIn, Webhook
from tests.stripe_stand_in.conftest import SECRET, START, Inbox, SessionMaker, sdk, session_params


def pay(stand_in: StandIn, session: Any) -> str:
    stand_in.pay(session.id)
    return str(session.id)


PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


def test_events_come_in_order_and_hold_the_object_as_it_was(
    new_session: SessionMaker, stand_in: StandIn, inbox: Inbox, client: stripe.StripeClient
) -> None:
    session_id = pay(stand_in, new_session())
    assert inbox.events == []
    assert stand_in.deliver() == 4
    assert inbox.types == PAID
    event = inbox.events[-1]
    assert event["object"] == "event"
    assert (event["livemode"], event["api_version"], event["created"]) == (False, "2026-10-28.endive", START)
    assert event["data"]["object"]["id"] == session_id
    assert event["data"]["object"]["payment_status"] == "paid"
    assert event["pending_webhooks"] == 1
    assert client.v1.events.retrieve(event["id"]).pending_webhooks == 0
    assert stand_in.deliver() == 0


def test_an_event_names_the_request_that_caused_it(client: stripe.StripeClient, stand_in: StandIn) -> None:
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "eur"}, {"idempotency_key": "k"})
    assert intent.last_response is not None
    request = stand_in.events[0]["request"]
    assert request == {"id": intent.last_response.headers["Request-Id"], "idempotency_key": "k"}


def test_events_can_be_listed_and_filtered(
    new_session: SessionMaker, stand_in: StandIn, client: stripe.StripeClient
) -> None:
    pay(stand_in, new_session())
    assert [event.type for event in client.v1.events.list().data] == PAID[::-1]
    assert [event.type for event in client.v1.events.list({"type": "payment_intent.*"}).data] == [PAID[2], PAID[0]]
    assert [event.type for event in client.v1.events.list({"types": ["charge.succeeded"]}).data] == [PAID[1]]
    assert client.v1.events.list({"created": {"gt": START}}).data == []


def test_the_signature_is_new_at_each_attempt_and_the_body_is_not(
    stand_in: StandIn, new_session: SessionMaker, clock: Clock
) -> None:
    sent: list[tuple[bytes, str]] = []

    def refuse(payload: bytes, headers: dict[str, str]) -> int:
        sent.append((payload, headers["Stripe-Signature"]))
        return 500

    stand_in.outbox.webhooks[:] = [Webhook(secrets=[SECRET], send=refuse, types=["checkout.session.expired"])]
    stand_in.expire(new_session().id)
    stand_in.deliver()
    clock.advance(60)
    stand_in.deliver()
    (body, first), (again, second) = sent
    assert body == again
    assert body.startswith(b'{\n  "id": "evt_')
    assert first.startswith(f"t={START},v1=")
    assert second.startswith(f"t={START + 60},v1=")


def test_both_secrets_sign_while_one_is_rotated(clock: Clock, new_session: SessionMaker, stand_in: StandIn) -> None:
    headers: list[tuple[bytes, str]] = []

    def send(payload: bytes, sent: dict[str, str]) -> int:
        headers.append((payload, sent["Stripe-Signature"]))
        return 200

    stand_in.outbox.webhooks[:] = [Webhook(secrets=["whsec_new", "whsec_old"], send=send)]
    stand_in.expire(new_session().id)
    stand_in.deliver()
    payload, header = headers[0]
    assert header.count("v1=") == 2
    for secret in ("whsec_new", "whsec_old"):
        assert stripe.WebhookSignature.verify_header(payload, header, secret)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(payload, header, "whsec_other")


def test_what_is_refused_is_tried_again_for_three_days(
    new_session: SessionMaker, stand_in: StandIn, inbox: Inbox, clock: Clock, client: stripe.StripeClient
) -> None:
    inbox.statuses = [500, 302, 404]
    stand_in.expire(new_session().id)
    for _ in range(100):
        stand_in.deliver()
        clock.advance(3600)
    assert inbox.types == ["checkout.session.expired"] * 4
    assert len({event["id"] for event in inbox.events}) == 1
    assert [event["_at"] - START for event in inbox.events] == [0, 3600, 7200, 10_800]
    assert [delivery.statuses for delivery in stand_in.outbox.done] == [[500, 302, 404, 200]]
    inbox.statuses = [500] * 100
    stand_in.expire(new_session().id)
    for _ in range(100):
        stand_in.deliver()
        clock.advance(3600)
    (lost,) = stand_in.outbox.lost
    assert lost.attempts > 5
    assert stand_in.outbox.waiting == 0
    assert inbox.events[-1]["_at"] - lost.began <= 3 * 86_400


def test_duplicates_and_lost_answers_bring_the_same_event_again(
    new_session: SessionMaker, stand_in: StandIn, inbox: Inbox, clock: Clock
) -> None:
    stand_in.switches.once(Mischief.DUPLICATE)
    stand_in.expire(new_session().id)
    assert stand_in.deliver() == 2
    stand_in.switches.once(Mischief.LOSE_ANSWER)
    stand_in.expire(new_session().id)
    stand_in.deliver()
    clock.advance(60)
    stand_in.deliver()
    ids = [event["id"] for event in inbox.events]
    assert ids == [ids[0], ids[0], ids[2], ids[2]]
    assert ids[0] != ids[2]


def test_a_lost_event_never_comes_but_is_in_the_log(
    new_session: SessionMaker, stand_in: StandIn, inbox: Inbox, clock: Clock
) -> None:
    stand_in.switches.once(Mischief.LOSE)
    stand_in.expire(new_session().id)
    clock.advance(10 * 86_400)
    assert stand_in.deliver() == 0
    assert inbox.events == []
    assert [event["type"] for event in stand_in.events] == ["checkout.session.expired"]
    stand_in.redeliver(stand_in.events[0]["id"])
    stand_in.deliver()
    assert inbox.types == ["checkout.session.expired"]


def test_a_delayed_event_comes_days_later(
    new_session: SessionMaker, stand_in: StandIn, inbox: Inbox, clock: Clock
) -> None:
    stand_in.switches.once(Mischief.DELAY)
    stand_in.expire(new_session().id)
    assert stand_in.deliver() == 0
    clock.advance(stand_in.switches.delay_s)
    assert stand_in.deliver() == 1
    assert inbox.events[0]["created"] == START


def test_reordering_is_drawn_from_the_seed(clock: Clock) -> None:
    def order(seed: int) -> list[str]:
        types: list[str] = []

        def note(payload: bytes, headers: dict[str, str]) -> int:
            types.append(stripe.Webhook.construct_event(payload, headers["Stripe-Signature"], "s", 10**10).type)
            return 200

        stand_in = StandIn(seed=seed, clock=clock, webhooks=[Webhook(secrets=["s"], send=note)])
        stand_in.switches.rates[Mischief.REORDER] = 1.0
        stand_in.pay(session_in(stand_in))
        stand_in.deliver()
        return types

    orders = [order(seed) for seed in range(6)]
    assert all(sorted(types) == sorted(PAID) for types in orders)
    assert len({tuple(types) for types in orders}) > 1
    assert order(3) == orders[3]


def session_in(stand_in: StandIn) -> str:
    return str(sdk(stand_in).v1.checkout.sessions.create(session_params()).id)


def test_handlers_may_ask_the_api_and_cause_events_while_they_are_called(
    stand_in: StandIn, new_session: SessionMaker, client: stripe.StripeClient
) -> None:
    seen: list[str] = []

    def refund_what_is_paid(payload: bytes, headers: dict[str, str]) -> int:
        event = stripe.Webhook.construct_event(payload, headers["Stripe-Signature"], SECRET, 10**10).to_dict()
        seen.append(event["type"])
        if event["type"] == "checkout.session.completed":
            client.v1.refunds.create({"payment_intent": event["data"]["object"]["payment_intent"]})
        return 200

    stand_in.outbox.webhooks[:] = [Webhook(secrets=[SECRET], send=refund_what_is_paid)]
    pay(stand_in, new_session())
    assert stand_in.deliver() == 6
    assert seen[-2:] == ["refund.created", "charge.refunded"]


def test_an_endpoint_gets_only_the_types_it_wants(stand_in: StandIn, new_session: SessionMaker, inbox: Inbox) -> None:
    stand_in.outbox.webhooks[:] = [Webhook(secrets=[SECRET], send=inbox, types=["charge.succeeded"])]
    pay(stand_in, new_session())
    stand_in.deliver()
    assert inbox.types == ["charge.succeeded"]


def test_an_endpoint_that_cannot_be_reached_is_tried_again(stand_in: StandIn, new_session: SessionMaker) -> None:
    stand_in.outbox.webhooks[:] = [Webhook(secrets=[SECRET], url="http://127.0.0.1:1/nobody")]
    stand_in.expire(new_session().id)
    assert stand_in.deliver() == 1
    assert stand_in.outbox.waiting == 1
