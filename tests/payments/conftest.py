"""Fixtures of payments: a Stripe in memory, what Stripe sends, and a sale."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from firewarden.testing import Database
from gather.runtime import Runtime
from tests.conftest import SignIn, settings_for
from tests.payments.refunding import PAYMENT
from tests.support.apps import http_of
from tests.support.clocks import Clock
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import on_sale, paid
from tests.support.runtimes import runtime_for
from tests.support.shopping import Headers, Shopping
from tests.support.stored import stored
from tests.support.strangers import Stranger
from tests.support.stripe_payloads import body_of, signature_of

Deliver = Callable[..., TestResponse]


@pytest.fixture
def model_stripe(clock: Clock) -> ModelStripe:
    return ModelStripe(clock.now)


@pytest.fixture
def paying(firestore: Database, clock: Clock, model_stripe: ModelStripe) -> Runtime:
    """The functions' runtime with that Stripe, by that clock."""
    settings = settings_for(firestore.project)
    return runtime_for(settings, firestore.as_owner(), now=clock.now, gateway=model_stripe, sleep=clock.sleep)


@pytest.fixture
def shop(paying: Runtime, emulated_auth: None) -> Iterator[FlaskClient]:
    """The HTTP application on that runtime."""
    with http_of(paying) as client:
        yield client


@pytest.fixture
def deliver(shop: FlaskClient, paying: Runtime) -> Deliver:
    """``deliver(event)``: what Stripe does with an event."""
    secret = paying.settings.stripe_webhook_secrets[0]

    def post(event: dict[str, Any], path: str = "/webhooks/stripe") -> TestResponse:
        body = body_of(event)
        return shop.post(path, data=body, headers={"Stripe-Signature": signature_of(body, secret, at=paying.now())})

    return post


@pytest.fixture
def shopping(shop: FlaskClient, paying: Runtime, model_stripe: ModelStripe, signed_in: SignIn) -> Shopping:
    return Shopping(http=shop, found=paying, stripe=model_stripe, signed_in=signed_in)


@pytest.fixture
def open_sale(paying: Runtime, model_stripe: ModelStripe) -> dict[str, Any]:
    """An event of Stripe's that would change much if it were taken; returns it."""
    on_sale(paying)
    return paid(paying, model_stripe)


@pytest.fixture
def sold(paying: Runtime, model_stripe: ModelStripe, deliver: Deliver) -> str:
    """Three tickets that ana has paid; returns the intent's id."""
    on_sale(paying, seats=5)
    assert deliver(paid(paying, model_stripe, quantity=3)).status_code == 200
    return str(stored(paying, PAYMENT)["paymentIntentId"])


@pytest.fixture
def organizer(signed_in: SignIn) -> Headers:
    """Who organizes for the organization of the event that is on sale."""
    return signed_in("olga", role="member")


@pytest.fixture
def stranger(shop: FlaskClient, paying: Runtime) -> Stranger:
    return Stranger(http=shop, found=paying)
