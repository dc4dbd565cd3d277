"""Currencies: their decimals, the smallest charge, and amounts that have to be round.

https://docs.stripe.com/currencies
"""

from stripe_stand_in.errors import StripeError

_ZERO = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE = "bhd jod kwd omr tnd"
_TWO = """
aed afn all amd ang aoa ars aud awg azn bam bbd bdt bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk
dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak
lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar
ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd yer
zar zmw
"""
ZERO_DECIMAL = frozenset(_ZERO.split())
THREE_DECIMAL = frozenset(_THREE.split())
TWO_DECIMAL = frozenset(_TWO.split())
ROUND_TO_HUNDRED = frozenset({"isk", "ugx"})
"""Without decimals, and written as if they had two."""
SUPPORTED = ZERO_DECIMAL | THREE_DECIMAL | TWO_DECIMAL

MINIMUM = {
    **dict.fromkeys(("usd", "aud", "brl", "cad", "chf", "eur", "inr", "nzd", "sgd"), 50),
    "aed": 200,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "thb": 1000,
}
"""The smallest charge in the currency's smallest unit; for others Stripe converts into the account's own."""
MAXIMUM = {"idr": 999_999_999_999}
_MAXIMUM = 99_999_999
_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def decimals(currency: str) -> int:
    """How many digits of an amount come after the point."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def checked_currency(currency: str, param: str) -> str:
    """The currency in lower case, or the refusal of one that Stripe does not take."""
    lower = currency.lower()
    if lower not in SUPPORTED:
        raise StripeError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(sorted(SUPPORTED))}",
            param=param,
        )
    return lower


def check_charge(amount: int, currency: str, param: str, *, subject: str = "Amount must be") -> None:
    """An amount that can be charged: not below the minimum, not above the maximum, round where it has to be."""
    minimum = MINIMUM.get(currency, 1)
    if amount < minimum:
        least = shown(minimum, currency)
        raise StripeError(f"{subject} at least {least} {currency}", code="amount_too_small", param=param)
    maximum = MAXIMUM.get(currency, _MAXIMUM)
    if amount > maximum:
        most = shown(maximum, currency)
        raise StripeError(f"{subject} no more than {most}", code="amount_too_large", param=param)
    check_round(amount, currency, param)


def check_round(amount: int, currency: str, param: str) -> None:
    """Three decimals end in a zero; currencies that lost their decimals end in two."""
    step = 10 if currency in THREE_DECIMAL else 100 if currency in ROUND_TO_HUNDRED else 1
    if amount % step:
        raise StripeError(f"Invalid amount: amounts in {currency} must be divisible by {step}.", param=param)


def shown(amount: int, currency: str) -> str:
    """The amount as Stripe's messages and the pay page write it."""
    places = decimals(currency)
    number = f"{amount / 10**places:,.{places}f}"
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{number} {currency.upper()}"
