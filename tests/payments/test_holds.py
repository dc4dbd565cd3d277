"""Seats on hold: kept as long as they can be paid for, free as soon as nobody can, and never both."""

from typing import Any

import pytest

from gather.attendance.store import settle_event
from gather.payments import holds
from gather.payments.holds import GRACE
from gather.payments.ordering import HOLD_LASTS
from tests.support.clocks import Clock
from tests.support.purchases import PRICE, on_sale
from tests.support.refusals import code_of
from tests.support.shopping import Shopping
from tests.support.stripe_faults import never, stripe_is_down

ADULT = {"ticketType": "adult"}
TIME_IS_UP = (HOLD_LASTS + GRACE).total_seconds()


def test_a_hold_ends_with_its_session(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT).get_json()
    assert code_of(shopping.orders("bob", ADULT)) == "sold_out"
    clock.advance(seconds=TIME_IS_UP)
    holds.sweep(shopping.found)
    assert shopping.payment(ordered)["status"] == "expired"
    assert shopping.seats() == {}
    registration = shopping.stored(f"registrations/{ordered['registration']['id']}") or {}
    assert registration["status"] == "expired"
    rsvp = shopping.rsvp("ana") or {}
    assert (rsvp["status"], rsvp["seatState"], rsvp["paymentStatus"]) == ("maybe", "declined", "required")
    assert shopping.orders("bob", ADULT).status_code == 201


def test_a_hold_is_not_swept_before_its_time(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found)
    ordered = shopping.orders("ana", ADULT).get_json()
    clock.advance(seconds=HOLD_LASTS.total_seconds() - 1)
    holds.sweep(shopping.found)
    assert shopping.payment(ordered)["status"] == "pending"
    assert shopping.stripe.calls == ["create_session"]


def test_a_session_that_stripe_still_takes_money_for_is_ended_before_its_seats_are_free(
    shopping: Shopping, clock: Clock
) -> None:
    """Stripe's clock is behind ours: the session is open when we think it is over."""
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT).get_json()
    late = clock.time
    shopping.stripe.now = lambda: late
    clock.advance(seconds=TIME_IS_UP)
    holds.sweep(shopping.found)
    assert shopping.stripe.sessions[ordered["sessionId"]].status == "expired"
    assert "expire_session" in shopping.stripe.calls
    assert shopping.seats() == {}


def test_who_pays_while_their_session_is_being_ended_is_admitted(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT).get_json()
    late = clock.time
    shopping.stripe.now = lambda: late

    def pays_meanwhile(method: str, moment: str) -> None:
        if (method, moment) == ("expire_session", "before"):
            shopping.stripe.fault = never
            shopping.stripe.pay(ordered["sessionId"])

    shopping.stripe.fault = pays_meanwhile
    clock.advance(seconds=TIME_IS_UP)
    holds.sweep(shopping.found)
    assert shopping.payment(ordered)["status"] == "succeeded"
    assert {seat["state"] for seat in shopping.seats().values()} == {"admitted"}


def test_while_stripe_is_silent_seats_stay_held(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT).get_json()
    shopping.stripe.fault = stripe_is_down()
    clock.advance(hours=3)
    with pytest.raises(ExceptionGroup, match="not whole"):
        holds.sweep(shopping.found)
    assert shopping.payment(ordered)["status"] == "pending"
    assert len(shopping.seats()) == 2
    shopping.stripe.fault = never
    holds.sweep(shopping.found)
    assert shopping.seats() == {}


def test_seats_of_a_session_that_stripe_does_not_know_are_not_given_away(shopping: Shopping, clock: Clock) -> None:
    """Another key was set, so that nothing can be learnt: somebody may have paid."""
    on_sale(shopping.found, seats=1)
    shopping.orders("ana", ADULT)
    shopping.stripe.sessions.clear()
    clock.advance(seconds=TIME_IS_UP)
    holds.sweep(shopping.found)
    assert len(shopping.seats()) == 2


def test_a_method_that_takes_days_keeps_its_seats_until_it_is_known(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT).get_json()
    shopping.stripe.pay_later(ordered["sessionId"])
    assert shopping.returns(ordered)["status"] == "processing"
    clock.advance(days=5)
    holds.sweep(shopping.found)
    seat = shopping.seats()[ordered["registration"]["id"]]
    assert seat["state"] == "held"
    assert "expiresAt" not in seat
    assert shopping.tickets() == {}
    shopping.stripe.settle(ordered["sessionId"], succeeds=True)
    assert shopping.returns(ordered) == {
        "admitted": True,
        "eventId": "e",
        "id": ordered["payment"]["id"],
        "status": "succeeded",
    }
    assert len(shopping.tickets(status="valid")) == 1


def test_a_method_that_fails_after_days_frees_its_seats(shopping: Shopping) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT).get_json()
    shopping.stripe.pay_later(ordered["sessionId"])
    shopping.returns(ordered)
    shopping.stripe.settle(ordered["sessionId"], succeeds=False)
    assert shopping.returns(ordered)["status"] == "failed"
    assert shopping.seats() == {}
    assert (shopping.rsvp("ana") or {})["paymentStatus"] == "failed"


def test_a_declined_card_ends_nothing(shopping: Shopping) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT).get_json()
    shopping.stripe.decline(ordered["sessionId"])
    assert shopping.returns(ordered)["status"] == "pending"
    shopping.pays(ordered)
    assert shopping.payment(ordered)["status"] == "succeeded"


# --- Money that comes when the seats are gone ------------------------------------------------------------------


def paid_too_late(shopping: Shopping) -> dict[str, Any]:
    """Somebody whose seats were released, by a mistake of whoever knows how, has paid all the same."""
    ordered: dict[str, Any] = shopping.orders("ana", ADULT).get_json()
    session_id = ordered["sessionId"]
    opened = shopping.stripe.sessions[session_id]
    shopping.stripe.expire_session(session_id)
    shopping.returns(ordered)
    assert shopping.seats() == {}
    shopping.stripe.sessions[session_id] = opened
    shopping.stripe.pay(session_id)
    return ordered


def test_late_money_is_admitted_where_there_is_room(shopping: Shopping) -> None:
    on_sale(shopping.found, seats=1)
    ordered = paid_too_late(shopping)
    assert shopping.returns(ordered)["admitted"] is True
    assert len(shopping.tickets(status="valid")) == 1
    assert (shopping.rsvp("ana") or {})["paymentStatus"] == "paid"
    assert shopping.seats()["ana"]["state"] == "admitted"


def test_late_money_goes_back_where_there_is_no_room_once(shopping: Shopping) -> None:
    on_sale(shopping.found, seats=1)
    ordered = paid_too_late(shopping)
    shopping.buys("bob", ticketType="adult")
    for _ in range(3):
        assert shopping.returns(ordered)["admitted"] is False
    payment_id = ordered["payment"]["id"]
    refunds = list(shopping.found.firestore.collection("payments", payment_id, "refunds").stream())
    ((refund_id, refund),) = [(each.id, each.to_dict()) for each in refunds]
    assert refund_id == f"{payment_id}-no-room"
    assert (refund["amountCents"], refund["reason"], refund["requestedBy"]) == (PRICE, "no_room", "system")
    assert (shopping.rsvp("ana") or {})["paymentStatus"] == "refunded"
    assert shopping.tickets(uid="ana") == {}
    assert {seat.get("paymentId") for seat in shopping.seats().values()} != {payment_id}
    # It is on its way back: room that comes later changes nothing.
    shopping.found.firestore.document("events/e").update({"maxAttendees": 10})
    assert shopping.returns(ordered)["admitted"] is False


@pytest.mark.parametrize("is_created_anew", [False, True])
def test_late_money_for_an_event_that_is_gone_goes_back(shopping: Shopping, *, is_created_anew: bool) -> None:
    on_sale(shopping.found)
    ordered = shopping.orders("ana", ADULT).get_json()
    for path in ("events/e", "events/e/rsvps/ana", *(f"events/e/seats/{key}" for key in shopping.ledger())):
        shopping.found.firestore.document(path).delete()
    if is_created_anew:
        on_sale(shopping.found)
    shopping.stripe.pay(ordered["sessionId"])
    assert shopping.returns(ordered)["admitted"] is False
    assert shopping.payment(ordered)["status"] == "succeeded"
    assert len(list(shopping.found.firestore.collection(f"payments/{ordered['payment']['id']}/refunds").stream())) == 1


# --- Giving up ---------------------------------------------------------------------------------------------------


def test_who_gives_up_cannot_pay_any_more_and_frees_their_seats(shopping: Shopping) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT).get_json()
    assert shopping.cancels("bob", ordered).status_code == 404
    answer = shopping.cancels("ana", ordered)
    assert (answer.status_code, answer.get_json()["payment"]["status"]) == (200, "expired")
    assert shopping.stripe.sessions[ordered["sessionId"]].status == "expired"
    assert shopping.seats() == {}
    assert shopping.cancels("ana", ordered).status_code == 200


def test_what_is_paid_is_not_given_up(shopping: Shopping) -> None:
    on_sale(shopping.found)
    ordered = shopping.orders("ana", ADULT).get_json()
    shopping.stripe.pay(ordered["sessionId"])
    answer = shopping.cancels("ana", ordered)
    assert (answer.status_code, code_of(answer)) == (409, "invalid_transition")
    assert shopping.payment(ordered)["status"] == "succeeded"


def test_giving_up_while_stripe_is_silent_is_to_be_tried_again(shopping: Shopping) -> None:
    on_sale(shopping.found)
    ordered = shopping.orders("ana", ADULT).get_json()
    shopping.stripe.fault = stripe_is_down()
    answer = shopping.cancels("ana", ordered)
    assert (answer.status_code, code_of(answer)) == (503, "try_again")
    assert len(shopping.seats()) == 2


def test_seats_that_are_given_up_are_offered_to_the_line(shopping: Shopping) -> None:
    """In the same transaction: nothing has to happen later."""
    on_sale(shopping.found, seats=1, isWaitlistEnabled=True)
    ordered = shopping.orders("ana", ADULT).get_json()
    headers = shopping.signed_in("bob", role="member")
    waiting = shopping.http.put("/events/e/rsvp", json={"status": "going"}, headers=headers)
    assert waiting.get_json()["rsvp"]["seatState"] == "waitlisted"
    shopping.cancels("ana", ordered)
    seats = shopping.seats()
    assert (set(seats), seats["bob"]["state"]) == ({"bob"}, "held")
    assert settle_event(shopping.found.firestore, "e", now=shopping.found.now()) == 0


# --- Elements --------------------------------------------------------------------------------------------------------


def test_a_page_of_the_clients_own_pays_an_intent(shopping: Shopping) -> None:
    on_sale(shopping.found)
    ordered = shopping.orders("ana", ADULT | {"form": "intent"}).get_json()
    again = shopping.orders("ana", ADULT | {"form": "intent"}).get_json()
    assert again["clientSecret"] == ordered["clientSecret"]
    assert "url" not in ordered
    (intent_id,) = shopping.stripe.intents
    shopping.stripe.settle_intent(intent_id)
    assert shopping.returns(ordered)["admitted"] is True


def test_an_intent_that_nobody_pays_is_cancelled_before_its_seats_are_free(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT | {"form": "intent"}).get_json()
    clock.advance(seconds=TIME_IS_UP)
    holds.sweep(shopping.found)
    (intent,) = shopping.stripe.intents.values()
    assert intent.status == "canceled"
    assert shopping.payment(ordered)["status"] == "failed"
    assert shopping.seats() == {}


def test_an_intent_that_is_paid_in_the_last_moment_is_fulfilled(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found, seats=1)
    ordered = shopping.orders("ana", ADULT | {"form": "intent"}).get_json()
    (intent_id,) = shopping.stripe.intents
    shopping.stripe.settle_intent(intent_id)
    clock.advance(seconds=TIME_IS_UP)
    holds.sweep(shopping.found)
    assert shopping.payment(ordered)["admitted"] is True
