"""What Stripe's dashboard and banks do: refunds made or failed there, and disputes."""

import pytest
from flask.testing import FlaskClient

from gather.runtime import Runtime
from tests.conftest import Headers
from tests.payments.conftest import Deliver
from tests.payments.refunding import PAYMENT, refunds_of, tickets_of
from tests.support.events import assert_books_balance
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import PRICE
from tests.support.stored import stored


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
