"""The memory limit: no single value may reach 2 MiB in the engine's own representation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firewarden.rules.kinds import RuleSet, Value
from firewarden.rules.outcomes import LimitReached

VALUE_BYTES_MAX = 2**21
TOO_LARGE = "Unable to evaluate the expression as the maximum memory usage of 1000 has been reached."
_SMALL = 2  # bytes of a value that needs no more than its tag
_FLOAT = 9
_ELEMENT = 2  # a list's own bytes per element
_SHORT = 4096


def within_memory(value: Value) -> Value:
    """The value, unless it is too large to be one."""
    kind = type(value)
    if kind is str or kind is bytes:
        if len(value) > _SHORT and size(value) >= VALUE_BYTES_MAX:
            raise LimitReached(TOO_LARGE)
    elif kind is list:
        if not _plainly_small(value) and size(value) >= VALUE_BYTES_MAX:
            raise LimitReached(TOO_LARGE)
    elif kind is dict and not _plainly_small(value.values()) and size(value) >= VALUE_BYTES_MAX:
        raise LimitReached(TOO_LARGE)
    return value


def size(value: Value) -> int:
    """The bytes of a value: a string's UTF-8, an element's own and what the list adds."""
    measure = _SIZES.get(type(value))
    return measure(value) if measure else _SMALL


def _plainly_small(values: list[Value]) -> bool:
    if len(values) > _SHORT // 8:
        return False
    for each in values:
        kind = type(each)
        if kind is list or kind is dict or ((kind is str or kind is bytes) and len(each) > _SHORT // 8):
            return False
    return True


def _length_prefixed(length: int) -> int:
    return length + (2 if length < 128 else 3 if length < 16384 else 4 if length < 2**21 else 5)


_SIZES: Mapping[type, Callable[[Value], int]] = {
    str: lambda value: _length_prefixed(len(value.encode("utf-8", "replace"))) if value else _SMALL,
    bytes: lambda value: _length_prefixed(len(value)),
    float: lambda _: _FLOAT,
    list: lambda value: sum(size(each) + _ELEMENT for each in value) + _SMALL,
    dict: lambda value: sum(size(key) + size(each) + 2 * _ELEMENT for key, each in value.items()) + _SMALL,
    RuleSet: lambda value: sum(size(each) + _ELEMENT for each in value.elements.values()) + _SMALL,
}
