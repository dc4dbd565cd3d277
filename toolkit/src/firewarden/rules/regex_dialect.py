"""Expressions of RE2/J rewritten for RE2: pure text, nothing is matched here."""

from __future__ import annotations

import re

_ITEM = re.compile(
    r"\\Q.*?(?:\\E|$)|\\p\{\^?\w+\}|\\P\{\^?\w+\}|\\[pP]\w|\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|.",
    re.DOTALL,
)
_REPEATED = re.compile(
    r"(\\p\{\w+\}|\\[^Q]|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|[^\\()\[\]{}|*+?^$])\{(\d+)(?:,(\d+))?\}",
    re.DOTALL,
)
_COPIES_MAX = 10_000
# RE2/J's Unicode tables end before version 6.1: these symbols have no category there.
_LATER_SYMBOLS = (
    r"\x{1F600}\x{1F611}\x{1F615}\x{1F617}\x{1F619}\x{1F61B}\x{1F61F}\x{1F626}-\x{1F627}\x{1F62C}"
    r"\x{1F62E}-\x{1F62F}\x{1F634}\x{1F641}-\x{1F642}\x{1F900}-\x{1FAFF}"
)
_SYMBOLS = {
    r"\p{So}": rf"[^\P{{So}}{_LATER_SYMBOLS}]",
    r"\p{S}": rf"[^\P{{S}}{_LATER_SYMBOLS}]",
    r"\pS": rf"[^\PS{_LATER_SYMBOLS}]",
}


def translated(pattern: str) -> str | None:
    """The pattern for RE2; None if it uses what only RE2 has (`\\C`, one byte of a character)."""
    if "\\" not in pattern:
        return pattern
    items = _ITEM.findall(pattern)
    if r"\C" in items:
        return None
    return "".join(_SYMBOLS.get(item, item) for item in items)


def unnested(pattern: str) -> str:
    """The pattern with repetitions of single characters written out: RE2 limits the product of nested ones."""

    def copies(found: re.Match[str]) -> str:
        item, least, most = found[1], int(found[2]), int(found[3] or found[2])
        if not least <= most <= 1000 or len(item) * most > _COPIES_MAX:
            return found[0]
        return "(?:" + item * least + f"{item}?" * (most - least) + ")"

    return _REPEATED.sub(copies, pattern)
