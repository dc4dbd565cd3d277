"""Source text to syntax tree: the one entry, `parse`. Mistakes in the source are values, never exceptions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from firewarden.language import _declarations
from firewarden.language._cursor import Cursor, SyntaxFault
from firewarden.language._expressions import expression
from firewarden.language.analysis import analyse, check_words, has_errors
from firewarden.language.ast import Expression, Ruleset
from firewarden.language.checks.contents import Survey
from firewarden.language.collector import held_back
from firewarden.language.depth import with_room
from firewarden.language.diagnostics import Diagnostic, OfficialIssue, Severity
from firewarden.language.lexer import tokenize
from firewarden.language.official.compiler import syntax_issues


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of a source: a tree unless there are errors, and everything there is to say about it."""

    ruleset: Ruleset | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def official(self) -> tuple[OfficialIssue, ...]:
        """What the official compiler says about the source, line by line and in its order."""
        return tuple(sorted(issue for each in self.diagnostics for issue in each.official))


@held_back()
def parse(text: str, *, is_pattern: Callable[[str], bool] = lambda _: True) -> Parsed:
    """Parse and check a rules file.

    `is_pattern` tells whether a literal given to `matches()` or `split()` is a regular expression; the language
    itself knows no regular expressions.
    """
    cursor = Cursor(tokenize(text))
    ruleset = _declarations.ruleset(cursor)
    if cursor.faults:
        return Parsed(None, tuple(_syntax(cursor, ruleset)))
    findings = with_room(lambda: analyse(ruleset, is_pattern))
    return Parsed(None if has_errors(findings) else ruleset, tuple(findings))


def parse_expression(text: str) -> Expression | tuple[Diagnostic, ...]:
    """Parse a single expression, such as the condition of an `allow`. Names and types are not checked."""
    cursor = Cursor(tokenize(text))
    try:
        result = expression(cursor)
        if cursor.token.span.start < len(text):
            raise cursor.fault("The expression ends before this")
    except SyntaxFault as fault:
        return (_finding(fault, ()),)
    return result


def _syntax(cursor: Cursor, ruleset: Ruleset) -> list[Diagnostic]:
    """Pair our findings with the official compiler's, each of whose lines goes to the nearest of ours before it."""
    answer = syntax_issues(cursor.tokens)
    faults = sorted(cursor.faults, key=lambda fault: fault.span.start)
    paired: list[list[OfficialIssue]] = [[] for _ in faults]
    places = [(fault.span.line, fault.span.column) for fault in faults]
    for issue in answer.issues:
        before = bisect_right(places, (issue.line, issue.column))
        paired[max(0, before - 1)].append(issue)
    findings = [_finding(fault, tuple(issues)) for fault, issues in zip(faults, paired, strict=True)]
    if answer.complete:
        findings += check_words(ruleset, Survey())
    return sorted(findings, key=lambda each: each.span.start)


def _finding(fault: SyntaxFault, official: tuple[OfficialIssue, ...]) -> Diagnostic:
    return Diagnostic(Severity.ERROR, "syntax", fault.message, fault.span, official, fault.hint)
