"""How the checks speak: our words for us, the official compiler's words beside them."""

from __future__ import annotations

from firewarden.language import ast
from firewarden.language.ast import Span
from firewarden.language.diagnostics import Diagnostic, OfficialIssue, Severity


def error(code: str, span: Span, official: str, message: str = "", hint: str = "") -> Diagnostic:
    """Say something for which the official compiler rejects the file."""
    return _finding(Severity.ERROR, code, span, official, message, hint)


def warning(code: str, span: Span, official: str, message: str = "", hint: str = "") -> Diagnostic:
    """Say something for which the official compiler only warns."""
    return _finding(Severity.WARNING, code, span, official, message, hint)


def _finding(severity: Severity, code: str, span: Span, official: str, message: str, hint: str) -> Diagnostic:
    issue = OfficialIssue(span.line, span.column, official)
    return Diagnostic(severity, code, message or official.removesuffix("."), span, (issue,), hint)


ONE_GLOB = "Only one glob match is permitted in a match declaration path."


def misplaced_glob(at: ast.Node, law: str) -> Diagnostic:
    """A `{name=**}` where the version of the language allows none."""
    return error("glob", at.span, f"Invalid glob match expression. {law}", law.removesuffix("."))
