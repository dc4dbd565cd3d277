"""Parameters are those of the SDK's own types: unknown, missing and wrong ones are refused in Stripe's words."""

from typing import Any

import pytest
import stripe
from stripe import params as sdk_params
from stripe.params import checkout

from stripe_stand_in.checking import checked
from stripe_stand_in.endpoints import ENDPOINTS
from stripe_stand_in.errors import StripeError
from stripe_stand_in.forms import nested, pairs_of
from stripe_stand_in.shapes import Choice, ListOf, Shape, shape_of
from tests.stripe_stand_in.conftest import session_params


def refusal(parameters: type, text: str) -> StripeError:
    with pytest.raises(StripeError) as refused:
        checked(shape_of(parameters), nested(pairs_of(text)))
    return refused.value


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_every_endpoint_knows_its_parameters(endpoint: Any) -> None:
    assert "expand" in shape_of(endpoint.parameters).fields


def test_shapes_hold_what_the_sdk_types_hold() -> None:
    shape = shape_of(checkout.SessionCreateParams)
    assert "idempotency_key" not in shape.fields
    items = shape.fields["line_items"]
    assert isinstance(items, ListOf)
    assert isinstance(items.item, Shape)
    price = items.item.fields["price_data"]
    assert isinstance(price, Shape)
    assert price.required == {"currency"}
    assert shape.fields["mode"] == Choice(("payment", "setup", "subscription"))


@pytest.mark.parametrize(
    ("text", "param", "message"),
    [
        ("amont=5", "amont", "Received unknown parameter: amont"),
        ("b=1&a=2&payment_intent=pi", "b", "Received unknown parameters: b, a"),
        ("metadata=x&foo=1", "foo", "Received unknown parameter: foo"),
        ("amount=five", "amount", "Invalid integer: five"),
        ("amount=1.5", "amount", "Invalid integer: 1.5"),
        ("amount=", "amount", "You passed an empty string for 'amount'."),
        ("amount[x]=1", "amount", "Invalid string"),
        ("reverse_transfer=yes", "reverse_transfer", "Invalid boolean: yes"),
        ("expand=charge", "expand", "Invalid array"),
        ("expand[a]=charge", "expand", "Invalid array"),
        ("reason=why", "reason", "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer"),
        (f"metadata[{'k' * 41}]=1", "metadata", "Metadata keys can have up to 40 characters"),
        (f"metadata[k]={'v' * 501}", "metadata[k]", "Metadata values can have up to 500 characters"),
        ("&".join(f"metadata[{n}]=1" for n in range(51)), "metadata", "50 metadata keys"),
        ("charge=" + "c" * 5001, "charge", "at most 5000 characters"),
    ],
    ids=lambda value: value[:24],
)  # fmt: skip
def test_refunds_refuse_what_they_do_not_know(text: str, param: str, message: str) -> None:
    error = refusal(sdk_params.RefundCreateParams, text)
    assert error.param == param
    assert message in error.message
    assert not error.begun


@pytest.mark.parametrize(
    ("text", "param", "code"),
    [
        ("line_items[0][price_data][amount]=5", "line_items[0][price_data][amount]", "parameter_unknown"),
        ("line_items[0][price_data][unit_amount]=5", "line_items[0][price_data][currency]", "parameter_missing"),
        ("line_items[0][price_data][currency]=eur&line_items[0][price_data][product_data][description]=x",
         "line_items[0][price_data][product_data][name]", "parameter_missing"),
        ("line_items[0][quantity]=x", "line_items[0][quantity]", "parameter_invalid_integer"),
        ("payment_intent_data[shipping][address][city]=x", "payment_intent_data[shipping][name]", "parameter_missing"),
        ("payment_method_types[0]=card", "payment_method_types", "parameter_unknown"),
    ],
    ids=lambda value: value[:40],
)  # fmt: skip
def test_nested_parameters_are_named_with_their_place(text: str, param: str, code: str) -> None:
    error = refusal(checkout.SessionCreateParams, text)
    assert (error.param, error.code) == (param, code)


def test_an_unknown_parameter_is_told_before_a_missing_one() -> None:
    assert refusal(sdk_params.PaymentIntentCreateParams, "foo=1").code == "parameter_unknown"
    assert refusal(sdk_params.PaymentIntentCreateParams, "amount=1").param == "currency"


def test_values_come_out_with_their_types() -> None:
    text = "created[gte]=5&limit=3&expand[1]=b&expand[0]=a"
    assert checked(shape_of(sdk_params.RefundListParams), nested(pairs_of(text))) == {
        "created": {"gte": 5},
        "limit": 3,
        "expand": ["a", "b"],
    }
    assert checked(shape_of(sdk_params.RefundListParams), nested(pairs_of("created=7"))) == {"created": 7}
    assert checked(shape_of(sdk_params.RefundCreateParams), nested(pairs_of("metadata="))) == {"metadata": ""}


@pytest.mark.parametrize("text", ["a[=1", "[a]=1", "a]b=1", "a=1&a[b]=2", "a[b]=1&a=2", "a[b]=1&a[b][c]=2"])
def test_forms_that_contradict_themselves_are_refused(text: str) -> None:
    with pytest.raises(StripeError):
        nested(pairs_of(text))


def test_lists_may_be_written_without_an_index() -> None:
    assert nested(pairs_of("expand[]=a&expand[]=b")) == {"expand": {"0": "a", "1": "b"}}


def test_the_sdk_meets_the_same_refusals(client: stripe.StripeClient) -> None:
    params = session_params()
    params["line_items"][0]["price_data"]["unit_price"] = 5
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(params)
    assert refused.value.code == "parameter_unknown"
    assert refused.value.param == "line_items[0][price_data][unit_price]"


def test_what_cannot_be_expanded_is_refused(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(session_params())
    with pytest.raises(stripe.InvalidRequestError, match=r"This property cannot be expanded \(url\)"):
        client.v1.checkout.sessions.retrieve(session.id, {"expand": ["url"]})
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        client.v1.checkout.sessions.list({"expand": ["data.payment_intent.latest_charge.payment_intent.latest_charge"]})
    assert client.v1.checkout.sessions.list({"expand": ["data.payment_intent", "data.line_items"]}).data
