"""Which values may be stored: the lengths of names and texts, and how deep maps and arrays may lie inside each other.

What is wrong already as a message (an array in an array, a latitude of 100) is judged by `wire.checks` before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firewarden.firestore.status import StatusError, invalid
from firewarden.limits import DEPTH, FIELD_NAME_BYTES, FIELD_PATH_BYTES, VALUE_BYTES

_TYPE = "__type__"
_LIMITED = frozenset({str, bytes, dict, list})
_SHORT = min(FIELD_NAME_BYTES, VALUE_BYTES) // 4
"""So many characters are within every limit: none has more than four bytes."""


def check_storable(fields: Mapping[str, Any]) -> None:
    """Refuse fields of a document that cannot be stored."""
    for name, value in fields.items():
        if not name:
            raise invalid("The property.name is the empty string.")
        if len(name) > _SHORT and _is_longer(name, FIELD_NAME_BYTES):
            raise invalid(f"The property.name is longer than {FIELD_NAME_BYTES} bytes.")
        if type(value) in _LIMITED:
            _check_value(name, value)


def _check_value(name: str, value: Any) -> None:
    kind = type(value)
    if kind is str or kind is bytes:
        if len(value) > _SHORT and _is_longer(value, VALUE_BYTES):
            raise invalid(f'The value of property "{name}" is longer than {VALUE_BYTES} bytes.')
    elif kind is dict:
        if not _is_nestable(value, 1, FIELD_PATH_BYTES - len(name.encode())):
            raise _nested(name)
    elif kind is list:
        for each in value:
            if type(each) is not dict:
                _check_value(name, each)
            elif not _is_nestable(each, 2, FIELD_PATH_BYTES - len(name.encode())):
                raise _nested(name)


def _is_nestable(value: Any, depth: int, room: int) -> bool:
    """Whether a value may lie inside. A map or array there is the `depth`th on the way down; its path may still get
    `room` bytes longer.
    """
    kind = type(value)
    if kind is dict:
        return depth <= DEPTH and all(_is_entry(name, each, depth, room) for name, each in value.items())
    if kind is list:
        return not value or (depth <= DEPTH and all(_is_nestable(each, depth + 1, room) for each in value))
    return not (kind is str or kind is bytes) or len(value) <= _SHORT or not _is_longer(value, VALUE_BYTES)


def _is_entry(name: str, value: Any, depth: int, room: int) -> bool:
    left = room - 1 - len(name.encode())
    return bool(name) and name != _TYPE and left >= 0 and _is_nestable(value, depth + 1, left)


def _is_longer(value: str | bytes, most: int) -> bool:
    if isinstance(value, bytes):
        return len(value) > most
    return len(value.encode()) > most


def _nested(name: str) -> StatusError:
    return invalid(f"Property {name} contains an invalid nested entity.")
