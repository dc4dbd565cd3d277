"""What is said about a source: values with a position, our own words and the official compiler's beside them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firewarden.language.ast import Span


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
    """Show a diagnostic with its place: `file:line:column: severity: message`, the line, a caret, the hint."""
    span = diagnostic.span
    line = source_line(text, span.line)
    # A tab before the caret keeps the caret under its character however wide tabs are shown.
    indent = "".join("\t" if each == "\t" else " " for each in line[: span.column - 1])
    width = max(1, min(span.end - span.start, len(line) - span.column + 1))
    shown = [
        f"{file}:{span.line}:{span.column}: {diagnostic.severity}: {diagnostic.message}",
        f"  {line}",
        f"  {indent}{'^' * width}",
    ]
    return "\n".join([*shown, f"  {diagnostic.hint}"] if diagnostic.hint else shown)


def source_line(text: str, number: int) -> str:
    """Return a line of the source by its 1-based number. Only a line feed ends a line, as everywhere here."""
    lines = text.split("\n")
    return lines[number - 1].rstrip("\r") if number <= len(lines) else ""
