"""What a name means: functions are found in the enclosing blocks, variables in the function and the captures.

Functions and variables live in two name spaces. A call sees what its place in the source sees, never its caller's
names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from firewarden.language import ast
from firewarden.language.checks.contents import Contents, Survey, is_package
from firewarden.language.checks.signatures import ALLOW_METHODS, SERVICES

Owner = ast.Ruleset | ast.Service | ast.Match


@dataclass(slots=True, eq=False)
class Scope:
    """A block with its functions and captures."""

    owner: Owner
    outer: Scope | None
    survey: Survey
    functions: dict[str, Definition] = field(default_factory=dict)
    duplicates: list[Definition] = field(default_factory=list)

    def function(self, name: str) -> Definition | None:
        """Return the function that `name` calls here."""
        scope: Scope | None = self
        while scope is not None:
            if found := scope.functions.get(name):
                return found
            scope = scope.outer
        return None

    @property
    def service(self) -> str | None:
        """The name of the service that the block is in; the file itself is in none."""
        scope: Scope | None = self
        while scope is not None and not isinstance(scope.owner, ast.Service):
            scope = scope.outer
        return scope.owner.name.text if scope and isinstance(scope.owner, ast.Service) else None

    def capture(self, name: str) -> ast.Capture | None:
        """Return the capture that `name` reads here, the innermost first."""
        scope: Scope | None = self
        while scope is not None:
            if isinstance(scope.owner, ast.Match):
                for segment in reversed(scope.owner.path.segments):
                    if isinstance(segment, ast.Capture) and segment.name.text == name:
                        return segment
            scope = scope.outer
        return None


@dataclass(slots=True, eq=False)
class Definition:
    """A function and where it was defined."""

    function: ast.Function
    scope: Scope

    @property
    def is_ambiguous(self) -> bool:
        """Whether its block defines the name more than once: which one a call means is then open."""
        return any(each.name == self.name for each in self.scope.duplicates)

    @property
    def name(self) -> str:
        """The name it is called by."""
        return self.function.name.text


def scopes(ruleset: ast.Ruleset, survey: Survey) -> list[Scope]:
    """Return the blocks of a file, outer ones first, with the functions each defines."""
    found: list[Scope] = []
    waiting: list[tuple[Owner, Scope | None]] = [(ruleset, None)]
    while waiting:
        owner, outer = waiting.pop(0)
        scope = Scope(owner, outer, survey)
        found.append(scope)
        members = owner.declarations if isinstance(owner, ast.Ruleset) else owner.members
        for member in members:
            if isinstance(member, ast.Function):
                _define(scope, member)
            elif isinstance(member, ast.Service | ast.Match):
                waiting.append((member, scope))
    return found


def allows(scope: Scope) -> Iterator[ast.Allow]:
    """Yield a block's own allows."""
    if isinstance(scope.owner, ast.Match):
        yield from (member for member in scope.owner.members if isinstance(member, ast.Allow))


def services_of(allow: ast.Allow, scope: Scope) -> frozenset[str]:
    """Return the service whose requests an allow is about: none if it names no method that there is."""
    service = scope.service
    known = service in SERVICES and any(method.text.lower() in ALLOW_METHODS for method in allow.methods)
    return frozenset({service}) if service and known else frozenset()


def callees(definition: Definition) -> list[Definition]:
    """Return the functions that a function calls, each once, in source order."""
    return called(definition.scope, *ast.roots(definition.function))


def called(scope: Scope, *roots: ast.Expression) -> list[Definition]:
    """Return the functions that expressions call, each once, in source order."""
    calls = sorted((call for root in roots for call in scope.survey.of(root).all(ast.Call)), key=lambda call: call.span)
    return list(dict.fromkeys(found for call in calls if (found := scope.function(call.function.text))))


def definitions(scope: Scope) -> list[Definition]:
    """Return all functions of a block, duplicates included, in source order."""
    return sorted([*scope.functions.values(), *scope.duplicates], key=lambda each: each.function.span.start)


def mentioned(contents: Contents) -> set[str]:
    """Return the names an expression calls, as functions or as methods: to the official compiler either is a use."""
    methods = {each.method.text for each in contents.all(ast.MethodCall) if not is_package(each.receiver)}
    return methods | {each.function.text for each in contents.all(ast.Call)}


def _define(scope: Scope, function: ast.Function) -> None:
    definition = Definition(function, scope)
    if function.name.text in scope.functions:
        scope.duplicates.append(definition)
    else:
        scope.functions[function.name.text] = definition
