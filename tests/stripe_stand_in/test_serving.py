"""Over HTTP: the SDK's own transport, connections that end, deliveries that go out by themselves, and the process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from stripe_stand_in import SECRET_KEY, ApiFault, Webhook, running_stand_in
from stripe_stand_in.__main__ import main
from stripe_stand_in.running import RunningStandIn
from tests.stripe_stand_in.conftest import SECRET, session_params
from tests.stripe_stand_in.hearing import PATIENCE_S, hearing, until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def served() -> Iterator[RunningStandIn]:
    with running_stand_in() as stand_in:
        yield stand_in


def read(payload: bytes, signature: str) -> stripe.Event:
    # The clock may be ahead of the system's.
    event: stripe.Event = stripe.Webhook.construct_event(payload, signature, SECRET, tolerance=10**10)
    return event


def over_http(stand_in: RunningStandIn, retries: int = 0) -> stripe.StripeClient:
    return stripe.StripeClient(SECRET_KEY, base_addresses={"api": stand_in.base_url}, max_network_retries=retries)


def test_the_sdk_works_over_http(served: RunningStandIn) -> None:
    client = over_http(served)
    session = client.v1.checkout.sessions.create(session_params())
    assert session.url == f"{served.base_url}/pay/{session.id}"
    served.pay(session.id)
    unknown: Any = {"foo": 1}
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert found.payment_status == "paid"
    with pytest.raises(stripe.InvalidRequestError, match="Received unknown parameter: foo"):
        client.v1.refunds.create(unknown)


@pytest.mark.parametrize(
    ("fault", "made"), [(ApiFault.LOST_REQUEST, 0), (ApiFault.LOST_ANSWER, 1)], ids=["before", "after"]
)
def test_a_connection_that_ends_is_an_error_of_the_connection(
    served: RunningStandIn, fault: ApiFault, made: int
) -> None:
    served.switches.once(fault, path="/v1/checkout", method="POST")
    client = over_http(served)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(session_params())
    assert len(client.v1.checkout.sessions.list().data) == made


@pytest.mark.parametrize("fault", [ApiFault.LOST_REQUEST, ApiFault.LOST_ANSWER, ApiFault.UNAVAILABLE])
def test_the_sdks_own_retries_make_one_session(served: RunningStandIn, fault: ApiFault) -> None:
    served.switches.once(fault)
    client = over_http(served, retries=2)
    session = client.v1.checkout.sessions.create(session_params())
    assert [each.id for each in client.v1.checkout.sessions.list().data] == [session.id]


def test_an_outage_is_503_and_too_many_requests_429(served: RunningStandIn) -> None:
    for fault, status in ((ApiFault.UNAVAILABLE, 503), (ApiFault.RATE_LIMITED, 429)):
        served.switches.once(fault, path="/v1/refunds")
        assert over_http(served).v1.events.list().data == []
        with pytest.raises(stripe.StripeError) as refused:
            over_http(served).v1.refunds.list()
        assert refused.value.http_status == status
    assert over_http(served).v1.refunds.list().data == []


def test_events_go_out_by_themselves_to_a_url() -> None:
    with (
        hearing() as (url, heard),
        running_stand_in(webhooks=[Webhook(secrets=[SECRET], url=url)], delivers=True, workers=2) as stand_in,
    ):
        session = over_http(stand_in).v1.checkout.sessions.create(session_params())
        stand_in.pay(session.id)
        until(lambda: len(heard) == 4)
        assert {read(*each).type for each in heard} >= {"checkout.session.completed"}
        other = over_http(stand_in).v1.checkout.sessions.create(session_params())
        stand_in.clock.advance(86_400)
        until(lambda: read(*heard[-1]).data.object["id"] == other.id)
        assert read(*heard[-1]).type == "checkout.session.expired"


def test_many_customers_and_deliveries_at_once_lose_nothing() -> None:
    with (
        hearing() as (url, heard),
        running_stand_in(webhooks=[Webhook(secrets=[SECRET], url=url)], delivers=True, workers=3) as stand_in,
    ):

        def buy(_: int) -> None:
            session = over_http(stand_in).v1.checkout.sessions.create(session_params())
            assert stand_in.pay(session.id).status == "paid"

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(buy, range(30)))
        assert stand_in.wait_until_idle(PATIENCE_S)
        assert len(heard) == 30 * 4
        assert {event["id"] for event in stand_in.events} == {read(*each).id for each in heard}


def test_whoever_runs_it_can_act_over_http(served: RunningStandIn) -> None:
    with httpx.Client(base_url=f"{served.base_url}/_stand_in", trust_env=False) as control:
        client = over_http(served)
        session = client.v1.checkout.sessions.create(session_params())
        paid = control.post("/pay", json={"id": session.id}).json()["done"]
        assert paid["status"] == "paid"
        assert control.post("/refund", json={"id": session.id, "amount": 500}).json()["done"]["amount"] == 500
        before = served.clock.seconds()
        assert control.post("/clock", json={"advance_s": 600}).json()["now"] >= before + 600
        switched = control.post("/faults", json={"rates": {"duplicate": 0.5}, "fault": "unavailable"})
        assert switched.json() == {"rates": {"duplicate": 0.5}}
        with pytest.raises(stripe.APIError):
            client.v1.refunds.list()
        control.post("/faults", json={"clear": True})
        assert served.switches.rates == {}
        assert control.get("/idle").json() == {"idle": True}
        log = control.get("/events").json()
        assert [event["type"] for event in log["events"]][-1] == "charge.refunded"
        assert control.post("/refund", json={"id": session.id, "amount": 99_999}).status_code == 400
        assert control.post("/pay", json={"id": "cs_no"}).status_code == 404
        assert control.post("/pay", json={}).status_code == 400
        assert control.post("/clock", json={"advance_s": -1}).status_code == 400
        assert control.post("/faults", json={"fault": "no"}).status_code == 400
        assert control.post("/rob", json={}).status_code == 404


def test_the_process_announces_itself_and_ends_with_its_input() -> None:
    process = start("--json", "--until-input-ends", "--account", "acct_1", "--fault", "duplicate=0.1")
    assert process.stdout is not None
    assert process.stdin is not None
    ready = json.loads(process.stdout.readline())
    client = stripe.StripeClient(ready["secret_key"], base_addresses={"api": ready["url"]})
    assert client.v1.refunds.list({}, {"stripe_account": "acct_1"}).data == []
    process.stdin.close()
    assert process.wait(PATIENCE_S) == 0
    process.stdout.close()


def test_it_explains_itself_and_names_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, status, text in (
        (["--help"], 0, "examples"),
        (["--fault", "gremlins=1"], 2, "'gremlins' is no fault"),
        (["--fault", "duplicate=2"], 2, "between 0 and 1"),
        (["--fault", "duplicate"], 2, "between 0 and 1"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == status
        told = capsys.readouterr()
        assert text in told.out + told.err


def test_a_port_in_use_is_told(served: RunningStandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", served.base_url.rpartition(":")[2]]) == 2
    assert "cannot listen on 127.0.0.1" in capsys.readouterr().err


def start(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "stripe_stand_in", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
