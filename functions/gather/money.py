"""Amounts of money: how many digits a currency has after the point, and how an amount is written. Pure.

An amount is a whole number of the smallest unit as Stripe counts it: https://docs.stripe.com/currencies
"""

_NO_MINOR_UNIT = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD JOD KWD OMR TND"
MINOR_DIGITS = dict.fromkeys(_NO_MINOR_UNIT.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3)
"""Digits after the point, where they are not two. UGX and ISK have none in use, but Stripe counts two."""
MINUS = "\u2212"


def amount_text(cents: int, currency: str) -> str:
    """Write an amount with its code before it and all digits of the currency after the point: EUR 1,234.50."""
    code = currency.upper()
    digits = MINOR_DIGITS.get(code, 2)
    whole, fraction = divmod(abs(cents), 10**digits)
    point = f".{fraction:0{digits}}" if digits else ""
    # A no-break space: the code never stands on another line than its number.
    return f"{code}\u00a0{MINUS if cents < 0 else ''}{whole:,}{point}"
