"""Checks of single words: version, captures of one path, numbers, bytes. The first thing wrong ends the checks here."""

from __future__ import annotations

from collections.abc import Iterator

from firewarden.language import ast
from firewarden.language.checks.findings import error
from firewarden.language.diagnostics import Diagnostic
from firewarden.language.limits import INT_MAX

VERSIONS = ("1", "2")


def check_literals(ruleset: ast.Ruleset) -> Iterator[Diagnostic]:
    """Every literal must denote a value, and every capture of a path must have its own name."""
    if ruleset.version and ruleset.version.value not in VERSIONS:
        value = ruleset.version.value
        hint = "Write rules_version = '2';"
        yield error("rules-version", ruleset.version.span, f"Unsupported rules version {value}.", hint=hint)
    negated = set()
    for node in ast.walk(ruleset):
        match node:
            case ast.MatchPath() | ast.PathLiteral():
                yield from _captures(node)
            case ast.Unary(operator="-", operand=ast.Int() as operand):
                negated.add(operand.span)
            case ast.Int() if node.value > INT_MAX + (node.span in negated):
                text = f"Invalid number literal {node.value}."
                yield error("number-range", node.span, text, f"The number {node.value} does not fit in 64 bits")
            case ast.Bytes() if "\\u" in node.text.replace("\\\\", ""):
                text = f"Invalid bytes literal {node.text}."
                message = "A bytes literal has no `\\u` escapes"
                yield error("bytes-escape", node.span, text, message, "Write single bytes as `\\xHH`.")


def _captures(path: ast.MatchPath | ast.PathLiteral) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for segment in path.segments:
        if isinstance(segment, ast.Capture):
            name = segment.name.text
            if name in seen:
                text = f"Variable {name} already exists in the PathTemplate."
                yield error("capture-twice", segment.name.span, text, f"The path captures `{name}` twice")
            seen.add(name)
