"""Numbers written and read as the official engine's runtime does it (Java's `Long` and `Double`)."""

from __future__ import annotations

import math
import re

INT_MIN = -(2**63)
INT_MAX = 2**63 - 1

_FLOAT = re.compile(
    r"[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?"
    r"|0[xX](?:[0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+[fFdD]?)"
)
_SPACE = "".join(map(chr, range(0x21)))
_DIGITS_MAX = 4000


def parse_int(text: str) -> int | None:
    """`Long.parseLong`: an optional sign and decimal digits of any script, within 64 bits."""
    sign = text[:1] if text[:1] in ("+", "-") else ""
    digits = text[len(sign) :]
    if not digits or not all(each.isdecimal() and each <= "\uffff" for each in digits):
        return None
    # Python refuses to convert more digits at once: before so many only zeros may stand.
    if any(map(int, digits[:-_DIGITS_MAX])):
        return None
    value = int(sign + digits[-_DIGITS_MAX:])
    return value if INT_MIN <= value <= INT_MAX else None


def parse_float(text: str) -> float | None:
    """`Double.parseDouble`: white space around, a type suffix and hexadecimal fractions are allowed."""
    trimmed = text.strip(_SPACE)
    if not _FLOAT.fullmatch(trimmed):
        return None
    if "x" in trimmed or "X" in trimmed:
        return _parse_hexadecimal(trimmed)
    bare = trimmed if trimmed.endswith(("N", "y")) else trimmed.rstrip("fFdD")
    return float(bare)


def float_text(value: float) -> str:
    """`Double.toString`: plain from 0.001 to below 10,000,000, else with an exponent; always a fraction digit."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    digits, point = _digits(abs(value))
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return sign + _plain(digits, point)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{point - 1}"


def truncate(value: float) -> int:
    """Java's `(long)`: toward zero, NaN is 0, and what does not fit is the nearest bound."""
    if math.isnan(value):
        return 0
    if math.isinf(value):
        return INT_MAX if value > 0 else INT_MIN
    return max(INT_MIN, min(INT_MAX, int(value)))


def round_half_up(value: float) -> int:
    """Java's `Math.round`."""
    if not math.isfinite(value):
        return truncate(value)
    below = math.floor(value)
    return max(INT_MIN, min(INT_MAX, below + (value - below >= 0.5)))


def _parse_hexadecimal(text: str) -> float:
    try:
        return float.fromhex(text.rstrip("fFdD") if "p" in text.lower() else text)
    except OverflowError:
        return -math.inf if text.startswith("-") else math.inf


def _digits(value: float) -> tuple[str, int]:
    """The shortest decimal digits of a finite value and where its point stands: 0.0125 is ("125", -1)."""
    if value == 5e-324:
        return "49", -323  # the runtime always gives two digits with an exponent
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return digits.rstrip("0") or "0", point


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return "0." + "0" * -point + digits if digits != "0" else "0.0"
    return f"{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"
