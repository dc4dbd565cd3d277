"""Amounts are written with the digits of their currency, exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather.money import MINOR_DIGITS, amount_text


@pytest.mark.parametrize(
    ("cents", "currency", "written"),
    [
        (0, "EUR", "EUR 0.00"),
        (5, "EUR", "EUR 0.05"),
        (123_456_789, "usd", "USD 1,234,567.89"),
        (-990, "EUR", "EUR \u22129.90"),
        (500, "JPY", "JPY 500"),
        (-1_000, "jpy", "JPY \u22121,000"),
        (1_500, "KWD", "KWD 1.500"),
        (50_000, "UGX", "UGX 500.00"),
        (1_000, "XPF", "XPF 1,000"),
    ],
)
def test_amounts(cents: int, currency: str, written: str) -> None:
    assert amount_text(cents, currency).replace("\u00a0", " ") == written


@given(st.integers(-(10**15), 10**15), st.sampled_from([*MINOR_DIGITS, "EUR"]))
def test_the_amount_can_be_read_back(cents: int, currency: str) -> None:
    code, number = amount_text(cents, currency).split("\u00a0")
    digits = number.replace(",", "").replace(".", "").replace("\u2212", "-")
    assert (code, int(digits)) == (currency, cents)
    assert len(number.partition(".")[2]) == MINOR_DIGITS.get(currency, 2)
