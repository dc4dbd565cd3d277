"""Refunds: never more than was charged, whatever their course, whoever makes them."""

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_stand_in import Clock, Settlement, StandIn
from tests.stripe_stand_in.conftest import SessionMaker, sdk, session_params


@pytest.fixture
def intent_id(new_session: SessionMaker, stand_in: StandIn) -> str:
    """A paid intent of 25.00 EUR."""
    session = new_session()
    stand_in.pay(session.id)
    return str(stand_in.get(session.id)["payment_intent"])


def test_a_refund_without_an_amount_takes_all_that_is_left(client: stripe.StripeClient, intent_id: str) -> None:
    first = client.v1.refunds.create(
        {"payment_intent": intent_id, "amount": 1000, "reason": "duplicate", "metadata": {"refundId": "r1"}}
    )
    assert (first.status, first.amount, first.currency, first.reason) == ("succeeded", 1000, "eur", "duplicate")
    assert client.v1.refunds.create({"payment_intent": intent_id}).amount == 1500
    intent = client.v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]})
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.amount_refunded, charge.refunded) == (2500, True)
    assert [refund.amount for refund in client.v1.refunds.list({"payment_intent": intent_id}).data] == [1500, 1000]
    assert client.v1.refunds.retrieve(first.id).metadata == first.metadata


def test_more_than_was_charged_is_refused_in_stripes_words(client: stripe.StripeClient, intent_id: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent_id, "amount": 99_999})
    assert "Refund amount (€999.99) is greater than charge amount (€25.00)" in str(refused.value)
    assert (refused.value.http_status, refused.value.param) == (400, "amount")
    client.v1.refunds.create({"payment_intent": intent_id, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError, match=r"greater than unrefunded amount on charge \(€15.00\)"):
        client.v1.refunds.create({"payment_intent": intent_id, "amount": 1501})


def test_what_is_refunded_whole_is_refused_with_its_code(client: stripe.StripeClient, intent_id: str) -> None:
    client.v1.refunds.create({"payment_intent": intent_id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent_id})
    assert refused.value.code == "charge_already_refunded"


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(min_value=-10, max_value=2600), max_size=8))
def test_refunds_never_add_up_to_more_than_the_charge(amounts: list[int]) -> None:
    stand_in = StandIn(clock=Clock.standing(0))
    client = sdk(stand_in)
    session = client.v1.checkout.sessions.create(session_params())
    stand_in.pay(session.id)
    intent_id = stand_in.get(session.id)["payment_intent"]
    made = 0
    for amount in amounts:
        try:
            made += client.v1.refunds.create({"payment_intent": intent_id, "amount": amount}).amount
        except stripe.InvalidRequestError:
            assert amount <= 0 or made + amount > 2500
    assert made <= 2500
    assert stand_in.get(stand_in.get(intent_id)["latest_charge"])["amount_refunded"] == made


def test_a_pending_refund_counts_at_once_and_succeeds_later(
    client: stripe.StripeClient, stand_in: StandIn, clock: Clock, intent_id: str
) -> None:
    stand_in.switches.once(Settlement.REFUND_PENDING)
    refund = client.v1.refunds.create({"payment_intent": intent_id, "amount": 2000})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent_id, "amount": 501})
    clock.advance(3 * 86_400)
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert [event["type"] for event in stand_in.events][-2:] == ["refund.updated", "charge.refund.updated"]


def test_a_refund_that_fails_gives_the_charge_its_money_back(
    client: stripe.StripeClient, stand_in: StandIn, clock: Clock, intent_id: str
) -> None:
    stand_in.switches.once(Settlement.REFUND_FAILS)
    refund = client.v1.refunds.create({"payment_intent": intent_id})
    assert refund.status == "succeeded"
    clock.advance(3 * 86_400)
    found = client.v1.refunds.retrieve(refund.id)
    assert (found.status, found.failure_reason) == ("failed", "unknown")
    charge = client.v1.charges.list().data[0]
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert stand_in.events[-1]["type"] == "refund.failed"
    assert client.v1.refunds.create({"payment_intent": intent_id}).amount == 2500


@pytest.mark.parametrize(
    ("card", "status", "later"),
    [("4000000000007726", "pending", "succeeded"), ("4000000000005126", "succeeded", "failed")],
)
def test_cards_decide_the_course_of_their_refunds(
    new_session: SessionMaker,
    client: stripe.StripeClient,
    stand_in: StandIn,
    clock: Clock,
    card: str,
    status: str,
    later: str,
) -> None:
    session = new_session()
    stand_in.pay(session.id, card=card)
    refund = client.v1.refunds.create({"payment_intent": stand_in.get(session.id)["payment_intent"]})
    assert refund.status == status
    clock.advance(3 * 86_400)
    assert client.v1.refunds.retrieve(refund.id).status == later


def test_the_dashboard_refunds_by_session_and_tells_of_it(new_session: SessionMaker, stand_in: StandIn) -> None:
    session = new_session()
    stand_in.pay(session.id)
    refund = stand_in.refund(session.id, 700)
    assert (refund["amount"], refund["reason"]) == (700, None)
    events = stand_in.events[-2:]
    assert [event["type"] for event in events] == ["refund.created", "charge.refunded"]
    assert events[1]["data"]["object"]["amount_refunded"] == 700
    assert events[1]["data"]["previous_attributes"] == {"amount_refunded": 0}
    assert events[0]["request"] == {"id": None, "idempotency_key": None}


def test_only_what_was_paid_can_be_refunded(
    new_session: SessionMaker, client: stripe.StripeClient, stand_in: StandIn
) -> None:
    session = new_session()
    stand_in.pay(session.id, card="4000000000000002")
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge to refund"):
        client.v1.refunds.create({"payment_intent": stand_in.get(session.id)["payment_intent"]})
    stand_in.pay(session.id, method="sepa_debit")
    with pytest.raises(stripe.InvalidRequestError, match="has not been captured"):
        client.v1.refunds.create({"payment_intent": stand_in.get(session.id)["payment_intent"]})


def test_what_is_disputed_cannot_be_refunded(client: stripe.StripeClient, stand_in: StandIn, intent_id: str) -> None:
    dispute = stand_in.dispute(intent_id, reason="product_not_received")
    assert (dispute["status"], dispute["amount"], dispute["payment_intent"]) == ("needs_response", 2500, intent_id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent_id})
    assert refused.value.code == "charge_disputed"
    stand_in.close_dispute(dispute["id"], won=True)
    assert client.v1.disputes.retrieve(dispute["id"]).status == "won"
    types = [event["type"] for event in stand_in.events]
    assert types[-4:] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]


def test_a_refund_names_what_it_refunds(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="One of the following params should be provided"):
        client.v1.refunds.create({"amount": 100})
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent: 'pi_no'"):
        client.v1.refunds.create({"payment_intent": "pi_no"})
    with pytest.raises(
        stripe.InvalidRequestError, match="must be one of duplicate, fraudulent, or requested_by_customer"
    ):
        client.v1.refunds.create({"charge": "ch_no", "reason": "because"})
