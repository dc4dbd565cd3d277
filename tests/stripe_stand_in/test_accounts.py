"""Who may ask, and for whom: keys, connected accounts, API versions, unknown paths."""

import base64

import pytest
import stripe

from stripe_stand_in import SECRET_KEY, Clock, InProcess, StandIn, Webhook
from stripe_stand_in.api import ApiRequest
from tests.stripe_stand_in.conftest import SECRET, Inbox, sdk, session_params


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("sk_test_other_key_1234", r"Invalid API Key provided: sk_test_\*+1234"),
        ("pk_test_123", "cannot be made with a publishable API key"),
        ("sk_live_123", "A live key was sent to a stand-in"),
    ],
)
def test_other_keys_are_refused(stand_in: StandIn, key: str, message: str) -> None:
    with pytest.raises(stripe.AuthenticationError, match=message) as refused:
        stripe.StripeClient(key, http_client=InProcess(stand_in)).v1.refunds.list()
    assert refused.value.http_status == 401


def test_no_key_is_refused_and_basic_works(stand_in: StandIn) -> None:
    request = ApiRequest(method="GET", path="/v1/refunds")
    assert stand_in.answer(request).json()["error"]["message"].startswith("You did not provide an API key.")
    basic = base64.b64encode(f"{SECRET_KEY}:".encode()).decode()
    headers = {"authorization": f"Basic {basic}"}
    assert stand_in.answer(ApiRequest(method="GET", path="/v1/refunds", headers=headers)).status == 200
    garbage = {"authorization": "Basic %%%"}
    assert stand_in.answer(ApiRequest(method="GET", path="/v1/refunds", headers=garbage)).status == 401


def test_unknown_paths_are_404(stand_in: StandIn) -> None:
    headers = {"authorization": f"Bearer {SECRET_KEY}"}
    answer = stand_in.answer(ApiRequest(method="GET", path="/v1/unicorns", headers=headers))
    assert answer.status == 404
    assert answer.json()["error"]["message"].startswith("Unrecognized request URL (GET: /v1/unicorns).")


def test_answers_name_request_version_and_key(client: stripe.StripeClient) -> None:
    made = client.v1.payment_intents.create({"amount": 500, "currency": "eur"}, {"idempotency_key": "k1"})
    assert made.last_response is not None
    headers = made.last_response.headers
    assert headers["Request-Id"].startswith("req_")
    assert headers["Stripe-Version"] == "2026-10-28.endive"
    assert headers["Idempotency-Key"] == "k1"


def test_a_connected_account_has_its_own_objects_and_events(stand_in: StandIn, inbox: Inbox, clock: Clock) -> None:
    club = Inbox(clock)
    stand_in.outbox.webhooks.append(Webhook(secrets=[SECRET], send=club, connect=True))
    client, connected = sdk(stand_in), sdk(stand_in, stripe_account="acct_club")
    session = connected.v1.checkout.sessions.create(session_params())
    with pytest.raises(stripe.InvalidRequestError, match=r"No such checkout\.session"):
        client.v1.checkout.sessions.retrieve(session.id)
    stand_in.pay(session.id)
    stand_in.deliver()
    assert inbox.events == []
    assert {event["account"] for event in club.events} == {"acct_club"}
    assert connected.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_an_account_that_is_not_connected_is_refused(stand_in: StandIn) -> None:
    with pytest.raises(stripe.PermissionError, match="does not have access to account 'acct_other'") as refused:
        sdk(stand_in, stripe_account="acct_other").v1.refunds.list()
    assert refused.value.http_status == 403


def test_the_same_seed_and_clock_give_the_same_history() -> None:
    def history(seed: int) -> list[object]:
        stand_in = StandIn(seed=seed, clock=Clock.standing(0))
        for amount in (500, 900):
            session = sdk(stand_in).v1.checkout.sessions.create(session_params(amount))
            stand_in.pay(session.id)
        return list(stand_in.events)

    first, again, other = history(1), history(1), history(2)
    # The SDK draws an idempotency key of its own for each request.
    assert strip_keys(first) == strip_keys(again)
    assert strip_keys(first) != strip_keys(other)


def strip_keys(events: list[object]) -> str:
    return "\n".join(str({name: value for name, value in event.items() if name != "request"}) for event in events)  # type: ignore[attr-defined]
