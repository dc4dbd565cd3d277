"""Amounts that Stripe can charge: minimum, maximum, decimals."""

import pytest
import stripe

from stripe_stand_in.currencies import MINIMUM, SUPPORTED, THREE_DECIMAL, ZERO_DECIMAL, decimals, shown
from tests.stripe_stand_in.conftest import SessionMaker


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "eur", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (17_499, "huf", "amount_too_small"),
        (29, "gbp", "amount_too_small"),
        (0, "usd", "amount_too_small"),
        (100_000_000, "eur", "amount_too_large"),
        (5_125, "kwd", None),
        (1_050, "isk", None),
    ],
)
def test_amounts_out_of_bounds_are_refused(
    client: stripe.StripeClient, amount: int, currency: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create({"amount": amount, "currency": currency})
    assert (refused.value.param, refused.value.code) == ("amount", code)


@pytest.mark.parametrize(
    ("amount", "currency"), [(50, "eur"), (50, "jpy"), (5_120, "kwd"), (1_100, "isk"), (99_999_999, "USD"), (1, "pen")]
)
def test_amounts_within_bounds_are_taken(client: stripe.StripeClient, amount: int, currency: str) -> None:
    intent = client.v1.payment_intents.create({"amount": amount, "currency": currency})
    assert (intent.amount, intent.currency) == (amount, currency.lower())


def test_a_session_is_measured_by_its_total(new_session: SessionMaker) -> None:
    assert new_session(25, quantity=2).amount_total == 50
    with pytest.raises(stripe.InvalidRequestError, match=r"total amount due must add up to at least €0\.50 eur"):
        new_session(49)
    with pytest.raises(stripe.InvalidRequestError, match="divisible by 10"):
        new_session(5_125, "kwd")


def test_an_unknown_currency_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"Invalid currency: xyz\. Stripe currently supports"):
        client.v1.payment_intents.create({"amount": 100, "currency": "xyz"})


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(123_456, "eur", "€1,234.56"), (1_234, "jpy", "¥1,234"), (5_120, "kwd", "5.120 KWD"), (1_100, "isk", "11.00 ISK")],
)
def test_amounts_are_shown_with_their_decimals(amount: int, currency: str, text: str) -> None:
    assert shown(amount, currency) == text


def test_every_currency_has_its_decimals_once() -> None:
    assert ZERO_DECIMAL.isdisjoint(THREE_DECIMAL)
    assert MINIMUM.keys() <= SUPPORTED
    assert {decimals(currency) for currency in SUPPORTED} == {0, 2, 3}


def test_refunds_keep_to_the_decimals(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(
        {"amount": 5_120, "currency": "kwd", "confirm": True, "payment_method": "pm_card_visa",
         "return_url": "https://example.org"}
    )  # fmt: skip
    with pytest.raises(stripe.InvalidRequestError, match="divisible by 10"):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 115})
    assert client.v1.refunds.create({"payment_intent": intent.id, "amount": 110}).amount == 110
