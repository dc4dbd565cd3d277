"""The gateway in front of Stripe's stand-in: what it asks is accepted, what it reads are facts, what fails is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gather.payments.facts import (
    GatewayDownError,
    GatewayRefusedError,
    IntentRequest,
    Line,
    SessionFacts,
    SessionRequest,
)
from gather.payments.gateway import Gateway
from stripe_stand_in import ApiFault, RunningStandIn
from tests.conftest import settings_for
from tests.support.clocks import Clock
from tests.support.events import NOW
from tests.support.stripe_served import stripe_for


@pytest.fixture
def stand_in(clock: Clock) -> Iterator[RunningStandIn]:
    with stripe_for(settings_for("demo"), clock, connected_accounts=["acct_club"]) as (running, _):
        yield running


@pytest.fixture
def gateway(stand_in: RunningStandIn) -> Gateway:
    return gateway_to(stand_in)


def gateway_to(stand_in: RunningStandIn, *, retries: int = 0, **settings: Any) -> Gateway:
    return Gateway(replace(settings_for("demo"), stripe_api_base=stand_in.base_url, **settings), retries=retries)


def wanted(*, cents: int = 2500, currency: str = "eur", quantity: int = 2) -> SessionRequest:
    return SessionRequest(
        payment_id="p1",
        event_id="e",
        uid="ana",
        lines=(Line(name="Adult", unit_cents=cents, quantity=quantity),),
        currency=currency,
        expires_at=NOW + timedelta(minutes=31),
        success_url="https://events.example.org/paid",
        cancel_url="https://events.example.org/",
    )


def opened(gateway: Gateway, **fields: Any) -> SessionFacts:
    return gateway.create_session(wanted(**fields), idempotency_key="p1-1")


def test_a_session_is_asked_for_once_under_its_key(gateway: Gateway, stand_in: RunningStandIn) -> None:
    session = opened(gateway)
    assert (session.status, session.payment_status, session.amount_cents) == ("open", "unpaid", 5000)
    assert (session.payment_id, session.currency, session.livemode) == ("p1", "eur", False)
    assert session.expires_at == NOW + timedelta(minutes=31)
    assert session.url == f"{stand_in.base_url}/pay/{session.id}"
    assert session.payment_intent_id is None
    assert opened(gateway) == session
    with pytest.raises(GatewayRefusedError) as refused:
        opened(gateway, quantity=3)
    assert refused.value.code == "idempotency_error"


@pytest.mark.parametrize(("cents", "currency"), [(500, "jpy"), (5_120, "kwd"), (1_100, "isk")])
def test_amounts_go_as_they_are_whatever_the_decimals(gateway: Gateway, cents: int, currency: str) -> None:
    assert opened(gateway, cents=cents, currency=currency, quantity=1).amount_cents == cents


def test_a_paid_session_leads_to_its_intent_and_refunds(gateway: Gateway, stand_in: RunningStandIn) -> None:
    session = opened(gateway)
    stand_in.pay(session.id)
    found = gateway.retrieve_session(session.id)
    assert (found.status, found.payment_status, found.url) == ("complete", "paid", None)
    intent_id = found.payment_intent_id or ""
    refund = gateway.create_refund(
        intent_id, amount_cents=1000, metadata={"refundId": "r1", "paymentId": "p1"}, idempotency_key="r1"
    )
    assert (refund.amount_cents, refund.status, refund.refund_id) == (1000, "succeeded", "r1")
    stand_in.refund(session.id, 700)
    intent = gateway.retrieve_intent(intent_id)
    assert (intent.status, intent.received_cents, intent.payment_id, intent.disputed) == (
        "succeeded",
        5000,
        "p1",
        False,
    )
    assert [(each.amount_cents, each.refund_id) for each in intent.refunds] == [(700, None), (1000, "r1")]
    stand_in.dispute(session.id)
    assert gateway.retrieve_intent(intent_id).disputed


def test_more_than_a_page_of_refunds_is_read(gateway: Gateway, stand_in: RunningStandIn) -> None:
    session = opened(gateway)
    stand_in.pay(session.id)
    for _ in range(105):
        stand_in.refund(session.id, 1)
    intent = gateway.retrieve_intent(gateway.retrieve_session(session.id).payment_intent_id or "")
    assert sum(refund.amount_cents for refund in intent.refunds) == 105


def test_refusals_carry_stripes_code(gateway: Gateway, stand_in: RunningStandIn) -> None:
    session = opened(gateway)
    stand_in.pay(session.id)
    intent_id = gateway.retrieve_session(session.id).payment_intent_id or ""
    for ask, code in (
        (lambda: gateway.expire_session(session.id), "invalid_request"),
        (lambda: gateway.cancel_intent(intent_id), "payment_intent_unexpected_state"),
        (lambda: gateway.retrieve_session("cs_test_no"), "resource_missing"),
        (lambda: opened(gateway_to(stand_in, stripe_account="acct_club"), cents=10, quantity=1), "amount_too_small"),
    ):
        with pytest.raises(GatewayRefusedError) as refused:
            ask()
        assert refused.value.code == code


def test_an_intent_for_elements_can_be_cancelled(gateway: Gateway) -> None:
    request = IntentRequest(
        payment_id="p1", event_id="e", uid="ana", amount_cents=2500, currency="eur", description="Picnic"
    )
    intent = gateway.create_intent(request, idempotency_key="p1-1")
    assert (intent.status, intent.amount_cents, intent.payment_id) == ("requires_payment_method", 2500, "p1")
    assert (intent.client_secret or "").startswith(intent.id)
    assert gateway.retrieve_intent(intent.id).refunds == (), "nothing was charged that could go back"
    assert gateway.cancel_intent(intent.id).status == "canceled"


@pytest.mark.parametrize(
    "fault",
    [
        ApiFault.UNAVAILABLE,
        ApiFault.RATE_LIMITED,
        ApiFault.LOST_REQUEST,
        ApiFault.LOST_ANSWER,
        ApiFault.ERROR_AFTER,
    ],
)
def test_where_nothing_is_known_it_is_down_and_asking_again_makes_one_session(
    gateway: Gateway, stand_in: RunningStandIn, fault: ApiFault
) -> None:
    stand_in.switches.once(fault)
    with pytest.raises(GatewayDownError):
        opened(gateway)
    if fault is ApiFault.ERROR_AFTER:
        # Stripe keeps the error for the key; only another key gets through.
        with pytest.raises(GatewayDownError):
            opened(gateway)
        return
    session = opened(gateway)
    made = gateway.retrieve_session(session.id)
    assert made == session


@pytest.mark.parametrize("fault", [ApiFault.UNAVAILABLE, ApiFault.LOST_REQUEST, ApiFault.LOST_ANSWER])
def test_the_sdk_repeats_what_was_lost(stand_in: RunningStandIn, fault: ApiFault) -> None:
    stand_in.switches.once(fault)
    assert opened(gateway_to(stand_in, retries=1)).status == "open"


def test_a_wrong_key_says_nothing_of_the_payment(stand_in: RunningStandIn) -> None:
    with pytest.raises(GatewayDownError):
        opened(gateway_to(stand_in, stripe_secret_key="sk_test_wrong"))


def test_a_connected_account_has_its_own_sessions(gateway: Gateway, stand_in: RunningStandIn) -> None:
    club = gateway_to(stand_in, stripe_account="acct_club")
    session = opened(club)
    assert club.retrieve_session(session.id) == session
    with pytest.raises(GatewayRefusedError):
        gateway.retrieve_session(session.id)
