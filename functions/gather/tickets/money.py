"""What amounts may be charged: integer minor units, in steps that the card networks know. Pure."""

from gather.money import MINOR_DIGITS

AMOUNT_MAX = 99_999_999
"""Stripe takes eight digits at most: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts"""


WHOLE_ONLY = frozenset({"ISK", "UGX"})
"""Counted in hundredths that are always 00: https://docs.stripe.com/currencies#special-cases"""


def step_of(currency: str) -> int:
    """The smallest amount that can be charged, in minor units of the currency.

    Of three decimals the last is always 0: https://docs.stripe.com/currencies#three-decimal
    """
    if currency in WHOLE_ONLY:
        return 100
    return 10 if MINOR_DIGITS.get(currency) == 3 else 1


def percent_of(amount_cents: int, percent: int, *, step: int) -> int:
    """That part of an amount, rounded half up to a whole number of steps; never more than the amount."""
    return (2 * amount_cents * percent + 100 * step) // (200 * step) * step


def shared_out(amount_cents: int, count: int, *, step: int) -> list[tuple[int, int]]:
    """Share an amount among equals without losing a step: [(how many, how much each)], the larger shares first.

    The sum of the shares is the amount, and no two of them differ by more than a step.
    """
    share, rest = divmod(amount_cents // step, count)
    parts = [(rest, (share + 1) * step), (count - rest, share * step)]
    return [(many, each) for many, each in parts if many]
