"""The values that literals denote: strings, bytes, numbers and path segments, as the official compiler reads them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_plus

_ESCAPE: Final = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([0-3][0-7]{2})|(.))")
_SIMPLE: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def string_value(text: str) -> str:
    """Resolve the escapes of a quoted string; `\\x` and octals are code points, `\\u` is one UTF-16 unit."""
    inner = text[1:-1]
    if "\\" not in inner:
        return inner
    value = _ESCAPE.sub(_character, inner)
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") if "\\u" in inner else value


def bytes_value(text: str) -> bytes:
    """Resolve `b'…'`: `\\x` and octals are one byte each, everything else stands for its UTF-8.

    A lone surrogate of the source is a question mark, as what the official compiler is sent has it.
    """
    inner, value, position = text[2:-1], b"", 0
    for escape in _ESCAPE.finditer(inner):
        value += inner[position : escape.start()].encode(errors="replace")
        hexadecimal, _, octal, _ = escape.groups()
        number = int(hexadecimal, 16) if hexadecimal else int(octal, 8) if octal else None
        value += _character(escape).encode(errors="surrogatepass") if number is None else bytes([number])
        position = escape.end()
    return value + inner[position:].encode(errors="replace")


def segment_value(text: str) -> str:
    """URL-decode a literal path segment, as the official compiler does: `+` and `%20` are spaces."""
    return unquote_plus(text, errors="replace")


def _character(escape: re.Match[str]) -> str:
    hexadecimal, unit, octal, simple = escape.groups()
    if simple:
        return _SIMPLE.get(simple, simple)
    return chr(int(octal, 8) if octal else int(hexadecimal or unit, 16))
