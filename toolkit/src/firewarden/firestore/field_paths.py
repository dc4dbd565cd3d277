"""Field paths: `address.city`, with backticks where a name is not plain, and the fields they lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from firewarden.firestore.status import StatusError, invalid
from firewarden.limits import FIELD_PATH_BYTES, FIELD_PATH_SEGMENTS

FieldPath = tuple[str, ...]
"""A field by its segments: `("address", "city")`."""

_PLAIN: Final = r"[a-zA-Z_][a-zA-Z_0-9]*"
_QUOTED: Final = r"`(?:[^`\\]|(?:\\.))+`"
_SEGMENT: Final = re.compile(f"{_PLAIN}|{_QUOTED}", re.DOTALL)
_IS_PLAIN: Final = re.compile(_PLAIN)
_SURROGATES: Final = range(0xD800, 0xE000)
"""Halves of characters, which no text may hold alone."""
_CONTROLS: Final = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))
_RESERVED: Final = re.compile(r"__.+__", re.DOTALL)
_NAME: Final = "__name__"
_KEY: Final = "__key__"
"""What the official implementation calls `__name__` inside, and sometimes in its texts."""
# The official text doubles the backslashes of its patterns.
_OFFICIAL_QUOTED: Final = r"`(?:[^`\\]|(?:\\.))+`"


class _Missing:
    """No value; null is one."""


MISSING: Final = _Missing()


@lru_cache(maxsize=4096)
def parse_field_path(text: str) -> FieldPath:
    """The segments of a path as clients write it."""
    if not text:
        raise invalid("Invalid empty property path string.")
    segments: list[str] = []
    at = 0
    while True:
        found = _SEGMENT.match(text, at)
        segment = _unquoted(found[0]) if found else None
        if found is None or segment is None or (found.end() < len(text) and text[found.end()] != "."):
            raise invalid(
                f'Invalid property path "{text}". Unquoted property paths must match regex ({_PLAIN}), '
                f"and quoted property paths must match regex ({_OFFICIAL_QUOTED})"
            )
        segments.append(segment)
        at = found.end() + 1
        if at > len(text):
            break
    _check_reserved(segments)
    return tuple(segments)


def parse_mask(texts: Iterable[str]) -> tuple[FieldPath, ...]:
    """The paths of a mask, which are limited in their length; `__name__` may be one of them."""
    return tuple(map(_masked, texts))


def name_is_reserved() -> StatusError:
    """The refusal of `__name__` where a field is needed."""
    return invalid(f"the name {_KEY} is reserved")


def format_field_path(path: FieldPath) -> str:
    """The path as clients write it."""
    return ".".join(_quoted(each) for each in path)


def get_field(fields: Mapping[str, Any], path: FieldPath) -> Any:
    """The value at a path, or `MISSING`."""
    value: Any = fields
    for segment in path:
        if type(value) is not dict or segment not in value:
            return MISSING
        value = value[segment]
    return value


def with_field(fields: Mapping[str, Any], path: FieldPath, value: Any) -> dict[str, Any]:
    """The fields with another value at a path; what lies on the way and is no map becomes one."""
    first, *rest = path
    if rest:
        inner = fields.get(first)
        value = with_field(inner if type(inner) is dict else {}, tuple(rest), value)
    return {**fields, first: value}


def without_field(fields: Mapping[str, Any], path: FieldPath) -> dict[str, Any]:
    """The fields without what is at a path; maps that become empty stay."""
    first, *rest = path
    if not rest:
        return {name: each for name, each in fields.items() if name != first}
    inner = fields.get(first)
    if type(inner) is not dict:
        return dict(fields)
    return {**fields, first: without_field(inner, tuple(rest))}


def _masked(text: str) -> FieldPath:
    path = parse_field_path(text)
    if len(path) > FIELD_PATH_SEGMENTS:
        raise invalid(f"paths must have at most {FIELD_PATH_SEGMENTS} elements")
    # In a mask exactly so many bytes are refused already.
    if len(text) * 4 >= FIELD_PATH_BYTES and len(".".join(path).encode()) >= FIELD_PATH_BYTES:
        raise invalid(f"property path is longer than {FIELD_PATH_BYTES} bytes.")
    return path


def _check_reserved(segments: Sequence[str]) -> None:
    for segment in segments:
        if segment == _KEY:
            raise invalid(f'Invalid property path member name "{_KEY}".')
        if segment != _NAME and _RESERVED.fullmatch(segment):
            raise invalid(f"Invalid reserved name in field path {segment}")
    if _NAME in segments and len(segments) > 1:
        raise name_is_reserved()


def _unquoted(segment: str) -> str | None:
    """The name that a segment of a path stands for; None if it has an escape that there is not."""
    if not segment.startswith("`"):
        return segment
    inner = segment[1:-1]
    if "\\" not in inner:
        return inner
    if any(found[6] for found in _escapes().finditer(inner)):
        return None
    return _escapes().sub(_unescaped, inner)


@cache
def _escapes() -> re.Pattern[str]:
    """Made when a name is first written with one: that takes as long as for all other patterns here."""
    return re.compile(
        r"\\(?:([abfnrtv\\\"'`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})"
        r"|([0-3][0-7]{2})|(.))",
        re.DOTALL,
    )


def _unescaped(found: re.Match[str]) -> str:
    single, *numbers, octal, _ = found.groups()
    if single:
        return _CONTROLS.get(single, single)
    code = int(octal, 8) if octal else int(next(filter(None, numbers)), 16)
    return "?" if code in _SURROGATES else chr(code)


def _quoted(segment: str) -> str:
    if _IS_PLAIN.fullmatch(segment):
        return segment
    escaped = segment.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"
