"""Values and fields as the model sees them: JSON, ordered and taken apart by the laws, with no code of the server.

Order of types and within them: https://firebase.google.com/docs/firestore/manage-data/data-types#value_type_ordering.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode
from collections.abc import Iterator
from functools import cmp_to_key
from typing import Any

from toolkit.tests.conformance.firestore.universe import Json

Path = tuple[str, ...]
MISSING: Any = object()
_VECTOR = "__vector__"
_PART = re.compile(r"`((?:[^`\\]|\\.)*)`|([^.`]+)")
_NUMERIC = re.compile(r"__id(-?\d+)__")
_RANKS = (
    ("nullValue", 0),
    ("booleanValue", 1),
    ("integerValue", 3),
    ("doubleValue", 3),
    ("timestampValue", 4),
    ("stringValue", 5),
    ("bytesValue", 6),
    ("referenceValue", 7),
    ("geoPointValue", 8),
    ("arrayValue", 9),
    ("mapValue", 11),
)
_NAN_RANK, _VECTOR_RANK = 2, 10


def parsed(field: str) -> Path:
    """The names of a field path."""
    return tuple((quoted or plain).replace("\\", "") for quoted, plain in _PART.findall(field))


def get(fields: Json, path: Path) -> Any:
    """The value at a path, or MISSING."""
    inside: Any = fields
    for at, part in enumerate(path):
        if at:
            inside = _inside(inside)
        if inside is None or part not in inside:
            return MISSING
        inside = inside[part]
    return inside


def put(fields: Json, path: Path, value: Any) -> Json:
    """The fields with a value at a path, or without one if it is MISSING; what is no map on the way becomes one."""
    head, rest = path[0], path[1:]
    if not rest:
        others = {each: inner for each, inner in fields.items() if each != head}
        return others if value is MISSING else {**fields, head: value}
    inside = _inside(fields.get(head))
    if value is MISSING and inside is None:
        return fields
    deeper = put(inside or {}, rest, value)
    return {**fields, head: {"mapValue": {"fields": deeper} if deeper else {}}}


def _inside(value: Any) -> Any:
    """The fields of a map; None for what is none."""
    if value is None or "mapValue" not in value or rank(value) == _VECTOR_RANK:
        return None
    return value["mapValue"].get("fields", {})


def rank(value: Json) -> int:
    """Where the type stands in the order of types."""
    found = next(place for kind, place in _RANKS if kind in value)
    if value.get("doubleValue") == "NaN":
        return _NAN_RANK
    if found == 11 and value["mapValue"].get("fields", {}).get("__type__") == {"stringValue": _VECTOR}:
        return _VECTOR_RANK
    return found


def is_nan(value: Json) -> bool:
    """Whether it is the number that is none."""
    return rank(value) == _NAN_RANK


def is_null(value: Json) -> bool:
    """Whether it is null."""
    return "nullValue" in value


def number(value: Json) -> int | float:
    """A number of Python's."""
    return int(value["integerValue"]) if "integerValue" in value else float(value["doubleValue"])


def compare(left: Json, right: Json) -> int:
    """Negative, 0 or positive: which value comes first."""
    by_type = rank(left) - rank(right)
    return by_type or _sign(_content(left), _content(right))


def equal(left: Json, right: Json) -> bool:
    """Whether they are equal to a query: 1 is 1.0, and -0.0 is 0."""
    return compare(left, right) == 0


sort_key = cmp_to_key(compare)


def compare_paths(left: Path, right: Path) -> int:
    """Segment by segment, a document before what is below it; numeric ids before others."""
    return _sign([_segment(each) for each in left], [_segment(each) for each in right])


def _segment(text: str) -> tuple[int, Any]:
    numeric = _NUMERIC.fullmatch(text)
    return (0, int(numeric[1])) if numeric else (1, text.encode())


def _sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _content(value: Json) -> Any:  # noqa: PLR0911 - one line per type
    """Something that Python orders as Firestore does."""
    ((kind, inner),) = value.items()
    match kind:
        case "nullValue":
            return 0
        case "integerValue" | "doubleValue":
            return 0 if is_nan(value) else number(value)
        case "timestampValue":
            return _moment(inner)
        case "stringValue":
            return inner.encode()
        case "bytesValue":
            return b64decode(inner)
        case "referenceValue":
            return [_segment(each) for each in inner.split("/")]
        case "geoPointValue":
            return [_part(inner.get(each, 0.0)) for each in ("latitude", "longitude")]
        case "arrayValue":
            return [sort_key(each) for each in inner.get("values", [])]
        case "mapValue":
            return _vector(inner) if rank(value) == _VECTOR_RANK else list(_entries(inner))
        case _:
            return inner


def _vector(inner: Json) -> tuple[int, list[Any]]:
    values = inner["fields"]["value"]["arrayValue"]["values"]
    return len(values), [_part(number(each)) for each in values]


def _part(coordinate: float) -> tuple[float, float]:
    """In points and vectors -0.0 is less than 0.0."""
    return coordinate, math.copysign(1.0, coordinate)


def _entries(inner: Json) -> Iterator[tuple[bytes, Any]]:
    for name, each in sorted(inner.get("fields", {}).items(), key=lambda item: item[0].encode()):
        yield name.encode(), sort_key(each)


def _moment(text: str) -> tuple[int, str, int]:
    """Fixed moments as they are written; those of the history's own commits (`@3`) lie between 2020 and 2100."""
    return (1, "", int(text[1:])) if text.startswith("@") else (2 if text >= "2090" else 0, text, 0)
