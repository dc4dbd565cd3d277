"""Field transforms: values that the server computes from what is stored and from the time of the commit.

The rules are those of google/firestore/v1/write.proto, DocumentTransform.FieldTransform.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple

from firewarden.firestore.encoding import encode
from firewarden.firestore.field_paths import FieldPath
from firewarden.values import Timestamp

_INT_MIN, _INT_MAX = -(1 << 63), (1 << 63) - 1
_MILLISECOND = 1_000_000


class Kind(Enum):
    """What is computed."""

    SERVER_TIME = "server_time"
    INCREMENT = "increment"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    ARRAY_UNION = "array_union"
    ARRAY_REMOVE = "array_remove"


class Transform(NamedTuple):
    """One field and what becomes of it; `operand` is a number, or a list for arrays."""

    field: FieldPath
    kind: Kind
    operand: Any = None


def transformed(transform: Transform, stored: Any, time: Timestamp) -> tuple[Any, Any]:
    """The new value of a field, and the result that the client is told: null for arrays.

    `stored` is anything but a number or list where there is no such value.
    """
    if transform.kind is Kind.SERVER_TIME:
        value: Any = Timestamp(time.nanos - time.nanos % _MILLISECOND)
        return value, value
    if transform.kind in _ARRAYS:
        kept = stored if type(stored) is list else []
        return _ARRAYS[transform.kind](kept, transform.operand), None
    value = _NUMBERS[transform.kind](stored, transform.operand) if type(stored) in (int, float) else transform.operand
    return value, value


def _increment(stored: float, operand: float) -> float:
    total = stored + operand
    return min(max(total, _INT_MIN), _INT_MAX) if type(total) is int else total


def _maximum(stored: float, operand: float) -> float:
    if math.isnan(stored) or math.isnan(operand):
        return math.nan
    return operand if operand > stored else stored


def _minimum(stored: float, operand: float) -> float:
    if math.isnan(stored) or math.isnan(operand):
        return math.nan
    return operand if operand < stored else stored


def _union(stored: list[Any], added: list[Any]) -> list[Any]:
    """What is there already, be it as another type of number, is not added."""
    present = set(map(encode, stored))
    result = list(stored)
    for each in added:
        key = encode(each)
        if key not in present:
            present.add(key)
            result.append(each)
    return result


def _without(stored: list[Any], removed: list[Any]) -> list[Any]:
    gone = set(map(encode, removed))
    return [each for each in stored if encode(each) not in gone]


_NUMBERS: Mapping[Kind, Callable[[float, float], float]] = {
    Kind.INCREMENT: _increment,
    Kind.MAXIMUM: _maximum,
    Kind.MINIMUM: _minimum,
}
_ARRAYS: Mapping[Kind, Callable[[list[Any], list[Any]], list[Any]]] = {
    Kind.ARRAY_UNION: _union,
    Kind.ARRAY_REMOVE: _without,
}
