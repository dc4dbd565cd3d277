"""Field paths such as ``a.b.`c.d` `` and reading and setting what they point to. Maps are never changed in place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEGMENT = re.compile(r"`((?:[^`\\]|\\.)*)`|([^.`]+)", re.DOTALL)


@lru_cache(maxsize=4096)
def field_segments(path: str) -> tuple[str, ...]:
    """The names in a field path; backquotes are taken off and escapes resolved."""
    if "`" not in path:
        return tuple(path.split("."))
    found = _SEGMENT.findall(path)
    return tuple(plain or re.sub(r"\\(.)", r"\1", quoted) for quoted, plain in found)


def field_text(path: tuple[str, ...]) -> str:
    """The field path of these names; one that is no plain word is put in backquotes."""
    return ".".join(each if _PLAIN.fullmatch(each) else _quoted(each) for each in path)


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def read_field(data: Mapping[str, Any], path: tuple[str, ...]) -> tuple[bool, Any]:
    """Whether the field is there, and its value."""
    value: Any = data
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return False, None
        value = value[name]
    return True, value


def with_field(data: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The map with the field set; whatever on the way is no map becomes one."""
    name, *rest = path
    if rest:
        below = data.get(name)
        value = with_field(below if isinstance(below, dict) else {}, tuple(rest), value)
    return {**data, name: value}


def delete_field(data: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The map without the field."""
    name, *rest = path
    if not rest:
        return {key: value for key, value in data.items() if key != name}
    below = data.get(name)
    return {**data, name: delete_field(below, tuple(rest))} if isinstance(below, dict) else dict(data)
