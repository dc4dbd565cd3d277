"""`<`, `<=`, `>` and `>=`: within one type, numbers across both of theirs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from firewarden.rules import utf16
from firewarden.rules.kinds import Duration, Value, type_name
from firewarden.rules.outcomes import Refusal
from firewarden.values import Timestamp

OPERATORS: Mapping[str, Callable[[Value, Value], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OVERLOADS = (
    *(("string", "string"), ("bytes", "bytes"), ("int", "int"), ("float", "float")),
    *(("duration", "duration"), ("timestamp", "timestamp"), ("constraint", "any"), ("any", "constraint")),
)
_ORDERED = frozenset({int, float, bytes, Duration, Timestamp})


def order(symbol: str, left: Value, right: Value) -> bool:
    """`left symbol right` for two values that are neither errors nor constraints."""
    kind, other = type(left), type(right)
    if kind is other:
        if kind in _ORDERED:
            return OPERATORS[symbol](left, right)
        if kind is str:
            return OPERATORS[symbol](utf16.key(left), utf16.key(right))
    elif kind in _NUMBERS and other in _NUMBERS:
        return OPERATORS[symbol](float(left), float(right))
    expected = ", ".join(f"{one} {symbol} {two}" for one, two in _OVERLOADS)
    received = f"{type_name(left)} {symbol} {type_name(right)}"
    raise Refusal(f"Unsupported operation error. Received: {received}. Expected: {expected}.")


_NUMBERS = frozenset({int, float})
