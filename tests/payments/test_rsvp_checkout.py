"""The seats of one's own RSVP, paid for: parties, offers of the waitlist, and what people say meanwhile."""

from typing import Any

import pytest

from gather.attendance.store import settle_event, settle_rsvp
from gather.payments import holds
from tests.support.clocks import Clock
from tests.support.purchases import on_sale
from tests.support.refusals import code_of
from tests.support.shopping import Shopping
from tests.support.stripe_faults import stripe_is_down


@pytest.fixture
def concert(shopping: Shopping) -> Shopping:
    """A paid event without ticket types: admission at its own price."""
    on_sale(shopping.found, seats=4, isWaitlistEnabled=True, priceCents=1_500, currency="EUR")
    shopping.found.firestore.document("events/e/ticketTypes/adult").delete()
    return shopping


def answers(shopping: Shopping, uid: str, status: str, **fields: Any) -> dict[str, Any]:
    """Answer the event; returns the RSVP."""
    headers = shopping.signed_in(uid, role="member")
    answer = shopping.http.put("/events/e/rsvp", json={"status": status} | fields, headers=headers)
    assert answer.status_code == 200, answer.json
    rsvp: dict[str, Any] = answer.get_json()["rsvp"]
    return rsvp


def offered(shopping: Shopping, uid: str) -> dict[str, Any]:
    """Somebody waits for two seats at a full event, and is offered them."""
    full = shopping.checks_out("cleo", {"partySize": 3}).get_json()
    assert answers(shopping, uid, "going", partySize=2)["seatState"] == "waitlisted"
    shopping.cancels("cleo", full)
    seat = shopping.seats()[uid]
    assert (seat["state"], seat["source"]) == ("held", "rsvp")
    return seat


def test_a_party_pays_for_its_seats_and_is_going(concert: Shopping) -> None:
    ordered = concert.checks_out("ana", {"partySize": 2, "kids": 1}).get_json()
    assert ordered["payment"]["amountCents"] == 3 * 1_500
    assert "registration" not in ordered
    stored = concert.payment(ordered)
    assert stored["rsvpPath"] == "events/e/rsvps/ana"
    seat = concert.seats()["ana"]
    assert (seat["seats"], seat["state"], seat["source"]) == (3, "held", "payment")
    concert.pays(ordered)
    seat, rsvp = concert.seats()["ana"], concert.rsvp("ana") or {}
    assert (seat["seats"], seat["state"]) == (3, "admitted")
    assert (rsvp["status"], rsvp["paymentStatus"], rsvp["partySize"], rsvp["kids"]) == ("going", "paid", 2, 1)
    assert rsvp["paymentIntentId"] == concert.payment(ordered)["paymentIntentId"]
    assert len(concert.tickets(uid="ana", status="valid")) == 3


def test_a_party_of_an_event_that_does_not_count_parties_pays_for_one_seat(concert: Shopping) -> None:
    concert.found.firestore.document("events/e").update({"countPartySize": False})
    ordered = concert.checks_out("ana", {"partySize": 3}).get_json()
    assert ordered["payment"]["amountCents"] == 1_500
    assert concert.seats()["ana"]["seats"] == 1


def test_a_body_may_be_left_out(concert: Shopping) -> None:
    headers = concert.signed_in("ana", role="member")
    assert concert.http.post("/events/e/checkout", headers=headers).status_code == 201
    assert concert.http.post("/api/events/nowhere/checkout", headers=headers).status_code == 404
    assert concert.http.post("/events/e/checkout").status_code == 401


def test_the_same_checkout_again_is_the_same_session(concert: Shopping) -> None:
    first, again = concert.checks_out("ana", {"partySize": 2}), concert.checks_out("ana", {"partySize": 2})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json()["sessionId"] == first.get_json()["sessionId"]
    assert code_of(concert.checks_out("ana", {"partySize": 3})) == "already_registered"


def test_one_pays_for_seats_or_for_tickets_not_both(concert: Shopping) -> None:
    concert.checks_out("ana")
    assert code_of(concert.orders("ana")) == "already_registered"
    concert.orders("bob")
    assert code_of(concert.checks_out("bob")) == "already_registered"
    concert.seats()


def test_seats_that_cost_nothing_are_the_rsvps_own(concert: Shopping) -> None:
    concert.found.firestore.document("events/e").update({"priceCents": 0})
    answer = concert.checks_out("ana", {"partySize": 2})
    assert answer.status_code == 201
    seat = concert.seats()["ana"]
    assert (seat["state"], seat["source"], seat["seats"]) == ("admitted", "rsvp", 2)
    concert.http.delete("/events/e/rsvp", headers=concert.signed_in("ana", role="member"))
    assert concert.seats() == {}


# --- Offers of the waitlist ------------------------------------------------------------------------------------


def test_an_offer_that_is_accepted_is_paid_for_and_keeps_its_seats(concert: Shopping) -> None:
    offered(concert, "bob")
    headers = concert.signed_in("bob", role="member")
    accepted = concert.http.post("/events/e/rsvp/accept", headers=headers).get_json()["rsvp"]
    assert (accepted["status"], accepted["paymentStatus"]) == ("going", "required")
    # Nobody else gets them meanwhile: two of four seats are left.
    assert code_of(concert.checks_out("dora", {"partySize": 3})) == "sold_out"
    ordered = concert.checks_out("bob", {"partySize": 2}).get_json()
    seat = concert.seats()["bob"]
    assert (seat["state"], seat["source"], seat["seats"]) == ("held", "payment", 2)
    assert seat["before"]["source"] == "rsvp"
    concert.pays(ordered)
    assert concert.seats()["bob"]["state"] == "admitted"
    assert "before" not in concert.seats()["bob"]
    assert (concert.rsvp("bob") or {})["paymentStatus"] == "paid"


def test_an_offer_that_is_not_paid_is_an_offer_again_as_long_as_it_lasts(concert: Shopping, clock: Clock) -> None:
    seat = offered(concert, "bob")
    ordered = concert.checks_out("bob", {"partySize": 2}).get_json()
    concert.cancels("bob", ordered)
    assert concert.seats()["bob"] == seat
    rsvp = concert.rsvp("bob") or {}
    assert (rsvp["status"], rsvp["seatState"], rsvp["waitlisted"]) == ("maybe", "held", True)
    assert rsvp["offerExpiresAt"] == seat["expiresAt"]
    clock.time = seat["expiresAt"]
    settle_event(concert.found.firestore, "e", now=clock.now())
    assert "bob" not in concert.seats()


def test_an_offer_that_ended_while_it_was_to_be_paid_is_over(concert: Shopping, clock: Clock) -> None:
    seat = offered(concert, "bob")
    concert.checks_out("bob", {"partySize": 2})
    clock.time = seat["expiresAt"]
    assert "bob" in concert.seats()
    holds.sweep(concert.found)
    assert "bob" not in concert.seats()
    assert (concert.rsvp("bob") or {})["seatState"] == "declined"


def test_who_waits_is_passed_by_nobody_who_comes_later(concert: Shopping) -> None:
    """A party of three waits for two free seats; under `strict` a buyer of one has to wait as well."""
    concert.checks_out("cleo", {"partySize": 2})
    answers(concert, "bob", "going", partySize=3)
    answer = concert.checks_out("dora")
    assert (answer.status_code, code_of(answer)) == (409, "sold_out")
    concert.found.firestore.document("events/e").update({"waitlistPolicy": "skip"})
    assert concert.checks_out("dora").status_code == 201
    concert.seats()


def test_whose_turn_it_is_buys_past_who_waits_as_long_as_the_offer_lasts(concert: Shopping, clock: Clock) -> None:
    in_time, lapses_at = clock.now(), offered(concert, "bob")["expiresAt"]
    assert answers(concert, "eve", "going", partySize=3)["seatState"] == "waitlisted"
    clock.time = lapses_at
    assert code_of(concert.checks_out("bob", {"partySize": 2})) == "sold_out"
    clock.time = in_time
    assert concert.checks_out("bob", {"partySize": 2}).status_code == 201
    assert code_of(concert.checks_out("dora")) == "sold_out"
    concert.seats()


def test_who_waits_and_buys_tickets_has_their_place_again_if_they_do_not_pay(concert: Shopping) -> None:
    concert.checks_out("cleo", {"partySize": 2})
    answers(concert, "bob", "going", partySize=3)
    since = concert.seats()["bob"]["since"]
    ordered = concert.orders("bob", {"quantity": 2}).get_json()
    assert concert.seats()["bob"]["purchases"][0]["registrationId"] == ordered["registration"]["id"]
    concert.cancels("bob", ordered)
    seat = concert.seats()["bob"]
    assert (seat["state"], seat["since"]) == ("waitlisted", since)
    assert (concert.rsvp("bob") or {})["waitlisted"] is True


# --- What people say meanwhile -----------------------------------------------------------------------------------


@pytest.mark.parametrize("says", ["not-going", "maybe", "going"])
def test_whatever_people_answer_purchased_seats_stay(concert: Shopping, says: str) -> None:
    ordered = concert.checks_out("ana", {"partySize": 2}).get_json()
    answers(concert, "ana", says)
    settle_rsvp(concert.found.firestore, "e", "ana", now=concert.found.now())
    assert concert.seats()["ana"]["state"] == "held"
    concert.pays(ordered)
    assert (concert.rsvp("ana") or {})["status"] == "going"
    answers(concert, "ana", says)
    settle_rsvp(concert.found.firestore, "e", "ana", now=concert.found.now())
    concert.returns(ordered)
    assert concert.seats()["ana"]["state"] == "admitted"
    assert (concert.rsvp("ana") or {})["status"] == says


def test_a_deleted_rsvp_leaves_its_purchased_seats_and_is_not_seated_a_second_time(concert: Shopping) -> None:
    ordered = concert.orders("ana", {"quantity": 2}).get_json()
    concert.pays(ordered)
    concert.http.delete("/events/e/rsvp", headers=concert.signed_in("ana", role="member"))
    settle_rsvp(concert.found.firestore, "e", "ana", now=concert.found.now())
    assert (concert.stored("events/e") or {})["attendingCount"] == 2
    concert.found.firestore.document("events/e").update({"isPaid": False})
    answers(concert, "ana", "going", partySize=2)
    assert (concert.stored("events/e") or {})["attendingCount"] == 2
    assert set(concert.seats()) == {"ana", ordered["registration"]["id"]}


def test_a_party_does_not_grow_beyond_what_it_has_paid_for(concert: Shopping) -> None:
    concert.pays(concert.checks_out("ana", {"partySize": 2}).get_json())
    headers = concert.signed_in("ana", role="member")
    answer = concert.http.put("/events/e/rsvp", json={"status": "going", "partySize": 3}, headers=headers)
    assert (answer.status_code, code_of(answer)) == (409, "capacity_exceeded")
    concert.found.firestore.document("events/e/rsvps/ana").update({"partySize": 4})
    settle_rsvp(concert.found.firestore, "e", "ana", now=concert.found.now())
    assert (concert.rsvp("ana") or {})["partySize"] == 2


def test_who_is_blocked_or_too_late_buys_nothing(concert: Shopping) -> None:
    client = concert.found.firestore
    client.document("users/ana").set({"blockedFromRsvp": True})
    assert code_of(concert.checks_out("ana")) == "blocked_from_rsvp"
    client.document("events/e").update({"canceled": True})
    assert code_of(concert.checks_out("bob")) == "event_canceled"
    assert concert.seats() == {}


# --- Where Stripe sends people back to -------------------------------------------------------------------------


def test_the_pages_say_what_became_of_the_payment(concert: Shopping) -> None:
    concert.found.firestore.document("events/e").update({"title": "<b>Jazz & Wine</b>"})
    ordered = concert.checks_out("ana").get_json()
    path, browser = f"/api/payments/{ordered['payment']['id']}", {"Accept": "text/html"}
    back = concert.http.get(f"{path}/canceled", headers=browser)
    assert "Nothing has been paid yet" in back.text
    assert ordered["url"] in back.text
    assert "&lt;b&gt;Jazz &amp; Wine" in back.text
    assert "<b>" not in back.text
    concert.stripe.pay(ordered["sessionId"])
    page = concert.http.get(f"{path}/success?session_id=x", headers=browser)
    assert "You are going" in page.text
    assert "RCP-" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert concert.http.get("/payments/nobodys/success").status_code == 404


def test_the_success_page_shows_what_is_known_while_stripe_is_silent(concert: Shopping) -> None:
    ordered = concert.checks_out("ana").get_json()
    concert.stripe.pay(ordered["sessionId"])
    concert.stripe.fault = stripe_is_down()
    assert concert.returns(ordered)["status"] == "pending"
