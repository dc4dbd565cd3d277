"""iCalendar content lines: escaping and folding (RFC 5545, 3.1 and 3.3.11). Knows nothing of events."""

import re
from collections.abc import Iterable

LINE_OCTETS_MAX = 75
# CONTROL of RFC 5545 3.1, less the tab; the C1 block and the line separators break readers' line splitting.
# A lone surrogate cannot be written as UTF-8 at all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NEWLINES = re.compile("\r\n|\r|\n")


def escape(text: str) -> str:
    r"""TEXT escapes backslash, semicolon and comma by a backslash; a line break becomes \n (3.3.11)."""
    safe = _FORBIDDEN.sub("", _NEWLINES.sub("\n", text))
    return safe.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> str:
    """A content line longer than 75 octets is broken, between characters, by CRLF and one space (3.1)."""
    encoded = line.encode()
    if len(encoded) <= LINE_OCTETS_MAX:
        return line
    pieces = []
    start = 0
    # The space that opens a continuation counts as one of its octets.
    room = LINE_OCTETS_MAX
    while start < len(encoded):
        end = min(start + room, len(encoded))
        while end < len(encoded) and encoded[end] & 0b1100_0000 == 0b1000_0000:
            end -= 1
        pieces.append(encoded[start:end].decode())
        start, room = end, LINE_OCTETS_MAX - 1
    return "\r\n ".join(pieces)


def content(lines: Iterable[str]) -> str:
    """Every content line is folded and ends with CRLF, the last one too (3.1)."""
    return "".join(f"{fold(line)}\r\n" for line in lines)


def clip(text: str, length_max: int) -> str:
    """Return `text` cut to `length_max` characters, the last of them an ellipsis when something was cut."""
    return text if len(text) <= length_max else text[: length_max - 1].rstrip() + "…"
