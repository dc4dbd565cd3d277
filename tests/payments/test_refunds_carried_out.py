"""Carrying refunds out: each is made once, whatever crashes and whatever Stripe answers."""

import pytest
from flask.testing import FlaskClient
from google.cloud.firestore import DELETE_FIELD

from gather.payments.facts import GatewayDownError, GatewayRefusedError
from gather.payments.refunds import carry_out, reserve
from gather.runtime import Runtime
from tests.conftest import Headers
from tests.payments.conftest import Deliver
from tests.payments.refunding import PAYMENT, refunds_of, tickets_of, wanted
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import PRICE
from tests.support.stored import stored
from tests.support.stripe_faults import never, stripe_is_down


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


def test_an_automatic_refund_that_is_too_much_by_now_is_made_of_what_is_left(
    paying: Runtime, model_stripe: ModelStripe, sold: str
) -> None:
    """The buyer has a right to all of it, and nobody is asked; so a refund in the dashboard must not keep the rest."""
    reserve(paying, "paymentana", wanted(refund_id="auto", requested_by="system"))
    model_stripe.refund_in_dashboard(sold, 300)
    assert carry_out(paying, "paymentana", "auto").failure == "amount_too_large"
    rest = 3 * PRICE - 300
    again = stored(paying, f"{PAYMENT}/refunds/auto-{rest}")
    assert (again["status"], again["amountCents"], again["reason"]) == ("pending", rest, "ill")
    assert "failure" not in again
    assert carry_out(paying, "paymentana", f"auto-{rest}").status == "succeeded"
    assert model_stripe.refunded_cents("paymentana") == 3 * PRICE
    assert stored(paying, PAYMENT)["status"] == "refunded"


def test_a_refund_that_people_want_is_theirs_to_ask_for_again(
    paying: Runtime, model_stripe: ModelStripe, sold: str
) -> None:
    reserve(paying, "paymentana", wanted())
    model_stripe.refund_in_dashboard(sold, 300)
    assert carry_out(paying, "paymentana", "r1").failure == "amount_too_large"
    assert sorted(each["status"] for each in refunds_of(paying)) == ["failed", "succeeded"]


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
