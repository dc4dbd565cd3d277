"""Charging: what becomes of a payment intent and its charge when a payment method is tried."""

from collections.abc import Callable

from stripe_stand_in.account import Account, Object, visible
from stripe_stand_in.cards import Decline, Means
from stripe_stand_in.disputes import open_dispute
from stripe_stand_in.errors import CARD, StripeError
from stripe_stand_in.methods import means_of
from stripe_stand_in.objects import CHARGE, blank
from stripe_stand_in.switches import Settlement

_DECLINED = Decline(code="card_declined", decline_code="generic_decline", message="Your card was declined.")
_DELAYED_DECLINED = Decline(
    code="payment_intent_payment_attempt_failed",
    decline_code=None,
    message="The payment failed: the customer's bank returned it.",
)
Settled = Callable[[bool], None]


def charge(account: Account, intent: Object, method: Object, *, settled: Settled | None = None) -> None:
    """The intent succeeds, is processing, has to be captured, or has been declined and says why.

    `settled(succeeded)` is called when a delayed payment's outcome is known, before its own events.
    """
    means = means_of(method)
    if means.asks_customer and intent["_authenticated"] != method["id"]:
        _ask(account, intent, method)
        return
    declined = means.decline
    if declined is None and means.type == "card" and account.books.switches.strikes(Settlement.DECLINE):
        declined = _DECLINED
    made = _charge(account, intent, method, means)
    if declined is not None:
        _fail(account, intent, made, method, declined)
        return
    intent.update(payment_method=method["id"], last_payment_error=None, next_action=None)
    if means.is_delayed:
        _begin(account, intent, made, method, settled)
    elif intent["capture_method"] == "manual":
        made["status"] = "succeeded"
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        account.tell("charge.succeeded", made)
        account.tell("payment_intent.amount_capturable_updated", intent)
    else:
        _succeed(account, intent, made)
        if means.disputed:
            open_dispute(account, made, reason="fraudulent")


def authenticate(account: Account, intent: Object, *, succeeds: bool, settled: Settled | None = None) -> None:
    """The customer has answered their bank: the charge goes on, or another payment method is needed."""
    if intent["status"] != "requires_action":
        return
    method = account.objects["payment_method"][intent["payment_method"]]
    if succeeds:
        intent["_authenticated"] = method["id"]
        charge(account, intent, method, settled=settled)
        return
    error = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_method": visible(method),
        "type": "invalid_request_error",
    }
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=error, next_action=None)
    account.tell("payment_intent.payment_failed", intent)


def capture(account: Account, intent: Object, amount: int) -> None:
    """What was held on the card is taken, or a part of it."""
    made = account.objects["charge"][intent["latest_charge"]]
    made.update(captured=True, amount_captured=amount)
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    account.tell("charge.captured", made)
    account.tell("payment_intent.succeeded", intent)


def settle(account: Account, intent: Object, *, succeeds: bool) -> None:
    """A delayed payment's money has come, or will not. Nothing happens where it is no longer awaited."""
    if intent["status"] != "processing":
        return
    made = account.objects["charge"][intent["latest_charge"]]
    intent["processing"] = None
    told: Settled | None = intent["_settled"]
    if told is not None:
        told(succeeds)
    if succeeds:
        _succeed(account, intent, made)
    else:
        method = account.objects["payment_method"][intent["payment_method"]]
        _fail(account, intent, made, method, _DELAYED_DECLINED)


def refusal(intent: Object, shown: Object) -> StripeError:
    """The answer to a request whose payment method was declined: 402, with the intent as the API shows it."""
    error = intent["last_payment_error"]
    more = {key: error[key] for key in ("charge", "decline_code", "payment_method") if error.get(key) is not None}
    return StripeError(error["message"], status=402, kind=CARD, code=error["code"], payment_intent=shown, **more)


def _ask(account: Account, intent: Object, method: Object) -> None:
    url = f"{account.books.pages_url}/authenticate/{intent['id']}"
    intent.update(
        status="requires_action",
        payment_method=method["id"],
        next_action={
            "type": "redirect_to_url",
            "redirect_to_url": {"url": url, "return_url": intent["_return_url"]},
        },
    )
    account.tell("payment_intent.requires_action", intent)


def _charge(account: Account, intent: Object, method: Object, means: Means) -> Object:
    made = blank(CHARGE, account)
    details = {key: value for key, value in method[means.type].items() if key != "display_brand"}
    made.update(
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        billing_details=method["billing_details"],
        captured=False,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        paid=False,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"type": means.type, means.type: details},
        receipt_email=intent["receipt_email"],
        refunded=False,
        status="pending",
        transfer_group=intent["transfer_group"],
        _means=means,
    )
    intent["latest_charge"] = made["id"]
    return account.add(made)


def _succeed(account: Account, intent: Object, made: Object) -> None:
    made.update(
        amount_captured=made["amount"],
        captured=True,
        paid=True,
        status="succeeded",
        outcome={
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        receipt_url=f"{account.books.pages_url}/receipts/{made['id']}",
    )
    intent.update(status="succeeded", amount_received=intent["amount"], next_action=None)
    account.tell("charge.succeeded", made)
    account.tell("payment_intent.succeeded", intent)


def _begin(account: Account, intent: Object, made: Object, method: Object, settled: Settled | None) -> None:
    intent.update(status="processing", processing={"type": method["type"]}, _settled=settled)
    account.tell("payment_intent.processing", intent)
    account.tell("charge.pending", made)
    switches = account.books.switches
    succeeds = not (means_of(method).fails_later or switches.strikes(Settlement.DELAYED_FAILS))
    account.at(
        account.books.moment + switches.settle_after_s,
        lambda: settle(account, intent, succeeds=succeeds),
    )


def _fail(account: Account, intent: Object, made: Object, method: Object, decline: Decline) -> None:
    made.update(
        failure_code=decline.code,
        failure_message=decline.message,
        outcome={
            "network_status": "declined_by_network",
            "reason": decline.decline_code or decline.code,
            "risk_level": "normal",
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        },
        paid=False,
        status="failed",
    )
    error: Object = {
        "charge": made["id"],
        "code": decline.code,
        "doc_url": "https://stripe.com/docs/error-codes/" + decline.code.replace("_", "-"),
        "message": decline.message,
        "payment_method": visible(method),
        "type": CARD if method["type"] == "card" else "invalid_request_error",
    }
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=error, next_action=None)
    account.tell("charge.failed", made)
    account.tell("payment_intent.payment_failed", intent)
