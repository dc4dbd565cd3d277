"""Orders whose time is over, crowds that are told at once, and counters that somebody has damaged."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gather.attendance.recount import heal
from gather.payments.model import PaymentStatus
from gather.payments.ordering import HOLD_LASTS
from gather.payments.papers import sale_of
from gather.transactions import _lane
from tests.payments.three_seats import PAID, PENDING
from tests.support.clocks import Clock
from tests.support.events import NOW
from tests.support.purchases import on_sale
from tests.support.refusals import code_of
from tests.support.shopping import Shopping
from tests.support.stripe_faults import never, stripe_is_down

ADULT = {"ticketType": "adult"}


@pytest.mark.parametrize("key", [None, "k"])
def test_who_comes_back_after_their_time_orders_anew(shopping: Shopping, clock: Clock, key: str | None) -> None:
    """No sweep has come by: the order itself ends what is over."""
    on_sale(shopping.found, seats=1)
    first = shopping.orders("ana", ADULT, key=key).get_json()
    clock.time += HOLD_LASTS
    second = shopping.orders("ana", ADULT, key=key)
    assert second.status_code == 201
    assert second.get_json()["payment"]["id"] != first["payment"]["id"]
    assert shopping.payment(first)["status"] == "expired"
    assert set(shopping.seats()) == {"ana", second.get_json()["registration"]["id"]}


def test_who_comes_back_while_stripe_is_silent_has_to_try_again(shopping: Shopping, clock: Clock) -> None:
    on_sale(shopping.found, seats=1)
    shopping.orders("ana", ADULT)
    clock.time += HOLD_LASTS
    shopping.stripe.fault = stripe_is_down()
    answer = shopping.orders("ana", ADULT)
    assert (answer.status_code, code_of(answer)) == (503, "try_again")
    shopping.stripe.fault = never
    assert shopping.orders("ana", ADULT).status_code == 201


def test_of_a_crowd_who_comes_too_late_is_told_without_queueing(shopping: Shopping) -> None:
    """The event's queue is held by this very thread: whoever joined it would wait until the deadline."""
    on_sale(shopping.found, seats=1)
    first = shopping.orders("ana", ADULT).get_json()
    with _lane("events/e", 1.0):
        assert code_of(shopping.orders("bob", ADULT)) == "sold_out"
        again = shopping.orders("ana", ADULT)
    assert (again.status_code, again.get_json()["sessionId"]) == (200, first["sessionId"])


def test_an_event_of_no_organization_sells_nothing_with_a_price(shopping: Shopping) -> None:
    on_sale(shopping.found)
    shopping.found.firestore.document("events/e").update({"organizationId": None})
    assert code_of(shopping.orders("ana", ADULT)) == "upgrade_required"


def test_damaged_counters_are_counted_anew(shopping: Shopping) -> None:
    on_sale(shopping.found)
    client = shopping.found.firestore
    client.document("events/e/pools/hall").set({"capacity": 9, "takenCount": 0})
    shopping.sells("vip", poolId="hall")
    shopping.buys("ana", ticketType="vip", quantity=2)
    shopping.orders("bob", {"ticketType": "vip"})
    client.document("events/e/ticketTypes/vip").update({"soldCount": 0, "heldCount": "many"})
    client.document("events/e/pools/hall").update({"takenCount": -1})
    heal(client, "e", by="root", now=shopping.found.now())
    shopping.seats()
    assert (shopping.stored("events/e/ticketTypes/vip") or {})["soldCount"] == 2
    assert (shopping.stored("events/e/pools/hall") or {})["takenCount"] == 3


def test_papers_are_about_the_money_that_came() -> None:
    assert sale_of(PENDING, None, now=NOW) is None
    whole, short = sale_of(PAID, None, now=NOW), sale_of(replace(PAID, captured_cents=7), None, now=NOW)
    assert whole is not None
    assert short is not None
    assert [line.description for line in whole.lines] == ["VIP"]
    assert (short.amount_cents, len(short.lines)) == (7, 1)


def test_stripe_is_asked_for_nothing_about_what_it_has_not_heard_of(shopping: Shopping) -> None:
    """The success page of an order whose session was never opened."""
    on_sale(shopping.found)
    ordered = shopping.orders("ana", ADULT).get_json()
    reference = shopping.found.firestore.document("payments", ordered["payment"]["id"])
    stored = reference.get().to_dict()
    reference.set({name: value for name, value in stored.items() if not name.startswith("session")})
    calls = list(shopping.stripe.calls)
    assert shopping.returns(ordered)["status"] == PaymentStatus.PENDING.value
    assert shopping.stripe.calls == calls
    assert stored["holdExpiresAt"] - stored["createdAt"] > timedelta(minutes=30)
