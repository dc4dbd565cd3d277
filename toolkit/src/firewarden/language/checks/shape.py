"""Checks that need no meaning of names: depth, wildcards and names of packages. Any error here ends the checks."""

from __future__ import annotations

from collections.abc import Iterator

from firewarden.language import ast
from firewarden.language.checks.findings import ONE_GLOB, error, misplaced_glob
from firewarden.language.checks.scopes import is_package
from firewarden.language.checks.signatures import PACKAGES
from firewarden.language.diagnostics import Diagnostic
from firewarden.language.limits import EXPRESSION_DEPTH_MAX


def check_shape(ruleset: ast.Ruleset) -> Iterator[Diagnostic]:
    """Check every expression's depth, every name against the packages, and every path's wildcards."""
    version = ruleset.version.value if ruleset.version else "1"
    for service in ruleset.services:
        yield from _globs(service, version)
    for node in ast.walk(ruleset):
        match node:
            case ast.Allow(condition=condition) if condition is not None:
                yield from _expression(condition)
            case ast.Function():
                yield from (each for name in node.parameters for each in _package(name))
                yield from _expression(node.result)
            case ast.Let():
                yield from _package(node.name)
                yield from _expression(node.value)
            case ast.MatchPath():
                for segment in node.segments:
                    if isinstance(segment, ast.Capture):
                        yield from _package(segment.name)


def _package(name: ast.Name | ast.Variable) -> Iterator[Diagnostic]:
    text = name.text if isinstance(name, ast.Name) else name.name
    if text in PACKAGES:
        official = f"{text} is a package and cannot be used as variable name."
        yield error(
            "package-name",
            name.span,
            official,
            f"`{text}` is a package, not a variable",
            "Choose another name.",
        )


def _expression(root: ast.Expression) -> Iterator[Diagnostic]:
    waiting: list[tuple[ast.Expression, int]] = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth >= EXPRESSION_DEPTH_MAX:
            official = "Expression is too complex to evaluate safely."
            message = f"The expression is nested more than {EXPRESSION_DEPTH_MAX - 1} levels deep"
            yield error("too-complex", node.span, official, message, "Move parts of it into functions.")
            continue
        if isinstance(node, ast.Variable):
            yield from _package(node)
        waiting.extend(_inner(node, depth))


def _inner(node: ast.Expression, depth: int) -> Iterator[tuple[ast.Expression, int]]:
    """Yield what is directly inside, with its depth: the receiver of a dot or bracket is no deeper."""
    receiver = getattr(node, "receiver", None)
    for child in _expressions(node):
        if child is receiver and isinstance(node, ast.MethodCall) and is_package(child):
            continue
        yield child, depth + (child is not receiver)


def _expressions(node: ast.Expression) -> Iterator[ast.Expression]:
    for child in ast.children(node):
        if isinstance(child, ast.MapEntry):
            yield child.key
            yield child.value
        elif isinstance(child, ast.Interpolation):
            yield child.expression
        elif isinstance(child, ast.Expression):
            yield child


def _globs(service: ast.Service, version: str) -> Iterator[Diagnostic]:
    waiting = [each for each in service.members if isinstance(each, ast.Match)]
    while waiting:
        match = waiting.pop()
        yield from _version_1(match.path) if version == "1" else _version_2(match.path)
        waiting.extend(each for each in match.members if isinstance(each, ast.Match))


def _version_1(path: ast.MatchPath) -> Iterator[Diagnostic]:
    for segment in path.segments[:-1]:
        if isinstance(segment, ast.Capture) and segment.glob:
            yield misplaced_glob(segment, "Glob matches are permitted as the last segment in a match declaration path.")


def _version_2(path: ast.MatchPath) -> Iterator[Diagnostic]:
    globs = [each for each in path.segments if isinstance(each, ast.Capture) and each.glob]
    for each in globs[1:]:
        yield misplaced_glob(each, ONE_GLOB)
