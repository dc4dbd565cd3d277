"""Everything the compiler checks about a file that parses, in the phases in which the official compiler checks it.

A phase with errors is the last one, so that one mistake does not bring a dozen others with it.
"""

from __future__ import annotations

from collections.abc import Callable

from firewarden.language import ast
from firewarden.language.checks.blocks import check_blocks
from firewarden.language.checks.contents import Survey
from firewarden.language.checks.functions import check_functions
from firewarden.language.checks.literals import check_literals
from firewarden.language.checks.scopes import scopes
from firewarden.language.checks.shape import check_shape
from firewarden.language.checks.types import check_types
from firewarden.language.diagnostics import Diagnostic, Severity


def analyse(ruleset: ast.Ruleset, is_pattern: Callable[[str], bool]) -> list[Diagnostic]:
    """Return what is wrong or doubtful about a file, in source order."""
    survey = Survey()
    if findings := check_words(ruleset, survey):
        return in_order(findings)
    blocks = scopes(ruleset, survey)
    return in_order([*check_blocks(ruleset), *check_functions(blocks), *check_types(blocks, is_pattern)])


def check_words(ruleset: ast.Ruleset, survey: Survey) -> list[Diagnostic]:
    """Return what is wrong however names are meant; a version that is not known ends even this early."""
    findings = list(check_literals(ruleset, survey))
    if not any(finding.code == "rules-version" for finding in findings):
        findings += check_shape(ruleset, survey)
    return findings


def has_errors(findings: list[Diagnostic]) -> bool:
    """Tell whether the file is to be rejected."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def in_order(findings: list[Diagnostic]) -> list[Diagnostic]:
    """Sort findings as the official compiler does: by position, then by its words."""
    return sorted(findings, key=lambda each: (each.span.start, each.official[0].description if each.official else ""))
