"""Values in protobuf's text format, as a few official messages quote them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType, NoneType
from typing import Any

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
from firewarden.rules.javanumbers import float_text
from firewarden.rules.kinds import Duration, MapDiff, RuleSet, Value, type_name
from firewarden.values import NANOS_PER_SECOND, LatLng, Path, Timestamp, Vector

_INDENT = "  "


def list_text(values: Iterable[Value]) -> str:
    """The elements of a list, one message each."""
    return "".join(f"{line}\n" for value in values for line in _block("values", _lines(value)))


def quoted(text: str) -> str:
    """A string; what is not printable ASCII is written as octal bytes of its UTF-8."""
    return _quoted_bytes(text.encode("utf-8", "replace"))


def _quoted_bytes(data: bytes) -> str:
    return '"' + "".join(_ESCAPES.get(each) or _byte(each) for each in data) + '"'


def _byte(value: int) -> str:
    return chr(value) if 0x20 <= value < 0x7F else f"\\{value:03o}"


def _lines(value: Value) -> Iterator[str]:
    if isinstance(value, list):
        yield from _block("list_value", (line for each in value for line in _block("values", _lines(each))))
    elif isinstance(value, dict):
        entries = (line for key, each in sorted(value.items()) for line in _entry(key, each))
        yield from _block("map_value", entries)
    elif type(value) in _SCALARS:
        yield _SCALARS[type(value)](value)
    else:
        yield from _block(f"{type_name(value)}_value", _MESSAGES.get(type(value), lambda _: ())(value))


def _time(seconds: int, nanos: int) -> list[str]:
    return [*_unless_zero("seconds", seconds, str), *_unless_zero("nanos", nanos, str)]


def _toward_zero(nanos: int) -> tuple[int, int]:
    """Whole seconds and the rest, which has the sign of the whole."""
    seconds, rest = divmod(abs(nanos), NANOS_PER_SECOND)
    return (-seconds, -rest) if nanos < 0 else (seconds, rest)


def _unless_zero(name: str, number: Any, text: Callable[[Any], str]) -> list[str]:
    return [f"{name}: {text(number)}"] if number else []


def _segment(segment: Any) -> str:
    return f"simple: {quoted(str(segment))}"


def _constraint(value: Constraint) -> Iterator[str]:
    """What only says that a field is there is not told."""
    for each in value.promises:
        if each.operator in _COMPARATORS:
            lines = [f"comparator: {_COMPARATORS[each.operator]}", *_block("value", _lines(each.value))]
            yield from _block("simple_constraints", lines)


def _map_diff(value: MapDiff) -> Iterator[str]:
    for key, state in sorted(value.states()):
        yield from _block("key_statuses", [f"key: {quoted(key)}", f"value: {state.upper()}"])


def _entry(key: str, value: Value) -> Iterator[str]:
    return _block("fields", [f"key: {quoted(key)}", *_block("value", _lines(value))])


def _block(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{name} {{"
    yield from (_INDENT + line for line in lines)
    yield "}"


_COMPARATORS: Mapping[str, str] = MappingProxyType(
    {
        EQUAL: "EQ",
        NOT_EQUAL: "NEQ",
        LESS: "LT",
        LESS_OR_EQUAL: "LTE",
        GREATER: "GT",
        GREATER_OR_EQUAL: "GTE",
        CONTAINS: "LIST_CONTAINS",
    }
)
_SCALARS: Mapping[type, Callable[[Value], str]] = MappingProxyType(
    {
        NoneType: lambda _: "null_value: NULL_VALUE",
        bool: lambda value: f"bool_value: {'true' if value else 'false'}",
        int: lambda value: f"int_value: {value}",
        float: lambda value: f"float_value: {float_text(value)}",
        str: lambda value: f"string_value: {quoted(value)}",
        bytes: lambda value: f"bytes_value: {_quoted_bytes(value)}",
    }
)
_MESSAGES: Mapping[type, Callable[[Value], Iterable[str]]] = MappingProxyType(
    {
        Timestamp: lambda value: _time(*divmod(value.nanos, NANOS_PER_SECOND)),
        Duration: lambda value: _time(*_toward_zero(value.nanos)),
        LatLng: lambda value: [
            *_unless_zero("latitude", value.latitude, float_text),
            *_unless_zero("longitude", value.longitude, float_text),
        ],
        Path: lambda value: [line for each in value.segments for line in _block("segments", [_segment(each)])],
        RuleSet: lambda value: [line for each in value.elements.values() for line in _block("values", _lines(each))],
        Vector: lambda value: [line for each in value.values for line in _block("values", _lines(each))],
        Constraint: _constraint,
        MapDiff: _map_diff,
    }
)
_ESCAPES = {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    ord('"'): '\\"',
    ord("'"): "\\'",
    ord("\\"): "\\\\",
}
