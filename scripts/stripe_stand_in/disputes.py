"""Disputes: a customer's bank takes the money back, until the dispute is won or lost."""

from stripe_stand_in.account import Account, Object
from stripe_stand_in.errors import StripeError
from stripe_stand_in.objects import DISPUTE, blank

_ANSWER_WITHIN_S = 7 * 86_400
_OPEN = "needs_response"


def open_dispute(account: Account, charge: Object, *, reason: str = "fraudulent") -> Object:
    """The charge is disputed, the money withdrawn; the dispute waits for evidence."""
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise StripeError(f"Charge {charge['id']} cannot be disputed: it did not succeed, or is disputed already.")
    made = blank(DISPUTE, account)
    made.update(
        amount=charge["amount_captured"] - charge["amount_refunded"],
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={},
        evidence_details={
            "due_by": account.now + _ANSWER_WITHIN_S,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        payment_intent=charge["payment_intent"],
        reason=reason,
        status=_OPEN,
    )
    account.add(made)
    charge["disputed"] = True
    account.tell("charge.dispute.created", made)
    account.tell("charge.dispute.funds_withdrawn", made)
    return made


def close_dispute(account: Account, dispute: Object, *, won: bool) -> Object:
    """The bank has decided: a won dispute brings the money back."""
    if dispute["status"] != _OPEN:
        raise StripeError("This dispute is already closed")
    dispute["status"] = "won" if won else "lost"
    account.tell("charge.dispute.closed", dispute)
    if won:
        account.tell("charge.dispute.funds_reinstated", dispute)
    return dispute
