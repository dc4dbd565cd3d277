"""Values read from and written as `google.firestore.v1.Value`.

Reading trusts what it is given: what a client sends is judged by `wire.checks` first.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from firewarden.firestore.wire import protos
from firewarden.firestore.wire.serialising import (
    VECTOR_KEY,
    VECTOR_MARK,
    VECTOR_VALUES,
    encode_fields,
    encode_value,
    reference_name,
)
from firewarden.values import NANOS_PER_SECOND, LatLng, Path, Reference, Timestamp, Vector

__all__ = [
    "VECTOR_KEY",
    "VECTOR_MARK",
    "VECTOR_VALUES",
    "decode_fields",
    "decode_map",
    "decode_some",
    "decode_value",
    "encode_fields",
    "encode_value",
    "reference_name",
    "reference_of",
    "rules_fields",
    "rules_value",
    "timestamp_of",
    "write_value",
]

_MICROSECOND = 1_000


def decode_fields(data: bytes) -> dict[str, Any]:
    """The fields of a serialised `Document` that has nothing else, such as a stored one."""
    stored = parsed(data)
    return {name: READ[(value := stored[name])[0]](value) for name in stored}


def decode_some(data: bytes, names: Iterable[str]) -> dict[str, Any]:
    """Only these fields, if they are there: the others cost next to nothing."""
    stored = parsed(data)
    return {name: READ[stored[name][0]](stored[name]) for name in names if name in stored}


def decode_map(fields: Any) -> dict[str, Any]:
    """The values of a `map<string, Value>`."""
    return {name: decode_value(fields[name]) for name in fields}


def decode_value(message: Any) -> Any:
    """One value."""
    return _DECODE[message.WhichOneof("value_type")](message)


def write_value(message: Any, value: Any) -> None:
    """Set a `Value`."""
    message.ParseFromString(encode_value(value))


def rules_fields(data: bytes) -> dict[str, Any]:
    """The fields of a serialised `Document` as security rules see them."""
    fields = decode_fields(data)
    # Only a reference is another type to rules, and most documents hold none.
    return {name: rules_value(each) for name, each in fields.items()} if b"projects/" in data else fields


def rules_value(value: Any) -> Any:
    """A value as security rules see it: a reference is a path that does not tell its project."""
    if type(value) is Reference:
        return Path(("databases", value.database, "documents", *value.segments))
    if type(value) is list:
        return list(map(rules_value, value))
    if type(value) is dict:
        return {name: rules_value(each) for name, each in value.items()}
    return value


def reference_of(name: str) -> Reference:
    """The reference with this resource name; a database itself has no segments."""
    segments = name.split("/")
    return Reference(segments[1], segments[3], tuple(segments[5:]))


def timestamp_of(message: Any) -> Timestamp:
    """A `google.protobuf.Timestamp`, cut to microseconds as Firestore keeps it."""
    nanos: int = message.nanos
    return Timestamp(message.seconds * NANOS_PER_SECOND + nanos - nanos % _MICROSECOND)


def _decode_map(message: Any) -> Any:
    fields = message.map_value.fields
    if VECTOR_KEY in fields and fields[VECTOR_KEY].string_value == VECTOR_MARK:
        return Vector(tuple(each.double_value for each in fields[VECTOR_VALUES].array_value.values))
    return decode_map(fields)


def _decode_point(message: Any) -> LatLng:
    point = message.geo_point_value
    return LatLng(point.latitude, point.longitude)


_DECODE: Mapping[str | None, Callable[[Any], Any]] = {
    "null_value": lambda _: None,
    "boolean_value": lambda message: message.boolean_value,
    "integer_value": lambda message: message.integer_value,
    "double_value": lambda message: message.double_value,
    "timestamp_value": lambda message: timestamp_of(message.timestamp_value),
    "string_value": lambda message: message.string_value,
    "bytes_value": lambda message: message.bytes_value,
    "reference_value": lambda message: reference_of(message.reference_value),
    "geo_point_value": _decode_point,
    "array_value": lambda message: [decode_value(each) for each in message.array_value.values],
    "map_value": _decode_map,
}


Parse = Callable[[bytes], Any]


@cache
def parsers() -> tuple[Parse, Parse, Parse]:
    """What reads a `Document`, a `MapValue` and an `ArrayValue` as serialised values: messages would cost most."""
    from google.protobuf import descriptor_pb2, message_factory  # noqa: PLC0415 - when it is needed

    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="firewarden/stored.proto", package="firewarden", syntax="proto3")
    optional, repeated = kinds.LABEL_OPTIONAL, kinds.LABEL_REPEATED
    for short, number in (("Stored", 2), ("StoredMap", 1)):
        message = file.message_type.add(name=short)
        entry = message.nested_type.add(name="FieldsEntry")
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, type=kinds.TYPE_STRING, label=optional)
        entry.field.add(name="value", number=2, type=kinds.TYPE_BYTES, label=optional)
        name = f".firewarden.{short}.FieldsEntry"
        message.field.add(name="fields", number=number, type=kinds.TYPE_MESSAGE, type_name=name, label=repeated)
    message = file.message_type.add(name="StoredArray")
    message.field.add(name="values", number=1, type=kinds.TYPE_BYTES, label=repeated)
    pool = protos.pool()
    pool.Add(file)
    document, fields, elements = (
        message_factory.GetMessageClass(pool.FindMessageTypeByName(f"firewarden.{each}")).FromString
        for each in ("Stored", "StoredMap", "StoredArray")
    )
    return document, fields, elements


_FLOATS: Final = struct.Struct("<d")
_SIGN: Final = 1 << 63


def parsed(data: bytes) -> Mapping[str, bytes]:
    """The fields of a serialised `Document` as serialised values."""
    found: Mapping[str, bytes] = parsers()[0](data).fields
    return found


def content(value: bytes) -> bytes:
    """What stands behind a tag of one byte and the length."""
    if value[1] < 128:
        return value[2:]
    start = 3
    while value[start - 1] & 128:
        start += 1
    return value[start:]


def _read_int(value: bytes) -> int:
    if len(value) == 2:
        return value[1]
    number = 0
    for at in range(1, len(value)):
        number |= (value[at] & 127) << 7 * (at - 1)
    return number - (number & _SIGN) * 2


def _read_text(value: bytes) -> str:
    # Behind the tag of two bytes and the length comes nothing but the text.
    if value[2] < 128:
        return value[3:].decode()
    start = 4
    while value[start - 1] & 128:
        start += 1
    return value[start:].decode()


def _read_list(value: bytes) -> list[Any]:
    return [READ[each[0]](each) for each in parsers()[2](content(value)).values]


def _read_map(value: bytes) -> Any:
    fields = parsers()[1](content(value)).fields
    if VECTOR_KEY in fields:
        return _read_other(value)
    return {name: READ[(each := fields[name])[0]](each) for name in fields}


def _read_other(value: bytes) -> Any:
    return decode_value(protos.Value.FromString(value))


SCALARS: Final[Mapping[int, Callable[[bytes], Any]]] = {
    0x58: lambda _: None,
    0x08: lambda value: value[1] == 1,
    0x10: _read_int,
    0x19: lambda value: _FLOATS.unpack_from(value, 1)[0],
    0x8A: _read_text,
}
"""How to read a serialised value, by the first byte of its tag: null, booleans, numbers and texts."""
ARRAY: Final = 0x4A
MAP: Final = 0x32
READ: Final = [SCALARS.get(each, _read_other) for each in range(256)]
READ[ARRAY], READ[MAP] = _read_list, _read_map
