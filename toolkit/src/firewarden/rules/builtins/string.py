"""Methods of strings. Sizes and positions are UTF-16 units; letters outside ASCII have no case here."""

from __future__ import annotations

from firewarden.rules import regex, utf16
from firewarden.rules.builtins.registry import Library

METHODS = Library()

_UPPER = {ord(lower): ord(lower) - 32 for lower in "abcdefghijklmnopqrstuvwxyz"}
_LOWER = {upper: lower for lower, upper in _UPPER.items()}
_SPACE = "".join(map(chr, range(0x21)))


@METHODS.overload("string.size()")
def _size(text: str) -> int:
    return utf16.length(text)


@METHODS.overload("string.lower()")
def _lower(text: str) -> str:
    return text.translate(_LOWER)


@METHODS.overload("string.upper()")
def _upper(text: str) -> str:
    return text.translate(_UPPER)


@METHODS.overload("string.trim()")
def _trim(text: str) -> str:
    return text.strip(_SPACE)


@METHODS.overload("string.toUtf8()")
def _to_utf8(text: str) -> bytes:
    return utf16.utf8(text)


@METHODS.overload("string.matches(string)")
def _matches(text: str, pattern: str) -> bool:
    return regex.matches(text, pattern)


@METHODS.overload("string.split(string)")
def _split(text: str, pattern: str) -> list[str]:
    return regex.split(text, pattern)


@METHODS.overload("string.replace(string, string)")
def _replace(text: str, pattern: str, replacement: str) -> str:
    return regex.replace(text, pattern, replacement)
