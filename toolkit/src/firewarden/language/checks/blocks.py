"""Checks of services, matches and allows: nesting, length of paths, methods, duplicates."""

from __future__ import annotations

from collections.abc import Iterator

from firewarden.language import ast
from firewarden.language.checks.findings import ONE_GLOB, error, misplaced_glob, warning
from firewarden.language.checks.signatures import ALLOW_METHODS, SERVICES
from firewarden.language.diagnostics import Diagnostic, OfficialIssue, Severity
from firewarden.language.limits import CAPTURES_MAX, MATCH_DEPTH_MAX, SEGMENTS_MAX


def check_blocks(ruleset: ast.Ruleset) -> Iterator[Diagnostic]:
    """Check the file's version and every service with its matches."""
    version = ruleset.version.value if ruleset.version else "1"
    if version == "1":
        yield _old_version(ruleset)
        yield from (_let(each) for each in ast.walk(ruleset) if isinstance(each, ast.Let))
    seen: set[str] = set()
    for service in ruleset.services:
        name = service.name.text
        if name in seen:
            yield error("service-twice", service.name.span, "Duplicate service name declaration.")
        if name not in SERVICES:
            text = f"Invalid service name: {name}."
            yield warning("service-name", service.name.span, text, hint=f"Known are {' and '.join(SERVICES)}.")
        seen.add(name)
        yield from _matches(service, known=name in SERVICES, version=version)


def _old_version(ruleset: ast.Ruleset) -> Diagnostic:
    text = "Ruleset uses old version (version [1]). Please update to the latest version (version [2])."
    span = ruleset.version.span if ruleset.version else ast.Span(0, 0, 1, 1)
    # The official compiler gives this one no position.
    return Diagnostic(
        Severity.WARNING,
        "old-version",
        "The file uses version 1 of the language",
        span,
        (OfficialIssue(0, 0, text),),
        "Begin it with rules_version = '2'; note that {x=**} then matches zero segments too.",
    )


def _let(let: ast.Let) -> Diagnostic:
    text = 'Let bindings are not allowed in rules_version="1";'
    message = "Version 1 of the language has no variables"
    return error("let-version", let.name.span, text, message, "Begin the file with rules_version = '2';")


def _matches(service: ast.Service, *, known: bool, version: str) -> Iterator[Diagnostic]:
    waiting: list[tuple[ast.Match, tuple[ast.Match, ...]]] = [
        (each, ()) for each in service.members if isinstance(each, ast.Match)
    ]
    while waiting:
        match, outer = waiting.pop(0)
        path = [segment for each in (*outer, match) for segment in each.path.segments]
        if len(outer) + 1 > MATCH_DEPTH_MAX:
            yield error("match-depth", match.span, "Maximum allowed resource rule depth of 10 is reached.")
            continue
        if too_long := _too_long(match, path):
            yield too_long
            continue
        children = [each for each in match.members if isinstance(each, ast.Match)]
        if _has_glob(match) and version == "1" and children:
            yield warning("glob-children", match.span, "Glob(**) resource rules should not have child resource rules.")
        if _has_glob(match) and version != "1" and any(map(_has_glob, outer)):
            yield misplaced_glob(match, ONE_GLOB)
        for member in match.members:
            if isinstance(member, ast.Allow):
                yield from _methods(member, known=known)
        waiting += [(each, (*outer, match)) for each in children]


def _has_glob(match: ast.Match) -> bool:
    return any(isinstance(each, ast.Capture) and each.glob for each in match.path.segments)


def _too_long(match: ast.Match, path: list[ast.Literal | ast.Capture]) -> Diagnostic | None:
    if sum(isinstance(each, ast.Capture) for each in path) > CAPTURES_MAX:
        text = f"Maximum allowed amount of {CAPTURES_MAX} match field variables is reached."
        return error("captures", match.span, text, f"The whole path captures more than {CAPTURES_MAX} variables")
    if len(path) > SEGMENTS_MAX:
        text = f"Maximum allowed path length of {SEGMENTS_MAX} is reached."
        return error("segments", match.span, text, f"The whole path has more than {SEGMENTS_MAX} segments")
    return None


def _methods(allow: ast.Allow, *, known: bool) -> Iterator[Diagnostic]:
    for method in allow.methods:
        if not known or method.text.lower() not in ALLOW_METHODS:
            text = f"Invalid method name: {method.text}."
            yield warning("method-name", method.span, text, hint=f"Known are {', '.join(ALLOW_METHODS)}.")
