"""Money that comes, or fails to, long after an order: codes used up meanwhile, and intents that nobody pays."""

from typing import Any

import pytest

from gather.payments import holds
from gather.payments.reconcile import reconcile
from tests.support.clocks import Clock
from tests.support.purchases import on_sale
from tests.support.shopping import Shopping

HALF_PRICE = {"ticketType": "adult", "discountCode": "ONCE"}
IN_OUR_PAGE = {"ticketType": "adult", "form": "intent"}


@pytest.fixture
def sale(shopping: Shopping) -> Shopping:
    """An event with room for all, and a code that one order may use."""
    on_sale(shopping.found, seats=5)
    code = {"code": "ONCE", "percent": 50, "usesMax": 1, "usesCount": 0}
    shopping.found.firestore.document("discountCodes/e:ONCE").set(code)
    return shopping


def failed(sale: Shopping, uid: str) -> dict[str, Any]:
    """Somebody orders with the code, and their bank says no after days; seats and code are free again."""
    ordered: dict[str, Any] = sale.orders(uid, HALF_PRICE).get_json()
    sale.stripe.pay_later(ordered["sessionId"])
    sale.stripe.settle(ordered["sessionId"], succeeds=False)
    assert sale.returns(ordered)["status"] == "failed"
    return ordered


def uses(sale: Shopping) -> int:
    return int((sale.stored("discountCodes/e:ONCE") or {})["usesCount"])


def test_late_money_uses_its_code_again(sale: Shopping) -> None:
    ordered = failed(sale, "ana")
    assert uses(sale) == 0
    sale.stripe.settle(ordered["sessionId"], succeeds=True)
    assert sale.returns(ordered)["admitted"] is True
    assert uses(sale) == 1


def test_late_money_goes_back_where_its_code_has_been_used_up(sale: Shopping) -> None:
    ordered = failed(sale, "ana")
    sale.buys("bob", **HALF_PRICE)
    sale.stripe.settle(ordered["sessionId"], succeeds=True)
    assert sale.returns(ordered)["admitted"] is False
    (refund,) = sale.found.firestore.collection(f"payments/{ordered['payment']['id']}/refunds").stream()
    assert refund.get("reason") == "no_room"
    assert uses(sale) == 1


def paid_in_our_page(sale: Shopping) -> tuple[dict[str, Any], str]:
    """Somebody pays in the client's own page, by a method that takes days."""
    ordered: dict[str, Any] = sale.orders("ana", IN_OUR_PAGE).get_json()
    intent_id = str(sale.payment(ordered)["paymentIntentId"])
    sale.stripe.pay_intent_later(intent_id)
    assert sale.returns(ordered)["status"] == "processing"
    return ordered, intent_id


def test_an_intent_that_failed_after_days_is_ended_before_its_seats_are_free(sale: Shopping, clock: Clock) -> None:
    """Else its buyer could try again for ever, and would hold the seats as long."""
    ordered, intent_id = paid_in_our_page(sale)
    sale.stripe.decline_intent(intent_id)
    reconcile(sale.found)
    assert sale.payment(ordered)["status"] == "processing", "as long as its hold lasts it may be tried again"
    clock.advance(minutes=40)
    holds.sweep(sale.found)
    reconcile(sale.found)
    assert sale.stripe.intents[intent_id].status == "canceled"
    assert sale.payment(ordered)["status"] == "failed"
    assert sale.seats() == {}


def test_an_intent_that_is_under_way_is_left_alone(sale: Shopping, clock: Clock) -> None:
    ordered, intent_id = paid_in_our_page(sale)
    clock.advance(days=3)
    reconcile(sale.found)
    assert sale.stripe.intents[intent_id].status == "processing"
    sale.stripe.settle_intent(intent_id)
    assert sale.returns(ordered)["admitted"] is True
