"""Two other stand-ins judge ours where they overlap: localstripe on intents and signatures, emulate on sessions.

Each is asked the same as ours by the same SDK, and what they model must come out the same. `make judges` installs them.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from stripe_stand_in import SECRET_KEY, Webhook, running_stand_in
from stripe_stand_in.running import RunningStandIn
from tests.stripe_stand_in.conftest import SECRET
from tests.stripe_stand_in.hearing import PATIENCE_S, hearing, until

JUDGES = Path(__file__).parents[2] / ".venv-judges"
LOCALSTRIPE = JUDGES / "bin" / "localstripe"
EMULATE = JUDGES / "node" / "node_modules" / "emulate" / "dist" / "index.js"

needs_localstripe = pytest.mark.skipif(
    not LOCALSTRIPE.exists(), reason="localstripe is not installed: `make judges` does it"
)
needs_emulate = pytest.mark.skipif(
    not EMULATE.exists() or shutil.which("node") is None,
    reason="emulate is not installed: `make judges` does it where npm is found",
)


@needs_localstripe
def test_localstripe_agrees_on_payment_intents(tmp_path: Path) -> None:
    with localstripe(tmp_path) as theirs, running_stand_in() as ours:
        expected = payments(client_of(theirs))
        assert payments(client_of(ours.base_url)) == expected
    assert [status for _, status in expected] == [
        "requires_payment_method", "succeeded", "succeeded", "canceled", "canceled", 400, 404, 400, 404
    ]  # fmt: skip


@needs_localstripe
def test_localstripe_signs_as_we_do(tmp_path: Path) -> None:
    with localstripe(tmp_path) as theirs, hearing() as (url, heard):
        httpx.post(f"{theirs}/_config/webhooks/tests", json={"url": url, "secret": SECRET}, trust_env=False)
        pay(client_of(theirs))
        until(lambda: len(heard) >= 1)
    with hearing() as (url, heard_of_ours), running_stand_in(webhooks=[Webhook(secrets=[SECRET], url=url)]) as ours:
        pay(client_of(ours.base_url))
        ours.deliver()
    told = {read(*each).type: read(*each).to_dict() for each in heard}
    told_by_ours = {read(*each).type: read(*each).to_dict() for each in heard_of_ours}
    assert told.keys() <= told_by_ours.keys()
    assert "payment_intent.succeeded" in told
    for kind, event in told.items():
        shared = ("object", "type", "livemode")
        assert {name: event.get(name) for name in shared} == {name: told_by_ours[kind].get(name) for name in shared}
        assert {name: event["data"]["object"][name] for name in ("object", "amount", "currency", "status")} == {
            name: told_by_ours[kind]["data"]["object"][name] for name in ("object", "amount", "currency", "status")
        }
    payload, signature = heard[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(payload + b" ", signature, SECRET)


@needs_emulate
def test_emulate_agrees_on_sessions() -> None:
    with emulate() as theirs, running_stand_in() as ours:

        def pay_on_theirs(session: str) -> str:
            return httpx.post(f"{theirs}/checkout/{session}/complete", trust_env=False).headers["location"]

        expected = sessions(client_of(theirs), pay_on_theirs)
        assert sessions(client_of(ours.base_url), lambda session: pay_on_page(ours, session)) == expected
    assert [fact["status"] for fact in expected if isinstance(fact, dict)] == [
        "open", "complete", "open", "expired", "expired", "complete"
    ]  # fmt: skip


def payments(client: stripe.StripeClient) -> list[tuple[Any, Any]]:
    """What becomes of payment intents: the fields that both model, and the status of each refusal."""
    intents = client.v1.payment_intents
    created = intents.create({"amount": 2000, "currency": "eur", "metadata": {"paymentId": "p1"}})
    paid = pay(client)
    facts: list[tuple[Any, Any]] = [
        (intent_facts(made), made.status) for made in (created, paid, intents.retrieve(paid.id))
    ]
    cancelled = intents.cancel(created.id)
    facts += [(intent_facts(made), made.status) for made in (cancelled, intents.retrieve(created.id))]
    facts.append(("cancel again", refusal(lambda: intents.cancel(created.id))))
    facts.append(("nobody's", refusal(lambda: intents.retrieve("pi_nobody"))))
    half: Any = {"amount": 2000}
    facts.append(("no currency", refusal(lambda: intents.create(half))))
    facts.append(("nobody's", refusal(lambda: client.v1.charges.retrieve("ch_nobody"))))
    return facts


def pay(client: stripe.StripeClient) -> stripe.PaymentIntent:
    method = client.v1.payment_methods.create(
        {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    )
    asked: Any = {"amount": 1500, "currency": "eur", "payment_method": method.id, "confirm": True}
    try:
        return client.v1.payment_intents.create(asked)
    except stripe.InvalidRequestError as error:
        # Ours follows the current version of the API, in which intents may redirect their customers.
        assert "return_url" in str(error)  # noqa: PT017 - and then it is given
        asked["return_url"] = "https://example.org"
        return client.v1.payment_intents.create(asked)


def intent_facts(intent: stripe.PaymentIntent) -> dict[str, Any]:
    known = intent.to_dict()
    shared = ("object", "amount", "currency", "livemode", "status", "capture_method", "metadata", "next_action",
              "last_payment_error", "customer")  # fmt: skip
    return {
        **{name: known[name] for name in shared},
        "secret": str(known["client_secret"]).startswith(f"{intent.id}_secret_"),
        "charged": known["latest_charge"] is not None,
    }


def sessions(client: stripe.StripeClient, pay_on: Callable[[str], str]) -> list[Any]:
    """What becomes of sessions: the fields that both model, where customers are sent, and refusals."""
    product = client.v1.products.create({"name": "Ticket"})
    price = client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 2000})
    params: Any = {
        "mode": "payment",
        "success_url": "https://example.org/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://example.org/back",
        "line_items": [{"price": price.id, "quantity": 2}],
        "metadata": {"paymentId": "p1"},
    }
    calls = client.v1.checkout.sessions
    paid = calls.create(params)
    facts: list[Any] = [session_facts(paid)]
    facts.append(pay_on(paid.id).replace(paid.id, "ID"))
    facts.append(session_facts(calls.retrieve(paid.id)))
    facts.append(refusal(lambda: calls.expire(paid.id)))
    left = calls.create(params)
    facts.append(session_facts(left))
    facts.append(session_facts(calls.expire(left.id)))
    facts.append(refusal(lambda: calls.expire(left.id)))
    facts.append(refusal(lambda: calls.retrieve("cs_nobody")))
    return facts + [session_facts(session) for session in calls.list().data]


def session_facts(session: stripe.checkout.Session) -> dict[str, Any]:
    shared = ("object", "mode", "status", "payment_status", "success_url", "cancel_url", "metadata", "livemode",
              "customer")  # fmt: skip
    known = session.to_dict()
    return {**{name: known[name] for name in shared}, "has a page": known["url"] is not None}


def pay_on_page(ours: RunningStandIn, session: str) -> str:
    data = {"method": "card", "card": "4242424242424242"}
    return httpx.post(f"{ours.base_url}/pay/{session}", data=data, trust_env=False).headers["location"]


def refusal(ask: Callable[[], Any]) -> int:
    """The HTTP status with which it is refused."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        ask()
    assert refused.value.http_status is not None
    return refused.value.http_status


def client_of(url: str) -> stripe.StripeClient:
    return stripe.StripeClient(SECRET_KEY, base_addresses={"api": url}, max_network_retries=0)


def read(payload: bytes, signature: str) -> stripe.Event:
    event: stripe.Event = stripe.Webhook.construct_event(payload, signature, SECRET)
    return event


@contextmanager
def localstripe(folder: Path) -> Iterator[str]:
    with served([str(LOCALSTRIPE), "--port", "PORT", "--from-scratch"], "/v1/payment_intents", folder) as url:
        yield url


@contextmanager
def emulate() -> Iterator[str]:
    command = [str(shutil.which("node")), str(EMULATE), "start", "-p", "PORT", "-s", "stripe"]
    with served(command, "/v1/checkout/sessions", EMULATE.parent) as url:
        yield url


@contextmanager
def served(command: list[str], path: str, folder: Path) -> Iterator[str]:
    """The judge runs inside the block, on a port that was free."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 - a judge that `make judges` installed
        [str(port) if part == "PORT" else part for part in command],
        cwd=folder,
        env={**os.environ, "HOME": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, f"{command[0]} has ended"
        try:
            headers = {"Authorization": f"Bearer {SECRET_KEY}"}
            return httpx.get(url + path, headers=headers, trust_env=False).status_code < 500
        except httpx.TransportError:
            return False

    try:
        until(answers)
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
