"""Payment intents: https://docs.stripe.com/payments/paymentintents/lifecycle"""

from stripe_stand_in.account import Account, Object, visible
from stripe_stand_in.charging import capture, charge, refusal
from stripe_stand_in.currencies import check_charge, checked_currency
from stripe_stand_in.errors import StripeError, not_modelled, unexpected_state
from stripe_stand_in.methods import means_of, method_of
from stripe_stand_in.objects import INTENT, blank, merge_metadata

CANCELABLE = (
    "requires_payment_method", "requires_capture", "requires_reauthorization", "requires_confirmation",
    "requires_action", "processing",
)  # fmt: skip
_OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
_KEPT = frozenset(
    {
        "allowed_payment_method_types", "application_fee_amount", "capture_method", "confirmation_method", "customer",
        "description", "excluded_payment_method_types", "receipt_email", "setup_future_usage", "shipping",
        "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
    }
)  # fmt: skip
"""Parameters that the intent shows as they were given, and that change nothing else here."""
_ACTED_ON = frozenset(
    {
        "amount", "automatic_payment_methods", "cancellation_reason", "confirm", "currency", "error_on_requires_action",
        "expand", "metadata", "off_session", "payment_method", "payment_method_data", "return_url",
    }
)  # fmt: skip


def create_intent(account: Account, params: Object) -> Object:
    """`POST /v1/payment_intents`."""
    _refuse_unmodelled(params)
    if "confirm" not in params and "return_url" in params:
        raise StripeError("This parameter can only be used with confirm=true.", param="return_url")
    currency = checked_currency(params["currency"], "currency")
    check_charge(params["amount"], currency, "amount")
    intent = new_intent(account, amount=params["amount"], currency=currency)
    _apply(account, intent, params)
    automatic = params.get("automatic_payment_methods")
    if automatic is None and not params.get("allowed_payment_method_types"):
        automatic = {"enabled": True}
    if automatic is not None:
        intent["automatic_payment_methods"] = {"allow_redirects": "always", **automatic}
    account.add(intent)
    account.tell("payment_intent.created", intent)
    return confirm_intent(account, intent, {}, given=params) if params.get("confirm") else intent


def new_intent(account: Account, *, amount: int, currency: str) -> Object:
    """An intent that waits for a payment method; not yet in the books."""
    intent = blank(INTENT, account)
    intent.update(
        amount=amount,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        capture_method="automatic_async",
        client_secret=f"{intent['id']}_secret_{account.new_id('secret')}",
        confirmation_method="automatic",
        currency=currency,
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        status="requires_payment_method",
        _authenticated=None,
        _return_url=None,
        _session=None,
        _settled=None,
    )
    return intent


def update_intent(account: Account, intent: Object, params: Object) -> Object:
    """`POST /v1/payment_intents/{id}`: as long as nothing was paid, except for metadata and texts."""
    _refuse_unmodelled(params)
    changes_money = {"amount", "currency", "payment_method", "payment_method_data"} & params.keys()
    if changes_money and intent["status"] not in _OPEN:
        raise unexpected_state(
            f"This PaymentIntent's {sorted(changes_money)[0]} could not be updated because it has a status of "
            f"{intent['status']}. You may only update the {sorted(changes_money)[0]} of a PaymentIntent with one of "
            "the following statuses: requires_payment_method, requires_confirmation, requires_action.",
            visible(intent),
        )
    if changes_money and intent["_session"] is not None:
        raise StripeError("You cannot update a PaymentIntent created by a Checkout Session: its session sets it.")
    wanted = {**intent, **params}
    currency, amount = checked_currency(wanted["currency"], "currency"), wanted["amount"]
    check_charge(amount, currency, "amount")
    intent.update(amount=amount, currency=currency)
    _apply(account, intent, params)
    return intent


def confirm_intent(account: Account, intent: Object, params: Object, given: Object | None = None) -> Object:
    """`POST /v1/payment_intents/{id}/confirm`; `given` are the parameters of a creation that confirms at once."""
    _refuse_unmodelled(params)
    if intent["_session"] is not None:
        raise StripeError("You cannot confirm a PaymentIntent created by a Checkout Session: its page confirms it.")
    if intent["status"] not in _OPEN:
        raise unexpected_state(_not_confirmable(intent), visible(intent))
    _apply(account, intent, params)
    options = {**(given or {}), **params}
    name = intent["payment_method"]
    if name is None:
        raise unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            visible(intent),
        )
    _check_return_url(intent, options)
    method = account.objects["payment_method"][name]
    if options.get("error_on_requires_action") and means_of(method).asks_customer:
        raise StripeError("Your card was declined. This transaction requires authentication.", status=402,
                          kind="card_error", code="authentication_required",
                          decline_code="authentication_required")  # fmt: skip
    intent["_return_url"] = options.get("return_url")
    charge(account, intent, method)
    if intent["status"] == "requires_payment_method":
        raise refusal(intent, visible(intent))
    return intent


def pay_intent(account: Account, intent: Object, method: Object) -> None:
    """The customer confirms it from the client's own page (Elements); a declined intent says why."""
    if intent["_session"] is not None or intent["status"] not in _OPEN:
        raise unexpected_state(_not_confirmable(intent), visible(intent))
    charge(account, intent, method)


def capture_intent(account: Account, intent: Object, params: Object) -> Object:
    """`POST /v1/payment_intents/{id}/capture`: all of what is held, or less."""
    for name in params.keys() - {"amount_to_capture", "expand", "metadata"}:
        raise not_modelled(name)
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture.",
            visible(intent),
        )
    amount = params["amount_to_capture"] if "amount_to_capture" in params else intent["amount_capturable"]
    if not 0 < amount <= intent["amount_capturable"]:
        raise StripeError("The amount to capture is not within what is capturable.", code="amount_too_large",
                          param="amount_to_capture")  # fmt: skip
    merge_metadata(intent, params.get("metadata"))
    capture(account, intent, amount)
    return intent


def cancel_intent(account: Account, intent: Object, params: Object) -> Object:
    """`POST /v1/payment_intents/{id}/cancel`: not when it has succeeded, not when a session made it."""
    if intent["_session"] is not None and account.objects["checkout.session"][intent["_session"]]["status"] == "open":
        raise StripeError("You cannot cancel this PaymentIntent because it was created by a Checkout Session. Expire "
                          "the Checkout Session instead.")  # fmt: skip
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {', '.join(CANCELABLE)}.",
            visible(intent),
        )
    end_intent(account, intent, params.get("cancellation_reason"))
    return intent


def end_intent(account: Account, intent: Object, reason: str | None) -> None:
    """It is canceled, whoever does it."""
    intent.update(
        status="canceled", canceled_at=account.now, cancellation_reason=reason, amount_capturable=0, next_action=None,
        processing=None,
    )  # fmt: skip
    account.tell("payment_intent.canceled", intent)


def _apply(account: Account, intent: Object, params: Object) -> None:
    intent.update({name: value for name, value in params.items() if name in _KEPT})
    merge_metadata(intent, params.get("metadata"))
    if params.get("allowed_payment_method_types"):
        intent["payment_method_types"] = list(params["allowed_payment_method_types"])
    method = method_of(account, params)
    if method is not None:
        if method["type"] not in intent["payment_method_types"] and params.get("allowed_payment_method_types"):
            raise StripeError(f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent.",
                              param="payment_method")  # fmt: skip
        intent.update(payment_method=method["id"], status="requires_confirmation")
        if method["type"] not in intent["payment_method_types"]:
            intent["payment_method_types"].append(method["type"])


def _check_return_url(intent: Object, options: Object) -> None:
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["enabled"] and automatic["allow_redirects"] == "always" and "return_url" not in options:
        raise StripeError(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If "
            "you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to "
            "`true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and "
            "Payment Intents.",
            payment_intent=visible(intent),
        )


def _not_confirmable(intent: Object) -> str:
    if intent["status"] == "succeeded":
        why = "it has already succeeded after being previously confirmed"
    else:
        why = f"it has a status of {intent['status']}"
    return f"You cannot confirm this PaymentIntent because {why}."


def _refuse_unmodelled(params: Object) -> None:
    for name in params:
        if name not in _KEPT | _ACTED_ON:
            raise not_modelled(name)
    if "payment_method" in params and "payment_method_data" in params:
        raise StripeError("You cannot give both payment_method and payment_method_data.", param="payment_method")
