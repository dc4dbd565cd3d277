"""What the official compiler says about a source, as its API tells it: with offsets beside lines and columns."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from firewarden.language.lexer import tokenize
from firewarden.rules.checking import parse_rules


@dataclass(frozen=True, slots=True)
class Issue:
    """One line of the compiler's answer. Offsets count from 0 and are inclusive; `severity` is WARNING or ERROR."""

    line: int
    column: int
    start: int
    end: int
    severity: str
    description: str


def issues_of(text: str) -> tuple[Issue, ...]:
    """Everything that the official compiler says about a source, in its order."""
    parsed = parse_rules(text)
    severity = "WARNING" if parsed.ruleset is not None else "ERROR"
    lines = [0, *(number + 1 for number, each in enumerate(text) if each == "\n")]
    tokens = tokenize(text)
    starts = [each.span.start for each in tokens]
    found = []
    for issue in parsed.official:
        start = lines[issue.line - 1] + issue.column - 1 if issue.line else 0
        token = tokens[min(bisect_left(starts, start), len(tokens) - 1)]
        end = max(start, token.span.end - 1) if token.span.start == start else start
        found.append(Issue(issue.line, issue.column, start, end, severity, issue.description))
    return tuple(found)
