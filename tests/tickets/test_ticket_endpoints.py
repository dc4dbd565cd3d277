"""Tickets as their owners show them, and what scanners need to tell them: the key and the revocations."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gather.tickets import store
from gather.tickets.ticket import (
    Admission,
    TicketStatus,
    verified,
)
from tests.support.events import NOW
from tests.support.refusals import refusal
from tests.tickets.given import given_event_of_acme, given_ticket

pytestmark = pytest.mark.emulator


@pytest.mark.parametrize(
    ("by", "expected"), [("ana", 200), ("cleo", 200), ("olga", 200), ("root", 200), ("ben", 404), (None, 401)]
)
def test_a_ticket_is_its_owners_and_its_organizers_to_see(
    client: Any, call: Any, by: str | None, expected: int
) -> None:
    given_event_of_acme(client)
    given_ticket(client)
    for path in ("/tickets/x-1", "/tickets/x-1.svg", "/tickets/x-1.png"):
        assert call("GET", path, by=by).status_code == expected


def test_a_scanner_with_the_key_of_the_endpoint_tells_a_ticket_offline(client: Any, call: Any) -> None:
    given_event_of_acme(client)
    given_ticket(client)
    ticket = call("GET", "/tickets/x-1", by="ana").get_json()
    answer = call("GET", "/events/e/tickets/key", by="ana").get_json()
    public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(answer["publicKey"]))
    assert answer["algorithm"] == "Ed25519"
    assert verified(ticket["code"], public_key) == Admission("x-1", "e")


def test_a_ticket_is_drawn_as_svg_and_png(client: Any, call: Any) -> None:
    given_event_of_acme(client)
    given_ticket(client)
    svg, png = (call("GET", f"/tickets/x-1.{form}", by="ana") for form in ("svg", "png"))
    assert (svg.content_type, png.content_type) == ("image/svg+xml", "image/png")
    assert svg.data.startswith(b"<?xml")
    assert png.data.startswith(b"\x89PNG")
    assert png.headers["Cache-Control"] == "private, no-cache"


def test_a_void_ticket_shows_no_code(client: Any, call: Any) -> None:
    given_event_of_acme(client)
    given_ticket(client, status=TicketStatus.VOID, voided_at=NOW)
    answer = call("GET", "/tickets/x-1", by="ana").get_json()
    assert (answer["status"], "code" in answer) == ("void", False)
    assert refusal(call("GET", "/tickets/x-1.svg", by="ana")) == (410, "ticket_void")
    assert refusal(call("GET", "/tickets/x-1.png", by="ana")) == (410, "ticket_void")


@pytest.mark.parametrize("name", ["nowhere", "nowhere.svg", "__x__", ".."])
def test_a_missing_ticket_is_not_there(client: Any, call: Any, name: str) -> None:
    assert call("GET", f"/tickets/{name}", by="root").status_code == 404


def test_revocations_are_listed_in_order_and_a_scanner_goes_on_from_where_it_was(
    client: Any, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_event_of_acme(client)
    monkeypatch.setattr(store, "REVOCATIONS_PAGE", 2)
    for number, minutes in ((1, 5), (2, 1), (3, 5)):  # two at the same moment, on two pages
        voided_at = NOW + timedelta(minutes=minutes)
        given_ticket(client, f"x-{number}", status=TicketStatus.VOID, voided_at=voided_at)
    given_ticket(client, "x-4")
    given_ticket(client, "y-1", event_id="other", status=TicketStatus.VOID, voided_at=NOW)
    first = call("GET", "/events/e/tickets/revocations", by="olga").get_json()
    assert ([each["ticketId"] for each in first["revoked"]], first["complete"]) == (["x-2", "x-1"], False)
    second = call("GET", f"/events/e/tickets/revocations?cursor={first['cursor']}").get_json()
    assert ([each["ticketId"] for each in second["revoked"]], second["complete"]) == (["x-3"], True)
    nothing = call("GET", f"/events/e/tickets/revocations?cursor={second['cursor']}").get_json()
    assert (nothing["revoked"], nothing["complete"], nothing["cursor"]) == ([], True, second["cursor"])


def test_revocations_are_for_who_manages_the_event(client: Any, call: Any) -> None:
    given_event_of_acme(client)
    assert refusal(call("GET", "/events/e/tickets/revocations", by="ana")) == (403, "forbidden")
    assert call("GET", "/events/e/tickets/revocations", by=None).status_code == 401
    assert refusal(call("GET", "/events/e/tickets/revocations?cursor=x")) == (422, "validation_failed")
    assert call("GET", "/events/e/tickets/revocations", by="root").get_json() == {
        "eventId": "e",
        "revoked": [],
        "complete": True,
    }
