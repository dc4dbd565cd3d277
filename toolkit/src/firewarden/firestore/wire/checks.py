"""What values a client may send: judged on the message, with the official words, before it is read.

Lengths and depths are judged later, by `storable`, when all writes of a request have been read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from firewarden.firestore.names import is_reserved, parse_reference
from firewarden.firestore.status import invalid
from firewarden.firestore.wire.sent import SentFields, read_fields
from firewarden.firestore.wire.values import VECTOR_KEY, VECTOR_MARK, VECTOR_VALUES, decode_value
from firewarden.limits import VECTOR_DIMENSIONS

_LATITUDE_MAX, _LONGITUDE_MAX = 90.0, 180.0
_SECONDS_MIN, _SECONDS_MAX = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999."""
_NANOS_MAX = 999_999_999
_PLAIN_MAX = 1e7
"""From here on Java writes floats with an exponent."""


def checked_fields(data: bytes) -> SentFields:
    """The serialised fields of a `Document` read, or the refusal of those that mean nothing."""
    fields = read_fields(data, _checked)
    for name in () if fields.small else fields:
        if name.startswith("__") and is_reserved(name):
            raise invalid(f"field name {name} is reserved")
    return fields


def check_value(value: Any) -> None:
    """Refuse a value that means nothing."""
    kind = value.WhichOneof("value_type")
    if kind is None:
        raise invalid("Cannot convert firestore.v1.Value with type unset.")
    if kind not in _CHECKS:
        raise invalid(f"Value type is not supported: {kind.upper()}")
    check = _CHECKS[kind]
    if check is not None:
        check(value)


def check_version(time: Any) -> None:
    """Refuse a `google.protobuf.Timestamp` that cannot be the time of a commit."""
    if not (_SECONDS_MIN <= time.seconds <= _SECONDS_MAX and 0 <= time.nanos <= _NANOS_MAX):
        link = "https://developers.google.com/protocol-buffers/docs/reference/java/com/google/protobuf/util"
        raise invalid(
            f"invalid timestamp, please check {link}/Timestamps.html#isValid-long-int- for the timestamp format."
        )
    if time.nanos % 1_000:
        raise invalid("timestamp cannot have more than microseconds precision")
    if time.seconds < 0:
        raise invalid("Only timestamps past epoch are supported.")


def _checked(value: Any) -> Any:
    check_value(value)
    return decode_value(value)


def _check_array(value: Any) -> None:
    for each in value.array_value.values:
        check_value(each)
        if each.WhichOneof("value_type") == "array_value":
            raise invalid("Cannot convert an array value in an array value.")
        fields = each.map_value.fields
        if VECTOR_KEY in fields and fields[VECTOR_KEY].string_value == VECTOR_MARK:
            raise invalid("Cannot convert a vector value in an array value.")


def _check_map(value: Any) -> None:
    fields = value.map_value.fields
    mark = _mark(fields)
    if mark == VECTOR_MARK:
        _check_vector(fields)
        return
    for name, each in fields.items():
        # With another mark the map is refused later, as one that cannot be stored.
        if mark is None and is_reserved(name):
            raise invalid(f"field name '{name}' is reserved.")
        check_value(each)


def _mark(fields: Any) -> str | None:
    """What a map says that it stands for."""
    if VECTOR_KEY not in fields:
        return None
    mark = fields[VECTOR_KEY]
    if mark.WhichOneof("value_type") != "string_value":
        raise invalid(f"Field {VECTOR_KEY} is not a string.")
    text: str = mark.string_value
    return text


def _check_vector(fields: Any) -> None:
    if VECTOR_VALUES not in fields:
        raise invalid("Vector map is missing key 'value'.")
    values = fields[VECTOR_VALUES]
    if values.WhichOneof("value_type") != "array_value":
        raise invalid("Vector Value type must be an array.")
    _check_array(values)
    if len(fields) > 2:
        raise invalid("Vector Value map has extraneous entries.")
    numbers = values.array_value.values
    if not numbers:
        raise invalid("Cannot have a zero length vector.")
    if len(numbers) > VECTOR_DIMENSIONS:
        raise invalid(f"Vectors must be at most {VECTOR_DIMENSIONS} dimensions.")
    if any(each.WhichOneof("value_type") != "double_value" for each in numbers):
        raise invalid("Vector must only contain values of type 'double'")
    if any(math.isnan(each.double_value) for each in numbers):
        raise invalid("Vector cannot contain NaN values.")


def _check_point(value: Any) -> None:
    point = value.geo_point_value
    for what, number, most in (
        ("latitude", point.latitude, _LATITUDE_MAX),
        ("longitude", point.longitude, _LONGITUDE_MAX),
    ):
        if not -most <= number <= most:
            raise invalid(f"Geo point {what} '{_java(number)}' outside permitted range -{most} to {most}.")


def _java(number: float) -> str:
    """A float as Java shows it."""
    if math.isnan(number):
        return "NaN"
    sign, size = "-" if number < 0 else "", abs(number)
    if size == math.inf:
        return f"{sign}Infinity"
    if size < _PLAIN_MAX:
        return repr(number)
    from decimal import Decimal  # noqa: PLC0415 - for a text that is hardly ever seen

    digits = "".join(map(str, Decimal(repr(size)).normalize().as_tuple().digits))
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{Decimal(repr(size)).adjusted()}"


def _check_timestamp(value: Any) -> None:
    if not _SECONDS_MIN <= value.timestamp_value.seconds <= _SECONDS_MAX:
        raise invalid("Timestamp seconds exceeds limit for field.")
    if not 0 <= value.timestamp_value.nanos <= _NANOS_MAX:
        raise invalid("Timestamp nanos exceeds limit for field.")


def _check_reference(value: Any) -> None:
    parse_reference(value.reference_value)


_CHECKS: Mapping[str, Callable[[Any], None] | None] = {
    "null_value": None,
    "boolean_value": None,
    "integer_value": None,
    "double_value": None,
    "timestamp_value": _check_timestamp,
    "string_value": None,
    "bytes_value": None,
    "reference_value": _check_reference,
    "geo_point_value": _check_point,
    "array_value": _check_array,
    "map_value": _check_map,
}
