"""Checkout Sessions: https://docs.stripe.com/api/checkout/sessions

The payment intent is made when the customer first tries to pay, as Stripe does since 2022-08-01.
"""

from urllib.parse import urlsplit

from stripe_stand_in.account import Account, Object
from stripe_stand_in.amounts import discount, line_items_of, total_of
from stripe_stand_in.cards import DELAYED, delayed_type_for
from stripe_stand_in.charging import authenticate, charge
from stripe_stand_in.errors import StripeError, missing, not_modelled
from stripe_stand_in.intents import CANCELABLE, end_intent, new_intent
from stripe_stand_in.objects import SESSION, blank, merge_metadata

SHORTEST_S = 30 * 60
LONGEST_S = 24 * 60 * 60
_KEPT = frozenset(
    {
        "allowed_payment_method_types", "billing_address_collection", "cancel_url", "client_reference_id",
        "customer_creation", "customer_email", "excluded_payment_method_types", "integration_identifier", "locale",
        "origin_context", "submit_type", "success_url",
    }
)  # fmt: skip
"""Parameters that the session shows as they were given, and that change nothing else here."""
_ACTED_ON = frozenset(
    {
        "currency",
        "discounts",
        "expand",
        "expires_at",
        "line_items",
        "metadata",
        "mode",
        "payment_intent_data",
        "ui_mode",
    }
)
_INTENT_DATA = frozenset(
    {
        "application_fee_amount", "capture_method", "description", "metadata", "receipt_email", "setup_future_usage",
        "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
    }
)  # fmt: skip


def create_session(account: Account, params: Object) -> Object:
    """`POST /v1/checkout/sessions`, for payments on the hosted page."""
    _check(params)
    expires_at = params.get("expires_at", account.now + LONGEST_S)
    _check_expiry(account, expires_at)
    items = line_items_of(account, params["line_items"])
    subtotal = sum(item["amount_subtotal"] for item in items)
    discount(account, items, params.get("discounts", []))
    total = total_of(items)
    currency = items[0]["currency"]
    if "currency" in params and params["currency"].lower() != currency:
        raise StripeError(f"The line items are in {currency}.", param="currency")
    session = blank(SESSION, account)
    session.update({name: value for name, value in params.items() if name in _KEPT})
    session.update(
        amount_subtotal=subtotal,
        amount_total=total,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        currency=currency,
        custom_fields=[],
        custom_text={
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        customer_creation=params.get("customer_creation", "if_required"),
        discounts=params.get("discounts", []),
        expires_at=expires_at,
        mode="payment",
        payment_method_collection="if_required",
        payment_method_types=_method_types(params, currency),
        payment_status="unpaid" if total else "no_payment_required",
        shipping_options=[],
        status="open",
        total_details={"amount_discount": subtotal - total, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
        _intent_data=params.get("payment_intent_data", {}),
    )
    session["url"] = f"{account.books.pages_url}/pay/{session['id']}"
    merge_metadata(session, params.get("metadata"))
    account.add(session)
    account.line_items[session["id"]] = items
    account.at(expires_at, lambda: _expire(account, session) if session["status"] == "open" else None)
    return session


def update_session(session: Object, params: Object) -> Object:
    """`POST /v1/checkout/sessions/{id}`: metadata only."""
    for name in params.keys() - {"metadata", "expand"}:
        raise not_modelled(name)
    merge_metadata(session, params.get("metadata"))
    return session


def expire_session(account: Account, session: Object) -> Object:
    """`POST /v1/checkout/sessions/{id}/expire`: only while it is open."""
    if session["status"] != "open":
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"{session['status']}."
        )
    _expire(account, session)
    return session


def pay_session(account: Account, session: Object, method: Object | None) -> None:
    """The customer pays on the hosted page; `method` is None where nothing has to be paid.

    A declined session stays open and its intent says why.
    """
    _check_open(session)
    if not session["amount_total"]:
        _complete(account, session, "no_payment_required")
        return
    if method is None or method["type"] not in session["payment_method_types"]:
        raise StripeError(f"This session takes {', '.join(session['payment_method_types'])}.", param="payment_method")
    intent = _intent_of(account, session)
    charge(account, intent, method, settled=lambda succeeded: _settled(account, session, succeeded=succeeded))
    _after_charge(account, session, intent)


def authenticate_session(account: Account, session: Object, *, succeeds: bool) -> None:
    """The customer has answered their bank's question."""
    _check_open(session)
    if session["payment_intent"] is None:
        raise StripeError("Nobody has tried to pay this session.")
    intent = account.objects["payment_intent"][session["payment_intent"]]
    authenticate(
        account,
        intent,
        succeeds=succeeds,
        settled=lambda succeeded: _settled(account, session, succeeded=succeeded),
    )
    _after_charge(account, session, intent)


def _after_charge(account: Account, session: Object, intent: Object) -> None:
    if intent["status"] == "succeeded":
        _complete(account, session, "paid")
    elif intent["status"] in {"processing", "requires_capture"}:
        _complete(account, session, "unpaid")


def _check(params: Object) -> None:
    for name in params:
        if name not in _KEPT | _ACTED_ON:
            raise not_modelled(name)
    for name in ("mode", "line_items", "success_url"):
        if name not in params:
            raise missing(name)
    if params["mode"] != "payment":
        raise not_modelled(f"mode={params['mode']}")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_modelled(f"ui_mode={params['ui_mode']}")
    if not params["line_items"]:
        raise missing("line_items")
    for name in params.get("payment_intent_data", {}).keys() - _INTENT_DATA:
        raise not_modelled(f"payment_intent_data[{name}]")
    for name in ("success_url", "cancel_url"):
        # The placeholder is no part of a URL until it is replaced.
        url = urlsplit(params.get(name, "https://example.org").replace("{CHECKOUT_SESSION_ID}", "id"))
        if url.scheme not in {"http", "https"} or not url.netloc:
            raise StripeError("Not a valid URL", code="url_invalid", param=name)


def _check_expiry(account: Account, expires_at: int) -> None:
    if expires_at < account.now + SHORTEST_S:
        raise StripeError(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", param="expires_at"
        )
    if expires_at > account.now + LONGEST_S:
        raise StripeError(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", param="expires_at"
        )


def _method_types(params: Object, currency: str) -> list[str]:
    allowed: list[str] | None = params.get("allowed_payment_method_types")
    if allowed is None:
        delayed = delayed_type_for(currency)
        types = ["card"] if delayed is None else ["card", delayed]
    else:
        for name in allowed:
            if name != "card" and name not in DELAYED:
                raise not_modelled(f"allowed_payment_method_types={name}")
        types = [name for name in allowed if name == "card" or currency in DELAYED[name]]
    types = [name for name in types if name not in params.get("excluded_payment_method_types", [])]
    if not types:
        raise StripeError(
            f"No valid payment method types for this Checkout Session: none of them takes {currency}.",
            param="allowed_payment_method_types",
        )
    return types


def _intent_of(account: Account, session: Object) -> Object:
    if session["payment_intent"] is not None:
        intent: Object = account.objects["payment_intent"][session["payment_intent"]]
        return intent
    data = session["_intent_data"]
    intent = new_intent(account, amount=session["amount_total"], currency=session["currency"])
    intent.update({name: value for name, value in data.items() if name != "metadata"})
    intent.update(payment_method_types=session["payment_method_types"], _session=session["id"])
    merge_metadata(intent, data.get("metadata"))
    account.add(intent)
    session["payment_intent"] = intent["id"]
    account.tell("payment_intent.created", intent)
    return intent


def _complete(account: Account, session: Object, payment_status: str) -> None:
    session.update(
        status="complete",
        payment_status=payment_status,
        url=None,
        customer_details={
            "address": None, "email": session["customer_email"], "name": None, "phone": None, "tax_exempt": "none",
            "tax_ids": [],
        },
    )  # fmt: skip
    account.tell("checkout.session.completed", session)


def _settled(account: Account, session: Object, *, succeeded: bool) -> None:
    if succeeded:
        session["payment_status"] = "paid"
    account.tell(f"checkout.session.async_payment_{'succeeded' if succeeded else 'failed'}", session)


def _expire(account: Account, session: Object) -> None:
    intent = account.objects["payment_intent"].get(session["payment_intent"] or "")
    if intent is not None and intent["status"] in CANCELABLE:
        end_intent(account, intent, "expired")
    session.update(status="expired", url=None)
    account.tell("checkout.session.expired", session)


def _check_open(session: Object) -> None:
    if session["status"] != "open":
        raise StripeError(f"This Checkout Session can no longer be paid: it is {session['status']}.")
