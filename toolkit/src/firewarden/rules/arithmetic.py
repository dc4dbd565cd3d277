"""`+ - * / %`, unary `-` and `!`: a table from operand types to what they do.

Integers are 64 bits wide and overflow is an error, not a wrap; the exceptions are the engine's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from firewarden.rules import utf16
from firewarden.rules.javanumbers import INT_MAX, INT_MIN
from firewarden.rules.kinds import Duration, Value, type_name
from firewarden.rules.outcomes import Refusal
from firewarden.rules.spans import duration, timestamp
from firewarden.values import Timestamp

Operation = Callable[[Value, Value], Value]


def calculate(symbol: str, left: Value, right: Value) -> Value:
    """`left symbol right`; neither is an error."""
    operation = BINARY[symbol].get((type(left), type(right)))
    if operation is None:
        received = f"{type_name(left)} {symbol} {type_name(right)}"
        expected = ", ".join(f"{one} {symbol} {two}" for one, two in _EXPECTED[symbol])
        raise Refusal(f"Unsupported operation error. Received: {received}. Expected: {expected}.")
    return operation(left, right)


def negate(value: Value) -> Value:
    """`-value`."""
    operation = _NEGATE.get(type(value))
    if operation is None:
        raise Refusal(f"Unsupported operation error. Received: -{type_name(value)}. Expected: -int, -float, -duration.")
    return operation(value)


def invert(value: Value) -> bool:
    """`!value`."""
    if type(value) is not bool:
        raise Refusal(f"Unsupported operation error. Received: !{type_name(value)}. Expected: !bool.")
    return not value


def within_64_bits(value: int) -> int:
    """The value, unless it has overflowed."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise Refusal(f"Integer value is out of the [{INT_MIN}, {INT_MAX}] range.")


def _divide(left: int, right: int) -> int:
    if right == 0:
        raise Refusal("Divide by zero error.")
    quotient = abs(left) // abs(right)
    # The one quotient that does not fit wraps: MIN / -1 is MIN.
    return INT_MIN if quotient > INT_MAX else quotient if (left < 0) == (right < 0) else -quotient


def _remainder(left: int, right: int) -> int:
    if right == 0:
        raise Refusal("Divide by zero error.")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _add_floats(left: float, right: float) -> float:
    return 0.0 + left + right  # the official engine sums up from zero: -0.0 + -0.0 is 0.0


def _divide_floats(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _remainder_floats(left: float, right: float) -> float:
    return math.nan if right == 0 or math.isinf(left) else math.fmod(left, right)


def _numbers(
    of_ints: Callable[[int, int], int], of_floats: Callable[[float, float], float]
) -> Mapping[tuple[type, type], Operation]:
    def mixed(left: float, right: float) -> float:
        return of_floats(float(left), float(right))

    return {(int, int): of_ints, (float, float): of_floats, (int, float): mixed, (float, int): mixed}


BINARY: Mapping[str, Mapping[tuple[type, type], Operation]] = {
    "+": {
        **_numbers(lambda left, right: within_64_bits(left + right), _add_floats),
        (str, str): utf16.join,
        (Duration, Duration): lambda left, right: duration(left.nanos + right.nanos),
        (Duration, Timestamp): lambda left, right: timestamp(left.nanos + right.nanos),
        (Timestamp, Duration): lambda left, right: timestamp(left.nanos + right.nanos),
    },
    "-": {
        **_numbers(lambda left, right: within_64_bits(left - right), lambda left, right: left - right),
        (Duration, Duration): lambda left, right: duration(left.nanos - right.nanos),
        (Timestamp, Duration): lambda left, right: timestamp(left.nanos - right.nanos),
        (Timestamp, Timestamp): lambda left, right: duration(left.nanos - right.nanos),
    },
    "*": _numbers(lambda left, right: within_64_bits(left * right), lambda left, right: left * right),
    "/": _numbers(_divide, _divide_floats),
    "%": _numbers(_remainder, _remainder_floats),
}
_NUMERIC = (("int", "int"), ("float", "float"))
_EXPECTED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "+": (
        *_NUMERIC,
        *(
            ("string", "string"),
            ("duration", "duration"),
            ("duration", "timestamp"),
            ("timestamp", "duration"),
        ),
    ),
    "-": (*_NUMERIC, ("duration", "duration"), ("timestamp", "duration"), ("timestamp", "timestamp")),
    "*": _NUMERIC,
    "/": _NUMERIC,
    "%": _NUMERIC,
}
_NEGATE: Mapping[type, Callable[[Value], Value]] = {
    int: lambda value: within_64_bits(-value),
    float: lambda value: -value,
    Duration: lambda value: duration(-value.nanos),
}
