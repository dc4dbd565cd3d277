"""Regular expressions as the engine's RE2/J has them, on Google's RE2.

Where the two differ, RE2/J is followed: search goes on one unit after an empty match, a replacement has Java's
`$1` and backslash, nested repetitions may be large, `\\C` does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Protocol

import re2  # type: ignore[import-untyped]  # it publishes no types

from firewarden.rules import utf16
from firewarden.rules.outcomes import Refusal, RequestCrashed
from firewarden.rules.regex_dialect import translated, unnested

_CACHED = 1024
_MEMORY_MAX = 64 << 20
_TOKEN = re.compile(r"\\(?P<literal>.)|\$(?P<number>[0-9]+)|\$\{(?P<name>[^}]*)(?P<end>\}?)", re.DOTALL)


class Pattern(Protocol):
    """What is used of a compiled expression; a match is one of Python's `re`, but for its offsets."""

    groups: int
    groupindex: dict[str, int]

    def fullmatch(self, text: str) -> Any: ...  # noqa: D102 - as in `re`
    def search(self, text: str, pos: int) -> Any: ...  # noqa: D102 - as in `re`


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text matches."""
    return compiled(pattern).fullmatch(_searchable(text)) is not None


def matcher(pattern: str) -> Callable[[str], bool]:
    """`matches` for one pattern, compiled once."""
    fullmatch = compiled(pattern).fullmatch

    def matches_pattern(text: str) -> bool:
        return fullmatch(text if text.isascii() else _searchable(text)) is not None

    return matches_pattern


def split(text: str, pattern: str) -> list[str]:
    """The pieces between the matches; empty ones at the end are dropped, but never all of them."""
    pieces, start = [], 0
    for first, end, _ in _found(compiled(pattern), text):
        pieces.append(utf16.cut(text, start, first))
        start = end
    pieces.append(utf16.cut(text, start, utf16.length(text)))
    while len(pieces) > 1 and not pieces[-1]:
        pieces.pop()
    return pieces


def replace(text: str, pattern: str, replacement: str) -> str:
    """The text with every match replaced; `$1` and `${name}` stand for groups, a backslash for what follows."""
    expression, start = compiled(pattern), 0
    pieces: list[str] = []
    for first, end, match in _found(expression, text):
        pieces += [utf16.cut(text, start, first), _expanded(replacement, match, expression)]
        start = end
    return utf16.join(*pieces, utf16.cut(text, start, utf16.length(text)))


@lru_cache(maxsize=_CACHED)
def compiled(pattern: str) -> Pattern:
    """The expression, or a refusal if RE2/J would not know it."""
    dialect = translated(_searchable(pattern))
    expression = None if dialect is None else _compile(dialect) or _compile(unnested(dialect))
    if expression is None:
        raise Refusal(f"Invalid regular expression pattern. Pattern: {pattern}.")
    return expression


def is_valid(pattern: str) -> bool:
    """Whether the expression can be used: what a compiler asks about a literal."""
    try:
        return compiled(pattern) is not None
    except Refusal:
        return False


def _compile(pattern: str) -> Pattern | None:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY_MAX
    try:
        return re2.compile(pattern, options)  # type: ignore[no-any-return]  # it publishes no types
    except re2.error:
        return None


def _searchable(text: str) -> str:
    """RE2 reads UTF-8, which has no lone surrogates; the replacement character keeps the offsets."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


def _found(expression: Pattern, text: str) -> Iterator[tuple[int, int, Any]]:
    """Every match with its start and end in UTF-16 units; after an empty one the search goes on a unit further."""
    searchable, offsets = _searchable(text), _unit_offsets(text)
    position = 0
    while position <= len(searchable) and (match := expression.search(searchable, position)):
        first, end = match.span()
        yield offsets[first], offsets[end], match
        if first == end:
            if end < len(searchable) and offsets[end + 1] - offsets[end] == 2:
                yield offsets[end] + 1, offsets[end] + 1, match  # between the two surrogates
            end += 1
        position = end


def _unit_offsets(text: str) -> range | list[int]:
    """Where each code point begins in UTF-16 units, and the end."""
    if text.isascii():
        return range(len(text) + 1)
    offsets = [0]
    for each in text:
        offsets.append(offsets[-1] + 1 + (each > "\uffff"))
    return offsets


def _expanded(replacement: str, match: Any, expression: Pattern) -> str:
    if "$" not in replacement and "\\" not in replacement:
        return replacement
    return _TOKEN.sub(lambda token: _token(token, match, expression), replacement)


def _token(token: re.Match[str], match: Any, expression: Pattern) -> str:
    if token["literal"] is not None:
        return token["literal"]
    if token["number"] is not None:
        digits = token["number"]
        used = _group_digits(digits, expression.groups)
        return (match.group(int(digits[:used])) or "") + digits[used:]
    if not token["end"] or token["name"] not in expression.groupindex:
        raise RequestCrashed(f"No group {token['name']} in the regular expression.")
    return match.group(token["name"]) or ""


def _group_digits(digits: str, groups: int) -> int:
    """How many digits name the group: as many as there is a group for, at least one."""
    if int(digits[0]) > groups:
        raise RequestCrashed(f"No group {digits[0]} in the regular expression.")
    used = 1
    while used < len(digits) and int(digits[: used + 1]) <= groups:
        used += 1
    return used
