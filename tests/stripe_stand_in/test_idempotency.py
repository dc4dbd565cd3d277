"""Idempotency keys: the first answer counts for a day, with the same parameters only."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from stripe_stand_in import ApiFault, Clock, StandIn
from tests.stripe_stand_in.conftest import SessionMaker, sdk, session_params

KEY: Any = {"idempotency_key": "payment-1.1"}


def test_the_same_key_gets_the_same_answer(client: stripe.StripeClient) -> None:
    first = client.v1.checkout.sessions.create(session_params(), KEY)
    second = client.v1.checkout.sessions.create(session_params(), KEY)
    assert second.to_dict() == first.to_dict()
    assert len(client.v1.checkout.sessions.list().data) == 1
    assert second.last_response is not None
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert first.last_response is not None
    assert second.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]


def test_the_answer_is_the_one_that_was_given_then(client: stripe.StripeClient, stand_in: StandIn) -> None:
    first = client.v1.checkout.sessions.create(session_params(), KEY)
    stand_in.pay(first.id)
    assert client.v1.checkout.sessions.create(session_params(), KEY).status == "open"


def test_other_parameters_are_refused(client: stripe.StripeClient) -> None:
    client.v1.checkout.sessions.create(session_params(2500), KEY)
    with pytest.raises(stripe.IdempotencyError, match="same parameters they were first used with") as refused:
        client.v1.checkout.sessions.create(session_params(2600), KEY)
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match=r"same endpoint .*'/v1/refunds' vs '/v1/checkout/sessions'"):
        client.v1.refunds.create({"charge": "ch"}, KEY)


def test_a_refusal_is_kept_too(client: stripe.StripeClient, new_session: SessionMaker, stand_in: StandIn) -> None:
    session = new_session()
    stand_in.pay(session.id)
    intent_id = stand_in.get(session.id)["payment_intent"]
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="greater than charge amount"):
            client.v1.refunds.create({"payment_intent": intent_id, "amount": 9999}, KEY)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.refunds.create({"payment_intent": intent_id, "amount": 10}, KEY)


def test_a_declined_card_is_declined_again(client: stripe.StripeClient) -> None:
    params: Any = {"amount": 500, "currency": "eur", "confirm": True, "payment_method": "pm_card_chargeDeclined",
                   "return_url": "https://example.org"}  # fmt: skip
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            client.v1.payment_intents.create(params, KEY)
    assert len(client.v1.payment_intents.list().data) == 1


def test_parameters_that_no_endpoint_took_leave_the_key_free(client: stripe.StripeClient) -> None:
    half: Any = {"amount": 500}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create(half, KEY)
    assert client.v1.payment_intents.create({"amount": 500, "currency": "eur"}, KEY).amount == 500


def test_an_error_after_the_work_is_kept(client: stripe.StripeClient, stand_in: StandIn) -> None:
    stand_in.switches.once(ApiFault.ERROR_AFTER)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as refused:
            client.v1.checkout.sessions.create(session_params(), KEY)
        assert refused.value.http_status == 500
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_a_lost_answer_can_be_asked_for_again(client: stripe.StripeClient, stand_in: StandIn) -> None:
    stand_in.switches.once(ApiFault.LOST_ANSWER)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(session_params(), KEY)
    made = client.v1.checkout.sessions.create(session_params(), KEY)
    assert [session.id for session in client.v1.checkout.sessions.list().data] == [made.id]


def test_keys_are_forgotten_after_a_day(client: stripe.StripeClient, clock: Clock) -> None:
    first = client.v1.payment_intents.create({"amount": 500, "currency": "eur"}, KEY)
    clock.advance(86_399)
    assert client.v1.payment_intents.create({"amount": 500, "currency": "eur"}, KEY).id == first.id
    clock.advance(1)
    assert client.v1.payment_intents.create({"amount": 600, "currency": "eur"}, KEY).id != first.id


def test_keys_are_per_account_and_not_too_long(client: stripe.StripeClient) -> None:
    own = client.v1.payment_intents.create({"amount": 500, "currency": "eur"}, KEY)
    theirs_too: Any = {**KEY, "stripe_account": "acct_club"}
    theirs = client.v1.payment_intents.create({"amount": 700, "currency": "eur"}, theirs_too)
    assert own.id != theirs.id
    with pytest.raises(stripe.InvalidRequestError, match="up to 255 characters"):
        client.v1.payment_intents.create({"amount": 500, "currency": "eur"}, {"idempotency_key": "k" * 256})


def test_the_same_key_at_the_same_time_is_a_conflict(stand_in: StandIn) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def sleep(_: float) -> None:
        begun.set()
        may_end.wait()

    def create() -> str:
        return sdk(stand_in).v1.payment_intents.create({"amount": 500, "currency": "eur"}, KEY).id

    stand_in.switches.sleep = sleep
    stand_in.switches.once(ApiFault.SLOW)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(create)
        begun.wait()
        with pytest.raises(stripe.APIError) as refused:
            create()
        body: Any = refused.value.json_body
        assert (refused.value.http_status, body["error"]["code"]) == (409, "idempotency_key_in_use")
        may_end.set()
        assert create_until(create) == first.result()
    assert len(sdk(stand_in).v1.payment_intents.list().data) == 1


def create_until(create: Callable[[], str]) -> str:
    """Asks again while it is a conflict, as the SDK's own retries do."""
    while True:
        try:
            return create()
        except stripe.APIError as error:
            assert error.http_status == 409  # noqa: PT017 - nothing else may refuse it
