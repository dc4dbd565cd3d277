"""The package `math`. An int is promoted where a float is wanted; there is no `isInfinite`."""

from __future__ import annotations

import math

from firewarden.rules.builtins.registry import Library
from firewarden.rules.javanumbers import INT_MIN, round_half_up

FUNCTIONS = Library()


@FUNCTIONS.overload("math.abs(int)")
def _abs(value: int) -> int:
    return INT_MIN if value == INT_MIN else abs(value)  # the one value whose opposite does not fit


@FUNCTIONS.overload("math.abs(float)")
def _abs_of_float(value: float) -> float:
    return abs(value)


@FUNCTIONS.overload("math.ceil(float)")
def _ceil(value: float) -> float:
    number = float(value)
    return math.copysign(float(math.ceil(number)), number) if math.isfinite(number) else number


@FUNCTIONS.overload("math.floor(float)")
def _floor(value: float) -> float:
    number = float(value)
    return math.copysign(float(math.floor(number)), number) if math.isfinite(number) else number


@FUNCTIONS.overload("math.round(float)")
def _round(value: float) -> int:
    return round_half_up(float(value))


@FUNCTIONS.overload("math.sqrt(float)")
def _sqrt(value: float) -> float:
    number = float(value)
    return math.sqrt(number) if number >= 0 else math.nan


@FUNCTIONS.overload("math.pow(float, float)")
def _pow(base: float, exponent: float) -> float:
    return _java_pow(float(base), float(exponent))


@FUNCTIONS.overload("math.isNaN(float)")
def _is_nan(value: float) -> bool:
    return math.isnan(value)


def _java_pow(base: float, exponent: float) -> float:
    if abs(base) == 1 and not math.isfinite(exponent):
        return math.nan  # C says 1 here
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and math.fmod(exponent, 2) else math.inf
    except ValueError:
        if base != 0:
            return math.nan  # a fractional power of a negative number
        return math.copysign(math.inf, base) if abs(math.fmod(exponent, 2)) == 1 else math.inf
