"""Everybody wants one of few tickets at once, over HTTP, and pays for them: exactly as many are sold as there are.

CI plays a small crowd; `make storm-tickets` plays 500 buyers on 100 tickets (GATHER_BUYERS) and prints how fast it was.
"""

import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from firewarden.testing import Database, unsigned_id_token
from gather.payments.gateway import Gateway
from gather.transactions import Transact, run_transaction
from stripe_stand_in import SECRET_KEY, Webhook, running_stand_in
from tests.conftest import settings_for
from tests.support.events import assert_books_balance, event_document, ledger
from tests.support.stack import running_functions
from tests.support.unprotected import run_unprotected

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("functions")]

BUYERS = int(os.environ.get("GATHER_BUYERS", "20"))
TICKETS = BUYERS // 5
TRIES = 8  # a client that is told to try again does so
GIVES_UP = 7
"""Every so many-th buyer who could pay gives up instead; their ticket is for somebody else."""
PRICE = 2_500


@dataclass(slots=True)
class Crowd:
    """Who buys, what they were told, and how long it took."""

    http: httpx.Client
    project: str
    stripe: Any
    pays: bool = True
    heard: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def told(self) -> Counter[str]:
        """How many were told what. Threads add to a list, for to count is not atomic."""
        return Counter(self.heard)

    def buys(self, number: int) -> None:
        """Order one ticket; pay for it, or give it up."""
        uid = f"buyer{number:04}"
        answer = self._orders(uid)
        if answer.status_code != httpx.codes.CREATED:
            self.heard.append(answer.json()["error"]["code"])
            return
        ordered = answer.json()
        if not self.pays:
            return
        path = f"/payments/{ordered['payment']['id']}"
        if number % GIVES_UP == 0:
            is_done = self._asks("POST", f"{path}/cancel", uid).status_code == httpx.codes.OK
            self.heard.append("given up" if is_done else "not given up")
            return
        self.stripe.pay(ordered["sessionId"])
        shown = self._asks("GET", f"{path}/success", uid).json()["payment"]
        self.heard.append("sold" if shown["admitted"] is True else "not sold")

    def _orders(self, uid: str) -> httpx.Response:
        began = time.monotonic()
        answer = self._asks("POST", "/events/e/tickets/purchase", uid, {"ticketType": "seat"})
        self.seconds.append(time.monotonic() - began)
        return answer

    def _asks(self, method: str, path: str, uid: str, body: Any = None) -> httpx.Response:
        token = unsigned_id_token(uid, {"role": "member"}, project=self.project)
        for _ in range(TRIES):
            answer = self.http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        return answer


Storm = Callable[..., tuple[Crowd, float]]


@pytest.fixture
def storm(firestore_functions: Database, firestore_functions_server: Any) -> Storm:
    """``storm(buyers, tickets)``: all of them at once, then latecomers until nothing is left; and the rush's time."""

    def play(
        buyers: int, tickets: int, *, transact: Transact = run_transaction, pays: bool = True
    ) -> tuple[Crowd, float]:
        database, address = firestore_functions, firestore_functions_server.functions_address
        webhook = Webhook(secrets=["whsec_example"], url=f"http://{address}/webhooks/stripe")
        with running_stand_in(webhooks=[webhook], delivers=True) as stripe:
            settings = settings_for(database.project)
            gateway = Gateway(replace(settings, stripe_secret_key=SECRET_KEY, stripe_api_base=stripe.base_url))
            with (
                running_functions(database, address=address, transact=transact, workers=16, gateway=gateway) as host,
                httpx.Client(base_url=f"http://{host.address}", timeout=120, trust_env=False) as http,
            ):
                _put_up_for_sale(database.as_owner(), tickets)
                host.settle(timeout_s=240)
                crowd = Crowd(http, database.project, stripe, pays)
                began = time.monotonic()
                _rush(crowd, range(1, buyers + 1))
                elapsed_s = time.monotonic() - began
                if pays:
                    _come_late(crowd, first=buyers + 1)
                host.settle(timeout_s=240)
        return crowd, elapsed_s

    return play


def test_of_a_crowd_exactly_as_many_buy_as_there_are_tickets(storm: Storm, firestore_functions: Database) -> None:
    crowd, elapsed_s = storm(BUYERS, TICKETS)
    slowest = statistics.quantiles(crowd.seconds, n=100)[98]
    # Shown by `make storm-tickets`, which asks for it with -s.
    sys.stdout.write(
        f"{BUYERS} buyers, {TICKETS} tickets: {dict(crowd.told)}; {BUYERS / elapsed_s:.1f} orders/s to the end, "
        f"p50 {statistics.median(crowd.seconds):.2f} s, p99 {slowest:.2f} s\n"
    )
    client = firestore_functions.as_owner()
    assert crowd.told["sold"] == TICKETS
    assert set(crowd.told) <= {"sold", "sold_out", "given up"}
    seats = assert_books_balance(client, "e")
    assert sum(seat["seats"] for seat in seats.values()) == TICKETS
    assert {seat["state"] for seat in seats.values()} == {"admitted"}
    kind = client.document("events/e/ticketTypes/seat").get()
    assert (kind.get("soldCount"), kind.get("heldCount")) == (TICKETS, 0)
    for collection, field_, value in (
        ("tickets", "status", "valid"),
        ("registrations", "status", "confirmed"),
        ("payments", "status", "succeeded"),
        ("receipts", "currency", "EUR"),
    ):
        stored = [each.get(field_) for each in client.collection(collection).stream()]
        assert stored.count(value) == TICKETS, collection


def test_without_transactions_the_same_crowd_buys_too_much(storm: Storm, firestore_functions: Database) -> None:
    """Negative control."""
    storm(16, 2, transact=run_unprotected, pays=False)
    seats = ledger(firestore_functions.as_owner(), "e")
    assert sum(seat["seats"] for seat in seats.values()) > 2


def _rush(crowd: Crowd, numbers: range) -> None:
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(crowd.buys, numbers))


def _come_late(crowd: Crowd, *, first: int) -> None:
    """What was given up is sold to whoever comes then, until somebody is told that nothing is left."""
    told_before, number = crowd.told["sold_out"], first
    while crowd.told["sold_out"] == told_before and number < first + BUYERS:
        crowd.buys(number)
        number += 1


def _put_up_for_sale(client: Any, tickets: int) -> None:
    client.document("organizations/acme").set({"name": "Acme", "tier": "pro"})
    client.document("events/e").set(event_document(isPaid=True, organizationId="acme", maxAttendees=tickets))
    kind = {"name": "Seat", "priceCents": PRICE, "currency": "EUR", "soldCount": 0, "heldCount": 0}
    client.document("events/e/ticketTypes/seat").set(kind | {"totalQuantity": tickets})
