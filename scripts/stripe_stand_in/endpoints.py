"""Which requests the API answers, with which parameters, and by whom."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stripe import params as sdk
from stripe.params import checkout

from stripe_stand_in.account import Account, Object
from stripe_stand_in.catalog import create_coupon, create_price, create_product
from stripe_stand_in.disputes import close_dispute
from stripe_stand_in.errors import StripeError
from stripe_stand_in.expanding import rendered
from stripe_stand_in.intents import cancel_intent, capture_intent, confirm_intent, create_intent, update_intent
from stripe_stand_in.listing import listed
from stripe_stand_in.methods import create_method, find_method
from stripe_stand_in.refunds import cancel_refund, create_refund, update_refund
from stripe_stand_in.sessions import create_session, expire_session, update_session

Answer = Callable[[Account, str, Object], Object]
"""Answers with the account, the name in the path and the parameters."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path; `{id}` stands for an object's identifier."""

    method: str
    path: str
    parameters: type
    answer: Answer


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint, and the identifier that the path named."""

    endpoint: Endpoint
    name: str


def route(method: str, path: str) -> Route:
    """The endpoint for this request, or Stripe's words for there being none."""
    for pattern, endpoint in _ROUTES:
        match = pattern.fullmatch(path)
        if match is not None and endpoint.method == method:
            return Route(endpoint, match.groupdict().get("id", ""))
    raise StripeError(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        status=404,
        begun=False,
    )


def _create(make: Callable[[Account, Object], Object]) -> Answer:
    return lambda account, _, params: _shown(account, make(account, params), params)


def _get(kind: str, param: str) -> Answer:
    return lambda account, name, params: _shown(account, account.get(kind, name, param), params)


def _act(kind: str, param: str, act: Callable[[Account, Object, Object], Object]) -> Answer:
    return lambda account, name, params: _shown(account, act(account, account.get(kind, name, param), params), params)


def _list(kind: str, path: str, *filters: str) -> Answer:
    names = frozenset(filters)
    return lambda account, _, params: listed(account, path, account.all(kind), params, names)


def _line_items(account: Account, name: str, params: Object) -> Object:
    account.get("checkout.session", name, "session")
    url = f"/v1/checkout/sessions/{name}/line_items"
    return listed(account, url, account.line_items[name], params, frozenset())


def _charge_refunds(account: Account, name: str, params: Object) -> Object:
    account.get("charge", name, "charge")
    refunds = [refund for refund in account.all("refund") if refund["charge"] == name]
    return listed(account, f"/v1/charges/{name}/refunds", refunds, params, frozenset())


def _shown(account: Account, made: Object, params: Object) -> Object:
    return rendered(account, made, params.get("expand", []))


_SESSIONS = "/v1/checkout/sessions"
_INTENTS = "/v1/payment_intents"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", _SESSIONS, checkout.SessionCreateParams, _create(create_session)),
    Endpoint("GET", _SESSIONS, checkout.SessionListParams,
             _list("checkout.session", _SESSIONS, "created", "payment_intent", "status")),
    Endpoint("GET", _SESSIONS + "/{id}", checkout.SessionRetrieveParams, _get("checkout.session", "session")),
    Endpoint("POST", _SESSIONS + "/{id}", checkout.SessionUpdateParams,
             _act("checkout.session", "session", lambda _, session, params: update_session(session, params))),
    Endpoint("POST", _SESSIONS + "/{id}/expire", checkout.SessionExpireParams,
             _act("checkout.session", "session", lambda account, session, _: expire_session(account, session))),
    Endpoint("GET", _SESSIONS + "/{id}/line_items", checkout.SessionListLineItemsParams, _line_items),
    Endpoint("POST", _INTENTS, sdk.PaymentIntentCreateParams, _create(create_intent)),
    Endpoint("GET", _INTENTS, sdk.PaymentIntentListParams, _list("payment_intent", _INTENTS, "created", "customer")),
    Endpoint("GET", _INTENTS + "/{id}", sdk.PaymentIntentRetrieveParams, _get("payment_intent", "intent")),
    Endpoint("POST", _INTENTS + "/{id}", sdk.PaymentIntentUpdateParams,
             _act("payment_intent", "intent", update_intent)),
    Endpoint("POST", _INTENTS + "/{id}/confirm", sdk.PaymentIntentConfirmParams,
             _act("payment_intent", "intent", confirm_intent)),
    Endpoint("POST", _INTENTS + "/{id}/capture", sdk.PaymentIntentCaptureParams,
             _act("payment_intent", "intent", capture_intent)),
    Endpoint("POST", _INTENTS + "/{id}/cancel", sdk.PaymentIntentCancelParams,
             _act("payment_intent", "intent", cancel_intent)),
    Endpoint("GET", "/v1/charges", sdk.ChargeListParams,
             _list("charge", "/v1/charges", "created", "customer", "payment_intent", "transfer_group")),
    Endpoint("GET", "/v1/charges/{id}", sdk.ChargeRetrieveParams, _get("charge", "id")),
    Endpoint("GET", "/v1/charges/{id}/refunds", sdk.ChargeListRefundsParams, _charge_refunds),
    Endpoint("POST", "/v1/refunds", sdk.RefundCreateParams, _create(create_refund)),
    Endpoint("GET", "/v1/refunds", sdk.RefundListParams,
             _list("refund", "/v1/refunds", "charge", "created", "payment_intent")),
    Endpoint("GET", "/v1/refunds/{id}", sdk.RefundRetrieveParams, _get("refund", "id")),
    Endpoint("POST", "/v1/refunds/{id}", sdk.RefundUpdateParams, _act("refund", "id", update_refund)),
    Endpoint("POST", "/v1/refunds/{id}/cancel", sdk.RefundCancelParams,
             _act("refund", "id", lambda account, refund, _: cancel_refund(account, refund))),
    Endpoint("GET", "/v1/disputes", sdk.DisputeListParams,
             _list("dispute", "/v1/disputes", "charge", "created", "payment_intent")),
    Endpoint("GET", "/v1/disputes/{id}", sdk.DisputeRetrieveParams, _get("dispute", "dispute")),
    Endpoint("POST", "/v1/disputes/{id}/close", sdk.DisputeCloseParams,
             _act("dispute", "dispute", lambda account, dispute, _: close_dispute(account, dispute, won=False))),
    Endpoint("GET", "/v1/events", sdk.EventListParams, _list("event", "/v1/events", "created", "type", "types")),
    Endpoint("GET", "/v1/events/{id}", sdk.EventRetrieveParams, _get("event", "id")),
    Endpoint("POST", "/v1/payment_methods", sdk.PaymentMethodCreateParams, _create(create_method)),
    Endpoint("GET", "/v1/payment_methods/{id}", sdk.PaymentMethodRetrieveParams,
             lambda account, name, params: _shown(account, find_method(account, name, "payment_method"), params)),
    Endpoint("POST", "/v1/products", sdk.ProductCreateParams, _create(create_product)),
    Endpoint("GET", "/v1/products/{id}", sdk.ProductRetrieveParams, _get("product", "id")),
    Endpoint("POST", "/v1/prices", sdk.PriceCreateParams, _create(create_price)),
    Endpoint("GET", "/v1/prices/{id}", sdk.PriceRetrieveParams, _get("price", "price")),
    Endpoint("POST", "/v1/coupons", sdk.CouponCreateParams, _create(create_coupon)),
    Endpoint("GET", "/v1/coupons/{id}", sdk.CouponRetrieveParams, _get("coupon", "coupon")),
)  # fmt: skip

_ROUTES = tuple((re.compile(endpoint.path.replace("{id}", "(?P<id>[^/]+)")), endpoint) for endpoint in ENDPOINTS)
