"""Firestore's order of values, as bytes: `encode(a) < encode(b)` exactly if a sorts before b.

Values of different types sort by type: null, booleans, NaN, numbers, timestamps, strings, bytes, references,
geographical points, arrays, vectors, maps (https://firebase.google.com/docs/firestore/manage-data/data-types).
Integers and floats are one kind of number, compared exactly; 0 and -0.0 are equal, but not as parts of a point or
vector. Encodings end by themselves, so a
row of them compares value by value; inverted, they sort the other way round.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Mapping
from types import NoneType
from typing import Any, Final

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.names import numeric_id
from firewarden.values import LatLng, Reference, Timestamp, Vector

_END: Final = b"\x01"
"""Ends arrays, maps and paths; every value's first byte is greater."""
_ID_END: Final = b"\x00\x01"
"""Ends texts, bytes and ids, in which a zero byte is followed by 0xff."""
_NUMERIC_ID: Final = b"\x00\x02"
"""Begins an id that stands for a number: behind the end of a path, before every text."""
_NULL, _FALSE, _TRUE = b"\x10", b"\x11", b"\x12"
_NAN, _NEGATIVE, _NEGATIVE_ZERO, _ZERO, _POSITIVE, _AFTER_NUMBERS = (bytes([0x18 + each]) for each in range(6))
_TIMESTAMP, _STRING, _BYTES, _REFERENCE, _POINT = b"\x20", b"\x28", b"\x30", b"\x38", b"\x40"
_ARRAY, _VECTOR, _MAP = b"\x48", b"\x50", b"\x58"
AFTER_EVERYTHING: Final = b"\xff"
"""Sorts after every encoded value, inverted ones too."""

_INVERTED: Final = bytes(255 - each for each in range(256))
_NUMBER: Final = struct.Struct(">HQ")
_MOMENT: Final = struct.Struct(">Q")
_LENGTH: Final = struct.Struct(">I")
_EXPONENT_BIAS: Final = 1_100
_EXPONENT_OF_INFINITY: Final = 2_500
_MOMENT_BIAS: Final = 1 << 63


def encode(value: Any) -> bytes:
    """The value in ascending order."""
    return _ENCODE[type(value)](value)


def encode_descending(value: Any) -> bytes:
    """The value in descending order."""
    return inverted(encode(value))


def inverted(encoded: bytes) -> bytes:
    """The encoding that sorts the other way round; twice inverted it is what it was."""
    return encoded.translate(_INVERTED)


def encode_id(text: str) -> bytes:
    """An id in a path. Those that stand for numbers (`__id7__`) sort by them, before all others."""
    if text.startswith("__id") and (number := numeric_id(text)) is not None:
        return _NUMERIC_ID + _escaped(_MOMENT.pack(number + _MOMENT_BIAS)) + _ID_END
    return _text(text)


def decode_id(encoded: bytes) -> str:
    """The id of `encode_id`."""
    content = encoded[: -len(_ID_END)]
    if 0 not in content:  # as almost always
        return content.decode("utf-8", "surrogatepass")
    if content.startswith(_NUMERIC_ID):
        packed = content.removeprefix(_NUMERIC_ID).replace(b"\x00\xff", b"\x00")
        return f"__id{_MOMENT.unpack(packed)[0] - _MOMENT_BIAS}__"
    return content.replace(b"\x00\xff", b"\x00").decode("utf-8", "surrogatepass")


def encode_path(path: Iterable[str]) -> bytes:
    """A path: segment by segment; what lies below a document sorts just behind it."""
    return b"".join(map(encode_id, path)) + b"\x00\x00"


def decode_path(encoded: bytes) -> DocumentPath:
    """The path of `encode_path`."""
    segments = encoded[:-2].split(_ID_END)[:-1]
    return tuple(decode_id(each + _ID_END) for each in segments)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal to a query: 1 is 1.0, NaN is NaN, -0.0 is 0."""
    return encode(left) == encode(right)


def bounds_of_type(value: Any) -> tuple[bytes, bytes]:
    """The least encoding of a value of this type, and what is greater than all of them.

    An inequality finds values of its operand's type only; numbers are one type, which NaN does not belong to.
    """
    first = encode(value)[:1]
    if first in (_FALSE, _TRUE):
        return _FALSE, b"\x13"
    if first in (_NEGATIVE, _ZERO, _POSITIVE):
        return _NEGATIVE, _AFTER_NUMBERS
    return first, bytes([first[0] + 1])


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass").replace(b"\x00", b"\x00\xff") + _ID_END


def _escaped(content: bytes) -> bytes:
    """The bytes in the same order, with nothing in them that could be taken for an end."""
    return content.replace(b"\x00", b"\x00\xff")


def _number(value: float) -> bytes:
    if value == 0:
        return _ZERO
    size = abs(value)
    if type(value) is int:
        exponent = int(size).bit_length()
        mantissa = int(size) << (64 - exponent)
    elif math.isnan(value):
        return _NAN
    elif size == math.inf:
        exponent, mantissa = _EXPONENT_OF_INFINITY, 0
    else:
        fraction, exponent = math.frexp(size)
        mantissa = int(fraction * 18446744073709551616.0)  # 2**64: exact, a float has 53 bits
    packed = _NUMBER.pack(exponent + _EXPONENT_BIAS, mantissa)
    return _POSITIVE + packed if value > 0 else _NEGATIVE + inverted(packed)


def _coordinate(value: float) -> bytes:
    # In points and vectors, -0.0 sorts before 0.0; elsewhere they are equal.
    return _NEGATIVE_ZERO if value == 0 and math.copysign(1, value) < 0 else _number(value)


def _map(value: Mapping[str, Any]) -> bytes:
    names = sorted(value, key=lambda name: name.encode("utf-8", "surrogatepass"))
    return _MAP + b"".join(_STRING + _text(name) + encode(value[name]) for name in names) + _END


def _reference(value: Reference) -> bytes:
    return _REFERENCE + encode_path((value.project, value.database, *value.segments))


_ENCODE: Mapping[type, Callable[[Any], bytes]] = {
    NoneType: lambda _: _NULL,
    bool: lambda value: _TRUE if value else _FALSE,
    int: _number,
    float: _number,
    Timestamp: lambda value: _TIMESTAMP + _MOMENT.pack(value.nanos // 1_000 + _MOMENT_BIAS),
    str: lambda value: _STRING + _text(value),
    bytes: lambda value: _BYTES + _escaped(value) + _ID_END,
    Reference: _reference,
    LatLng: lambda value: _POINT + _coordinate(value.latitude) + _coordinate(value.longitude),
    list: lambda value: _ARRAY + b"".join(map(encode, value)) + _END,
    Vector: lambda value: _VECTOR + _LENGTH.pack(len(value.values)) + b"".join(map(_coordinate, value.values)),
    dict: _map,
}
