"""The Firebase rules language: tokens, syntax tree, printer and diagnostics. Nothing here evaluates."""

from firewarden.language.diagnostics import Diagnostic, OfficialIssue, Severity, render
from firewarden.language.parser import Parsed, parse, parse_expression
from firewarden.language.printer import print_expression, print_ruleset

__all__ = [
    "Diagnostic",
    "OfficialIssue",
    "Parsed",
    "Severity",
    "parse",
    "parse_expression",
    "print_expression",
    "print_ruleset",
    "render",
]
