"""From the order to the ticket and back, through the SDK, the pay page and signed webhooks of Stripe's stand-in."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from firewarden.testing import Database
from gather.payments.holds import sweep
from gather.payments.reconcile import reconcile
from stripe_stand_in import ApiFault, Mischief, Settlement
from tests.conftest import Headers, settings_for
from tests.support.clocks import Clock
from tests.support.events import assert_books_balance
from tests.support.purchases import PRICE, on_sale
from tests.support.stripe_served import Served, served

Ordered = dict[str, Any]


@pytest.fixture
def shop(firestore: Database, clock: Clock, emulated_auth: None) -> Iterator[Served]:
    with served(settings_for(firestore.project), firestore.as_owner(), clock) as running:
        on_sale(running.found, seats=3)
        yield running


@pytest.fixture
def order(shop: Served, signed_in: Callable[..., Headers]) -> Callable[..., Ordered]:
    """``order(uid, quantity=1)``: seats are held and a session waits; returns the answer."""

    def post(uid: str = "ana", quantity: int = 1, *, status: int = 201) -> Ordered:
        headers = signed_in(uid, role="member", email=f"{uid}@example.org", name=uid.title())
        body = {"ticketType": "adult", "quantity": quantity}
        answer = shop.http.post("/events/e/tickets/purchase", json=body, headers=headers)
        assert answer.status_code == status, answer.json
        answered: Ordered = answer.get_json()
        return answered

    return post


@pytest.fixture
def organizer(signed_in: Callable[..., Headers]) -> Headers:
    return signed_in("olga", role="member")


def payment_of(shop: Served, ordered: Ordered) -> dict[str, Any]:
    return shop.stored(f"payments/{ordered['payment']['id']}")


def tickets(shop: Served) -> list[str]:
    return sorted(each.get("status") for each in shop.found.firestore.collection("tickets").stream())


def receipts(shop: Served) -> int:
    return len(list(shop.found.firestore.collection("receipts").stream()))


def seats(shop: Served) -> int:
    """The seats that are taken, when all counts agree with the ledger."""
    return sum(seat["seats"] for seat in assert_books_balance(shop.found.firestore, "e").values())


def test_a_card_on_the_pay_page_becomes_tickets(shop: Served, order: Callable[..., Ordered]) -> None:
    ordered = order(quantity=2)
    paid = shop.stripe.pay(ordered["sessionId"])
    assert paid.url is not None
    assert payment_of(shop, ordered)["status"] == "pending"
    shop.stripe.deliver()
    payment = payment_of(shop, ordered)
    assert (payment["status"], payment["capturedCents"]) == ("succeeded", 2 * PRICE)
    assert (tickets(shop), receipts(shop), seats(shop)) == (["valid", "valid"], 1, 2)
    assert shop.stripe.outbox.waiting == 0, "every event was answered with 200"


def test_events_twice_in_any_order_change_nothing(shop: Served, order: Callable[..., Ordered]) -> None:
    shop.stripe.switches.rates |= {Mischief.DUPLICATE: 1.0, Mischief.REORDER: 1.0, Mischief.LOSE_ANSWER: 0.3}
    shop.stripe.pay(order(quantity=2)["sessionId"])
    shop.stripe.deliver()
    assert (tickets(shop), receipts(shop), seats(shop)) == (["valid", "valid"], 1, 2)


def test_a_declined_card_keeps_the_seats_until_the_session_expires(
    shop: Served, order: Callable[..., Ordered], clock: Clock
) -> None:
    ordered = order(quantity=3)
    assert shop.stripe.pay(ordered["sessionId"], card="4000000000000002").status == "declined"
    shop.stripe.deliver()
    assert (payment_of(shop, ordered)["status"], seats(shop)) == ("pending", 3)
    order("bob", status=409)
    clock.advance(minutes=31)
    shop.stripe.deliver()
    assert (payment_of(shop, ordered)["status"], seats(shop)) == ("expired", 0)
    order("bob")


def test_a_delayed_payment_keeps_its_seats_for_days(shop: Served, order: Callable[..., Ordered], clock: Clock) -> None:
    for uid, fails, status, taken in (("ana", False, "succeeded", 1), ("bob", True, "failed", 1)):
        ordered = order(uid)
        shop.stripe.pay(ordered["sessionId"], method="us_bank_account", fails_later=fails)
        shop.stripe.deliver()
        assert payment_of(shop, ordered)["status"] == "processing"
        clock.advance(hours=2)
        sweep(shop.found)
        reconcile(shop.found)
        assert payment_of(shop, ordered)["status"] == "processing"
        clock.advance(days=3)
        shop.stripe.deliver()
        assert (payment_of(shop, ordered)["status"], seats(shop)) == (status, taken)


def test_refunds_by_the_organizer_and_in_the_dashboard_add_up(
    shop: Served, order: Callable[..., Ordered], organizer: Headers
) -> None:
    ordered = order(quantity=2)
    shop.stripe.pay(ordered["sessionId"])
    shop.stripe.deliver()
    path = f"/payments/{ordered['payment']['id']}/refunds"
    answer = shop.http.post(path, json={"amountCents": 1000}, headers=organizer)
    assert (answer.status_code, answer.get_json()["refund"]["status"]) == (201, "succeeded")
    shop.stripe.deliver()
    assert payment_of(shop, ordered)["refundedCents"] == 1000
    shop.stripe.refund(ordered["sessionId"])
    shop.stripe.deliver()
    payment = payment_of(shop, ordered)
    assert (payment["status"], payment["refundedCents"]) == ("refunded", 2 * PRICE)
    assert (tickets(shop), seats(shop)) == (["void", "void"], 0)


@pytest.mark.parametrize("fault", [ApiFault.LOST_ANSWER, ApiFault.LOST_REQUEST, ApiFault.ERROR_AFTER])
def test_a_refund_whose_answer_was_lost_is_made_once(
    shop: Served, order: Callable[..., Ordered], organizer: Headers, clock: Clock, fault: ApiFault
) -> None:
    """Even where Stripe keeps an error for its key: then its own list of refunds tells."""
    ordered = order(quantity=2)
    shop.stripe.pay(ordered["sessionId"])
    shop.stripe.deliver()
    shop.stripe.switches.once(fault, path="/v1/refunds", method="POST")
    path = f"/payments/{ordered['payment']['id']}/refunds"
    assert shop.http.post(path, json={"amountCents": 1000}, headers=organizer).status_code == 202
    clock.advance(hours=1)
    reconcile(shop.found)
    shop.stripe.deliver()
    assert payment_of(shop, ordered)["refundedCents"] == 1000
    charge = shop.stripe.get(payment_of(shop, ordered)["chargeId"])
    assert charge["amount_refunded"] == 1000


def test_a_refund_that_fails_days_later_is_taken_back(
    shop: Served, order: Callable[..., Ordered], organizer: Headers, clock: Clock
) -> None:
    ordered = order()
    shop.stripe.pay(ordered["sessionId"])
    shop.stripe.deliver()
    shop.stripe.switches.once(Settlement.REFUND_FAILS)
    path = f"/payments/{ordered['payment']['id']}/refunds"
    assert shop.http.post(path, json={"amountCents": 1000}, headers=organizer).status_code == 201
    clock.advance(days=4)
    shop.stripe.deliver()
    payment = payment_of(shop, ordered)
    assert (payment["status"], payment["refundedCents"]) == ("succeeded", 0)


def test_a_dispute_is_seen_and_its_end(shop: Served, order: Callable[..., Ordered]) -> None:
    ordered = order()
    shop.stripe.pay(ordered["sessionId"])
    dispute = shop.stripe.dispute(ordered["sessionId"])
    shop.stripe.deliver()
    assert payment_of(shop, ordered)["disputeStatus"] == "open"
    shop.stripe.close_dispute(dispute["id"], won=True)
    shop.stripe.deliver()
    assert payment_of(shop, ordered)["disputeStatus"] == "won"


def test_events_that_never_come_are_made_up_for(shop: Served, order: Callable[..., Ordered], clock: Clock) -> None:
    shop.stripe.switches.rates[Mischief.LOSE] = 1.0
    ordered = order()
    shop.stripe.pay(ordered["sessionId"])
    assert shop.stripe.deliver() == 0
    clock.advance(minutes=40)
    reconcile(shop.found)
    assert (payment_of(shop, ordered)["status"], tickets(shop), seats(shop)) == ("succeeded", ["valid"], 1)


def test_the_success_page_needs_no_event(shop: Served, order: Callable[..., Ordered]) -> None:
    ordered = order()
    shop.stripe.pay(ordered["sessionId"])
    answer = shop.http.get(f"/payments/{ordered['payment']['id']}/success")
    assert answer.get_json()["payment"]["status"] == "succeeded"
    shop.stripe.deliver()
    assert (tickets(shop), receipts(shop)) == (["valid"], 1)


def test_while_stripe_is_away_no_seat_is_held(shop: Served, order: Callable[..., Ordered], clock: Clock) -> None:
    shop.stripe.switches.once(ApiFault.UNAVAILABLE, times=20)
    answer = order(quantity=3, status=503)
    assert answer["error"]["code"] == "try_again"
    assert seats(shop) == 0
    shop.stripe.switches.clear()
    order("bob", quantity=3)


def test_a_session_whose_answer_was_lost_is_never_paid_for_nothing(
    shop: Served, order: Callable[..., Ordered], clock: Clock
) -> None:
    shop.stripe.switches.once(ApiFault.LOST_ANSWER, path="/v1/checkout/sessions", method="POST")
    order(quantity=3, status=503)
    clock.advance(hours=2)
    sweep(shop.found)
    shop.stripe.deliver()
    assert seats(shop) == 0
    assert shop.stripe.outbox.waiting == 0
