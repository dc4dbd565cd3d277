"""Messages as JSON text, laid out as Google's servers do: two spaces, fields by number, objects of a list in a row."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from math import isinf, isnan
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

Printer = Callable[[Any, str], str]
"""Takes a value and the line break with the indentation around it; nothing if there are to be no breaks."""

_STEP = "  "
_PLAIN_FROM, _PLAIN_BELOW = 1e-3, 1e7
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def json_text(message: Any) -> str:
    """One message, without a line break at its end."""
    return _object(message, "\n")


def compact_text(message: Any) -> str:
    """One message without breaks and indentation, for streams of many."""
    return _object(message, "")


def _object(message: Any, line: str) -> str:
    inner = line and line + _STEP
    members = [f'{inner}"{field.json_name}": {_printer(field)(value, inner)}' for field, value in message.ListFields()]
    return "{" + ",".join(members) + line + "}"


@cache
def _printer(field: FieldDescriptor) -> Printer:
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return _map_printer(_printer(kind.fields_by_name["value"]))
    single = _single_printer(field)
    if not field.is_repeated:
        return single
    return lambda values, line: "[" + ", ".join(single(value, line) for value in values) + "]"


def _map_printer(single: Printer) -> Printer:
    def print_map(values: Any, line: str) -> str:
        inner = line and line + _STEP
        members = [f"{inner}{_string(key, inner)}: {single(values[key], inner)}" for key in sorted(values)]
        return "{" + ",".join(members) + line + "}"

    return print_map


def _single_printer(field: FieldDescriptor) -> Printer:
    if field.message_type is not None:
        return _message_printer(field.message_type)
    if field.enum_type is not None:
        return _enum_printer(field.enum_type)
    return _SCALARS[field.cpp_type] if field.type != FieldDescriptor.TYPE_BYTES else _bytes


def _message_printer(kind: Descriptor) -> Printer:
    special = _WELL_KNOWN.get(kind.full_name)
    if special is not None:
        return special
    if kind.full_name.startswith("google.protobuf.") and "value" in kind.fields_by_name:  # a wrapper
        inside = _printer(kind.fields_by_name["value"])
        return lambda message, line: inside(message.value, line)
    return _object


def _enum_printer(kind: EnumDescriptor) -> Printer:
    if kind.full_name == "google.protobuf.NullValue":
        return lambda _value, _line: "null"
    names = {number: _quoted(value.name) for number, value in kind.values_by_number.items()}
    return lambda value, _line: names.get(value, str(value))


def _string(value: str, _line: str) -> str:
    text = _quoted(value)
    if text.isascii():
        return text
    # JavaScript once took these for ends of lines; Google's servers have escaped them ever since.
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _bytes(value: bytes, _line: str) -> str:
    return f'"{b64encode(value).decode()}"'


def _whole(value: int, _line: str) -> str:
    return str(value)


def _long(value: int, _line: str) -> str:
    return f'"{value}"'


def _bool(value: bool, _line: str) -> str:  # noqa: FBT001 - a value that is printed
    return "true" if value else "false"


def _float(value: float, _line: str) -> str:
    """As Java writes doubles: with an exponent from 1.0E7 up and below 1.0E-3."""
    if isnan(value):
        return '"NaN"'
    if isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    exact = Decimal(repr(value)).normalize()
    if not value or _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        text = f"{exact:f}"
        return text if "." in text else f"{text}.0"
    sign, digits, _ = exact.as_tuple()
    first, rest = str(digits[0]), "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{first}.{rest}E{exact.adjusted()}"


def _json_string(message: Any, _line: str) -> str:
    return f'"{message.ToJsonString()}"'


def _struct(message: Any, line: str) -> str:
    inner = line and line + _STEP
    members = [f"{inner}{_string(key, inner)}: {_struct_value(value, inner)}" for key, value in message.fields.items()]
    return "{" + ",".join(members) + line + "}"


def _struct_value(message: Any, line: str) -> str:
    kind = message.WhichOneof("kind")
    if kind == "list_value":
        return "[" + ", ".join(_struct_value(each, line) for each in message.list_value.values) + "]"
    printer = _STRUCT_KINDS.get(kind)
    return "null" if printer is None else printer(getattr(message, kind), line)


_STRUCT_KINDS: dict[str, Printer] = {
    "struct_value": _struct,
    "string_value": _string,
    "number_value": _float,
    "bool_value": _bool,
}
_WELL_KNOWN: dict[str, Printer] = {
    "google.protobuf.Timestamp": _json_string,
    "google.protobuf.Duration": _json_string,
    "google.protobuf.Struct": _struct,
    "google.protobuf.Value": _struct_value,
}
_SCALARS: dict[int, Printer] = {
    FieldDescriptor.CPPTYPE_INT32: _whole,
    FieldDescriptor.CPPTYPE_UINT32: _whole,
    FieldDescriptor.CPPTYPE_INT64: _long,
    FieldDescriptor.CPPTYPE_UINT64: _long,
    FieldDescriptor.CPPTYPE_DOUBLE: _float,
    FieldDescriptor.CPPTYPE_FLOAT: _float,
    FieldDescriptor.CPPTYPE_BOOL: _bool,
    FieldDescriptor.CPPTYPE_STRING: _string,
}


def json_array(items: Iterable[str]) -> Iterable[str]:
    """A stream of texts as parts of one JSON array, as the emulator breaks its lines."""
    separator = "[\n"
    for item in items:
        yield separator + item
        separator = ",\n"
    yield "[\n]\n" if separator == "[\n" else "\n]\n"
