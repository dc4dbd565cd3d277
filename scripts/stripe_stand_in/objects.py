"""Objects as the API shows them: every field that the SDK's own classes know is there, null until it is set."""

from functools import cache
from typing import Any

import stripe

from stripe_stand_in.account import Account, Object

_HIDDEN = {
    "checkout.session": {"line_items"},
    "charge": {"refunds", "level3", "radar_options", "source_transfer", "transfer", "authorization_code"},
    "payment_intent": {"hooks", "allowed_payment_method_types"},
    "refund": {"next_action", "failure_reason", "failure_balance_transaction", "instructions_email", "description"},
    "dispute": {"intended_submission_method"},
}
"""Fields that Stripe leaves out unless they are asked for or have something to say."""


@cache
def _names(resource: type) -> tuple[str, ...]:
    kind = str(resource.OBJECT_NAME)  # type: ignore[attr-defined]  # every resource has it
    hidden = _HIDDEN.get(kind, set())
    return tuple(
        name
        for name in resource.__annotations__
        if not name.startswith("_") and name != "OBJECT_NAME" and name not in hidden
    )


def blank(resource: type, account: Account) -> Object:
    """A new object of this kind with its identifier and time, and null in every other field."""
    made: Object = dict.fromkeys(_names(resource))
    made["object"] = kind = str(resource.OBJECT_NAME)  # type: ignore[attr-defined]  # every resource has it
    made["id"] = account.new_id(kind)
    if "created" in made:
        made["created"] = account.now
    if "livemode" in made:
        made["livemode"] = False
    if "metadata" in made:
        made["metadata"] = {}
    return made


def merge_metadata(made: Object, given: Any) -> None:
    """Keys are set; an empty value unsets its key, an empty word all of them."""
    if given is None:
        return
    if given == "":
        made["metadata"] = {}
        return
    merged = {**(made.get("metadata") or {}), **given}
    made["metadata"] = {key: value for key, value in merged.items() if value != ""}


SESSION = stripe.checkout.Session
INTENT = stripe.PaymentIntent
CHARGE = stripe.Charge
REFUND = stripe.Refund
DISPUTE = stripe.Dispute
LINE_ITEM = stripe.LineItem
PRICE = stripe.Price
PRODUCT = stripe.Product
COUPON = stripe.Coupon
