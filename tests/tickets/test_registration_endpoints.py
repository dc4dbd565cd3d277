"""Registrations by their codes: who sees them, and how they are cancelled."""

from datetime import timedelta
from typing import Any

import pytest

from gather.tickets.registration import Status
from tests.support.events import NOW, assert_books_balance
from tests.support.refusals import refusal
from tests.support.tickets import discount_document, type_document
from tests.tickets.given import CODE, given_event_of_acme, given_registration, given_seats

pytestmark = pytest.mark.emulator


@pytest.mark.parametrize(
    ("by", "expected"), [("ana", 200), ("cleo", 200), ("olga", 200), ("root", 200), ("ben", 404), (None, 401)]
)
def test_a_registration_is_its_owners_and_its_organizers_to_see(
    client: Any, call: Any, by: str | None, expected: int
) -> None:
    given_event_of_acme(client)
    given_registration(client)
    assert call("GET", f"/registrations/{CODE}", by=by).status_code == expected


@pytest.mark.parametrize("typed", ["ABCDE-FGH23", "abcdefgh23", "ABCDE%20FGH23"])
def test_a_code_is_found_however_it_is_typed(client: Any, call: Any, typed: str) -> None:
    given_event_of_acme(client)
    given_registration(client, payment_id="p")
    answer = call("GET", f"/api/registrations/{typed}", by="ana").get_json()
    assert (answer["code"], answer["status"], answer["quantity"]) == ("ABCDE-FGH23", "confirmed", 2)
    assert (answer["paymentId"], [each["id"] for each in answer["tickets"]]) == ("p", [f"{CODE}-1", f"{CODE}-2"])
    assert [each["status"] for each in answer["statusHistory"]] == ["confirmed"]


@pytest.mark.parametrize("typed", ["ABCDE-FGH24", "nonsense", "ABCDEFGH20", "%2e%2e"])
def test_codes_that_nobody_has_are_all_the_same(client: Any, call: Any, typed: str) -> None:
    given_event_of_acme(client)
    assert refusal(call("GET", f"/registrations/{typed}", by="root")) == (404, "registration_not_found")
    assert refusal(call("POST", f"/registrations/{typed}/cancel", by="root")) == (404, "registration_not_found")


def test_of_a_deleted_event_the_owner_and_admins_still_see_the_registration(client: Any, call: Any) -> None:
    given_registration(client)
    assert [call("GET", f"/registrations/{CODE}", by=by).status_code for by in ("ana", "root", "cleo")] == [
        200,
        200,
        404,
    ]


@pytest.mark.parametrize("by", ["ana", "olga"])
def test_cancelling_a_free_registration_frees_everything_it_had(client: Any, call: Any, by: str) -> None:
    given_event_of_acme(client, maxAttendees=5)
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
    given_event_of_acme(client)
    given_registration(client, payment_id="p")
    answer = call("POST", f"/registrations/{CODE}/cancel", by="ana")
    assert refusal(answer) == (409, "refund_needed")
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
    given_event_of_acme(client)
    given_registration(client, status)
    assert refusal(call("POST", f"/registrations/{CODE}/cancel", by=by)) == expected
    assert client.document("registrations", CODE).get().get("status") == status
    assert client.document("tickets", f"{CODE}-1").get().get("status") == "valid"


def test_a_registration_for_an_event_that_is_gone_can_be_cancelled(client: Any, call: Any) -> None:
    given_registration(client)
    assert call("POST", f"/registrations/{CODE}/cancel", by="ana").get_json()["status"] == "cancelled"


def test_who_creates_an_event_anew_does_not_see_who_came_to_the_one_before(client: Any, call: Any) -> None:
    given_event_of_acme(client, createdAt=NOW + timedelta(minutes=1))
    given_registration(client)
    for by in ("cleo", "olga"):
        assert refusal(call("GET", f"/registrations/{CODE}", by=by)) == (404, "registration_not_found")
        assert refusal(call("POST", f"/registrations/{CODE}/check-in", by=by)) == (404, "registration_not_found")
        assert refusal(call("GET", f"/tickets/{CODE}-1", by=by)) == (404, "ticket_not_found")
    for by in ("ana", "root"):
        assert call("GET", f"/registrations/{CODE}", by=by).status_code == 200
        assert call("GET", f"/tickets/{CODE}-1", by=by).status_code == 200
