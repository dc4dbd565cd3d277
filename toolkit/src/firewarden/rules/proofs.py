"""What follows from a query's promises: a comparison with a constraint is true, or unknown, and never false.

Each promise is taken alone; `x >= 2` and `x <= 2` together do not prove `x == 2`. The official engine reasons
like this, and a rule that needs more is denied in production too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from firewarden.rules.constraint import (
    CONTAINS,
    EQUAL,
    GREATER,
    GREATER_OR_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    NOT_EQUAL,
    PRESENT,
    Constraint,
    Promise,
)
from firewarden.rules.equality import equal
from firewarden.rules.kinds import Duration, MapDiff, Value, type_name
from firewarden.rules.ordering import order
from firewarden.rules.outcomes import UNKNOWN, EvalError, Refusal
from firewarden.values import Timestamp

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_ORDERINGS = frozenset({"<", "<=", ">", ">="})
_NUMBERS = frozenset({int, float})
_ORDERED = frozenset({Timestamp, Duration, float, int, str, bytes})
_NEVER_EQUAL = frozenset({Constraint, MapDiff})
_CANNOT_ORDER = "[timestamp,duration,float,int,string,bytes]"
_CANNOT_EQUAL = "[bool,duration,float,int,latlng,map,null,string,bytes,timestamp,path,list,vector,set]"


def compare(symbol: str, left: Value, right: Value) -> bool | EvalError:
    """`left symbol right` where at least one side is a constraint."""
    if type(left) is Constraint:
        constraint, value = left, right
    else:
        constraint, value, symbol = right, left, _MIRRORED[symbol]
    if symbol in _ORDERINGS:
        if type(value) not in _ORDERED:
            raise Refusal(f"Type error. Received: [{type_name(value)}] Expected: {_CANNOT_ORDER}.")
    else:
        _equatable(value)
    return True if any(_implies(each, symbol, value) for each in constraint.promises) else UNKNOWN


def contains(constraint: Constraint, element: Value) -> bool | EvalError:
    """`element in constraint`."""
    if type(element) is Constraint:
        raise Refusal(f"Type error. Received: [constraint] Expected: {_CANNOT_ORDER}.")
    return True if any(_holds(each, _equatable(element)) for each in constraint.promises) else UNKNOWN


def has_any(constraint: Constraint, elements: list[Value]) -> bool:
    """`constraint.hasAny(elements)`; unlike all else this is definite, also when it is false."""
    return any(_holds(each, _equatable(element)) for element in elements for each in constraint.promises)


def _equatable(value: Value) -> Value:
    if type(value) in _NEVER_EQUAL:
        raise Refusal(f"Type error. Received: [{type_name(value)}] Expected: {_CANNOT_EQUAL}.")
    return value


def _implies(promise: Promise, symbol: str, value: Value) -> bool:
    if value is None:
        return _implies_null(promise, symbol)
    if _is_nan(promise) and type(value) in _NUMBERS:
        return True
    known = _IMPLIED.get(promise.operator)
    if known is None:
        return False
    if not _comparable(promise.value, value):
        # A float is never proved equal to an integer, but always unequal: another oddity.
        return promise.operator == EQUAL and symbol == "!=" and (type(promise.value), type(value)) == (float, int)
    return known(promise.value, symbol, value)


def _implies_null(promise: Promise, symbol: str) -> bool:
    if promise.operator == EQUAL and promise.value is None:
        return symbol == "=="
    return symbol == "!=" and promise.operator != PRESENT


def _comparable(known: Value, value: Value) -> bool:
    """A float in the rule is compared with an integer in the query, the reverse is not."""
    return type(known) is type(value) or (type(known) is int and type(value) is float)


def _holds(promise: Promise, element: Value) -> bool:
    """Whether the field, a list, holds the element."""
    if _is_nan(promise):
        return type(element) in _NUMBERS
    return promise.operator == CONTAINS and _comparable(promise.value, element) and equal(promise.value, element)


def _is_nan(promise: Promise) -> bool:
    """A field that is NaN, and more, proves everything about numbers: an oddity of the official engine."""
    return promise.operator == EQUAL and type(promise.value) is float and math.isnan(promise.value)


def _from_equal(known: Value, symbol: str, value: Value) -> bool:
    if symbol in _ORDERINGS:
        return type(known) in _ORDERED and order(symbol, known, value)
    return equal(known, value) == (symbol == "==")


def _from_not_equal(known: Value, symbol: str, value: Value) -> bool:
    return symbol == "!=" and equal(known, value)


def _from_bound(*, inclusive: bool, direction: str) -> Callable[[Value, str, Value], bool]:
    """`x < w` proves `x < v` when w <= v; `x <= w` proves it only when w < v. Likewise upwards."""
    weak = direction + "="

    def implied(known: Value, symbol: str, value: Value) -> bool:
        if symbol == weak:
            return order(weak, known, value)
        if symbol in (direction, "!="):
            return order(direction if inclusive else weak, known, value)
        return False

    return implied


_IMPLIED: Mapping[str, Callable[[Value, str, Value], bool]] = {
    EQUAL: _from_equal,
    NOT_EQUAL: _from_not_equal,
    LESS: _from_bound(inclusive=False, direction="<"),
    LESS_OR_EQUAL: _from_bound(inclusive=True, direction="<"),
    GREATER: _from_bound(inclusive=False, direction=">"),
    GREATER_OR_EQUAL: _from_bound(inclusive=True, direction=">"),
}
