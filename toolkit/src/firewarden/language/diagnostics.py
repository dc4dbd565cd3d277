"""What is said about a source: values with a position, our own words and the official compiler's beside them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from firewarden.language.ast import Span

LINE_MAX: Final = 200
"""Characters of a source line that are shown."""


class Severity(StrEnum):
    """Errors reject the source, warnings do not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class OfficialIssue:
    """One line of the official compiler's answer, in its exact words and at its exact position."""

    line: int
    column: int
    description: str

    def __str__(self) -> str:
        return f"L{self.line}:{self.column} {self.description}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong or doubtful, where it is, and what to do about it."""

    severity: Severity
    code: str
    message: str
    span: Span
    official: tuple[OfficialIssue, ...] = ()
    hint: str = ""


def render(diagnostic: Diagnostic, text: str, file: str = "firestore.rules") -> str:
    """Show a diagnostic with its place: `file:line:column: severity: message`, the line, a caret, the hint.

    Of a line longer than `LINE_MAX` only what is around the place is shown.
    """
    span = diagnostic.span
    line, before = _around(source_line(text, span.line), span.column)
    # A tab before the caret keeps the caret under its character however wide tabs are shown.
    indent = "".join("\t" if each == "\t" else " " for each in line[:before])
    width = max(1, min(span.end - span.start, len(line) - before))
    shown = [
        f"{file}:{span.line}:{span.column}: {diagnostic.severity}: {diagnostic.message}",
        f"  {line}",
        f"  {indent}{'^' * width}",
    ]
    return "\n".join([*shown, f"  {diagnostic.hint}"] if diagnostic.hint else shown)


def source_line(text: str, number: int) -> str:
    """Return a line of the source by its 1-based number. Only a line feed ends a line, as everywhere here."""
    lines = _lines(text)
    return lines[number - 1].rstrip("\r") if number <= len(lines) else ""


@lru_cache(maxsize=2)
def _lines(text: str) -> list[str]:
    """Kept for the next diagnostic of the same text: a file may have as many of them as it has lines."""
    return text.split("\n")


def _around(line: str, column: int) -> tuple[str, int]:
    """A line cut to what can be read around a column, and how much of that stands before the column."""
    before = column - 1
    if len(line) <= LINE_MAX:
        return line, before
    first = max(0, before - LINE_MAX // 2)
    head = "…" if first else ""
    tail = "…" if first + LINE_MAX < len(line) else ""
    return head + line[first : first + LINE_MAX] + tail, len(head) + before - first
