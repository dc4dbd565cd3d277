"""`x.name`, `x[i]`, `x[i:j]` and `e in x`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from firewarden.rules import utf16
from firewarden.rules.constraint import Constraint
from firewarden.rules.equality import same_element, set_key
from firewarden.rules.kinds import RuleSet, Value, type_name, wrong_type
from firewarden.rules.outcomes import Refusal
from firewarden.rules.proofs import contains
from firewarden.values import Capture, Path

NULL_VALUE = "Null value error."
NO_INDEX = "Function not found error: Name: [[]]."
NO_SLICE = "Function not found error: Name: [@range]."
NO_IN = "Function not found error: Name: [in]."


def member(receiver: Value, name: str) -> Value:
    """`receiver.name`."""
    if type(receiver) is dict:
        return _key(receiver, name)
    if receiver is None:
        raise Refusal(NULL_VALUE)
    if type(receiver) is Path:
        return _binding(receiver, name)
    raise Refusal(wrong_type(receiver, "map", "path"))


def item(receiver: Value, index: Value) -> Value:
    """`receiver[index]`."""
    if receiver is None:
        raise Refusal(NULL_VALUE)
    kinds = _ITEM.get(type(receiver))
    if kinds is None:
        raise Refusal(NO_INDEX)
    read = kinds.get(type(index))
    if read is None:
        name = type_name(receiver)
        expected = ", ".join(f"{name}[{type_name_of(each)}]" for each in kinds)
        raise Refusal(f"Unsupported operation error. Received: {name}[{type_name(index)}]. Expected: {expected}.")
    return read(receiver, index)


def part(receiver: Value, start: Value, stop: Value) -> Value:
    """`receiver[start:stop]`; null stands for an open end."""
    if receiver is None:
        raise Refusal(NULL_VALUE)
    if type(receiver) not in _SLICES:
        raise Refusal(NO_SLICE)
    overloads, size_of, cut = _SLICES[type(receiver)]
    if not _is_bound(start) or not _is_bound(stop):
        name = type_name(receiver)
        raise Refusal(
            f"Unsupported operation error. Received: {name}[{type_name(start)}:{type_name(stop)}]. "
            f"Expected: {', '.join(f'{name}[{each}]' for each in overloads)}."
        )
    if start is None and stop is None:
        return receiver
    size = size_of(receiver)
    first, end = _bounds(0 if start is None else start, size if stop is None else stop, size)
    return cut(receiver, first, end)


def is_in(element: Value, collection: Value) -> Value:
    """`element in collection`, for collections that have elements or keys."""
    if type(collection) is list:
        return any(same_element(element, each) for each in collection)
    if type(collection) is dict:
        if type(element) is str:
            return element in collection
        raise Refusal(f"Unsupported operation error. Received: map.in({type_name(element)}). Expected: map.in(string).")
    if type(collection) is RuleSet:
        return set_key(element) in collection.elements
    return contains(collection, element)


_INT32_MIN, _INT32_MAX = -(2**31), 2**31 - 1


def has_items(receiver: Value) -> bool:
    """Whether `receiver[…]` exists at all for values of this type."""
    return type(receiver) in _ITEM


def has_slices(receiver: Value) -> bool:
    """Whether `receiver[…:…]` exists at all for values of this type."""
    return type(receiver) in _SLICES


HAS_IN = frozenset({list, dict, RuleSet, Constraint})


def checked_index(index: int, size: int) -> int:
    """The index, if there is an element."""
    if 0 <= index < size:
        return index
    raise _no_element(index, size)


def _no_element(index: int, size: int) -> Refusal:
    return Refusal(f"Index out of bound error. Index: [{index}] , size: [{size}].")


def _bounds(start: int, stop: int, size: int) -> tuple[int, int]:
    for each in (start, stop):
        if not _INT32_MIN <= each <= _INT32_MAX:
            raise _no_element(each, size)
    # Both ends must name an element, the last by the index before it: [0:0] asks for element -1.
    checked_index(start, size)
    checked_index(_INT32_MAX if stop == _INT32_MIN else stop - 1, size)  # it wraps round in 32 bits
    if start > stop:
        raise Refusal(f"Illegal range error. From index: [{start}] , To index: [{stop}].")
    return start, stop


def _is_bound(value: Value) -> bool:
    return value is None or type(value) is int


def _key(receiver: dict[str, Value], name: str) -> Value:
    try:
        return receiver[name]
    except KeyError:
        raise Refusal(f"Property {name} is undefined on object.") from None


def _binding(receiver: Path, name: str) -> Value:
    for bound, value in receiver.bindings:
        if bound == name:
            return value
    if any(isinstance(each, Capture) and each.name == name for each in receiver.segments):
        raise Refusal(f"Variable {name} is not bound in path template.")
    raise Refusal(f"Property {name} is undefined on object.")


def resolved(path: Path) -> tuple[str, ...]:
    """The segments of a path without unbound captures."""
    capture = path.unbound
    if capture is not None:
        raise Refusal(f"Variable {capture.name} is not bound in path template.")
    return path.segments  # type: ignore[return-value]  # no capture is left among them


def _unit(receiver: str, index: int) -> str:
    checked_index(index, utf16.length(receiver))
    return utf16.cut(receiver, index, index + 1)


def _segment(receiver: Path, index: int) -> str:
    segments = resolved(receiver)
    return segments[checked_index(index, len(segments))]


def type_name_of(kind: type) -> str:
    """The language's name of a Python type."""
    return {str: "string", int: "int"}[kind]


_Read = Callable[[Value, Value], Value]
_ITEM: Mapping[type, Mapping[type, _Read]] = {
    dict: {str: _key},
    list: {int: lambda receiver, index: receiver[checked_index(index, len(receiver))]},
    str: {int: _unit},
    Path: {str: _binding, int: _segment},
}
_BOUNDS = ("null:null", "null:int", "int:null", "int:int")
_Slice = tuple[Sequence[str], Callable[[Value], int], Callable[[Value, int, int], Value]]
_SLICES: Mapping[type, _Slice] = {
    list: (_BOUNDS, len, lambda receiver, start, stop: receiver[start:stop]),
    str: (_BOUNDS, utf16.length, utf16.cut),
    Path: (
        ("null:null", "int:int", "int:null", "null:int"),
        lambda receiver: len(resolved(receiver)),
        lambda receiver, start, stop: Path(resolved(receiver)[start:stop]),
    ),
}
