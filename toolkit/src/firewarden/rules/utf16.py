"""Strings as the engine counts them: in UTF-16 units, though Python holds code points.

A pair of surrogates is always one code point here; only a lone surrogate stays one. ASCII takes no detour.
"""

from __future__ import annotations


def length(text: str) -> int:
    """The number of UTF-16 units; an emoji has two."""
    return len(text) if text.isascii() else len(_encoded(text)) // 2


def cut(text: str, start: int, stop: int) -> str:
    """The units `[start, stop)`; a cut pair leaves a lone surrogate."""
    return text[start:stop] if text.isascii() else _encoded(text)[2 * start : 2 * stop].decode("utf-16-be", _KEEP)


def join(*parts: str) -> str:
    """The parts one after the other; surrogates that meet become one code point."""
    joined = "".join(parts)
    return joined if joined.isascii() else _encoded(joined).decode("utf-16-be", _KEEP)


def key(text: str) -> bytes:
    """A key that orders strings by unit: U+FFFF comes after every emoji."""
    return _encoded(text)


def utf8(text: str) -> bytes:
    """UTF-8, with a question mark for each lone surrogate."""
    return text.encode("utf-8", "replace")


_KEEP = "surrogatepass"


def _encoded(text: str) -> bytes:
    return text.encode("utf-16-be", _KEEP)
