"""What each operator asks of a value, said once: as intervals of encoded values. Arrays are asked by `contained`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from firewarden.firestore.encoding import bounds_of_type, encode, encode_path
from firewarden.firestore.query.intervals import EVERYTHING, Interval, behind, just, outside, overlap
from firewarden.firestore.query.model import NAME, Filter, Operator
from firewarden.values import Reference

_COMPARED = frozenset(
    {
        Operator.LESS_THAN,
        Operator.LESS_THAN_OR_EQUAL,
        Operator.GREATER_THAN,
        Operator.GREATER_THAN_OR_EQUAL,
        Operator.EQUAL,
        Operator.ARRAY_CONTAINS,
    }
)
_NULL = encode(None)
_NAN = encode(float("nan"))
_NOTHING: tuple[Interval, ...] = ()


def allowed(condition: Filter) -> tuple[Interval, ...]:
    """The encoded values that satisfy a filter; for `__name__` the encoded paths. Nothing equals null or NaN.

    `array-contains` allows everything here: which arrays hold a value cannot be said by intervals.
    """
    if condition.field == NAME:
        return _allowed_names(condition)
    constant = _CONSTANT.get(condition.operator)
    if constant is not None:
        return constant
    operand = condition.value
    match condition.operator:
        case Operator.EQUAL:
            return _NOTHING if is_incomparable(operand) else (just(encode(operand)),)
        case Operator.NOT_EQUAL:
            return _but([operand])
        case Operator.NOT_IN:
            return _but(operand)
        case _:
            return _compared(condition.operator, operand)


def is_void(condition: Filter) -> bool:
    """Whether nothing can pass, because of an operand that nothing can be compared with."""
    if condition.operator is Operator.NOT_EQUAL:
        return condition.value is None
    return condition.operator in _COMPARED and is_incomparable(condition.value)


def is_incomparable(operand: Any) -> bool:
    """Null and NaN are found by the operators made for them only."""
    return operand is None or is_nan(operand)


def is_nan(value: Any) -> bool:
    """Whether a value is the number that is none."""
    return type(value) is float and math.isnan(value)


def outside_of(values: Iterable[bytes]) -> tuple[Interval, ...]:
    """Every value but these."""
    found = EVERYTHING
    for each in values:
        found = overlap(found, outside(each))
    return found


def path_of(reference: Reference) -> bytes:
    """A document's name as it is sorted within its database."""
    return encode_path(reference.segments)


def _but(operands: list[Any]) -> tuple[Interval, ...]:
    """Null is different from nothing; NaN, which nothing equals, from everything."""
    if any(each is None for each in operands):
        return _NOTHING
    return outside_of([_NULL, *(encode(each) for each in operands if not is_incomparable(each))])


def _compared(operator: Operator, operand: Any) -> tuple[Interval, ...]:
    """Values of the operand's own type only."""
    if is_incomparable(operand):
        return _NOTHING
    first, end = bounds_of_type(operand)
    return overlap((Interval(first, end),), _half(operator, encode(operand)))


def _half(operator: Operator, encoded: bytes) -> tuple[Interval, ...]:
    match operator:
        case Operator.LESS_THAN:
            return (Interval(b"", encoded),)
        case Operator.LESS_THAN_OR_EQUAL:
            return (Interval(b"", behind(encoded)),)
        case Operator.GREATER_THAN_OR_EQUAL:
            return (Interval(encoded, None),)
        case _:
            return (Interval(behind(encoded) or b"", None),)


def _allowed_names(condition: Filter) -> tuple[Interval, ...]:
    match condition.operator:
        case Operator.EQUAL:
            return (just(path_of(condition.value)),)
        case Operator.NOT_EQUAL:
            return outside_of([path_of(condition.value)])
        case Operator.NOT_IN:
            return outside_of(map(path_of, condition.value))
        case _:
            return _half(condition.operator, path_of(condition.value))


_CONSTANT: Mapping[Operator, tuple[Interval, ...]] = {
    Operator.IS_NULL: (just(_NULL),),
    Operator.IS_NAN: (just(_NAN),),
    Operator.IS_NOT_NULL: outside_of([_NULL]),
    Operator.IS_NOT_NAN: outside_of([_NULL, _NAN]),
    Operator.ARRAY_CONTAINS: EVERYTHING,
}
