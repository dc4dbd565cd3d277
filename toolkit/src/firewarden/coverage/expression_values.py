"""Values in the JSON of `firebase.rules.runtime.v1.ExpressionValue`, as the official report shows them."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

from firewarden.coverage.limits import CHARACTERS_MAX, MEMBERS_MAX
from firewarden.rules.constraint import (
    CONTAINS,
    EQUAL,
    GREATER,
    GREATER_OR_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    NOT_EQUAL,
    Constraint,
)
from firewarden.rules.kinds import Duration, MapDiff, RuleSet, Value
from firewarden.values import NANOS_PER_SECOND, Capture, LatLng, Path, Timestamp, Vector

Json = dict[str, Any]


def expression_value(value: Value) -> Json:
    """The value; one that no message has a field for is undefined, as what could not be proved is."""
    write = _WRITE.get(type(value))
    return {"undefined": {}} if write is None else {FIELDS[type(value)]: write(value)}


def members(value: Value, most: int = MEMBERS_MAX) -> int:
    """How many values there are in a value, or any number above `most` if there are more."""
    inside = _INSIDE.get(type(value))
    if inside is None:
        is_long = isinstance(value, str | bytes) and len(value) > CHARACTERS_MAX
        return most + 1 if is_long else 1
    total = 0
    for each in inside(value):
        total += members(each, most - total)
        if total > most:
            break
    return total


def _float(value: float) -> Any:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _duration(value: Duration) -> str:
    seconds, nanos = divmod(abs(value.nanos), NANOS_PER_SECOND)
    digits = f"{nanos:09d}"
    kept = 0 if not nanos else 3 if digits.endswith("000000") else 6 if digits.endswith("000") else 9
    return "-" * (value.nanos < 0) + str(seconds) + "." * bool(kept) + digits[:kept] + "s"


def _list(value: Any) -> Json:
    return {"values": [expression_value(each) for each in value]} if value else {}


def _map(value: Mapping[str, Any]) -> Json:
    return {"fields": {key: expression_value(each) for key, each in value.items()}} if value else {}


def _path(value: Path) -> Json:
    return {"segments": list(map(_segment, value.segments))} if value.segments else {}


def _segment(segment: str | Capture) -> Json:
    if isinstance(segment, str):
        return {"simple": segment}
    return {"globCapture" if segment.glob else "capture": {"variableName": segment.name}}


def _constraint(value: Constraint) -> Json:
    told = [
        {"comparator": _COMPARATORS[each.operator], "value": expression_value(each.value)}
        for each in value.promises
        if each.operator in _COMPARATORS
    ]
    return {"simpleConstraints": told} if told else {}


def _diff(value: MapDiff) -> Json:
    states = {key: state.upper() for key, state in value.states()}
    return {"keyStatuses": states} if states else {}


_COMPARATORS: Mapping[str, str] = {
    EQUAL: "EQ",
    NOT_EQUAL: "NEQ",
    GREATER: "GT",
    GREATER_OR_EQUAL: "GTE",
    LESS: "LT",
    LESS_OR_EQUAL: "LTE",
    CONTAINS: "LIST_CONTAINS",
}
FIELDS: Mapping[type, str] = {
    NoneType: "nullValue",
    bool: "boolValue",
    int: "intValue",
    float: "floatValue",
    str: "stringValue",
    bytes: "bytesValue",
    list: "listValue",
    dict: "mapValue",
    RuleSet: "setValue",
    MapDiff: "mapDiffValue",
    Timestamp: "timestampValue",
    Duration: "durationValue",
    LatLng: "latlngValue",
    Path: "pathValue",
    Vector: "vectorValue",
    Constraint: "constraintValue",
}
"""The field of the message that a value of a type is in."""

EMPTY: Mapping[str, Any] = {
    "nullValue": None,
    "intValue": "0",
    "floatValue": 0.0,
    "stringValue": "",
    "bytesValue": "",
    "timestampValue": "1970-01-01T00:00:00Z",
    "durationValue": "0s",
}
"""What stands in a field for values that are only counted; where it is not here, an empty message."""

_WRITE: Mapping[type, Callable[[Any], Any]] = {
    NoneType: lambda _: None,
    bool: lambda value: value,
    int: str,
    float: _float,
    str: lambda value: value.encode("utf-8", "replace").decode(),
    bytes: lambda value: b64encode(value).decode(),
    list: _list,
    dict: _map,
    RuleSet: lambda value: _list(list(value.elements.values())),
    MapDiff: _diff,
    Timestamp: str,
    Duration: _duration,
    LatLng: lambda value: {"latitude": value.latitude, "longitude": value.longitude},
    Path: _path,
    Vector: lambda value: {"values": list(map(_float, value.values))},
    Constraint: _constraint,
}
_INSIDE: Mapping[type, Callable[[Any], Any]] = {
    list: lambda value: value,
    dict: lambda value: value.values(),
    RuleSet: lambda value: value.elements.values(),
    Vector: lambda value: value.values,
    MapDiff: lambda value: (key for key, _ in value.states()),
    Constraint: lambda value: (each.value for each in value.promises),
}
