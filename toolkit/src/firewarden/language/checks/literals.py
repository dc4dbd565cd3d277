"""Checks of single words: version, captures of one path, numbers, bytes. The first thing wrong ends the checks here."""

from __future__ import annotations

from collections.abc import Iterator

from firewarden.language import ast
from firewarden.language.checks.contents import Contents, Survey
from firewarden.language.checks.findings import error
from firewarden.language.diagnostics import Diagnostic
from firewarden.language.limits import INT_MAX

VERSIONS = ("1", "2")


def check_literals(ruleset: ast.Ruleset, survey: Survey) -> Iterator[Diagnostic]:
    """Every literal must denote a value, and every capture of a path must have its own name."""
    if ruleset.version and ruleset.version.value not in VERSIONS:
        value = ruleset.version.value
        hint = "Write rules_version = '2';"
        yield error("rules-version", ruleset.version.span, f"Unsupported rules version {value}.", hint=hint)
    for member in ast.members(ruleset):
        if isinstance(member, ast.Match):
            yield from _captures(member.path)
        for root in ast.roots(member):
            contents = survey.of(root)
            for path in contents.all(ast.PathLiteral):
                yield from _captures(path)
            yield from _numbers(contents)
            yield from map(_bytes, (each for each in contents.all(ast.Bytes) if _has_unit(each)))


def _numbers(contents: Contents) -> Iterator[Diagnostic]:
    """Behind a minus one more number fits than without."""
    large = [each for each in contents.all(ast.Int) if each.value > INT_MAX]
    if not large:
        return
    negated = [each.operand.span for each in contents.all(ast.Unary) if each.operator == "-"]
    for node in large:
        if node.value > INT_MAX + (node.span in negated):
            text = f"Invalid number literal {node.value}."
            yield error("number-range", node.span, text, f"The number {node.value} does not fit in 64 bits")


def _has_unit(node: ast.Bytes) -> bool:
    return "\\u" in node.text.replace("\\\\", "")


def _bytes(node: ast.Bytes) -> Diagnostic:
    text = f"Invalid bytes literal {node.text}."
    message = "A bytes literal has no `\\u` escapes"
    return error("bytes-escape", node.span, text, message, "Write single bytes as `\\xHH`.")


def _captures(path: ast.MatchPath | ast.PathLiteral) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for segment in path.segments:
        if isinstance(segment, ast.Capture):
            name = segment.name.text
            if name in seen:
                text = f"Variable {name} already exists in the PathTemplate."
                yield error("capture-twice", segment.name.span, text, f"The path captures `{name}` twice")
            seen.add(name)
