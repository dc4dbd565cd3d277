"""Refunds that somebody asks for: who may, of what, and never more than was captured."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from gather.payments.refunds import RefundRefusedError, carry_out, reserve
from gather.runtime import Runtime
from tests.conftest import Headers, SignIn
from tests.payments.refunding import PAYMENT, TICKET, refunds_of, tickets_of, wanted
from tests.support.apps import http_of
from tests.support.events import assert_books_balance
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import PRICE, begun, on_sale
from tests.support.stored import stored


def test_process_refund_success(paying: Runtime, shop: FlaskClient, organizer: Headers, sold: str) -> None:
    answer = shop.post("/payments/paymentana/refunds", json={"reason": "ill"}, headers=organizer)
    assert answer.status_code == 201, answer.json
    shown = answer.get_json()["refund"]
    assert (shown["status"], shown["amountCents"], shown["requestedBy"]) == ("succeeded", 3 * PRICE, "olga")
    payment = stored(paying, PAYMENT)
    assert (payment["status"], payment["refundedCents"]) == ("refunded", 3 * PRICE)
    assert stored(paying, "registrations/registration-paymentana")["status"] == "refunded"
    assert tickets_of(paying, 3) == ["void", "void", "void"]
    assert assert_books_balance(paying.firestore, "e") == {}, "the seats are free again"
    (refund,) = refunds_of(paying)
    assert stored(paying, f"invoices/{refund['creditNote']}")["refundId"] == shown["id"]


def test_process_refund_partial(paying: Runtime, shop: FlaskClient, organizer: Headers, sold: str) -> None:
    answer = shop.post("/payments/paymentana/refunds", json={"amountCents": 1000}, headers=organizer)
    assert (answer.status_code, answer.get_json()["refund"]["amountCents"]) == (201, 1000)
    payment = stored(paying, PAYMENT)
    assert (payment["status"], payment["refundedCents"]) == ("partially_refunded", 1000)
    assert stored(paying, "registrations/registration-paymentana")["status"] == "confirmed"
    assert tickets_of(paying, 3) == ["valid", "valid", "valid"]
    assert stored(paying, "events/e")["attendingCount"] == 3
    rest = shop.post("/payments/paymentana/refunds", json={}, headers=organizer)
    assert rest.get_json()["refund"]["amountCents"] == 3 * PRICE - 1000
    assert stored(paying, PAYMENT)["status"] == "refunded"


def test_tickets_that_a_partial_refund_names_are_void_and_their_seats_free(
    paying: Runtime, shop: FlaskClient, organizer: Headers, sold: str
) -> None:
    body = {"amountCents": PRICE, "ticketIds": [TICKET.format(2)]}
    assert shop.post("/payments/paymentana/refunds", json=body, headers=organizer).status_code == 201
    assert tickets_of(paying, 3) == ["valid", "void", "valid"]
    assert stored(paying, "events/e")["attendingCount"] == 2
    assert_books_balance(paying.firestore, "e")
    again = shop.post("/payments/paymentana/refunds", json=body, headers=organizer)
    assert (again.status_code, again.get_json()["error"]["code"]) == (409, "invalid_transition")
    other = body | {"ticketIds": ["somebody-elses-1"]}
    assert shop.post("/payments/paymentana/refunds", json=other, headers=organizer).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"amountCents": 3 * PRICE + 1}, "refund_too_large"),
        ({"amountCents": 0}, "validation_failed"),
        ({"amountCents": -1}, "validation_failed"),
        ({"amountCents": 10.5}, "validation_failed"),
        ({"amountCents": "10"}, "validation_failed"),
        ({"reason": ""}, "validation_failed"),
        ({"ticketIds": ["a/b"]}, "validation_failed"),
        ({"status": "succeeded"}, "validation_failed"),
        ([], "validation_failed"),
    ],
)
def test_what_cannot_be_refunded_is_refused(
    paying: Runtime, model_stripe: ModelStripe, shop: FlaskClient, organizer: Headers, sold: str, body: Any, code: str
) -> None:
    answer = shop.post("/payments/paymentana/refunds", json=body, headers=organizer)
    assert answer.get_json()["error"]["code"] == code
    assert refunds_of(paying) == []
    assert model_stripe.refunds == {}


def test_nothing_is_given_back_of_a_payment_without_money(
    paying: Runtime, shop: FlaskClient, organizer: Headers
) -> None:
    on_sale(paying)
    begun(paying)
    answer = shop.post("/payments/paymentana/refunds", headers=organizer)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "invalid_transition")


def test_who_may_refund(shop: FlaskClient, signed_in: SignIn, sold: str) -> None:
    path = "/payments/paymentana/refunds"
    assert shop.post(path).status_code == 401
    assert shop.post(path, headers=signed_in("ana", role="member")).status_code == 403, "the buyer"
    assert shop.post(path, headers=signed_in("ben", role="member")).status_code == 404, "somebody else"
    assert shop.post(path, headers=signed_in("olga")).status_code == 404, "an organizer who is no member any more"
    half = {"amountCents": 100}
    assert shop.post(path, json=half, headers=signed_in("cleo", role="member")).status_code == 201, "the creator"
    assert shop.post(path, json=half, headers=signed_in("root", role="admin")).status_code == 201


def test_once_the_event_is_gone_the_organization_refunds(
    paying: Runtime, shop: FlaskClient, signed_in: SignIn, sold: str
) -> None:
    paying.firestore.document("events/e").delete()
    path = "/payments/paymentana/refunds"
    assert shop.post(path, headers=signed_in("cleo", role="member")).status_code == 404
    assert shop.post(path, headers=signed_in("olga")).status_code == 404
    assert shop.post(path, headers=signed_in("olga", role="member")).status_code == 201
    assert stored(paying, PAYMENT)["status"] == "refunded"
    assert tickets_of(paying, 3) == ["void", "void", "void"]


def test_the_same_request_with_the_same_key_is_the_same_refund(
    paying: Runtime, model_stripe: ModelStripe, shop: FlaskClient, organizer: Headers, sold: str
) -> None:
    headers = organizer | {"Idempotency-Key": "click-1"}
    body = {"amountCents": 1000}
    one, other = (shop.post("/payments/paymentana/refunds", json=body, headers=headers) for _ in range(2))
    assert one.json == other.json
    assert len(model_stripe.refunds) == 1
    changed = shop.post("/payments/paymentana/refunds", json={"amountCents": 2000}, headers=headers)
    assert (changed.status_code, changed.get_json()["error"]["code"]) == (409, "idempotency_conflict")
    long = shop.post("/payments/paymentana/refunds", headers=organizer | {"Idempotency-Key": "x" * 256})
    assert long.status_code == 422


def test_refunds_at_the_same_time_never_come_to_more_than_was_captured(
    paying: Runtime, model_stripe: ModelStripe, sold: str
) -> None:
    def refund(number: int) -> str:
        try:
            reserve(paying, "paymentana", wanted(2000, f"r{number}"))
        except RefundRefusedError as refused:
            return refused.code
        carry_out(paying, "paymentana", f"r{number}")
        return "made"

    with ThreadPoolExecutor(6) as pool:
        made = sorted(pool.map(refund, range(6)))
    assert made == ["made"] * 3 + ["refund_too_large"] * 3, "7500 was captured"
    assert model_stripe.refunded_cents("paymentana") == stored(paying, PAYMENT)["refundedCents"] == 6000


def test_unknown_payments_have_nothing_to_give_back(paying: Runtime, emulated_auth: None, organizer: Headers) -> None:
    with pytest.raises(RefundRefusedError) as refused:
        reserve(paying, "nobodys", wanted())
    assert refused.value.code == "not_found"
    with http_of(paying) as client:
        assert client.post("/payments/nobodys/refunds", headers=organizer).status_code == 404
        assert client.post("/payments/__x__/refunds", headers=organizer).status_code == 404
