"""Checkout Sessions: their life, their amounts, their limits; asked through the real SDK."""

from typing import Any

import pytest
import stripe

from stripe_stand_in import Clock, StandIn
from tests.stripe_stand_in.conftest import START, SessionMaker, session_params


def test_a_new_session_is_open_shows_its_page_and_has_no_intent_yet(new_session: SessionMaker) -> None:
    session = new_session(
        client_reference_id="payment-1",
        metadata={"eventId": "e1"},
        payment_intent_data={"metadata": {"paymentId": "payment-1"}},
        expires_at=START + 1860,
        quantity=3,
    )
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert (session.amount_subtotal, session.amount_total, session.currency) == (7500, 7500, "eur")
    assert (session.created, session.expires_at) == (START, START + 1860)
    assert session.url == f"http://stripe.example/pay/{session.id}"
    assert session.payment_intent is None
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"eventId": "e1"}
    assert session.client_reference_id == "payment-1"


def test_a_paid_session_is_complete_and_its_intent_carries_its_metadata(
    new_session: SessionMaker, stand_in: StandIn, client: stripe.StripeClient
) -> None:
    session = new_session(payment_intent_data={"metadata": {"paymentId": "p"}, "receipt_email": "ana@example.org"})
    paid = stand_in.pay(session.id)
    assert (paid.status, paid.url) == ("paid", f"https://example.org/done?session={session.id}")
    found = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.refunds", "line_items"]}
    )
    assert (found.status, found.payment_status, found.url) == ("complete", "paid", None)
    intent: Any = found.payment_intent
    assert (intent.status, intent.amount_received, intent.metadata.paymentId) == ("succeeded", 2500, "p")
    assert intent.receipt_email == "ana@example.org"
    assert (intent.latest_charge.paid, intent.latest_charge.amount_captured) == (True, 2500)
    assert intent.latest_charge.refunds.data == []
    assert found.line_items is not None
    assert [(item.description, item.quantity) for item in found.line_items.data] == [("Ticket", 1)]


def test_a_declined_card_leaves_the_session_open_for_another(
    new_session: SessionMaker, stand_in: StandIn, client: stripe.StripeClient
) -> None:
    session = new_session()
    declined = stand_in.pay(session.id, card="4000 0000 0000 9995")
    assert (declined.status, declined.message) == ("declined", "Your card has insufficient funds.")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert stand_in.pay(session.id).status == "paid"
    intents = client.v1.payment_intents.list().data
    assert len(intents) == 1
    charges = client.v1.charges.list({"payment_intent": intents[0].id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_a_session_expires_at_its_moment_and_can_no_longer_be_paid(
    new_session: SessionMaker, stand_in: StandIn, client: stripe.StripeClient, clock: Clock
) -> None:
    session = new_session(expires_at=START + 1800)
    clock.advance(1799)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    clock.advance(5000)
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.url, found.payment_status) == ("expired", None, "unpaid")
    assert [(event["type"], event["created"]) for event in stand_in.events] == [
        ("checkout.session.expired", START + 1800)
    ]
    with pytest.raises(Exception, match="can no longer be paid: it is expired"):
        stand_in.pay(session.id)


def test_only_an_open_session_can_be_expired(
    new_session: SessionMaker, stand_in: StandIn, client: stripe.StripeClient
) -> None:
    session = new_session()
    stand_in.pay(session.id, card="4000000000000002")
    assert client.v1.checkout.sessions.expire(session.id).status == "expired"
    assert client.v1.payment_intents.list().data[0].cancellation_reason == "expired"
    with pytest.raises(stripe.InvalidRequestError, match=r'status in \["open"\] can be expired'):
        client.v1.checkout.sessions.expire(session.id)


@pytest.mark.parametrize(
    ("after_s", "message"),
    [(1799, "at least 30 minutes"), (86_401, "less than 24 hours")],
)
def test_expiry_lies_between_half_an_hour_and_a_day(new_session: SessionMaker, after_s: int, message: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=message) as refused:
        new_session(expires_at=START + after_s)
    assert refused.value.param == "expires_at"


def test_without_expiry_a_session_lives_for_a_day(new_session: SessionMaker) -> None:
    assert new_session().expires_at == START + 86_400


def test_a_delayed_method_completes_the_session_unpaid_and_settles_days_later(
    new_session: SessionMaker, stand_in: StandIn, client: stripe.StripeClient, clock: Clock
) -> None:
    session = new_session()
    assert stand_in.pay(session.id, method="sepa_debit").status == "processing"
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    intent: Any = found.payment_intent
    assert (intent.status, intent.amount_received) == ("processing", 0)
    clock.advance(3 * 86_400)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert [event["type"] for event in stand_in.events] == [
        "payment_intent.created",
        "payment_intent.processing",
        "charge.pending",
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_a_delayed_payment_that_fails_stays_unpaid(
    new_session: SessionMaker, stand_in: StandIn, client: stripe.StripeClient
) -> None:
    session = new_session()
    stand_in.pay(session.id, method="sepa_debit", fails_later=True)
    stand_in.settle(session.id, succeeds=False)
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    intent: Any = found.payment_intent
    assert (found.status, found.payment_status, intent.status) == ("complete", "unpaid", "requires_payment_method")
    assert [event["type"] for event in stand_in.events][-3:] == [
        "checkout.session.async_payment_failed",
        "charge.failed",
        "payment_intent.payment_failed",
    ]


def test_a_settled_payment_is_settled_once(new_session: SessionMaker, stand_in: StandIn, clock: Clock) -> None:
    session = new_session()
    stand_in.pay(session.id, method="sepa_debit")
    stand_in.settle(session.id, succeeds=True)
    told = len(stand_in.events)
    stand_in.settle(session.id, succeeds=False)
    clock.advance(30 * 86_400)
    assert len(stand_in.events) == told
    assert stand_in.get(session.id)["payment_status"] == "paid"


def test_methods_that_come_late_can_be_kept_out(new_session: SessionMaker, stand_in: StandIn) -> None:
    session = new_session(allowed_payment_method_types=["card"])
    assert session.payment_method_types == ["card"]
    with pytest.raises(Exception, match="This session takes card"):
        stand_in.pay(session.id, method="sepa_debit")


@pytest.mark.parametrize(
    ("currency", "types"), [("eur", ["card", "sepa_debit"]), ("usd", ["card", "us_bank_account"]), ("chf", ["card"])]
)
def test_methods_are_those_of_the_currency(new_session: SessionMaker, currency: str, types: list[str]) -> None:
    assert new_session(currency=currency).payment_method_types == types


def test_a_card_that_asks_the_bank_waits_for_the_customer(new_session: SessionMaker, stand_in: StandIn) -> None:
    session = new_session()
    asked = stand_in.pay(session.id, card="4000002760003184")
    assert asked.status == "requires_action"
    assert asked.url is not None
    assert asked.url.startswith("http://stripe.example/authenticate/pi_")
    assert stand_in.authenticate(session.id, succeeds=False).status == "declined"
    stand_in.pay(session.id, card="4000002760003184")
    assert stand_in.authenticate(session.id).status == "paid"


def test_nothing_to_pay_completes_without_an_intent(new_session: SessionMaker, stand_in: StandIn) -> None:
    session = new_session(0)
    assert session.payment_status == "no_payment_required"
    assert stand_in.pay(session.id).status == "no_payment_required"
    assert [event["type"] for event in stand_in.events] == ["checkout.session.completed"]


def test_a_discount_is_spread_over_the_items_exactly(client: stripe.StripeClient) -> None:
    coupon = client.v1.coupons.create({"amount_off": 1000, "currency": "eur", "duration": "once"})
    params = session_params()
    params["line_items"] = [
        {"quantity": n, "price_data": {"currency": "eur", "unit_amount": 333, "product_data": {"name": f"T{n}"}}}
        for n in (1, 2, 4)
    ]
    params["discounts"] = [{"coupon": coupon.id}]
    session = client.v1.checkout.sessions.create(params)
    assert (session.amount_subtotal, session.amount_total) == (2331, 1331)
    assert session.total_details is not None
    assert session.total_details.amount_discount == 1000
    items = client.v1.checkout.sessions.line_items.list(session.id).data
    assert sum(item.amount_total for item in items) == 1331
    assert all(item.amount_total == item.amount_subtotal - item.amount_discount for item in items)


def test_percentages_are_rounded_and_never_below_nothing(
    client: stripe.StripeClient, new_session: SessionMaker
) -> None:
    half = client.v1.coupons.create({"percent_off": 50})
    assert new_session(1001, discounts=[{"coupon": half.id}]).amount_total == 500
    all_of_it = client.v1.coupons.create({"amount_off": 9999, "currency": "eur"})
    assert new_session(1001, discounts=[{"coupon": all_of_it.id}]).payment_status == "no_payment_required"


def test_prices_of_the_catalogue_can_be_sold(client: stripe.StripeClient, new_session: SessionMaker) -> None:
    product = client.v1.products.create({"name": "VIP"})
    price = client.v1.prices.create({"product": product.id, "currency": "usd", "unit_amount": 5000})
    session = new_session(line_items=[{"price": price.id, "quantity": 2}])
    assert (session.amount_total, session.currency) == (10_000, "usd")


@pytest.mark.parametrize(
    ("change", "param", "message"),
    [
        ({"mode": None}, "mode", "Missing required param: mode."),
        ({"success_url": None}, "success_url", "Missing required param: success_url."),
        ({"line_items": None}, "line_items", "Missing required param: line_items."),
        ({"success_url": "example.org"}, "success_url", "Not a valid URL"),
        ({"mode": "subscription"}, "mode=subscription", "does not model"),
        ({"phone_number_collection": {"enabled": True}}, "phone_number_collection", "does not model"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price]", "either `price` or `price_data`"),
        ({"line_items": [{"quantity": 1, "price": "price_no"}]}, "line_items[0][price]", "No such price: 'price_no'"),
        ({"discounts": [{"coupon": "no"}]}, "discounts[0][coupon]", "No such coupon: 'no'"),
        ({"currency": "usd"}, "currency", "The line items are in eur."),
    ],
)  # fmt: skip
def test_what_cannot_be_a_session_is_refused_and_named(
    client: stripe.StripeClient, change: dict[str, Any], param: str, message: str
) -> None:
    params: Any = {name: value for name, value in {**session_params(), **change}.items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(params)
    assert refused.value.param == param
    assert message in str(refused.value)
    assert client.v1.checkout.sessions.list().data == []


def test_lists_are_pages_of_the_newest_first(
    new_session: SessionMaker, client: stripe.StripeClient, stand_in: StandIn
) -> None:
    made = [new_session().id for _ in range(5)]
    first = client.v1.checkout.sessions.list({"limit": 2})
    assert ([session.id for session in first.data], first.has_more) == ([made[4], made[3]], True)
    assert [session.id for session in client.v1.checkout.sessions.list({"limit": 2}).auto_paging_iter()] == made[::-1]
    before = client.v1.checkout.sessions.list({"limit": 2, "ending_before": made[0]})
    assert [session.id for session in before.data] == [made[2], made[1]]
    stand_in.pay(made[1])
    assert [session.id for session in client.v1.checkout.sessions.list({"status": "complete"}).data] == [made[1]]


def test_a_session_that_is_not_there_is_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"No such checkout\.session: cs_test_no") as refused:
        client.v1.checkout.sessions.retrieve("cs_test_no")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
