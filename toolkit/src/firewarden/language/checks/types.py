"""Checks the types of every condition and function of a file.

A parameter or `let` may be what all its uses agree on, and arguments and values are judged by that. What a caller wants
of a function's result is followed into the function too, silently: it may say something about the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from firewarden.language import ast
from firewarden.language.checks import positions
from firewarden.language.checks.findings import warning
from firewarden.language.checks.inference import RULES
from firewarden.language.checks.place import Expected, Place, Signature, Unknown, merged
from firewarden.language.checks.scopes import (
    Definition,
    Scope,
    allows,
    called,
    callees,
    definitions,
    services_of,
)
from firewarden.language.checks.signatures import TRUTH
from firewarden.language.diagnostics import Diagnostic
from firewarden.language.limits import LETS_MAX


def check_types(scopes: Sequence[Scope], is_pattern: Callable[[str], bool]) -> Iterator[Diagnostic]:
    """Check every condition and every function, used or not."""
    functions = _Functions(scopes, is_pattern)
    for scope in scopes:
        for definition in definitions(scope):
            functions.signature(definition, None)
        for allow in allows(scope):
            yield from _condition(allow, scope, functions)
    yield from functions.findings


def _condition(allow: ast.Allow, scope: Scope, functions: _Functions) -> Iterator[Diagnostic]:
    """A condition must be a truth value; the official compiler words that differently for the condition itself."""
    findings: list[Diagnostic] = []
    condition = allow.condition
    if condition is None:
        return
    services = services_of(allow, scope)
    place = Place(
        RULES,
        scope,
        services,
        shared=False,
        locals={},
        say=findings.append,
        signature=functions.signature,
        is_pattern=functions.is_pattern,
    )
    place.examine(condition, TRUTH)
    root = positions.of(condition)
    is_choice = isinstance(positions.ungrouped(condition), ast.Ternary)
    for finding in findings:
        received = finding.official[0].description
        if finding.code == "type" and finding.span == root and received.endswith("[bool].") and not is_choice:
            types = received.removeprefix("Invalid type. ").removesuffix(" Expected one of [bool].")
            text = f"Invalid type. Permission statements expect a boolean value. {types}"
            yield warning("condition-type", root, text, "The condition is not a truth value")
            is_choice = True
        else:
            yield finding


class _Functions:
    """The functions checked so far: each is checked once for itself and once for each thing callers want of it."""

    def __init__(self, scopes: Sequence[Scope], is_pattern: Callable[[str], bool]) -> None:
        self.is_pattern = is_pattern
        self._services = _reaching(scopes)
        self.findings: list[Diagnostic] = []
        self._signatures: dict[tuple[Definition, Expected], Signature] = {}
        self._open: set[Definition] = set()

    def signature(self, definition: Definition, wanted: Expected) -> Signature:
        """Return what callers who want `wanted` may pass, and what they get."""
        function = definition.function
        if definition in self._open or len(function.lets) > LETS_MAX:
            return Signature((None,) * len(function.parameters), None)
        key = (definition, wanted)
        if key not in self._signatures:
            unasked = self.signature(definition, None) if wanted is not None else None
            if unasked and unasked.result == wanted:
                # To want what it is anyway leaves every overload in it usable: nothing else can come out.
                self._signatures[key] = unasked
                return unasked
            self._open.add(definition)
            self._signatures[key] = self._check(definition, wanted)
            self._open.remove(definition)
        return self._signatures[key]

    def _check(self, definition: Definition, wanted: Expected) -> Signature:
        say: Callable[[Diagnostic], None] = self.findings.append if wanted is None else lambda _: None
        function = definition.function
        parameters = [Unknown(name.text) for name in function.parameters]
        variables = [Unknown(let.name.text) for let in function.lets]
        place = self._place(definition, say)
        place.locals = _visible(parameters, variables)
        result, uses = place.examine(function.result, wanted)
        # A value is judged by how its variable is used, and those uses all come after it.
        for number, let in reversed(tuple(enumerate(function.lets))):
            place.locals = _visible(parameters, variables[:number])
            needed = uses.pop(variables[number], None)
            uses = merged([place.examine(let.value, needed)[1], uses], let.span, say)
        return Signature(tuple(uses.get(each) for each in parameters), result)

    def _place(self, definition: Definition, say: Callable[[Diagnostic], None]) -> Place:
        return Place(
            RULES,
            definition.scope,
            self._services.get(definition, frozenset()),
            shared=isinstance(definition.scope.owner, ast.Ruleset),
            locals={},
            say=say,
            signature=self.signature,
            is_pattern=self.is_pattern,
        )


def _visible(parameters: Sequence[Unknown], variables: Sequence[Unknown]) -> dict[str, Unknown]:
    """What names mean: of parameters of one name the first, of variables the last."""
    return {each.name: each for each in (*reversed(parameters), *variables)}


def _reaching(scopes: Sequence[Scope]) -> dict[Definition, frozenset[str]]:
    """Return the services whose allows lead to each function, directly or through others."""
    reaching: dict[Definition, frozenset[str]] = {}
    for scope in scopes:
        for allow in allows(scope):
            services = services_of(allow, scope)
            waiting = called(scope, allow.condition) if allow.condition and services else []
            while waiting:
                definition = waiting.pop()
                known = reaching.get(definition, frozenset())
                if not services <= known:
                    reaching[definition] = known | services
                    waiting += callees(definition)
    return reaching
