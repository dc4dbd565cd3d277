"""`int()`, `float()`, `string()`, `path()` and `vector()`. There is no `bool()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType

from firewarden.rules.builtins.registry import Library
from firewarden.rules.javanumbers import float_text, parse_float, parse_int, truncate
from firewarden.rules.kinds import Value, type_name
from firewarden.rules.outcomes import Refusal
from firewarden.rules.prototext import list_text
from firewarden.rules.templates import parse_template
from firewarden.values import Path, Vector

FUNCTIONS = Library()


@FUNCTIONS.overload("int(int)")
def _int(value: int) -> int:
    return value


@FUNCTIONS.overload("int(float)")
def _int_of_float(value: float) -> int:
    return truncate(value)


@FUNCTIONS.overload("int(string)")
def _int_of_string(text: str) -> int:
    value = parse_int(text)
    if value is None:
        raise Refusal(f"Type conversion error. Argument: [{text}], From type: [string], To type: [int].")
    return value


@FUNCTIONS.overload("float(int)", "float(float)")
def _float(value: float) -> float:
    return float(value)


@FUNCTIONS.overload("float(string)")
def _float_of_string(text: str) -> float:
    value = parse_float(text)
    if value is None:
        raise Refusal(f"Type conversion error. Argument: [{text}], From type: [string], To type: [float].")
    return value


@FUNCTIONS.overload(*("string(int)", "string(float)", "string(null)", "string(string)", "string(bool)", "string(path)"))
def to_string(value: Value) -> str:
    """The text of a value, as `string()`, `$()` and `join()` write it."""
    convert = _STRINGS.get(type(value))
    if convert is None:
        expected = ", ".join(each.text for each in FUNCTIONS.functions()["string"].overloads)
        raise Refusal(f"Unsupported operation error. Received: string({type_name(value)}). Expected: {expected}.")
    return convert(value)


@FUNCTIONS.overload("path(string)")
def _path(text: str) -> Path:
    return parse_template(text)


@FUNCTIONS.overload("vector(list)")
def _vector(values: list[Value]) -> Vector:
    if any(type(each) is not float for each in values):
        argument = list_text(values)
        raise Refusal(f"Type conversion error. Argument: [{argument}], From type: [list], To type: [vector].")
    return Vector(tuple(values))


_STRINGS: Mapping[type, Callable[[Value], str]] = {
    int: str,
    float: float_text,
    NoneType: lambda _: "null",
    str: lambda value: value,
    bool: lambda value: "true" if value else "false",
    Path: str,
}
