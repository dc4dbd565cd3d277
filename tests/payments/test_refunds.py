"""Refunds: never more than was captured, made once whatever crashes, and effective when Stripe says so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from google.cloud.firestore import DELETE_FIELD

from gather.http.app import create_app
from gather.payments.facts import GatewayDownError, GatewayRefusedError
from gather.payments.refunds import RefundRefusedError, Wanted, carry_out, reserve
from gather.runtime import Runtime
from tests.conftest import Headers
from tests.payments.conftest import Deliver
from tests.support.events import assert_books_balance
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import PRICE, begun, on_sale
from tests.support.stripe_faults import never, stripe_is_down

SignIn = Callable[..., Headers]
PAYMENT = "payments/paymentana"
TICKET = "registration-paymentana-{}"


def stored(found: Runtime, path: str) -> Any:
    return found.firestore.document(path).get().to_dict()


def refunds_of(found: Runtime) -> list[dict[str, Any]]:
    return [each.to_dict() for each in found.firestore.collection(f"{PAYMENT}/refunds").stream()]


def tickets_of(found: Runtime, quantity: int) -> list[str]:
    return [stored(found, f"tickets/{TICKET.format(number)}")["status"] for number in range(1, quantity + 1)]


@pytest.fixture
def sold(paying: Runtime, model_stripe: ModelStripe, deliver: Deliver) -> str:
    """Three tickets that ana has paid; returns the intent's id."""
    on_sale(paying, seats=5)
    model_stripe.pay(begun(paying, quantity=3).session_id or "")
    assert deliver(model_stripe.events[-1]).status_code == 200
    return str(stored(paying, PAYMENT)["paymentIntentId"])


@pytest.fixture
def organizer(signed_in: SignIn) -> Headers:
    return signed_in("olga", role="member")


def wanted(amount_cents: int | None = None, refund_id: str = "r1", **fields: Any) -> Wanted:
    asked: dict[str, Any] = {"reason": "ill", "ticket_ids": (), "requested_by": "olga"} | fields
    return Wanted(refund_id=refund_id, amount_cents=amount_cents, **asked)


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


# --- Crashes and a Stripe that is down ----------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before", "after"])
def test_while_stripe_is_down_a_refund_stays_wanted_and_is_made_once(
    paying: Runtime,
    model_stripe: ModelStripe,
    shop: FlaskClient,
    organizer: Headers,
    sold: str,
    moment: str,
) -> None:
    model_stripe.fault = stripe_is_down("create_refund", moment=moment)
    answer = shop.post("/payments/paymentana/refunds", headers=organizer)
    assert (answer.status_code, answer.get_json()["refund"]["status"]) == (202, "pending")
    assert tickets_of(paying, 3) == ["valid", "valid", "valid"], "the money is not back yet"
    model_stripe.fault = never
    refund = carry_out(paying, "paymentana", answer.get_json()["refund"]["id"])
    assert refund.status == "succeeded"
    assert model_stripe.refunded_cents("paymentana") == 3 * PRICE
    assert len(model_stripe.refunds) == 1
    assert stored(paying, PAYMENT)["status"] == "refunded"


def test_a_refund_is_made_once_even_when_stripe_has_forgotten_its_key(
    paying: Runtime, model_stripe: ModelStripe, sold: str
) -> None:
    """As it does after a day: then the refund itself is found by our id."""
    reserve(paying, "paymentana", wanted(1000))
    model_stripe.fault = stripe_is_down("create_refund", moment="after")
    with pytest.raises(GatewayDownError):
        carry_out(paying, "paymentana", "r1")
    model_stripe.fault, model_stripe.forgets_keys = never, True
    assert carry_out(paying, "paymentana", "r1").status == "succeeded"
    assert len(model_stripe.refunds) == 1


def test_what_has_been_carried_out_is_not_asked_for_again(
    paying: Runtime, model_stripe: ModelStripe, sold: str
) -> None:
    reserve(paying, "paymentana", wanted(1000))
    carry_out(paying, "paymentana", "r1")
    asked = len(model_stripe.calls)
    assert carry_out(paying, "paymentana", "r1").status == "succeeded"
    assert len(model_stripe.calls) == asked


def test_a_refund_that_stripe_refuses_has_failed_and_its_amount_is_free_again(
    paying: Runtime, model_stripe: ModelStripe, sold: str
) -> None:
    reserve(paying, "paymentana", wanted())
    model_stripe.refund_in_dashboard(sold, 3 * PRICE)
    assert carry_out(paying, "paymentana", "r1").failure == "charge_already_refunded"
    payment = stored(paying, PAYMENT)
    assert (payment["status"], payment["refundedCents"]) == ("refunded", 3 * PRICE)
    assert {each["status"] for each in refunds_of(paying)} == {"failed", "succeeded"}


def test_a_refusal_that_time_may_cure_leaves_the_refund_wanted(
    paying: Runtime, model_stripe: ModelStripe, sold: str
) -> None:
    reserve(paying, "paymentana", wanted(1000))

    def poor(method: str, _moment: str) -> None:
        if method == "create_refund":
            raise GatewayRefusedError("balance_insufficient")

    model_stripe.fault = poor
    assert carry_out(paying, "paymentana", "r1").status == "pending"
    model_stripe.fault = never
    assert carry_out(paying, "paymentana", "r1").status == "succeeded"


def test_a_refusal_of_what_is_done_already_is_no_failure(paying: Runtime, model_stripe: ModelStripe, sold: str) -> None:
    reserve(paying, "paymentana", wanted(1000))

    def confused(method: str, moment: str) -> None:
        if (method, moment) == ("create_refund", "after"):
            raise GatewayRefusedError("charge_already_refunded")

    model_stripe.fault = confused
    refund = carry_out(paying, "paymentana", "r1")
    assert (refund.status, refund.failure) == ("succeeded", None)


def test_money_that_came_by_no_intent_cannot_be_given_back(
    paying: Runtime, model_stripe: ModelStripe, sold: str
) -> None:
    unknown = {"paymentIntentId": DELETE_FIELD, "sessionId": DELETE_FIELD}
    paying.firestore.document(PAYMENT).update(unknown)
    reserve(paying, "paymentana", wanted(1000))
    assert carry_out(paying, "paymentana", "r1").failure == "no_payment_intent"
    assert model_stripe.refunds == {}


def test_a_refund_on_its_way_counts_as_given(
    paying: Runtime, model_stripe: ModelStripe, shop: FlaskClient, organizer: Headers, deliver: Deliver, sold: str
) -> None:
    model_stripe.refunds_take_time = True
    made = shop.post("/payments/paymentana/refunds", headers=organizer).get_json()["refund"]
    assert made["status"] == "pending"
    assert tickets_of(paying, 3) == ["valid", "valid", "valid"]
    more = shop.post("/payments/paymentana/refunds", json={"amountCents": 1}, headers=organizer)
    assert more.get_json()["error"]["code"] == "refund_too_large"
    model_stripe.finish_refund(made["stripeRefundId"], "succeeded")
    assert deliver(model_stripe.events[-1]).status_code == 200
    assert stored(paying, PAYMENT)["status"] == "refunded"
    assert tickets_of(paying, 3) == ["void", "void", "void"]


# --- What Stripe's dashboard and banks do ------------------------------------------------------------------------


@pytest.mark.parametrize("place", [-1, -2])
def test_a_refund_made_in_the_dashboard_does_the_same(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, sold: str, place: int
) -> None:
    """Told by charge.refunded or by refund.created, whichever comes first."""
    model_stripe.refund_in_dashboard(sold, 3 * PRICE)
    assert deliver(model_stripe.events[place]).status_code == 200
    assert stored(paying, PAYMENT)["status"] == "refunded"
    assert tickets_of(paying, 3) == ["void", "void", "void"]
    assert assert_books_balance(paying.firestore, "e") == {}
    (refund,) = refunds_of(paying)
    assert (refund["requestedBy"], refund["status"]) == ("stripe", "succeeded")
    assert refund["creditNote"]


def test_a_refund_that_fails_gives_seats_and_tickets_back(
    paying: Runtime, model_stripe: ModelStripe, shop: FlaskClient, organizer: Headers, deliver: Deliver, sold: str
) -> None:
    made = shop.post("/payments/paymentana/refunds", headers=organizer).get_json()["refund"]
    model_stripe.finish_refund(made["stripeRefundId"], "failed")
    assert deliver(model_stripe.events[-1]).status_code == 200
    payment = stored(paying, PAYMENT)
    assert (payment["status"], payment["refundedCents"]) == ("succeeded", 0)
    assert tickets_of(paying, 3) == ["valid", "valid", "valid"]
    assert stored(paying, "registrations/registration-paymentana")["status"] == "confirmed"
    assert assert_books_balance(paying.firestore, "e")["registration-paymentana"]["seats"] == 3
    again = shop.post("/payments/paymentana/refunds", headers=organizer)
    assert again.get_json()["refund"]["status"] == "succeeded", "the organizer may try again"


def test_a_dispute_flags_the_payment_and_ends(
    paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, sold: str
) -> None:
    dispute_id = model_stripe.dispute(sold)
    opened = model_stripe.events[-1]
    assert deliver(opened).status_code == 200
    assert stored(paying, PAYMENT)["disputeStatus"] == "open"
    model_stripe.close_dispute(dispute_id, "lost")
    assert deliver(model_stripe.events[-1]).status_code == 200
    payment = stored(paying, PAYMENT)
    assert (payment["disputeStatus"], payment["status"]) == ("lost", "succeeded")
    assert deliver(opened | {"id": "evt_again"}).status_code == 200
    assert stored(paying, PAYMENT)["disputeStatus"] == "lost"


def test_unknown_payments_have_nothing_to_give_back(paying: Runtime, emulated_auth: None, organizer: Headers) -> None:
    with pytest.raises(RefundRefusedError) as refused:
        reserve(paying, "nobodys", wanted())
    assert refused.value.code == "not_found"
    with create_app(paying).test_client() as client:
        assert client.post("/payments/nobodys/refunds", headers=organizer).status_code == 404
        assert client.post("/payments/__x__/refunds", headers=organizer).status_code == 404
