"""Lists of payments: everybody their own, an event's whole for who runs it, everything for admins, page by page."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from gather.runtime import Runtime
from tests.conftest import Headers, SignIn
from tests.payments.conftest import Deliver
from tests.support.clocks import Clock
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import begun, on_sale


@pytest.fixture
def sales(paying: Runtime, model_stripe: ModelStripe, deliver: Deliver, clock: Clock) -> None:
    """Ana has paid for e, ben has yet to, and ana for another event as well."""
    on_sale(paying)
    on_sale(paying, event_id="other", createdBy="dora")
    model_stripe.pay(begun(paying, "ana").session_id or "")
    deliver(model_stripe.events[-1])
    clock.advance(seconds=1)
    begun(paying, "ben")
    clock.advance(seconds=1)
    begun(paying, "ana", event_id="other", payment_id="second")


def listed(shop: FlaskClient, headers: Headers, **query: str) -> list[str]:
    answer = shop.get("/payments", query_string=query, headers=headers)
    assert answer.status_code == 200, answer.json
    assert answer.headers["Cache-Control"] == "private, no-store"
    return [payment["id"] for payment in answer.get_json()["payments"]]


@pytest.mark.usefixtures("sales")
def test_who_sees_which_payments(shop: FlaskClient, signed_in: SignIn) -> None:
    ana, cleo = signed_in("ana", role="member"), signed_in("cleo", role="member")
    assert listed(shop, ana) == ["second", "paymentana"]
    assert listed(shop, ana, status="succeeded") == ["paymentana"]
    assert listed(shop, ana, event="e") == ["paymentana"]
    assert listed(shop, ana, event="e", status="pending") == []
    assert listed(shop, cleo) == []
    assert listed(shop, cleo, event="e") == ["paymentben", "paymentana"], "the event's creator"
    assert listed(shop, cleo, event="e", status="pending") == ["paymentben"]
    assert listed(shop, signed_in("eve", role="member"), event="other") == [], "of acme, but no organizer"
    assert listed(shop, signed_in("olga", role="member"), event="other") == ["second"], "an organizer of acme"
    assert listed(shop, cleo, event="nowhere") == []
    root = signed_in("root", role="admin")
    assert listed(shop, root) == ["second", "paymentben", "paymentana"]
    assert listed(shop, root, status="pending") == ["second", "paymentben"]
    assert shop.get("/payments").status_code == 401


@pytest.mark.usefixtures("sales")
def test_pages(shop: FlaskClient, signed_in: SignIn) -> None:
    root, seen, cursor = signed_in("root", role="admin"), [], None
    for _ in range(3):
        query = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        answer = shop.get("/payments", query_string=query, headers=root).get_json()
        seen += [payment["id"] for payment in answer["payments"]]
        cursor = answer.get("cursor")
    assert seen == ["second", "paymentben", "paymentana"]
    assert shop.get("/payments", query_string={"limit": "1", "cursor": cursor}, headers=root).json == {"payments": []}


@pytest.mark.parametrize(
    "query", [{"event": "a/b"}, {"status": "paid"}, {"limit": "0"}, {"limit": "1000"}, {"limit": "x"}, {"cursor": "x"}]
)
def test_a_query_that_is_none_is_refused(shop: FlaskClient, signed_in: SignIn, query: dict[str, str]) -> None:
    answer = shop.get("/payments", query_string=query, headers=signed_in("ana"))
    assert (answer.status_code, [each["field"] for each in answer.get_json()["error"]["details"]]) == (422, [*query])


@pytest.mark.usefixtures("sales")
def test_one_payment_for_its_buyer_and_for_who_runs_the_event(shop: FlaskClient, signed_in: SignIn) -> None:
    own: dict[str, Any] = shop.get("/payments/paymentana", headers=signed_in("ana")).get_json()["payment"]
    assert (own["status"], own["amountCents"], own["refunds"]) == ("succeeded", 2500, [])
    assert "paymentIntentId" not in own
    managed = shop.get("/payments/paymentana", headers=signed_in("cleo", role="member")).get_json()["payment"]
    assert managed["paymentIntentId"].startswith("pi_")
    refund = shop.post(
        "/payments/paymentana/refunds", json={"amountCents": 100}, headers=signed_in("root", role="admin")
    )
    assert refund.status_code == 201
    (shown,) = shop.get("/payments/paymentana", headers=signed_in("ana")).get_json()["payment"]["refunds"]
    assert (shown["amountCents"], shown["status"], "stripeRefundId" in shown) == (100, "succeeded", False)


@pytest.mark.usefixtures("sales")
def test_where_to_pay_is_told_to_the_buyer_alone(shop: FlaskClient, signed_in: SignIn) -> None:
    own = shop.get("/payments/paymentben", headers=signed_in("ben")).get_json()["payment"]
    assert own["sessionUrl"].startswith("https://checkout.example.org/pay/")
    managed = shop.get("/payments/paymentben", headers=signed_in("cleo", role="member")).get_json()["payment"]
    assert "sessionUrl" not in managed


@pytest.mark.usefixtures("sales")
@pytest.mark.parametrize("payment_id", ["paymentana", "unknown", "__x__"])
def test_what_is_not_theirs_does_not_exist(shop: FlaskClient, signed_in: SignIn, payment_id: str) -> None:
    answer = shop.get(f"/payments/{payment_id}", headers=signed_in("ben", role="member"))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")
