"""What a compiler has to say about a rules file: the language's own checks, with patterns judged by RE2."""

from __future__ import annotations

from firewarden.language import Diagnostic, Parsed, parse
from firewarden.rules.regex import is_valid


def check(text: str) -> tuple[Diagnostic, ...]:
    """Every error and warning of a rules file, in source order; Firebase refuses a file with errors."""
    return parse_rules(text).diagnostics


def parse_rules(text: str) -> Parsed:
    """The tree of a rules file, unless there are errors, and its diagnostics."""
    return parse(text, is_pattern=is_valid)
