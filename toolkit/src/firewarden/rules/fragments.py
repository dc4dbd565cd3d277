"""What stands at the top level of a rules fragment, and whether its brackets close.

A scanner of brackets, strings and comments: deliberately not a parser of the rules language.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# One alternative per thing whose inside must not be looked into, then what is looked at. A string ends on its
# line: the rules compiler knows no longer ones, so a missing quote is found where it is missing.
_TOKEN = re.compile(
    r"""
      (?P<comment>//[^\n]*|/\*.*?\*/)
    | (?P<open_comment>/\*)
    | (?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    | (?P<open_string>['"][^\n]*)
    | (?P<capture>(?<=/)\{[A-Za-z_]\w*(?:=\*\*)?\})
    | (?P<word>[A-Za-z_]\w*)
    | (?P<bracket>[{}()\[\]])
    | (?P<end>;)
    | (?P<other>\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSES = {"}": "{", ")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Item:
    """A top-level declaration: its first word, its name (of a function) and the line it starts on."""

    keyword: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class ScanFault:
    """Text that cannot be cut into declarations."""

    line: int
    message: str


@dataclass(slots=True)
class _Declaration:
    line: int
    words: list[str]


def scan(text: str) -> Iterator[Item | ScanFault]:
    """Every declaration stands at depth zero and every bracket, string and comment is closed.

    Nothing more is yielded after a bracket fault: what follows it would be guesswork.
    """
    open_brackets: list[tuple[str, int]] = []
    current: _Declaration | None = None
    for match in _TOKEN.finditer(text):
        kind, token = str(match.lastgroup), match.group()
        line = text.count("\n", 0, match.start()) + 1
        if kind == "comment":
            continue
        fault = _fault_at(kind, token, line, open_brackets)
        if fault is not None:
            yield fault
            return
        if current is None:
            current = _Declaration(line, [])
        if not open_brackets and kind in ("word", "other"):
            current.words.append(token)
        _follow(kind, token, line, open_brackets)
        if not open_brackets and token in ("}", ";"):
            yield _item(current)
            current = None
    if open_brackets:
        bracket, line = open_brackets[-1]
        yield ScanFault(line, f"this {bracket!r} is never closed")
    elif current is not None:
        yield _item(current) if current.words[:1] == ["rules_version"] else _unfinished(current)


def _fault_at(kind: str, token: str, line: int, open_brackets: list[tuple[str, int]]) -> ScanFault | None:
    if kind == "open_comment":
        return ScanFault(line, "this comment is never closed; end it with */")
    if kind == "open_string":
        return ScanFault(line, f"this string is not closed on its line: {token.strip()}")
    if kind != "bracket" or token not in _CLOSES:
        return None
    if not open_brackets:
        return ScanFault(line, f"{token!r} closes nothing; a bracket before it is missing or this one is extra")
    bracket, opened = open_brackets[-1]
    if bracket != _CLOSES[token]:
        return ScanFault(line, f"{token!r} does not close the {bracket!r} of line {opened}")
    return None


def _follow(kind: str, token: str, line: int, open_brackets: list[tuple[str, int]]) -> None:
    if kind != "bracket":
        return
    if token in _CLOSES:
        open_brackets.pop()
    else:
        open_brackets.append((token, line))


def _item(declaration: _Declaration) -> Item:
    words = [*declaration.words, "", ""]
    return Item(keyword=words[0] or "{", name=words[1], line=declaration.line)


def _unfinished(declaration: _Declaration) -> ScanFault:
    return ScanFault(declaration.line, f"{' '.join(declaration.words[:4])!r} is not a complete declaration")
