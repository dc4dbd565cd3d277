"""Orders that are answered with what there is already, or refused: nothing is sold twice, or by mistake."""

import pytest

from gather.payments import repeats
from tests.support.purchases import PRICE, on_sale
from tests.support.refusals import code_of, refusal
from tests.support.shopping import Shopping

ADULT = {"ticketType": "adult"}


def test_who_may_not_answer_the_event_buys_no_tickets_for_it(shopping: Shopping) -> None:
    on_sale(shopping.found)
    client = shopping.found.firestore
    client.document("users/ana").set({"blockedFromRsvp": True})
    assert refusal(shopping.orders("ana", ADULT)) == (403, "blocked_from_rsvp")
    client.document("events/e").update({"published": False})
    assert refusal(shopping.orders("bob", ADULT)) == (404, "event_not_found")
    assert shopping.seats() == {}
    assert shopping.stripe.calls == []


def test_an_event_or_a_buyer_that_no_document_can_be_named_after_is_unknown(shopping: Shopping) -> None:
    on_sale(shopping.found)
    headers = shopping.signed_in("ana", role="member")
    assert refusal(shopping.http.post("/events/__e__/checkout", json={}, headers=headers)) == (404, "event_not_found")
    assert refusal(shopping.orders("__ana__", ADULT)) == (404, "event_not_found")
    assert shopping.seats() == {}


def test_an_order_need_not_name_the_one_type_that_the_buyer_can_see(shopping: Shopping) -> None:
    on_sale(shopping.found)
    shopping.sells("backstage", hidden=True)
    shopping.found.firestore.document("events/e/ticketTypes/adult").update({"allowsSeveral": True})
    for _ in range(2):
        ordered = shopping.buys("ana")
        assert ordered["payment"]["amountCents"] == PRICE
    assert len(shopping.tickets(uid="ana", ticketTypeId="adult")) == 2


def test_of_several_types_one_has_to_be_named_and_what_one_has_is_not_sold_again(shopping: Shopping) -> None:
    on_sale(shopping.found)
    shopping.sells("vip")
    assert refusal(shopping.orders("ana", {})) == (422, "invalid_ticket_type")
    shopping.buys("ana", ticketType="vip")
    assert refusal(shopping.orders("ana", {})) == (409, "already_registered")
    assert len(shopping.tickets(uid="ana")) == 1


def test_where_a_type_allows_several_another_order_is_another_payment(shopping: Shopping) -> None:
    on_sale(shopping.found)
    shopping.sells("vip", allowsSeveral=True)
    first = shopping.orders("ana", {"ticketType": "vip"}).get_json()
    other = shopping.orders("ana", {"ticketType": "vip", "quantity": 2})
    assert other.status_code == 201
    assert other.get_json()["payment"]["id"] != first["payment"]["id"]
    again = shopping.orders("ana", {"ticketType": "vip"})
    assert (again.status_code, again.get_json()["payment"]["id"]) == (200, first["payment"]["id"])
    assert sum(seat["seats"] for seat in shopping.seats().values()) == 3


def test_a_key_under_which_nothing_comes_about_is_used_up(shopping: Shopping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "TURNS_MAX", 2)
    on_sale(shopping.found)
    for _ in range(2):
        ordered = shopping.orders("ana", ADULT, key="k")
        assert ordered.status_code == 201
        assert shopping.cancels("ana", ordered.get_json()).status_code == 200
    assert refusal(shopping.orders("ana", ADULT, key="k")) == (409, "idempotency_conflict")
    assert code_of(shopping.orders("ana", ADULT | {"quantity": 2}, key="k")) == "idempotency_conflict"
    assert shopping.orders("ana", ADULT, key="another").status_code == 201
