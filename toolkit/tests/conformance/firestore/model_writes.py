"""What a write makes of the fields of a document, by the laws of google/firestore/v1/write.proto."""

from __future__ import annotations

from typing import Any

from toolkit.tests.conformance.firestore.universe import Json
from toolkit.tests.conformance.firestore.values import MISSING, equal, get, is_nan, number, parsed, put

_INT_MIN, _INT_MAX = -(1 << 63), (1 << 63) - 1
_NULL: Json = {"nullValue": None}


def written(write: Json, before: Json | None, time: str) -> tuple[Json | None, list[Json]]:
    """The fields after an update or a delete (None), and the results of the transforms."""
    if "update" not in write:
        return None, []
    given = write["update"].get("fields", {})
    fields = given if "updateMask" not in write else _masked(before or {}, given, write["updateMask"])
    results = []
    for transform in write.get("updateTransforms", []):
        path = parsed(transform["fieldPath"])
        value, result = _transformed(transform, get(fields, path), time)
        fields = put(fields, path, value)
        results.append(result)
    return fields, results


def _masked(before: Json, given: Json, mask: Json) -> Json:
    fields = before
    for each in mask.get("fieldPaths", []):
        fields = put(fields, parsed(each), get(given, parsed(each)))
    return fields


def _transformed(transform: Json, stored: Any, time: str) -> tuple[Json, Json]:
    """The new value, and what the client is told."""
    if "setToServerValue" in transform:
        now = {"timestampValue": time}
        return now, now
    if "appendMissingElements" in transform or "removeAllFromArray" in transform:
        return _array(_changed(transform, stored)), _NULL
    ((kind, operand),) = ((key, each) for key, each in transform.items() if key != "fieldPath")
    is_number = stored is not MISSING and stored.keys() & {"integerValue", "doubleValue"}
    value = _computed(kind, stored, operand) if is_number else operand
    return value, value


def _computed(kind: str, stored: Json, operand: Json) -> Json:
    if kind == "increment":
        return _sum(stored, operand)
    if is_nan(stored) or is_nan(operand):
        return {"doubleValue": "NaN"}
    left, right = number(stored), number(operand)
    return operand if (right > left if kind == "maximum" else right < left) else stored


def _sum(stored: Json, operand: Json) -> Json:
    total = number(stored) + number(operand)
    if isinstance(total, int):
        return {"integerValue": str(min(max(total, _INT_MIN), _INT_MAX))}
    return double(total)


def double(value: float) -> Json:
    """A double as JSON has it."""
    if value != value:  # noqa: PLR0124 - NaN
        return {"doubleValue": "NaN"}
    infinite = {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value)
    return {"doubleValue": infinite or value}


def _changed(transform: Json, stored: Any) -> list[Json]:
    present: list[Json] = [] if stored is MISSING else list(stored.get("arrayValue", {}).get("values", []))
    if "removeAllFromArray" in transform:
        removed = transform["removeAllFromArray"].get("values", [])
        return [each for each in present if not any(equal(each, one) for one in removed)]
    for each in transform["appendMissingElements"].get("values", []):
        if not any(equal(each, one) for one in present):
            present.append(each)
    return present


def _array(values: list[Json]) -> Json:
    return {"arrayValue": {"values": values} if values else {}}
