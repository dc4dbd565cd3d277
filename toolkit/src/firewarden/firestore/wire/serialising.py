"""Values as the bytes of `google.firestore.v1.Value`: written directly, which costs half of what messages cost.

The same values always give the same bytes, with maps in the order of protobuf's own deterministic writing: whether a
document has changed is told by comparing them. The numbers are the tags of the fields in
google/firestore/v1/document.proto.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from itertools import pairwise
from types import NoneType
from typing import Any, Final

from firewarden.firestore.wire import protos
from firewarden.values import NANOS_PER_SECOND, LatLng, Reference, Timestamp, Vector

VECTOR_KEY, VECTOR_MARK, VECTOR_VALUES = "__type__", "__vector__", "value"
"""A vector is a map with these two entries."""

_NULL, _FALSE, _TRUE = b"\x58\x00", b"\x08\x00", b"\x08\x01"
_INT, _FLOAT, _TEXT, _BYTES = b"\x10", b"\x19", b"\x8a\x01", b"\x92\x01"
_REFERENCE, _POINT, _TIMESTAMP, _ARRAY, _MAP = b"\x2a", b"\x42", b"\x52", b"\x4a", b"\x32"
_DOCUMENT_FIELD, _MAP_FIELD, _ARRAY_ELEMENT = b"\x12", b"\x0a", b"\x0a"
_ENTRY_KEY, _ENTRY_VALUE = b"\x0a", b"\x12"
_SECONDS, _NANOS, _LATITUDE, _LONGITUDE = b"\x08", b"\x10", b"\x09", b"\x11"

_FLOATS: Final = struct.Struct("<d")
_NAN: Final = _FLOAT + _FLOATS.pack(math.nan)
_ZERO: Final = _FLOATS.pack(0.0)
_SHORT: Final = tuple(bytes([each]) for each in range(128))
_SMALL: Final = tuple(_INT + each for each in _SHORT)
_UNSIGNED: Final = (1 << 64) - 1
_NONE: Final[Mapping[str, bytes]] = {}


def encode_fields(fields: Mapping[str, Any], known: Mapping[str, bytes] = _NONE) -> bytes:
    """A serialised `Document` with nothing but fields; of some it may be `known` what `encode_value` makes of them."""
    return _entries(_DOCUMENT_FIELD, fields, known)


def encode_value(value: Any) -> bytes:
    """A serialised `Value`."""
    return _ENCODE[type(value)](value)


def encode_map(fields: Mapping[str, Any], known: Mapping[str, bytes] = _NONE) -> bytes:
    """A serialised `Value` that is a map, likewise."""
    return _sized(_MAP, _entries(_MAP_FIELD, fields, known))


def reference_name(reference: Reference) -> str:
    """The resource name of a reference."""
    start = f"projects/{reference.project}/databases/{reference.database}"
    return "/".join((start, "documents", *reference.segments)) if reference.segments else start


def _entries(tag: bytes, fields: Mapping[str, Any], known: Mapping[str, bytes] = _NONE) -> bytes:
    parts: list[bytes] = []
    names = tuple(fields)
    for name in _known_order(names) if len(names) <= _REMEMBERED_NAMES else _order(names):
        encoded = known.get(name)
        if encoded is None:
            value = fields[name]
            encoded = _ENCODE[type(value)](value)
        key = _key(name)
        size = len(encoded)
        length = len(key) + size + 2
        if length < 128:
            parts += (tag, _SHORT[length], key, _ENTRY_VALUE, _SHORT[size], encoded)
        else:
            parts.append(_sized(tag, key + _sized(_ENTRY_VALUE, encoded)))
    return b"".join(parts)


def _order(names: tuple[str, ...]) -> tuple[str, ...]:
    # Python compares texts by their characters, which is the order of their UTF-8.
    ordered = sorted(names)
    if any(second.startswith(first) for first, second in pairwise(ordered)) and _beginnings_are_last():
        ordered.sort(key=lambda name: name.encode() + b"\xff")
    return tuple(ordered)


_REMEMBERED_NAMES: Final = 32
_known_order = lru_cache(maxsize=1024)(_order)
"""Most documents of a collection have the same names."""


@cache
def _beginnings_are_last() -> bool:
    """Whether protobuf puts a name behind the names that it begins (`title` behind `titles`), as it always has."""
    fields = protos.MapValue(fields={"a": {}, "ab": {}})
    written: bytes = fields.SerializeToString(deterministic=True)
    return written.index(b"\x02ab") < written.index(b"\x01a")


@lru_cache(maxsize=4096)
def _key(name: str) -> bytes:
    return _sized(_ENTRY_KEY, name.encode())


def _sized(tag: bytes, content: bytes) -> bytes:
    size = len(content)
    return tag + (_SHORT[size] if size < 128 else _varint(size)) + content


def _varint(number: int) -> bytes:
    """Seven bits at a time, the lowest first; negative numbers as 64 bits."""
    if 0 <= number < 128:
        return _SHORT[number]
    number &= _UNSIGNED
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _text(value: str) -> bytes:
    data = value.encode()
    size = len(data)
    return _TEXT + _SHORT[size] + data if size < 128 else _sized(_TEXT, data)


def _float(value: float) -> bytes:
    # There are many NaN; Firestore keeps one.
    return _FLOAT + _FLOATS.pack(value) if value == value else _NAN  # noqa: PLR0124 - faster than a call


def _timestamp(value: Timestamp) -> bytes:
    seconds, nanos = divmod(value.nanos, NANOS_PER_SECOND)
    told = (_SECONDS + _varint(seconds) if seconds else b"") + (_NANOS + _varint(nanos) if nanos else b"")
    return _sized(_TIMESTAMP, told)


def _point(value: LatLng) -> bytes:
    # Protobuf leaves out zeros, but not -0.0.
    pairs = ((_LATITUDE, _FLOATS.pack(value.latitude)), (_LONGITUDE, _FLOATS.pack(value.longitude)))
    return _sized(_POINT, b"".join(tag + packed for tag, packed in pairs if packed != _ZERO))


def _list(values: list[Any]) -> bytes:
    return _sized(_ARRAY, b"".join(_sized(_ARRAY_ELEMENT, encode_value(each)) for each in values))


def _vector(vector: Vector) -> bytes:
    return _sized(_MAP, _entries(_MAP_FIELD, {VECTOR_KEY: VECTOR_MARK, VECTOR_VALUES: list(vector.values)}))


_ENCODE: Mapping[type, Callable[[Any], bytes]] = {
    NoneType: lambda _: _NULL,
    bool: lambda value: _TRUE if value else _FALSE,
    int: lambda value: _SMALL[value] if 0 <= value < 128 else _INT + _varint(value),
    float: _float,
    Timestamp: _timestamp,
    str: _text,
    bytes: lambda value: _sized(_BYTES, value),
    Reference: lambda value: _sized(_REFERENCE, reference_name(value).encode()),
    LatLng: _point,
    list: _list,
    dict: encode_map,
    Vector: _vector,
}
