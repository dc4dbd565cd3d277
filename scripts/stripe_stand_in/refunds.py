"""Refunds: never more than was charged, counted against the charge from the moment they are made."""

from stripe_stand_in.account import Account, Object
from stripe_stand_in.cards import RefundCourse
from stripe_stand_in.currencies import check_round, shown
from stripe_stand_in.errors import StripeError, not_modelled
from stripe_stand_in.objects import REFUND, blank, merge_metadata
from stripe_stand_in.switches import Settlement

_LIVE = frozenset({"pending", "requires_action", "succeeded"})


def create_refund(account: Account, params: Object) -> Object:
    """`POST /v1/refunds`: all that is left of a charge, or the amount that was asked for."""
    charge = _charge_of(account, params)
    if "currency" in params:
        raise StripeError(
            "Received unknown parameter: currency", code="parameter_unknown", param="currency", begun=False
        )
    _check_refundable(charge)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    _check_amount(charge, amount, left)
    made = blank(REFUND, account)
    made.update(
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={"type": "card", "card": {"type": "refund", "reference_status": "pending"}},
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        status="succeeded",
    )
    merge_metadata(made, params.get("metadata"))
    course = _course(account, charge)
    if course is RefundCourse.PENDING_FIRST:
        made.update(status="pending", pending_reason="processing")
    account.add(made)
    _count(charge, amount)
    account.tell("refund.created", made)
    account.tell("charge.refunded", charge, {"amount_refunded": charge["amount_refunded"] - amount})
    _plan(account, made, course)
    return made


def update_refund(account: Account, refund: Object, params: Object) -> Object:
    """Only metadata can change."""
    merge_metadata(refund, params.get("metadata"))
    account.tell("refund.updated", refund)
    return refund


def cancel_refund(account: Account, refund: Object) -> Object:
    """Only one that still waits for the customer."""
    if refund["status"] != "requires_action":
        raise StripeError(f"You cannot cancel this refund because it has a status of {refund['status']}.")
    settle_refund(account, refund, "canceled")
    return refund


def settle_refund(account: Account, refund: Object, status: str) -> None:
    """It becomes succeeded, failed, canceled, pending or requires_action; what has failed is the charge's again."""
    before = refund["status"]
    if before == status or before in {"failed", "canceled"}:
        return
    refund.update(status=status, pending_reason="processing" if status == "pending" else None)
    if status == "failed":
        refund["failure_reason"] = "unknown"
    if before in _LIVE and status not in _LIVE:
        _count(account.objects["charge"][refund["charge"]], -refund["amount"])
    account.tell("refund.updated", refund, {"status": before})
    account.tell("charge.refund.updated", refund, {"status": before})
    if status == "failed":
        account.tell("refund.failed", refund, {"status": before})


def _charge_of(account: Account, params: Object) -> Object:
    for name in ("customer", "origin", "instructions_email"):
        if name in params:
            raise not_modelled(name)
    charge_id, intent_id = params.get("charge"), params.get("payment_intent")
    if charge_id is None and intent_id is None:
        raise StripeError(
            "One of the following params should be provided for this request: payment_intent or charge.", begun=False
        )
    if intent_id is None:
        return account.get("charge", str(charge_id), "charge")
    intent = account.get("payment_intent", intent_id, "payment_intent")
    latest = intent["latest_charge"]
    if latest is None or account.objects["charge"][latest]["status"] == "failed":
        raise StripeError(f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.")
    if charge_id is not None and charge_id != latest:
        raise StripeError(f"The charge {charge_id} is not of the PaymentIntent {intent_id}.", param="charge")
    charge: Object = account.objects["charge"][latest]
    return charge


def _check_refundable(charge: Object) -> None:
    name = charge["id"]
    if charge["status"] == "failed":
        raise StripeError(f"Charge {name} failed, it cannot be refunded.", param="charge")
    if charge["disputed"]:
        raise StripeError(f"Charge {name} has been charged back; cannot issue a refund.", code="charge_disputed")
    if charge["status"] == "pending" or not charge["captured"]:
        raise StripeError(f"Charge {name} has not been captured; cancel its PaymentIntent instead.", param="charge")
    if charge["refunded"]:
        raise StripeError(f"Charge {name} has already been refunded.", code="charge_already_refunded")


def _check_amount(charge: Object, amount: int, left: int) -> None:
    currency = charge["currency"]
    if amount <= 0:
        raise StripeError("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        against = "charge amount" if left == charge["amount"] else "unrefunded amount on charge"
        raise StripeError(
            f"Refund amount ({shown(amount, currency)}) is greater than {against} ({shown(left, currency)})",
            param="amount",
        )
    check_round(amount, currency, "amount")


def _course(account: Account, charge: Object) -> RefundCourse:
    switches = account.books.switches
    if switches.strikes(Settlement.REFUND_FAILS):
        return RefundCourse.FAILS_LATER
    if switches.strikes(Settlement.REFUND_PENDING):
        return RefundCourse.PENDING_FIRST
    course: RefundCourse = charge["_means"].refunds
    return course


def _plan(account: Account, refund: Object, course: RefundCourse) -> None:
    end = {RefundCourse.PENDING_FIRST: "succeeded", RefundCourse.FAILS_LATER: "failed"}.get(course)
    if end is not None:
        account.at(
            account.books.moment + account.books.switches.settle_after_s,
            lambda: settle_refund(account, refund, end) if refund["status"] in _LIVE else None,
        )


def _count(charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"] > 0
