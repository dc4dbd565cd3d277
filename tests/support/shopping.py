"""Buying as a client does it, over HTTP, and what is stored afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gather.runtime import Runtime
from tests.support.events import assert_books_balance, ledger
from tests.support.model_stripe import ModelStripe

Headers = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shopping:
    """Everybody who buys at event `e`, the shop they buy in, and the Stripe they pay with."""

    http: FlaskClient
    found: Runtime
    stripe: ModelStripe
    signed_in: Callable[..., Headers]

    def orders(self, uid: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> TestResponse:
        """Order tickets."""
        return self._post(uid, "/events/e/tickets/purchase", body, key)

    def checks_out(self, uid: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> TestResponse:
        """Order the seats of one's RSVP."""
        return self._post(uid, "/events/e/checkout", body, key)

    def buys(self, uid: str, **body: Any) -> dict[str, Any]:
        """Order tickets and pay for them; returns the order's answer."""
        answer = self.orders(uid, body)
        assert answer.status_code == 201, answer.json
        ordered: dict[str, Any] = answer.get_json()
        self.pays(ordered)
        return ordered

    def pays(self, ordered: Mapping[str, Any]) -> None:
        """Pay on Stripe's page and come back."""
        self.stripe.pay(ordered["sessionId"])
        self.returns(ordered)

    def returns(self, ordered: Mapping[str, Any]) -> dict[str, Any]:
        """Come back from Stripe's page; returns what it says there."""
        answer = self.http.get(f"/payments/{ordered['payment']['id']}/success")
        assert answer.status_code == 200, answer.json
        shown: dict[str, Any] = answer.get_json()["payment"]
        return shown

    def cancels(self, uid: str, ordered: Mapping[str, Any]) -> TestResponse:
        """Give an order up."""
        headers = self.signed_in(uid, role="member")
        return self.http.post(f"/payments/{ordered['payment']['id']}/cancel", headers=headers)

    def sells(self, name: str, **fields: Any) -> None:
        """Put a ticket type up for sale."""
        kind = {"name": name.upper(), "priceCents": 4_000, "currency": "USD", "soldCount": 0, "heldCount": 0} | fields
        self.found.firestore.document("events/e/ticketTypes", name).set(kind)

    def stored(self, path: str) -> dict[str, Any] | None:
        """A document as it is now."""
        found: dict[str, Any] | None = self.found.firestore.document(path).get().to_dict()
        return found

    def payment(self, ordered: Mapping[str, Any]) -> dict[str, Any]:
        """The payment of an order as it is now."""
        return self.stored(f"payments/{ordered['payment']['id']}") or {}

    def rsvp(self, uid: str) -> dict[str, Any] | None:
        return self.stored(f"events/e/rsvps/{uid}")

    def seats(self) -> dict[str, dict[str, Any]]:
        """The ledger; the event's counts and every type's and pool's are what it says, and nothing is oversold."""
        client = self.found.firestore
        seats = assert_books_balance(client, "e")
        for kind in client.collection("events/e/ticketTypes").stream():
            mine = [seat for seat in seats.values() if seat.get("ticketTypeId") == kind.id]
            sold = sum(seat["seats"] for seat in mine if seat["state"] == "admitted")
            held = sum(seat["seats"] for seat in mine if seat["state"] == "held")
            stored = kind.to_dict()
            assert (stored["soldCount"], stored["heldCount"]) == (sold, held), kind.id
            assert stored.get("totalQuantity") is None or sold + held <= stored["totalQuantity"], kind.id
        for pool in client.collection("events/e/pools").stream():
            taken = sum(seat["seats"] for seat in seats.values() if seat.get("poolId") == pool.id)
            assert pool.get("takenCount") == taken <= pool.get("capacity"), pool.id
        return seats

    def ledger(self) -> dict[str, dict[str, Any]]:
        return ledger(self.found.firestore, "e")

    def tickets(self, **wanted: str) -> dict[str, dict[str, Any]]:
        """Tickets whose fields read as wanted, by id."""
        found = {each.id: each.to_dict() for each in self.found.firestore.collection("tickets").stream()}
        return {name: each for name, each in found.items() if wanted.items() <= each.items()}

    def _post(self, uid: str, path: str, body: Mapping[str, Any] | None, key: str | None) -> TestResponse:
        headers = self.signed_in(uid, role="member", email=f"{uid}@example.org", name=uid.title())
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.http.post(path, json=dict(body or {}), headers=headers)
