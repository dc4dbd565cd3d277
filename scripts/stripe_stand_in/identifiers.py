"""Identifiers that look like Stripe's, drawn from a seed."""

import random
import string

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase

_FORMS = {
    "checkout.session": ("cs_test_a1", 58),
    "payment_intent": ("pi_3", 23),
    "charge": ("ch_3", 23),
    "refund": ("re_3", 23),
    "event": ("evt_1", 23),
    "payment_method": ("pm_1", 23),
    "dispute": ("du_1", 23),
    "item": ("li_1", 23),
    "price": ("price_1", 23),
    "product": ("prod_", 14),
    "coupon": ("", 8),
    "webhook_endpoint": ("we_1", 23),
    "request": ("req_", 14),
    "secret": ("", 25),
}
"""What an identifier begins with, and how many random characters follow: as seen in Stripe's test mode."""


class Identifiers:
    """The same seed gives the same identifiers in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, and nothing here is secret

    def new(self, kind: str) -> str:
        """A new identifier for an object of this kind."""
        prefix, length = _FORMS[kind]
        return prefix + "".join(self._random.choices(_ALPHABET, k=length))
