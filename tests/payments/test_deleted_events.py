"""Deleted events: what was paid for one to come goes back, nothing can be paid any more, and no ticket is valid."""

from dataclasses import replace
from typing import Any

import pytest

from firewarden.testing import Database
from gather.events.store import delete_below
from gather.payments.deleted_events import EVENT_DELETED, undo_sales
from gather.payments.model import parse_refund
from gather.payments.refunds import carry_out
from gather.payments.triggers import on_event_deleted
from gather.runtime import Runtime, installed
from tests.payments.dying import Death, ProcessDiedError
from tests.support.clocks import Clock
from tests.support.deliveries import deliver_deletion
from tests.support.everything import every_document
from tests.support.purchases import PRICE, on_sale
from tests.support.shopping import Shopping
from tests.support.stripe_faults import never, stripe_is_down

ADULT = {"ticketType": "adult"}
STEPS_MAX = 40


def deletes(found: Runtime) -> Any:
    """Somebody deletes the event, and what is below it goes; returns its last snapshot. Nobody else has heard of it."""
    event = found.firestore.document("events/e")
    deleted = event.get()
    event.delete()
    delete_below(found.firestore, "e")
    return deleted


def hears(found: Runtime, deleted: Any) -> None:
    """The deletion is delivered, and the refunds that this leads to are carried out."""
    with installed(found):
        deliver_deletion(on_event_deleted, deleted, time=found.now(), eventId="e")
    refund(found)


def refund(found: Runtime) -> None:
    """What `on_refund_written` does."""
    for each in found.firestore.collection_group("refunds").stream():
        payment_id = each.reference.parent.parent.id
        carry_out(found, payment_id, parse_refund(each.id, payment_id, each.to_dict()).id)


def sells_to_four(shopping: Shopping) -> dict[str, Any]:
    """Ana has paid for two seats, bob has one of two back, cy is about to pay, dora's ticket cost nothing."""
    on_sale(shopping.found)
    shopping.sells("guest", priceCents=0)
    orders = {uid: shopping.buys(uid, ticketType="adult", quantity=2) for uid in ("ana", "bob")}
    intent_id = shopping.payment(orders["bob"])["paymentIntentId"]
    shopping.stripe.refund_in_dashboard(intent_id, PRICE)
    shopping.returns(orders["bob"])
    orders["cy"] = shopping.orders("cy", ADULT).get_json()
    orders["dora"] = shopping.orders("dora", {"ticketType": "guest"}).get_json()
    return orders


def statuses(shopping: Shopping, orders: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What became of payment and registration, by buyer."""
    found = {}
    for uid, ordered in orders.items():
        registration = shopping.stored(f"registrations/{ordered['registration']['id']}") or {}
        payment = shopping.payment(ordered)["status"] if "payment" in ordered else "free"
        found[uid] = (payment, registration["status"])
    return found


UNDONE = {
    "ana": ("refunded", "refunded"),
    "bob": ("refunded", "refunded"),
    "cy": ("expired", "expired"),
    "dora": ("free", "cancelled"),
}


def assert_all_money_is_back(shopping: Shopping) -> None:
    """By Stripe's books; each payment has its receipt, which knows of no event any more."""
    payments = [each.id for each in shopping.found.firestore.collection("payments").stream()]
    stripe = shopping.stripe
    assert all(stripe.captured_cents(name) == stripe.refunded_cents(name) for name in payments)
    receipts = [each.to_dict() for each in shopping.found.firestore.collection("receipts").stream()]
    assert sorted(each["paymentId"] for each in receipts) == sorted(filter(stripe.captured_cents, payments))
    assert {each["eventId"] for each in receipts} <= {None}
    assert shopping.tickets(status="valid") == {}
    assert {session.status for session in stripe.sessions.values()} <= {"complete", "expired"}


def test_what_was_paid_for_an_event_that_was_to_come_goes_back(shopping: Shopping) -> None:
    orders = sells_to_four(shopping)
    deleted = deletes(shopping.found)
    hears(shopping.found, deleted)
    assert statuses(shopping, orders) == UNDONE
    assert_all_money_is_back(shopping)
    assert len(shopping.tickets(status="void")) == 5
    payment_id = orders["ana"]["payment"]["id"]
    refunded = shopping.stored(f"payments/{payment_id}/refunds/{payment_id}-event-deleted") or {}
    assert (refunded["amountCents"], refunded["reason"], refunded["requestedBy"]) == (
        2 * PRICE,
        EVENT_DELETED,
        "system",
    )
    before = every_document(shopping.found.firestore)
    hears(shopping.found, deleted)
    assert every_document(shopping.found.firestore) == before


def test_the_seats_of_an_rsvp_are_paid_back_too(shopping: Shopping) -> None:
    on_sale(shopping.found, priceCents=1_500, currency="EUR")
    shopping.found.firestore.document("events/e/ticketTypes/adult").delete()
    ordered = shopping.checks_out("ana", {"partySize": 3}).get_json()
    shopping.pays(ordered)
    assert len(shopping.tickets(status="valid")) == 3
    hears(shopping.found, deletes(shopping.found))
    assert shopping.payment(ordered)["status"] == "refunded"
    assert_all_money_is_back(shopping)


def test_of_an_event_that_was_over_nothing_moves(shopping: Shopping, clock: Clock) -> None:
    """It has taken place. What is refunded later in Stripe's dashboard is that and no more."""
    on_sale(shopping.found)
    ordered = shopping.buys("ana", ticketType="adult", quantity=2)
    clock.advance(days=40)
    deleted, before = deletes(shopping.found), every_document(shopping.found.firestore)
    hears(shopping.found, deleted)
    after = every_document(shopping.found.firestore)
    assert {path for path in after if after[path] != before.get(path)} == {
        f"receipts/{shopping.payment(ordered)['receiptNumber']}"
    }
    shopping.stripe.refund_in_dashboard(shopping.payment(ordered)["paymentIntentId"], 700)
    shopping.returns(ordered)
    payment = shopping.payment(ordered)
    assert (payment["status"], payment["refundedCents"]) == ("partially_refunded", 700)
    assert len(shopping.tickets(status="valid")) == 2
    assert len(list(shopping.found.firestore.collection_group("refunds").stream())) == 1


def test_an_event_that_was_called_off_has_never_taken_place(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found)
    ordered = shopping.buys("ana", ticketType="adult")
    shopping.found.firestore.document("events/e").update({"canceled": True})
    assert shopping.payment(ordered)["status"] == "succeeded", "its organizer decides about the money, for now"
    clock.advance(days=40)
    hears(shopping.found, deletes(shopping.found))
    assert_all_money_is_back(shopping)


def test_wherever_the_process_dies_the_next_delivery_goes_on(shopping: Shopping, firestore: Database) -> None:
    for step in range(1, STEPS_MAX):
        firestore.clear()
        on_sale(shopping.found)
        shopping.sells("guest", priceCents=0)
        orders = {
            "ana": shopping.buys("ana", ticketType="adult"),
            "cy": shopping.orders("cy", ADULT).get_json(),
            "dora": shopping.orders("dora", {"ticketType": "guest"}).get_json(),
        }
        deleted, death = deletes(shopping.found), Death(at=step)
        shopping.stripe.fault = death.step
        try:
            undo_sales(replace(shopping.found, transact=death.transact), deleted, at=shopping.found.now())
            break
        except ProcessDiedError:
            shopping.stripe.fault = never
        hears(shopping.found, deleted)
        assert statuses(shopping, orders) == {uid: UNDONE[uid] for uid in orders}, f"died at step {step}"
        assert_all_money_is_back(shopping)
    assert 8 < step < STEPS_MAX


def test_while_stripe_is_silent_the_rest_is_done_and_the_delivery_fails(shopping: Shopping) -> None:
    orders = sells_to_four(shopping)
    deleted = deletes(shopping.found)
    shopping.stripe.fault = stripe_is_down()
    with pytest.raises(ExceptionGroup), installed(shopping.found):
        deliver_deletion(on_event_deleted, deleted, time=shopping.found.now(), eventId="e")
    shopping.stripe.fault = never
    assert statuses(shopping, orders)["cy"] == ("pending", "pending_payment")
    refund(shopping.found)
    assert statuses(shopping, orders)["ana"] == UNDONE["ana"]
    hears(shopping.found, deleted)
    assert statuses(shopping, orders) == UNDONE
    assert_all_money_is_back(shopping)


def test_who_pays_in_the_last_moment_gets_it_back(shopping: Shopping) -> None:
    on_sale(shopping.found)
    ordered = shopping.orders("ana", ADULT).get_json()

    def pays_meanwhile(method: str, moment: str) -> None:
        if (method, moment) == ("expire_session", "before"):
            shopping.stripe.fault = never
            shopping.stripe.pay(ordered["sessionId"])

    shopping.stripe.fault = pays_meanwhile
    hears(shopping.found, deletes(shopping.found))
    assert shopping.payment(ordered)["status"] == "refunded"
    assert_all_money_is_back(shopping)


def test_money_that_a_bank_sends_days_later_goes_back(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found)
    ordered = shopping.orders("ana", ADULT).get_json()
    shopping.stripe.pay_later(ordered["sessionId"])
    shopping.returns(ordered)
    hears(shopping.found, deletes(shopping.found))
    assert shopping.payment(ordered)["status"] == "processing"
    clock.advance(days=3)
    shopping.stripe.settle(ordered["sessionId"], succeeds=True)
    shopping.returns(ordered)
    refund(shopping.found)
    assert shopping.payment(ordered)["status"] == "refunded"


def test_what_was_sold_under_the_same_name_before_or_since_is_left_alone(shopping: Shopping, clock: Clock) -> None:
    """The first event has taken place; the second is deleted; the third is on when that is told."""
    first = sells_to_four(shopping)
    clock.advance(days=40)
    hears(shopping.found, deletes(shopping.found))
    taken_place = statuses(shopping, first)
    second = sells_to_four(shopping)
    deleted = deletes(shopping.found)
    third = sells_to_four(shopping)
    sold = statuses(shopping, third)
    hears(shopping.found, deleted)
    assert statuses(shopping, second) == UNDONE
    assert (statuses(shopping, first), statuses(shopping, third)) == (taken_place, sold)
    assert taken_place["ana"] == sold["ana"] == ("succeeded", "confirmed")
    assert taken_place["dora"] == sold["dora"] == ("free", "confirmed")


def test_a_refund_that_fails_makes_no_ticket_valid_again_and_no_other_refund(shopping: Shopping) -> None:
    """The bank has sent it back: that is for people to look at."""
    on_sale(shopping.found)
    ordered = shopping.buys("ana", ticketType="adult")
    hears(shopping.found, deletes(shopping.found))
    (refund_id,) = shopping.stripe.refunds
    shopping.stripe.finish_refund(refund_id, "failed")
    shopping.returns(ordered)
    refund(shopping.found)
    assert shopping.payment(ordered)["status"] == "succeeded"
    assert shopping.tickets(status="valid") == {}
    assert len(shopping.stripe.refunds) == 1


def test_what_cannot_be_given_back_fails_the_delivery_and_holds_up_nothing(shopping: Shopping) -> None:
    """Somebody with privileges has written another refund under the id that this one has."""
    orders = sells_to_four(shopping)
    payment_id = orders["ana"]["payment"]["id"]
    other = {"amountCents": 1, "reason": "asked", "status": "failed", "requestedBy": "root", "createdAt": PRICE}
    shopping.found.firestore.document(f"payments/{payment_id}/refunds/{payment_id}-event-deleted").set(other)
    with pytest.raises(ExceptionGroup):
        hears(shopping.found, deletes(shopping.found))
    refund(shopping.found)
    left = {uid: status for uid, status in UNDONE.items() if uid != "ana"}
    assert statuses(shopping, orders) == left | {"ana": ("succeeded", "confirmed")}


def test_who_was_let_in_stays_so(shopping: Shopping) -> None:
    """The event has begun when it is deleted."""
    on_sale(shopping.found)
    shopping.sells("guest", priceCents=0)
    ordered = shopping.orders("dora", {"ticketType": "guest"}).get_json()
    code = ordered["registration"]["id"]
    shopping.found.firestore.document("registrations", code).update({"status": "checked_in"})
    hears(shopping.found, deletes(shopping.found))
    assert (shopping.stored(f"registrations/{code}") or {})["status"] == "checked_in"
