"""Source text to tokens, in one pass of one regular expression. It never fails: what it cannot read is `UNKNOWN`.

Longest match decides, as observed: `/*` without a later `*/` is a path segment, `a-b` inside a path is one segment.
"""

from __future__ import annotations

import re
from typing import Final, cast

from firewarden.language.ast import Span
from firewarden.language.tokens import KEYWORDS, MARKS, Kind, Token

_SEGMENT_CHARACTER: Final = r"(?:[A-Za-z0-9&'*+\-.:@_~]|%[0-9A-Fa-f]{2})"
_ESCAPE: Final = r"\\(?:[\\'\"nrtbf]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-3][0-7]{2})"


def _string(quote: str) -> str:
    return rf"{quote}(?:[^\\\r\n{quote}]|{_ESCAPE})*{quote}"


def _open_string(quote: str) -> str:
    return rf"{quote}(?:[^\\\r\n{quote}]|{_ESCAPE})*"


_PATTERN: Final = re.compile(
    "|".join(
        [
            r"(?P<SPACE>[ \t\r\n\f]+|//[^\r\n]*|/\*(?s:.*?)\*/)",
            r"(?P<BYTES>[bB](?:" + _string("'") + "|" + _string('"') + "))",
            r"(?P<NAME>[A-Za-z_][A-Za-z0-9_$]*|\$[A-Za-z0-9_$]+)",
            r"(?P<FLOAT>(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)",
            r"(?P<INT>0|[1-9][0-9]*)",
            rf"(?P<SEGMENT>/(?:{_SEGMENT_CHARACTER}+|\({_SEGMENT_CHARACTER}+\)))",
            r"(?P<STRING>" + _string("'") + "|" + _string('"') + ")",
            r"(?P<MARK>" + "|".join(re.escape(mark) for mark in MARKS) + ")",
            r"(?P<OPEN_STRING>" + _open_string("'") + "|" + _open_string('"') + ")",
            # A mark cut short takes the next character with it.
            r"(?P<UNKNOWN>(?s:[&|].?|.))",
        ]
    )
)
_SERVICE_WORD: Final = re.compile(r"(?P<SPACE>[ \t\r\n\f]+)|(?P<SERVICE_NAME>[A-Za-z0-9.\-]+)")
_KINDS: Final = {kind.value: kind for kind in Kind}


def tokenize(text: str) -> list[Token]:
    """Every character of the source belongs to exactly one token, space or comment; the last token is `END`."""
    tokens: list[Token] = []
    line, line_start, position, length = 1, 0, 0, len(text)
    match = _PATTERN.match
    while position < length:
        # INVARIANT: the last alternative takes any character, so there always is a match.
        found = cast("re.Match[str]", match(text, position))
        name, end = found.lastgroup, found.end()
        if name == "SPACE":
            line, line_start = _after(text, position, end, line, line_start)
        else:
            word = found.group()
            kind = Kind.KEYWORD if name == "NAME" and word in KEYWORDS else _KINDS[name or ""]
            tokens.append(Token(kind, word, Span(position, end, line, position - line_start + 1)))
            if word == "service":
                end, line, line_start = _service_name(text, end, line, line_start, tokens)
            elif kind is Kind.UNKNOWN:
                line, line_start = _after(text, position, end, line, line_start)
        position = end
    tokens.append(Token(Kind.END, "", Span(length, length, line, length - line_start + 1)))
    return tokens


def _service_name(text: str, position: int, line: int, line_start: int, tokens: list[Token]) -> tuple[int, int, int]:
    """Behind `service` the official lexer knows space and service names only, and drops all else up to a name."""
    while position < len(text):
        found = _SERVICE_WORD.match(text, position)
        kind, end = (_KINDS[found.lastgroup or ""], found.end()) if found else (Kind.UNKNOWN, position + 1)
        if kind is not Kind.SPACE:
            span = Span(position, end, line, position - line_start + 1)
            tokens.append(Token(kind, text[position:end], span))
        line, line_start = _after(text, position, end, line, line_start)
        position = end
        if kind is Kind.SERVICE_NAME:
            break
    return position, line, line_start


def _after(text: str, start: int, end: int, line: int, line_start: int) -> tuple[int, int]:
    """Return the line number and the offset of the line start that hold at `end`. Only a line feed ends a line."""
    if count := text.count("\n", start, end):
        return line + count, text.rindex("\n", start, end) + 1
    return line, line_start
