"""Payment methods: the named ones of Stripe's test mode, and those made from a test card or account number."""

from typing import Any

from stripe_stand_in.account import Account, Object
from stripe_stand_in.cards import CARDS, IBANS, NAMED, Means
from stripe_stand_in.errors import CARD, StripeError, missing, no_such, not_modelled

_EXPIRY = {"exp_month": 12, "exp_year": 2034}


def create_method(account: Account, params: Object) -> Object:
    """`POST /v1/payment_methods` with a test card's number, or a delayed type."""
    kind = params.get("type")
    if kind is None:
        raise missing("type")
    return made_from(account, _means(kind, params))


def method_of(account: Account, params: Object) -> Object | None:
    """The payment method that a request names or describes; None when it does neither."""
    name = params.get("payment_method")
    if name is not None:
        return find_method(account, name, "payment_method")
    data = params.get("payment_method_data")
    if data is not None:
        return made_from(account, _means(data["type"], data, "payment_method_data"))
    return None


def find_method(account: Account, name: str, param: str) -> Object:
    """One that was made before, or one of the names that Stripe's test mode knows."""
    if name in NAMED:
        return made_from(account, NAMED[name])
    return account.get("payment_method", name, param)


def made_from(account: Account, means: Means) -> Object:
    """A payment method that behaves so."""
    details: dict[str, Any] = {"last4": means.last4}
    if means.type == "card":
        details |= {"brand": means.brand, "country": "US", "funding": "credit", "display_brand": means.brand, **_EXPIRY}
    return account.add(
        {
            "id": account.new_id("payment_method"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
            means.type: details,
            "created": account.now,
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": means.type,
            "_means": means,
        }
    )


def card_means(number: str, param: str = "card[number]") -> Means:
    """What the test card with this number does; another number is refused as Stripe's test mode does."""
    digits = "".join(number.split())
    if digits not in CARDS:
        raise StripeError(
            "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test "
            "cards, visit: https://stripe.com/docs/testing.",
            status=402, kind=CARD, code="card_declined", decline_code="test_mode_live_card", param=param,
        )  # fmt: skip
    return CARDS[digits]


def means_of(method: Object) -> Means:
    """What happens when this payment method is used."""
    means = method["_means"]
    assert isinstance(means, Means)  # noqa: S101 - set by whoever made it
    return means


def _means(kind: str, params: Object, outer: str | None = None) -> Means:
    def named(name: str) -> str:
        return f"{outer}[{name}]" if outer else name

    if kind == "card":
        card = params.get("card") or {}
        if "token" in card:
            raise no_such("token", card["token"], named("card") + "[token]")
        if not card.get("number"):
            raise missing(named("card") + "[number]")
        return card_means(card["number"], named("card") + "[number]")
    if kind == "sepa_debit":
        iban = (params.get("sepa_debit") or {}).get("iban", "").replace(" ", "")
        if iban not in IBANS:
            raise StripeError("The IBAN you provided is invalid.", code="invalid_bank_account_iban",
                              param=named("sepa_debit") + "[iban]")  # fmt: skip
        return IBANS[iban]
    raise not_modelled(named("type") + f"={kind}")
