"""The words of the language: what the lexer cuts a source into."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from firewarden.language.ast import Span


class Kind(StrEnum):
    """What a token is. Keywords and punctuation are their own kind, named by their text."""

    SPACE = "SPACE"
    """Between tokens; never in a list of them."""
    NAME = "NAME"
    INT = "INT"
    FLOAT = "FLOAT"
    STRING = "STRING"
    BYTES = "BYTES"
    SEGMENT = "SEGMENT"
    """`/` with the literal path segment glued to it."""
    SERVICE_NAME = "SERVICE_NAME"
    KEYWORD = "KEYWORD"
    MARK = "MARK"
    OPEN_STRING = "OPEN_STRING"
    """A quote without its partner."""
    UNKNOWN = "UNKNOWN"
    END = "END"

    __hash__ = str.__hash__  # the inherited one is not C, and every token's kind is looked up


class Token(NamedTuple):
    """A word of the source and where it stands."""

    kind: Kind
    text: str
    span: Span


LITERAL_KEYWORDS: Final = frozenset({"true", "false", "null"})
USED_KEYWORDS: Final = frozenset(
    {"if", "in", "is", "let", "return", "function", "match", "allow", "service", "rules_version", "import"}
)
UNUSED_KEYWORDS: Final = frozenset(
    {
        *("arguments", "break", "case", "continue", "default", "deny", "do", "each", "else", "extends"),
        *("for", "goto", "not", "package", "switch", "then", "var", "while"),
    }
)
"""Reserved without a meaning."""
KEYWORDS: Final = LITERAL_KEYWORDS | USED_KEYWORDS | UNUSED_KEYWORDS
NEVER_SERVICES: Final = (LITERAL_KEYWORDS | USED_KEYWORDS | {"deny", "extends", "package"}) - {"let", "rules_version"}
"""The keywords that may not name a service."""
NEVER_MEMBERS: Final = frozenset({"service", "rules_version"})
"""The keywords that may not even follow a dot: the official lexer leaves its usual mode behind them."""

MARKS: Final = (
    *("**", "&&", "||", "==", "!=", "<=", ">=", "++", "--"),
    *("=", "<", ">", "+", "-", "*", "%", "!", "?", ":", ";", ",", ".", "/", "$", "@"),
    *("(", ")", "[", "]", "{", "}"),
)
