"""Test cards and the names of test payment methods: https://docs.stripe.com/testing

What a payment method does when it is charged is all that the stand-in knows of it.
"""

from dataclasses import dataclass
from enum import StrEnum


class RefundCourse(StrEnum):
    """How a refund to this payment method goes."""

    AT_ONCE = "at_once"
    PENDING_FIRST = "pending_first"
    FAILS_LATER = "fails_later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """Why a charge is refused: Stripe's code, the bank's, and what the customer is told."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """A way to pay: its type at Stripe and what happens when it is used."""

    type: str = "card"
    brand: str = "visa"
    last4: str = "4242"
    decline: Decline | None = None
    refunds: RefundCourse = RefundCourse.AT_ONCE
    disputed: bool = False
    asks_customer: bool = False
    """The customer has to authenticate with their bank (3-D Secure)."""
    fails_later: bool = False
    """Only for delayed types: accepted, and refused by the bank when it is settled."""

    @property
    def is_delayed(self) -> bool:
        """Whether the money comes days after the customer has done their part."""
        return self.type in DELAYED


DELAYED: dict[str, frozenset[str]] = {
    "sepa_debit": frozenset({"eur"}),
    "us_bank_account": frozenset({"usd"}),
    "bacs_debit": frozenset({"gbp"}),
    "au_becs_debit": frozenset({"aud"}),
    "acss_debit": frozenset({"cad", "usd"}),
    "boleto": frozenset({"brl"}),
    "oxxo": frozenset({"mxn"}),
    "konbini": frozenset({"jpy"}),
    "multibanco": frozenset({"eur"}),
}
"""Types whose money comes later, and the currencies they take."""


def _declined(code: str, decline_code: str | None, message: str, last4: str) -> Means:
    return Means(last4=last4, decline=Decline(code=code, decline_code=decline_code, message=message))


_DECLINED = "Your card was declined."
_INSUFFICIENT = "Your card has insufficient funds."

CARDS: dict[str, Means] = {
    "4242424242424242": Means(),
    "5555555555554444": Means(brand="mastercard", last4="4444"),
    "378282246310005": Means(brand="amex", last4="0005"),
    "4000000000000002": _declined("card_declined", "generic_decline", _DECLINED, "0002"),
    "4000000000009995": _declined("card_declined", "insufficient_funds", _INSUFFICIENT, "9995"),
    "4000000000009987": _declined("card_declined", "lost_card", _DECLINED, "9987"),
    "4000000000009979": _declined("card_declined", "stolen_card", _DECLINED, "9979"),
    "4000000000000069": _declined("expired_card", None, "Your card has expired.", "0069"),
    "4000000000000127": _declined("incorrect_cvc", None, "Your card's security code is incorrect.", "0127"),
    "4000000000000119": _declined(
        "processing_error", None, "An error occurred while processing your card. Try again in a little bit.", "0119"
    ),
    "4000002760003184": Means(last4="3184", asks_customer=True),
    "4000000000000259": Means(last4="0259", disputed=True),
    "4000000000007726": Means(last4="7726", refunds=RefundCourse.PENDING_FIRST),
    "4000000000005126": Means(last4="5126", refunds=RefundCourse.FAILS_LATER),
}

NAMED: dict[str, Means] = {
    "pm_card_visa": CARDS["4242424242424242"],
    "pm_card_mastercard": CARDS["5555555555554444"],
    "pm_card_amex": CARDS["378282246310005"],
    "pm_card_visa_chargeDeclined": CARDS["4000000000000002"],
    "pm_card_chargeDeclined": CARDS["4000000000000002"],
    "pm_card_visa_chargeDeclinedInsufficientFunds": CARDS["4000000000009995"],
    "pm_card_chargeDeclinedInsufficientFunds": CARDS["4000000000009995"],
    "pm_card_visa_chargeDeclinedLostCard": CARDS["4000000000009987"],
    "pm_card_visa_chargeDeclinedStolenCard": CARDS["4000000000009979"],
    "pm_card_chargeDeclinedExpiredCard": CARDS["4000000000000069"],
    "pm_card_chargeDeclinedIncorrectCvc": CARDS["4000000000000127"],
    "pm_card_chargeDeclinedProcessingError": CARDS["4000000000000119"],
    "pm_card_authenticationRequired": CARDS["4000002760003184"],
    "pm_card_createDispute": CARDS["4000000000000259"],
    "pm_card_pendingRefund": CARDS["4000000000007726"],
    "pm_card_refundFail": CARDS["4000000000005126"],
    "pm_usBankAccount_success": Means(type="us_bank_account", last4="6789"),
    "pm_sepaDebit_success": Means(type="sepa_debit", last4="3000"),
}

IBANS: dict[str, Means] = {
    "DE89370400440532013000": Means(type="sepa_debit", last4="3000"),
    "DE62370400440532013001": Means(type="sepa_debit", last4="3001", fails_later=True),
}


def delayed_type_for(currency: str) -> str | None:
    """The delayed type that Stripe would offer in this currency, where there is one."""
    return next((name for name, currencies in DELAYED.items() if currency in currencies), None)
