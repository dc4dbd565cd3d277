"""Source text to tokens, in one pass of one regular expression. It never fails: what it cannot read is `UNKNOWN`.

Longest match decides, as observed: `/*` without a later `*/` is a path segment, `a-b` inside a path is one segment.
"""

from __future__ import annotations

import re
from typing import Any, Final, cast

from firewarden.language.ast import Span
from firewarden.language.tokens import KEYWORDS, MARKS, Kind, Token

_SEGMENT_CHARACTER: Final = r"(?:[A-Za-z0-9&'*+\-.:@_~]|%[0-9A-Fa-f]{2})"
_SEGMENT: Final = re.compile(rf"/(?:{_SEGMENT_CHARACTER}+|\({_SEGMENT_CHARACTER}+\))")
_ESCAPE: Final = r"\\(?:[\\'\"nrtbf]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-3][0-7]{2})"
_OPEN: Final = [rf"{quote}(?:[^\\\r\n{quote}]|{_ESCAPE})*" for quote in "'\""]
_STRING: Final = f"(?:{_OPEN[0]}'|{_OPEN[1]}\")"
_BLANKS: Final = r"[ \t]*"
_PATTERN: Final = re.compile(
    f"{_BLANKS}(?:"
    + "|".join(
        [
            r"(?P<SPACE>[ \t\r\n\f]+|//[^\r\n]*)",
            r"(?P<COMMENT>/\*)",
            rf"(?P<BYTES>[bB]{_STRING})",
            r"(?P<NAME>[A-Za-z_][A-Za-z0-9_$]*|\$[A-Za-z0-9_$]+)",
            r"(?P<FLOAT>(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)",
            r"(?P<INT>0|[1-9][0-9]*)",
            rf"(?P<SEGMENT>{_SEGMENT.pattern})",
            rf"(?P<STRING>{_STRING})",
            r"(?P<MARK>" + "|".join(re.escape(mark) for mark in MARKS) + ")",
            rf"(?P<OPEN_STRING>{_OPEN[0]}|{_OPEN[1]})",
            # A mark cut short takes the next character with it.
            r"(?P<UNKNOWN>(?s:[&|].?|.))",
        ]
    )
    + ")"
)
_SERVICE_WORD: Final = re.compile(r"(?P<SPACE>[ \t\r\n\f]+)|(?P<SERVICE_NAME>[A-Za-z0-9.\-]+)")
_KINDS: Final = {kind.value: kind for kind in Kind}
_BY_GROUP: Final[dict[int | None, Any]] = {number: _KINDS.get(name) for name, number in _PATTERN.groupindex.items()}
"""What each group of the pattern is; no kind is a comment."""
_BEYOND_PATTERN: Final = frozenset({None, Kind.UNKNOWN})
_SPACE, _NAME, _KEYWORD = Kind.SPACE, Kind.NAME, Kind.KEYWORD  # to read a member of an enum takes longer
_new: Final = tuple.__new__
"""What makes a named tuple of a tuple, without the way through its own constructor: there are many tokens."""


def tokenize(text: str) -> list[Token]:
    """Every character of the source belongs to exactly one token, space or comment; the last token is `END`."""
    lexer = _Lexer(text)
    while lexer.position < len(text):
        lexer.read()
    lexer.add(Kind.END, len(text), len(text))
    return lexer.tokens


class _Lexer:
    """How far a source is read."""

    __slots__ = ("last_close", "line", "line_start", "position", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.position = 0
        self.line = 1
        self.line_start = 0
        self.last_close = text.rfind("*/")

    def read(self) -> None:
        """Read up to and over the next thing that the pattern alone cannot read."""
        text, line, line_start, add = self.text, self.line, self.line_start, self.tokens.append
        kind, start, position, word = None, 0, self.position, ""
        # INVARIANT: the last alternative of the pattern takes any character, so nothing is left out.
        for found in _PATTERN.finditer(text, position):
            start, position = found.span(group := found.lastindex)  # type: ignore[arg-type]  # all of it is in groups
            kind = _BY_GROUP[group]
            if kind is _SPACE:
                if count := text.count("\n", start, position):
                    line, line_start = line + count, text.rindex("\n", start, position) + 1
                continue
            word = text[start:position]
            if kind is _NAME and word in KEYWORDS:
                kind = _KEYWORD
            if kind in _BEYOND_PATTERN or word == "service":
                break
            add(_new(Token, (kind, word, _new(Span, (start, position, line, start - line_start + 1)))))
        self.position, self.line, self.line_start = position, line, line_start
        if kind is None:
            self._comment(start)
        elif kind is Kind.UNKNOWN:
            self.add(Kind.UNKNOWN, start, position)
            self._count_lines(start, position)
        elif word == "service":
            self.add(Kind.KEYWORD, start, position)
            self._service_name()

    def add(self, kind: Kind, start: int, end: int) -> None:
        """Note a token."""
        self.tokens.append(Token(kind, self.text[start:end], Span(start, end, self.line, start - self.line_start + 1)))

    def _comment(self, start: int) -> None:
        """Skip a comment; if nothing closes it, it is a segment of a path."""
        if self.last_close >= start + 2:
            self.position = self.text.index("*/", start + 2) + 2
            self._count_lines(start, self.position)
        else:
            # INVARIANT: a star may be part of a segment, so there is a match.
            self.position = cast("re.Match[str]", _SEGMENT.match(self.text, start)).end()
            self.add(Kind.SEGMENT, start, self.position)

    def _service_name(self) -> None:
        """Behind `service` the official lexer knows space and service names only, and drops all else up to a name."""
        while self.position < len(self.text):
            start = self.position
            found = _SERVICE_WORD.match(self.text, start)
            kind, self.position = (_KINDS[found.lastgroup or ""], found.end()) if found else (Kind.UNKNOWN, start + 1)
            if kind is not Kind.SPACE:
                self.add(kind, start, self.position)
            self._count_lines(start, self.position)
            if kind is Kind.SERVICE_NAME:
                break

    def _count_lines(self, start: int, end: int) -> None:
        """Count the line feeds in between: nothing else ends a line."""
        if count := self.text.count("\n", start, end):
            self.line += count
            self.line_start = self.text.rindex("\n", start, end) + 1
