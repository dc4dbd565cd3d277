"""Ticket types as buyers see them, registrations by their codes, tickets and what scanners need."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient

from firewarden.testing import Database
from gather.attendance.model import Seat, SeatState
from gather.tickets import store
from gather.tickets.registration import Registration, Status, registered, registration_document
from gather.tickets.seats import carry_out, open_holding, plan_seats
from gather.tickets.ticket import (
    Admission,
    Ticket,
    TicketStatus,
    signed_code,
    signing_key,
    ticket_document,
    ticket_id,
    verified,
)
from gather.transactions import run_transaction
from tests.conftest import settings_for
from tests.support.events import NOW, assert_books_balance, event_document
from tests.support.tickets import discount_document, type_document

pytestmark = pytest.mark.emulator

SignedIn = Callable[..., dict[str, str]]
MEMBER, ADMIN = {"role": "member"}, {"role": "admin"}
CODE = "ABCDEFGH23"
KEY = signing_key(settings_for("demo").ticket_signing_key)


@pytest.fixture
def client(firestore: Database) -> Any:
    return firestore.as_owner()


@pytest.fixture
def call(http: FlaskClient, signed_in: SignedIn) -> Callable[..., Any]:
    """``call("GET", path, by="olga")``: ana buys, cleo has made the event, olga organizes, root is an admin."""

    def send(method: str, path: str, *, by: str | None = "cleo", **options: Any) -> Any:
        headers = options.pop("headers", {}) | (
            {} if by is None else signed_in(by, **(ADMIN if by == "root" else MEMBER))
        )
        return http.open(path, method=method, headers=headers, **options)

    return send


def given_event(client: Any, **fields: Any) -> None:
    client.document("events/e").set(event_document(organizationId="acme", **fields))
    client.document("organizations/acme/members/olga").set({"role": "organizer"})


def given_registration(
    client: Any, status: Status = Status.CONFIRMED, *, code: str = CODE, quantity: int = 2, **fields: Any
) -> Registration:
    """A registration of ana's with its tickets, without seats."""
    found = registered(
        code, event_id="e", uid="ana", ticket_type_id="t", quantity=quantity, status=status, at=NOW, **fields
    )
    client.document("registrations", code).set(registration_document(found))
    for number in range(1, quantity + 1):
        given_ticket(client, ticket_id(code, number), number=number, registration_id=code)
    return found


def given_ticket(client: Any, name: str = "x-1", **fields: Any) -> Ticket:
    ticket = Ticket(
        id=name,
        event_id="e",
        uid="ana",
        ticket_type_id="t",
        number=1,
        code=signed_code(name, "e", KEY),
        status=TicketStatus.VALID,
        issued_at=NOW,
    )
    client.document("tickets", name).set(ticket_document(replace(ticket, **fields)))
    return ticket


def given_seats(client: Any, seats: int) -> None:
    """Let ana's registration take seats, as a purchase does."""

    def body(transaction: Any) -> None:
        holding = open_holding(transaction, client, "e", uid="ana", key=CODE, type_id="t", pool_id="hall", now=NOW)
        assert holding is not None
        target = Seat(
            seats=seats,
            state=SeatState.ADMITTED,
            since=NOW,
            source="registration",
            ticket_type_id="t",
            pool_id="hall",
            event_created_at=holding.opening.room.created_at,
        )
        plan = plan_seats(transaction, client, holding, target, shows=None, says_going=True)
        carry_out(transaction, client, plan)

    run_transaction(client, body)


def code_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.get_json()["error"]["code"]


# ---- what an event sells


def test_buyers_see_what_they_may_buy_and_in_which_state(client: Any, call: Any) -> None:
    given_event(client, maxAttendees=50)
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
    given_event(client)
    client.document("events/e/ticketTypes/t").set(type_document(name="Friends", hidden=True, accessCode="open sesame"))
    answer = call("GET", "/events/e/ticket-types", headers={} if offered is None else {"Access-Code": offered})
    assert {each["name"]: each["state"] for each in answer.get_json()["ticketTypes"]} == expected
    assert "Access-Code" in answer.headers["Vary"]


def test_a_paid_event_without_types_sells_admission_and_a_free_one_nothing(client: Any, call: Any) -> None:
    given_event(client, isPaid=True, priceCents=900, currency="EUR", maxAttendees=3, attendingCount=1)
    (admission,) = call("GET", "/events/e/ticket-types").get_json()["ticketTypes"]
    assert (admission["id"], admission["priceCents"], admission["quantityMax"]) == ("admission", 900, 2)
    given_event(client)
    assert call("GET", "/events/e/ticket-types").get_json()["ticketTypes"] == []


@pytest.mark.parametrize("path", ["ticket-types", "tickets/key"])
def test_what_an_unreadable_event_sells_is_nobodys_to_see(client: Any, call: Any, path: str) -> None:
    given_event(client, visibility="private")
    assert code_of(call("GET", f"/events/e/{path}", by="ana")) == (404, "event_not_found")
    assert code_of(call("GET", f"/events/nowhere/{path}")) == (404, "event_not_found")
    assert call("GET", f"/events/e/{path}", by="olga").status_code == 200


# ---- registrations


@pytest.mark.parametrize(
    ("by", "expected"), [("ana", 200), ("cleo", 200), ("olga", 200), ("root", 200), ("ben", 404), (None, 401)]
)
def test_a_registration_is_its_owners_and_its_organizers_to_see(
    client: Any, call: Any, by: str | None, expected: int
) -> None:
    given_event(client)
    given_registration(client)
    assert call("GET", f"/registrations/{CODE}", by=by).status_code == expected


@pytest.mark.parametrize("typed", ["ABCDE-FGH23", "abcdefgh23", "ABCDE%20FGH23"])
def test_a_code_is_found_however_it_is_typed(client: Any, call: Any, typed: str) -> None:
    given_event(client)
    given_registration(client, payment_id="p")
    answer = call("GET", f"/api/registrations/{typed}", by="ana").get_json()
    assert (answer["code"], answer["status"], answer["quantity"]) == ("ABCDE-FGH23", "confirmed", 2)
    assert (answer["paymentId"], [each["id"] for each in answer["tickets"]]) == ("p", [f"{CODE}-1", f"{CODE}-2"])
    assert [each["status"] for each in answer["statusHistory"]] == ["confirmed"]


@pytest.mark.parametrize("typed", ["ABCDE-FGH24", "nonsense", "ABCDEFGH20", "%2e%2e"])
def test_codes_that_nobody_has_are_all_the_same(client: Any, call: Any, typed: str) -> None:
    given_event(client)
    assert code_of(call("GET", f"/registrations/{typed}", by="root")) == (404, "registration_not_found")
    assert code_of(call("POST", f"/registrations/{typed}/cancel", by="root")) == (404, "registration_not_found")


def test_of_a_deleted_event_the_owner_and_admins_still_see_the_registration(client: Any, call: Any) -> None:
    given_registration(client)
    assert [call("GET", f"/registrations/{CODE}", by=by).status_code for by in ("ana", "root", "cleo")] == [
        200,
        200,
        404,
    ]


def test_somebody_is_let_in_once_and_a_mistake_can_be_taken_back(client: Any, call: Any) -> None:
    given_event(client)
    given_registration(client)
    assert call("POST", f"/registrations/{CODE}/check-in", by="olga").get_json()["status"] == "checked_in"
    again = call("POST", f"/registrations/{CODE}/check-in", by="cleo")
    assert code_of(again) == (409, "invalid_transition")
    assert "checked in already" in again.get_json()["error"]["message"]
    assert call("DELETE", f"/registrations/{CODE}/check-in").get_json()["status"] == "confirmed"
    assert code_of(call("DELETE", f"/registrations/{CODE}/check-in")) == (409, "invalid_transition")
    assert call("POST", f"/registrations/{CODE}/check-in", by="root").status_code == 200
    stored = client.document("registrations", CODE).get().to_dict()
    assert [(each["status"], each["changedBy"]) for each in stored["statusHistory"]] == [
        ("confirmed", "ana"),
        ("checked_in", "olga"),
        ("confirmed", "cleo"),
        ("checked_in", "root"),
    ]


CHECK_INS: list[tuple[str, dict[str, Any], Status, tuple[int, str]]] = [
    ("its owner", {"by": "ana"}, Status.CONFIRMED, (403, "forbidden")),
    ("a stranger", {"by": "ben"}, Status.CONFIRMED, (404, "registration_not_found")),
    ("not paid yet", {}, Status.PENDING_PAYMENT, (409, "invalid_transition")),
    ("cancelled", {}, Status.CANCELLED, (409, "invalid_transition")),
    ("refunded", {}, Status.REFUNDED, (409, "invalid_transition")),
    ("expired", {}, Status.EXPIRED, (409, "invalid_transition")),
]


@pytest.mark.parametrize(
    ("who", "status", "expected"), [case[1:] for case in CHECK_INS], ids=[case[0] for case in CHECK_INS]
)
def test_nobody_else_is_let_in(
    client: Any, call: Any, who: dict[str, str], status: Status, expected: tuple[int, str]
) -> None:
    given_event(client)
    given_registration(client, status)
    before = client.document("registrations", CODE).get()
    for method in ("POST", "DELETE"):  # nor is a check-in taken back that there was not
        assert code_of(call(method, f"/registrations/{CODE}/check-in", **who)) == expected
    assert client.document("registrations", CODE).get().update_time == before.update_time


def test_nobody_is_let_in_to_a_canceled_event(client: Any, call: Any) -> None:
    given_event(client, canceled=True)
    given_registration(client)
    assert code_of(call("POST", f"/registrations/{CODE}/check-in")) == (409, "event_canceled")


@pytest.mark.parametrize("by", ["ana", "olga"])
def test_cancelling_a_free_registration_frees_everything_it_had(client: Any, call: Any, by: str) -> None:
    given_event(client, maxAttendees=5)
    client.document("events/e/ticketTypes/t").set(type_document(priceCents=0, poolId="hall", totalQuantity=5))
    client.document("events/e/pools/hall").set({"capacity": 5, "takenCount": 0})
    client.document("discountCodes/e:SAVE").set(discount_document(eventId="e", percent=100, usesCount=1))
    given_registration(client, discount_id="e:SAVE")
    given_seats(client, 2)
    assert client.document("events/e/ticketTypes/t").get().get("soldCount") == 2
    for _ in range(2):
        answer = call("POST", f"/registrations/{CODE}/cancel", by=by)
        assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    assert assert_books_balance(client, "e") == {}
    assert client.document("events/e").get().get("attendingCount") == 0
    assert client.document("events/e/ticketTypes/t").get().get("soldCount") == 0
    assert client.document("events/e/pools/hall").get().get("takenCount") == 0
    assert client.document("discountCodes/e:SAVE").get().get("usesCount") == 0
    assert {each["status"] for each in answer.get_json()["tickets"]} == {"void"}
    assert [entry["changedBy"] for entry in answer.get_json()["statusHistory"]] == ["ana", by]


def test_what_was_paid_for_is_refunded_not_cancelled(client: Any, call: Any) -> None:
    given_event(client)
    given_registration(client, payment_id="p")
    answer = call("POST", f"/registrations/{CODE}/cancel", by="ana")
    assert code_of(answer) == (409, "refund_needed")
    assert answer.get_json()["error"]["details"] == [{"paymentId": "p", "refunds": "/payments/p/refunds"}]
    assert client.document("registrations", CODE).get().get("status") == "confirmed"


@pytest.mark.parametrize(
    ("by", "status", "expected"),
    [
        ("ben", Status.CONFIRMED, (404, "registration_not_found")),
        ("ana", Status.CHECKED_IN, (409, "invalid_transition")),
        ("olga", Status.EXPIRED, (409, "invalid_transition")),
    ],
)
def test_what_cannot_be_cancelled_stays(
    client: Any, call: Any, by: str, status: Status, expected: tuple[int, str]
) -> None:
    given_event(client)
    given_registration(client, status)
    assert code_of(call("POST", f"/registrations/{CODE}/cancel", by=by)) == expected
    assert client.document("registrations", CODE).get().get("status") == status
    assert client.document("tickets", f"{CODE}-1").get().get("status") == "valid"


def test_a_registration_for_an_event_that_is_gone_can_be_cancelled(client: Any, call: Any) -> None:
    given_registration(client)
    assert call("POST", f"/registrations/{CODE}/cancel", by="ana").get_json()["status"] == "cancelled"


def test_who_creates_an_event_anew_does_not_see_who_came_to_the_one_before(client: Any, call: Any) -> None:
    given_event(client, createdAt=NOW + timedelta(minutes=1))
    given_registration(client)
    for by in ("cleo", "olga"):
        assert code_of(call("GET", f"/registrations/{CODE}", by=by)) == (404, "registration_not_found")
        assert code_of(call("POST", f"/registrations/{CODE}/check-in", by=by)) == (404, "registration_not_found")
        assert code_of(call("GET", f"/tickets/{CODE}-1", by=by)) == (404, "ticket_not_found")
    for by in ("ana", "root"):
        assert call("GET", f"/registrations/{CODE}", by=by).status_code == 200
        assert call("GET", f"/tickets/{CODE}-1", by=by).status_code == 200


# ---- tickets


@pytest.mark.parametrize(
    ("by", "expected"), [("ana", 200), ("cleo", 200), ("olga", 200), ("root", 200), ("ben", 404), (None, 401)]
)
def test_a_ticket_is_its_owners_and_its_organizers_to_see(
    client: Any, call: Any, by: str | None, expected: int
) -> None:
    given_event(client)
    given_ticket(client)
    for path in ("/tickets/x-1", "/tickets/x-1.svg", "/tickets/x-1.png"):
        assert call("GET", path, by=by).status_code == expected


def test_a_scanner_with_the_key_of_the_endpoint_tells_a_ticket_offline(client: Any, call: Any) -> None:
    given_event(client)
    given_ticket(client)
    ticket = call("GET", "/tickets/x-1", by="ana").get_json()
    answer = call("GET", "/events/e/tickets/key", by="ana").get_json()
    public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(answer["publicKey"]))
    assert answer["algorithm"] == "Ed25519"
    assert verified(ticket["code"], public_key) == Admission("x-1", "e")


def test_a_ticket_is_drawn_as_svg_and_png(client: Any, call: Any) -> None:
    given_event(client)
    given_ticket(client)
    svg, png = (call("GET", f"/tickets/x-1.{form}", by="ana") for form in ("svg", "png"))
    assert (svg.content_type, png.content_type) == ("image/svg+xml", "image/png")
    assert svg.data.startswith(b"<?xml")
    assert png.data.startswith(b"\x89PNG")
    assert png.headers["Cache-Control"] == "private, no-cache"


def test_a_void_ticket_shows_no_code(client: Any, call: Any) -> None:
    given_event(client)
    given_ticket(client, status=TicketStatus.VOID, voided_at=NOW)
    answer = call("GET", "/tickets/x-1", by="ana").get_json()
    assert (answer["status"], "code" in answer) == ("void", False)
    assert code_of(call("GET", "/tickets/x-1.svg", by="ana")) == (410, "ticket_void")
    assert code_of(call("GET", "/tickets/x-1.png", by="ana")) == (410, "ticket_void")


@pytest.mark.parametrize("name", ["nowhere", "nowhere.svg", "__x__", ".."])
def test_a_missing_ticket_is_not_there(client: Any, call: Any, name: str) -> None:
    assert call("GET", f"/tickets/{name}", by="root").status_code == 404


def test_revocations_are_listed_in_order_and_a_scanner_goes_on_from_where_it_was(
    client: Any, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_event(client)
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
    given_event(client)
    assert code_of(call("GET", "/events/e/tickets/revocations", by="ana")) == (403, "forbidden")
    assert call("GET", "/events/e/tickets/revocations", by=None).status_code == 401
    assert code_of(call("GET", "/events/e/tickets/revocations?cursor=x")) == (422, "validation_failed")
    assert call("GET", "/events/e/tickets/revocations", by="root").get_json() == {
        "eventId": "e",
        "revoked": [],
        "complete": True,
    }
