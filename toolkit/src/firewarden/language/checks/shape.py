"""Checks that need no meaning of names: depth, wildcards and names of packages. Any error here ends the checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firewarden.language import ast
from firewarden.language.checks.contents import Contents, Survey
from firewarden.language.checks.findings import ONE_GLOB, error, misplaced_glob
from firewarden.language.checks.signatures import PACKAGES
from firewarden.language.diagnostics import Diagnostic
from firewarden.language.limits import EXPRESSION_DEPTH_MAX


def check_shape(ruleset: ast.Ruleset, survey: Survey) -> Iterator[Diagnostic]:
    """Check every expression's depth, every name against the packages, and every path's wildcards."""
    version = ruleset.version.value if ruleset.version else "1"
    for member in ast.members(ruleset):
        match member:
            case ast.Match(path=path):
                yield from _version_1(path) if version == "1" else _version_2(path)
                yield from _packages(each.name for each in path.segments if isinstance(each, ast.Capture))
            case ast.Function():
                yield from _packages((*member.parameters, *[let.name for let in member.lets]))
        for root in ast.roots(member):
            yield from _expression(survey.of(root))


def _expression(contents: Contents) -> Iterator[Diagnostic]:
    for node in contents.too_deep:
        official = "Expression is too complex to evaluate safely."
        message = f"The expression is nested more than {EXPRESSION_DEPTH_MAX - 1} levels deep"
        yield error("too-complex", node.span, official, message, "Move parts of it into functions.")
    yield from _packages(contents.all(ast.Variable))


def _packages(names: Iterable[ast.Name | ast.Variable]) -> Iterator[Diagnostic]:
    for name in names:
        text = name.text if isinstance(name, ast.Name) else name.name
        if text in PACKAGES:
            official = f"{text} is a package and cannot be used as variable name."
            message = f"`{text}` is a package, not a variable"
            yield error("package-name", name.span, official, message, "Choose another name.")


def _version_1(path: ast.MatchPath) -> Iterator[Diagnostic]:
    for segment in path.segments[:-1]:
        if isinstance(segment, ast.Capture) and segment.glob:
            yield misplaced_glob(segment, "Glob matches are permitted as the last segment in a match declaration path.")


def _version_2(path: ast.MatchPath) -> Iterator[Diagnostic]:
    globs = [each for each in path.segments if isinstance(each, ast.Capture) and each.glob]
    for each in globs[1:]:
        yield misplaced_glob(each, ONE_GLOB)
