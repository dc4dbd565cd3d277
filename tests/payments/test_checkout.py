"""Buying, from the order to the ticket: seats are held, paid for on Stripe's page, and admitted."""

from datetime import timedelta
from typing import Any

import pytest

from gather.payments.facts import GatewayRefusedError
from gather.tickets.ticket import signing_key, verified
from tests.support.clocks import Clock
from tests.support.purchases import PRICE, on_sale
from tests.support.refusals import code_of
from tests.support.shopping import Shopping

# --- The named tests ---------------------------------------------------------------------------------------


def test_create_checkout_session_success(shopping: Shopping, clock: Clock) -> None:
    """The session asks for our price, carries our ids, lives as long as the hold, and is asked for under a key."""
    on_sale(shopping.found, seats=10)
    answer = shopping.orders("ana", {"ticketType": "adult", "quantity": 2})
    assert answer.status_code == 201
    ordered = answer.get_json()
    ((key, (request, _)),) = shopping.stripe._answers.items()
    payment_id = ordered["payment"]["id"]
    assert [(line.unit_cents, line.quantity) for line in request.lines] == [(PRICE, 2)]
    assert request.metadata == {"eventId": "e", "uid": "ana", "paymentId": payment_id}
    assert request.expires_at == clock.now() + timedelta(minutes=31)
    assert key == f"{payment_id}-1"
    assert ordered["url"] == shopping.stripe.sessions[ordered["sessionId"]].url
    stored = shopping.payment(ordered)
    assert (stored["status"], stored["amountCents"], stored["sessionId"]) == (
        "pending",
        2 * PRICE,
        ordered["sessionId"],
    )


def test_create_checkout_session_invalid_ticket_type(shopping: Shopping) -> None:
    on_sale(shopping.found)
    answer = shopping.orders("ana", {"ticketType": "backstage"})
    assert (answer.status_code, code_of(answer)) == (422, "invalid_ticket_type")
    assert shopping.stripe.calls == []
    assert shopping.seats() == {}


def test_create_checkout_session_sold_out_ticket(shopping: Shopping) -> None:
    on_sale(shopping.found)
    shopping.sells("vip", totalQuantity=2)
    shopping.orders("ana", {"ticketType": "vip", "quantity": 2})
    answer = shopping.orders("bob", {"ticketType": "vip"})
    assert (answer.status_code, code_of(answer)) == (409, "sold_out")
    assert shopping.rsvp("bob") is None
    assert set(shopping.seats()) == {"ana", *(key for key in shopping.ledger() if key != "ana")}


def test_initiate_purchase_success(shopping: Shopping) -> None:
    """The seats are held for who buys, and everything says that they are yet to be paid."""
    on_sale(shopping.found, seats=10)
    ordered = shopping.orders("ana", {"ticketType": "adult", "quantity": 2}).get_json()
    registration = ordered["registration"]
    seats = shopping.seats()
    assert (seats[registration["id"]]["state"], seats[registration["id"]]["seats"]) == ("held", 2)
    assert seats[registration["id"]]["expiresAt"] == shopping.payment(ordered)["holdExpiresAt"]
    assert (seats["ana"]["seats"], seats["ana"]["state"]) == (0, "held")
    assert registration["status"] == "pending_payment"
    rsvp = shopping.rsvp("ana") or {}
    assert (rsvp["status"], rsvp["requiresPayment"], rsvp["paymentStatus"]) == ("going", True, "pending")
    assert rsvp["seatState"] == "held"
    assert (shopping.stored("events/e") or {})["attendingCount"] == 2
    assert shopping.tickets() == {}


def test_initiate_purchase_invalid_event(shopping: Shopping) -> None:
    answer = shopping.orders("ana", {"ticketType": "adult"})
    assert (answer.status_code, code_of(answer)) == (404, "event_not_found")


def test_initiate_purchase_invalid_ticket_type(shopping: Shopping) -> None:
    on_sale(shopping.found)
    for wrong in ("", 7, "x" * 300):
        answer = shopping.orders("ana", {"ticketType": wrong})
        assert (answer.status_code, code_of(answer)) == (422, "validation_failed")
    answer = shopping.orders("ana", {"ticketType": "no/where"})
    assert (answer.status_code, code_of(answer)) == (422, "invalid_ticket_type")
    assert shopping.stored("payments/x") is None
    assert shopping.ledger() == {}


def test_assign_tickets_success(shopping: Shopping) -> None:
    """Paid: each seat has a ticket with a code that verifies offline, for the attendee that was named."""
    on_sale(shopping.found, seats=10)
    attendees = [{"name": "Ana", "email": "ana@example.org"}, {"name": "Bob"}]
    ordered = shopping.buys("ana", ticketType="adult", quantity=2, attendees=attendees)
    tickets = shopping.tickets(uid="ana", status="valid")
    assert [ticket["attendee"]["name"] for _, ticket in sorted(tickets.items())] == ["Ana", "Bob"]
    public_key = signing_key(shopping.found.settings.ticket_signing_key).public_key()
    for name, ticket in tickets.items():
        admission = verified(ticket["code"], public_key)
        assert admission is not None
        assert (admission.ticket_id, admission.event_id) == (name, "e")
    payment, seats, rsvp = shopping.payment(ordered), shopping.seats(), shopping.rsvp("ana") or {}
    assert (payment["status"], payment["admitted"]) == ("succeeded", True)
    assert {seat["state"] for seat in seats.values()} == {"admitted"}
    assert (rsvp["status"], rsvp["paymentStatus"], rsvp["seatState"]) == ("going", "paid", "admitted")
    registration = shopping.stored(f"registrations/{ordered['registration']['id']}") or {}
    assert registration["status"] == "confirmed"
    assert shopping.stored(f"receipts/{payment['receiptNumber']}") is not None


def test_capacity_enforced_across_sessions(shopping: Shopping) -> None:
    """Two types share a pool: all of their open sessions together never hold more than it has."""
    on_sale(shopping.found)
    shopping.found.firestore.document("events/e/pools/hall").set({"capacity": 3, "takenCount": 0})
    shopping.sells("front", poolId="hall")
    shopping.sells("back", poolId="hall")
    first = shopping.orders("ana", {"ticketType": "front", "quantity": 2})
    assert first.status_code == 201
    refused = shopping.orders("bob", {"ticketType": "back", "quantity": 2})
    assert (refused.status_code, code_of(refused)) == (409, "capacity_exceeded")
    assert shopping.orders("bob", {"ticketType": "back"}).status_code == 201
    shopping.seats()
    assert (shopping.stored("events/e/pools/hall") or {})["takenCount"] == 3
    shopping.pays(first.get_json())
    assert (shopping.stored("events/e/pools/hall") or {})["takenCount"] == 3


# --- Names, prices, plans ----------------------------------------------------------------------------------


def test_a_type_is_found_by_its_name_however_it_is_written(shopping: Shopping) -> None:
    on_sale(shopping.found)
    shopping.sells("vip")
    answer = shopping.orders("ana", {"ticketType": " vIp "})
    assert answer.get_json()["payment"]["amountCents"] == 4_000


@pytest.mark.parametrize("organization", [None, {"name": "Acme"}, {"name": "Acme", "tier": "free"}])
def test_tickets_with_a_price_need_a_plan(shopping: Shopping, organization: dict[str, Any] | None) -> None:
    on_sale(shopping.found)
    reference = shopping.found.firestore.document("organizations/acme")
    reference.delete() if organization is None else reference.set(organization)
    answer = shopping.orders("ana", {"ticketType": "adult"})
    assert (answer.status_code, code_of(answer)) == (402, "upgrade_required")
    assert shopping.ledger() == {}


def test_what_costs_nothing_is_confirmed_at_once_and_needs_no_plan(shopping: Shopping) -> None:
    on_sale(shopping.found, seats=5)
    shopping.found.firestore.document("organizations/acme").delete()
    shopping.sells("free", priceCents=0)
    answer = shopping.orders("ana", {"ticketType": "free", "quantity": 2})
    assert answer.status_code == 201
    ordered = answer.get_json()
    assert "payment" not in ordered
    assert ordered["registration"]["status"] == "confirmed"
    assert len(ordered["registration"]["tickets"]) == 2
    assert shopping.stripe.calls == []
    assert {seat["state"] for seat in shopping.seats().values()} == {"admitted"}
    assert (shopping.rsvp("ana") or {})["seatState"] == "admitted"
    assert "paymentStatus" not in (shopping.rsvp("ana") or {})


def test_a_discount_is_taken_off_and_its_use_counted_until_the_order_comes_to_nothing(shopping: Shopping) -> None:
    on_sale(shopping.found)
    code = {"eventId": "e", "code": "SAVE", "percent": 50, "usesMax": 1, "usesCount": 0}
    shopping.found.firestore.document("discountCodes/e:SAVE").set(code)
    body = {"ticketType": "adult", "discountCode": "save"}
    ordered = shopping.orders("ana", body).get_json()
    assert ordered["payment"]["amountCents"] == PRICE // 2
    refused = shopping.orders("bob", body)
    assert (refused.status_code, code_of(refused)) == (422, "invalid_code")
    shopping.cancels("ana", ordered)
    assert (shopping.stored("discountCodes/e:SAVE") or {})["usesCount"] == 0
    assert shopping.orders("bob", body).status_code == 201


def test_amounts_that_stripe_does_not_charge_are_said_to_be_that(shopping: Shopping) -> None:
    def too_small(method: str, moment: str) -> None:
        if method == "create_session" and moment == "before":
            raise GatewayRefusedError("amount_too_small")

    on_sale(shopping.found)
    shopping.stripe.fault = too_small
    answer = shopping.orders("ana", {"ticketType": "adult"})
    assert (answer.status_code, code_of(answer)) == (422, "validation_failed")
    assert shopping.seats() == {}


# --- Ordering again ----------------------------------------------------------------------------------------


def test_the_same_order_again_is_the_same_session_and_no_more_seats(shopping: Shopping) -> None:
    on_sale(shopping.found, seats=5)
    body = {"ticketType": "adult", "quantity": 2}
    first = shopping.orders("ana", body)
    again = shopping.orders("ana", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json()["sessionId"] == first.get_json()["sessionId"]
    assert again.get_json()["registration"] == first.get_json()["registration"]
    assert (shopping.stored("events/e") or {})["attendingCount"] == 2
    assert shopping.stripe.calls == ["create_session"]


def test_another_order_of_the_same_type_waits_for_the_first(shopping: Shopping) -> None:
    on_sale(shopping.found)
    first = shopping.orders("ana", {"ticketType": "adult"}).get_json()
    answer = shopping.orders("ana", {"ticketType": "adult", "quantity": 3})
    assert (answer.status_code, code_of(answer)) == (409, "already_registered")
    assert answer.get_json()["error"]["details"] == [{"paymentId": first["payment"]["id"]}]
    assert shopping.cancels("ana", first).status_code == 200
    assert shopping.orders("ana", {"ticketType": "adult", "quantity": 3}).status_code == 201
    shopping.seats()


def test_one_has_one_registration_per_type_unless_the_type_allows_several(shopping: Shopping) -> None:
    on_sale(shopping.found)
    shopping.sells("vip", allowsSeveral=True)
    shopping.buys("ana", ticketType="adult")
    answer = shopping.orders("ana", {"ticketType": "adult"})
    assert (answer.status_code, code_of(answer)) == (409, "already_registered")
    shopping.buys("ana", ticketType="vip")
    shopping.buys("ana", ticketType="vip")
    assert len(shopping.tickets(uid="ana")) == 3
    assert len((shopping.seats()["ana"])["purchases"]) == 3


def test_a_key_names_one_order(shopping: Shopping) -> None:
    on_sale(shopping.found)
    shopping.sells("vip", allowsSeveral=True)
    body = {"ticketType": "vip"}
    first = shopping.orders("ana", body, key="k1")
    again = shopping.orders("ana", body, key="k1")
    other = shopping.orders("ana", body, key="k2")
    assert [answer.status_code for answer in (first, again, other)] == [201, 200, 201]
    assert again.get_json()["payment"]["id"] == first.get_json()["payment"]["id"]
    assert other.get_json()["payment"]["id"] != first.get_json()["payment"]["id"]
    conflict = shopping.orders("ana", body | {"quantity": 2}, key="k1")
    assert (conflict.status_code, code_of(conflict)) == (409, "idempotency_conflict")
    # Somebody else's key is another key.
    assert shopping.orders("bob", body | {"quantity": 2}, key="k1").status_code == 201
    shopping.pays(first.get_json())
    paid = shopping.orders("ana", body, key="k1")
    assert (paid.status_code, paid.get_json()["payment"]["status"]) == (200, "succeeded")


def test_a_key_whose_order_came_to_nothing_is_free_again(shopping: Shopping) -> None:
    on_sale(shopping.found)
    first = shopping.orders("ana", {"ticketType": "adult"}, key="k").get_json()
    shopping.cancels("ana", first)
    second = shopping.orders("ana", {"ticketType": "adult"}, key="k")
    assert second.status_code == 201
    assert second.get_json()["payment"]["id"] != first["payment"]["id"]


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_of_another_length_is_refused(shopping: Shopping, key: str) -> None:
    on_sale(shopping.found)
    assert code_of(shopping.orders("ana", {"ticketType": "adult"}, key=key)) == "validation_failed"


def test_a_free_order_again_under_its_key_is_the_same_registration(shopping: Shopping) -> None:
    on_sale(shopping.found)
    shopping.sells("free", priceCents=0)
    first = shopping.orders("ana", {"ticketType": "free"}, key="k").get_json()
    again = shopping.orders("ana", {"ticketType": "free"}, key="k")
    assert (again.status_code, again.get_json()) == (200, first)
