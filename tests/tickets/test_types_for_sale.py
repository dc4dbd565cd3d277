"""What an event sells, as buyers see it: states, hidden types, admission."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.events import NOW
from tests.support.refusals import refusal
from tests.support.tickets import type_document
from tests.tickets.given import given_event_of_acme

pytestmark = pytest.mark.emulator


def test_buyers_see_what_they_may_buy_and_in_which_state(client: Any, call: Any) -> None:
    given_event_of_acme(client, maxAttendees=50)
    types = client.collection("events/e/ticketTypes")
    types.document("a").set(type_document(name="Standing", totalQuantity=8, soldCount=3, description="no seats"))
    types.document("b").set(type_document(name="Seated", poolId="hall", minPerOrder=2))
    types.document("c").set(type_document(name="Late", salesStartAt=NOW + timedelta(days=1)))
    types.document("d").set(type_document(name="Gone", totalQuantity=5, soldCount=5))
    types.document("e").set(type_document(name="Friends", hidden=True, accessCode="open sesame"))
    types.document("f").set(type_document(name="Members", accessCode="open sesame"))
    client.document("events/e/pools/hall").set({"capacity": 10, "takenCount": 7})
    answer = call("GET", "/events/e/ticket-types", by=None)
    assert answer.get_json()["ticketTypes"][0] == {
        "id": "a",
        "name": "Standing",
        "description": "no seats",
        "priceCents": 2500,
        "currency": "EUR",
        "quantityMin": 1,
        "quantityMax": 5,
        "state": "on_sale",
    }
    shown = {each["name"]: (each["state"], each["quantityMax"]) for each in answer.get_json()["ticketTypes"]}
    assert shown == {
        "Standing": ("on_sale", 5),
        "Seated": ("on_sale", 3),
        "Late": ("sales_closed", 0),
        "Gone": ("sold_out", 0),
        "Members": ("invalid_code", 0),
    }
    assert "open sesame" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("offered", "expected"), [("open sesame", {"Friends": "on_sale"}), ("open", {}), ("", {}), (None, {})], ids=str
)
def test_a_hidden_type_is_shown_to_who_knows_its_code(
    client: Any, call: Any, offered: str | None, expected: dict[str, str]
) -> None:
    given_event_of_acme(client)
    client.document("events/e/ticketTypes/t").set(type_document(name="Friends", hidden=True, accessCode="open sesame"))
    answer = call("GET", "/events/e/ticket-types", headers={} if offered is None else {"Access-Code": offered})
    assert {each["name"]: each["state"] for each in answer.get_json()["ticketTypes"]} == expected
    assert "Access-Code" in answer.headers["Vary"]


def test_a_paid_event_without_types_sells_admission_and_a_free_one_nothing(client: Any, call: Any) -> None:
    given_event_of_acme(client, isPaid=True, priceCents=900, currency="EUR", maxAttendees=3, attendingCount=1)
    (admission,) = call("GET", "/events/e/ticket-types").get_json()["ticketTypes"]
    assert (admission["id"], admission["priceCents"], admission["quantityMax"]) == ("admission", 900, 2)
    given_event_of_acme(client)
    assert call("GET", "/events/e/ticket-types").get_json()["ticketTypes"] == []


@pytest.mark.parametrize("path", ["ticket-types", "tickets/key"])
def test_what_an_unreadable_event_sells_is_nobodys_to_see(client: Any, call: Any, path: str) -> None:
    given_event_of_acme(client, visibility="private")
    assert refusal(call("GET", f"/events/e/{path}", by="ana")) == (404, "event_not_found")
    assert refusal(call("GET", f"/events/nowhere/{path}")) == (404, "event_not_found")
    assert call("GET", f"/events/e/{path}", by="olga").status_code == 200
