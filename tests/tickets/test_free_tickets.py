"""Tickets that cost nothing, from the order to the door and back: no payment, and everything is given up again."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from firewarden.testing import Database
from gather.tickets.ticket import signing_key, verified
from tests.conftest import SignIn, settings_for
from tests.support.events import assert_books_balance, event_document
from tests.support.tickets import discount_document, type_document

pytestmark = pytest.mark.emulator


@pytest.fixture
def client(firestore: Database) -> Any:
    owner = firestore.as_owner()
    owner.document("events/e").set(event_document(maxAttendees=3))
    owner.document("events/e/pools/hall").set({"capacity": 3, "takenCount": 0})
    owner.document("events/e/ticketTypes/t").set(type_document(priceCents=0, poolId="hall"))
    return owner


@pytest.fixture
def call(client: Any, http: FlaskClient, signed_in: SignIn) -> Callable[..., Any]:
    def send(path: str, body: Any = None, *, by: str = "ana", key: str | None = None) -> Any:
        headers = signed_in(by, role="member") | ({} if key is None else {"Idempotency-Key": key})
        return http.post(path, json=body, headers=headers)

    return send


def test_a_free_ticket_is_ordered_shown_let_in_and_given_up(client: Any, call: Any) -> None:
    order = {"quantity": 2, "attendees": [{"name": "Ana"}, {"name": "Ben"}]}
    answer = call("/events/e/tickets/purchase", order, key="k")
    assert answer.status_code == 201, answer.get_json()
    bought = answer.get_json()["registration"]
    path = f"/registrations/{bought['code']}"
    public_key = signing_key(settings_for("demo").ticket_signing_key).public_key()
    genuine = [verified(each["code"], public_key) for each in bought["tickets"]]
    assert [(each.ticket_id, each.event_id) for each in genuine if each] == [
        (f"{bought['id']}-1", "e"),
        (f"{bought['id']}-2", "e"),
    ]
    assert [each["attendee"]["name"] for each in bought["tickets"]] == ["Ana", "Ben"]
    assert_books_balance(client, "e")
    assert client.document("events/e/pools/hall").get().get("takenCount") == 2
    assert call(f"{path}/check-in", by="cleo").get_json()["status"] == "checked_in"
    assert call(f"{path}/cancel").status_code == 409, "who was let in has had what was ordered"
    again = call("/events/e/tickets/purchase", order, key="k").get_json()["registration"]
    assert (again["id"], again["status"]) == (bought["id"], "checked_in"), "the key still knows its order"


def test_what_is_given_up_can_be_had_by_others_and_again(client: Any, call: Any) -> None:
    first = call("/events/e/tickets/purchase", {"quantity": 3}).get_json()["registration"]
    assert call("/events/e/tickets/purchase", {"quantity": 1}, by="ben").status_code == 409
    assert call(f"/registrations/{first['code']}/cancel").get_json()["status"] == "cancelled"
    assert assert_books_balance(client, "e") == {}
    assert client.document("events/e/pools/hall").get().get("takenCount") == 0
    assert call("/events/e/tickets/purchase", {"quantity": 2}, by="ben").status_code == 201
    assert call("/events/e/tickets/purchase", {"quantity": 1}).status_code == 201
    assert client.document("events/e").get().get("attendingCount") == 3
    assert_books_balance(client, "e")


def test_a_code_that_takes_all_off_is_used_by_the_order_and_unused_when_it_is_given_up(client: Any, call: Any) -> None:
    client.document("events/e/ticketTypes/t").update({"priceCents": 2_500})
    client.document("events/e").update({"organizationId": "acme"})
    client.document("organizations/acme").set({"tier": "pro"})
    client.document("discountCodes/e:SAVE").set(discount_document(eventId="e", percent=100, usesMax=1))
    order = {"quantity": 1, "discountCode": "save"}
    bought = call("/events/e/tickets/purchase", order).get_json()["registration"]
    assert "paymentId" not in bought
    refused = call("/events/e/tickets/purchase", order, by="ben")
    assert refused.get_json()["error"]["code"] == "invalid_code"
    assert call(f"/registrations/{bought['code']}/cancel").status_code == 200
    assert call("/events/e/tickets/purchase", order, by="ben").status_code == 201
    assert client.document("discountCodes/e:SAVE").get().get("usesCount") == 1
