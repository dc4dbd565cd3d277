"""A stand-in whose clock stands still, the SDK in front of it, and an endpoint that remembers what it was sent."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from stripe_stand_in import SECRET_KEY, Clock, InProcess, StandIn, Webhook

START = 1_800_000_000
SECRET = "whsec_tests"

SessionMaker = Callable[..., stripe.checkout.Session]


class Inbox:
    """An endpoint: what it was sent, and what it answers. The signature of everything is verified as it comes."""

    def __init__(self, clock: Clock) -> None:
        self.statuses: list[int] = []
        """What it answers to the next ones; 200 when there is nothing left."""
        self.events: list[dict[str, Any]] = []
        self._clock = clock

    def __call__(self, payload: bytes, headers: dict[str, str]) -> int:
        stripe.WebhookSignature.verify_header(payload, headers["Stripe-Signature"], SECRET, tolerance=0)
        event = stripe.Webhook.construct_event_without_verification(payload).to_dict()
        self.events.append({**event, "_at": self._clock.seconds()})
        return self.statuses.pop(0) if self.statuses else 200

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@pytest.fixture
def clock() -> Clock:
    return Clock.standing(START)


@pytest.fixture
def inbox(clock: Clock) -> Inbox:
    return Inbox(clock)


@pytest.fixture
def stand_in(clock: Clock, inbox: Inbox) -> StandIn:
    return StandIn(clock=clock, webhooks=[Webhook(secrets=[SECRET], send=inbox)], connected_accounts=["acct_club"])


@pytest.fixture
def client(stand_in: StandIn) -> stripe.StripeClient:
    return sdk(stand_in)


def sdk(stand_in: StandIn, **options: Any) -> stripe.StripeClient:
    """The real SDK, which does not repeat requests by itself unless asked to."""
    return stripe.StripeClient(SECRET_KEY, **{"http_client": InProcess(stand_in), "max_network_retries": 0, **options})


@pytest.fixture
def new_session(client: stripe.StripeClient, clock: Clock) -> SessionMaker:
    """``new_session(amount, currency, quantity=1, **params)``: an open session for one line item."""

    def create(amount: int = 2500, currency: str = "eur", *, quantity: int = 1, **params: Any) -> Any:
        asked: Any = {**session_params(amount, currency, quantity), **params}
        return client.v1.checkout.sessions.create(asked)

    return create


def session_params(amount: int = 2500, currency: str = "eur", quantity: int = 1) -> Any:
    """Typed as anything: tests send what they like."""
    return {
        "mode": "payment",
        "success_url": "https://example.org/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://example.org/back",
        "line_items": [
            {
                "quantity": quantity,
                "price_data": {"currency": currency, "unit_amount": amount, "product_data": {"name": "Ticket"}},
            }
        ],
    }
