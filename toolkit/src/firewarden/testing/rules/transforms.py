"""Data with sentinels in it, such as SERVER_TIMESTAMP, taken apart into plain fields and transforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from firewarden.errors import FirewardenError
from firewarden.indexes.notation import values as notation
from firewarden.rules.fields import field_segments, field_text, with_field
from firewarden.rules.requests import Transform
from firewarden.testing.rules.values import Maximum, Minimum, engine_value

_Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """Plain fields, the paths of all of them, of those to be removed, and the transforms."""

    data: dict[str, Any]
    leaves: tuple[_Segments, ...]
    removed: tuple[_Segments, ...]
    transforms: tuple[Transform, ...]


def taken(data: Mapping[str, Any], now: datetime) -> Taken:
    """Data of a document: sentinels stand anywhere but in lists."""
    return _Taker(now).all(_walked(data, ()))


def taken_fields(fields: Mapping[str, Any], now: datetime) -> Taken:
    """The fields of an update: keys are field paths, and each is set whole."""
    return _Taker(now).all((field_segments(name), value) for name, value in fields.items())


def _walked(data: Mapping[str, Any], above: _Segments) -> Any:
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from _walked(value, (*above, str(key)))
        else:
            yield (*above, str(key)), value


class _Taker:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def all(self, pairs: Any) -> Taken:
        data: dict[str, Any] = {}
        leaves: list[_Segments] = []
        removed: list[_Segments] = []
        transforms: list[Transform] = []
        for path, value in pairs:
            transform = self._transform(path, value)
            if transform:
                transforms.append(transform)
            elif _is_delete(value):
                removed.append(path)
            else:
                leaves.append(path)
                nested = taken(value, self._now) if isinstance(value, Mapping) else None
                if nested and (nested.transforms or nested.removed):
                    raise FirewardenError(
                        f"{field_text(path)} holds a sentinel inside a map.",
                        hint="In an update, name the inner field with dots: {'a.b': SERVER_TIMESTAMP}.",
                    )
                data = with_field(data, path, engine_value(value, self._now, field_text(path)))
        return Taken(data, tuple(leaves), tuple(removed), tuple(transforms))

    def _transform(self, path: _Segments, value: Any) -> Transform | None:
        read = _TRANSFORMS.get(type(value)) or _FOREIGN.get(_foreign_name(value))
        if read is None:
            return None
        kind, operand = read(value)
        return Transform(field=field_text(path), kind=kind, operand=engine_value(operand, self._now, field_text(path)))


def _foreign_name(value: Any) -> str:
    """The client library's name of a sentinel: of its class, or for the constants their description."""
    name = type(value).__name__
    return str(getattr(value, "description", "")) if name == "Sentinel" else name


def _is_delete(value: Any) -> bool:
    return isinstance(value, notation.DeleteField) or "delete" in _foreign_name(value).lower()


_Read = Callable[[Any], tuple[Any, Any]]
_TRANSFORMS: Mapping[type, _Read] = {
    notation.ServerTime: lambda _: ("server_time", None),
    notation.Increment: lambda value: ("increment", value.amount),
    notation.ArrayUnion: lambda value: ("array_union", list(value.values)),
    notation.ArrayRemove: lambda value: ("array_remove", list(value.values)),
    Maximum: lambda value: ("maximum", value.amount),
    Minimum: lambda value: ("minimum", value.amount),
}
_FOREIGN: Mapping[str, _Read] = {
    "Value used to set a document field to the server timestamp.": lambda _: ("server_time", None),
    "Increment": lambda value: ("increment", value.value),
    "ArrayUnion": lambda value: ("array_union", list(value.values)),
    "ArrayRemove": lambda value: ("array_remove", list(value.values)),
    "Maximum": lambda value: ("maximum", value.value),
    "Minimum": lambda value: ("minimum", value.value),
}
