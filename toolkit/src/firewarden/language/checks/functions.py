"""Checks of functions: duplicates, recursion, call depth, parameters, variables, and what is never used."""

from __future__ import annotations

from collections.abc import Iterator

from firewarden.language import ast
from firewarden.language.checks.contents import Survey
from firewarden.language.checks.findings import error, warning
from firewarden.language.checks.scopes import (
    Definition,
    Scope,
    allows,
    callees,
    definitions,
    mentioned,
)
from firewarden.language.diagnostics import Diagnostic
from firewarden.language.limits import CALL_DEPTH_MAX, LETS_MAX, PARAMETERS_MAX


def check_functions(scopes: list[Scope]) -> Iterator[Diagnostic]:
    """Check every function of a file on its own, then how they call each other."""
    every = [definition for scope in scopes for definition in definitions(scope)]
    for scope in scopes:
        for definition in scope.duplicates:
            name = definition.function.name
            yield error("function-twice", name.span, f"Function {name.text} is already defined.")
    for definition in every:
        yield from _parameters(definition.function)
        yield from _lets(definition.function, definition.scope.survey)
    yield from _unused(scopes, every)
    yield from _calls(every)


def _parameters(function: ast.Function) -> Iterator[Diagnostic]:
    if len(function.parameters) > PARAMETERS_MAX:
        name = function.name
        text = f"Maximum allowed function arguments of {PARAMETERS_MAX} for function {name.text} is reached."
        yield error("parameters", name.span, text, f"`{name.text}` has more than {PARAMETERS_MAX} parameters")
    seen: set[str] = set()
    for parameter in function.parameters:
        if parameter.text in seen:
            yield error("parameter-twice", parameter.span, f"Variable {parameter.text} is already defined.")
        seen.add(parameter.text)


def _lets(function: ast.Function, survey: Survey) -> Iterator[Diagnostic]:
    if len(function.lets) > LETS_MAX:
        rest = function.lets[LETS_MAX + 1] if len(function.lets) > LETS_MAX + 1 else function.result
        text = "Maximum allowed variable count of 10 for a given function has been reached."
        yield error("lets", rest.span, text, f"`{function.name.text}` has more than {LETS_MAX} variables")
        return
    bound = [parameter.text for parameter in function.parameters]
    for let in function.lets:
        if let.name.text in bound:
            text = f"The identifier [{let.name.text}] is already bound in the current scope."
            yield error("let-twice", let.name.span, text, f"`{let.name.text}` is already a variable here")
        bound.append(let.name.text)
    yield from _unread(function, survey)


def _unread(function: ast.Function, survey: Survey) -> Iterator[Diagnostic]:
    """A use reads the last binding of the name before it; of parameters of one name it reads all."""
    latest: dict[str, list[ast.Name]] = {}
    for name in function.parameters:
        latest.setdefault(name.text, []).append(name)
    unread: dict[ast.Span, ast.Name] = {name.span: name for name in function.parameters}
    for let in (*function.lets, None):
        expression = let.value if let else function.result
        for variable in survey.of(expression).all(ast.Variable):
            for name in latest.get(variable.name, ()):
                unread.pop(name.span, None)
        if let:
            latest[let.name.text] = [let.name]
            unread[let.name.span] = let.name
    for name in unread.values():
        yield warning("unused-variable", name.span, f"Unused variable: {name.text}.", hint="Remove it.")


def _unused(scopes: list[Scope], every: list[Definition]) -> Iterator[Diagnostic]:
    used: set[Definition] = set()
    for scope, expression in _expressions(scopes):
        names = mentioned(scope.survey.of(expression))
        used |= {found for name in names if (found := scope.function(name))}
    for definition in every:
        if definition.scope.functions[definition.name] not in used:
            name = definition.function.name
            yield warning("unused-function", name.span, f"Unused function: {name.text}.", hint="Remove it.")


def _expressions(scopes: list[Scope]) -> Iterator[tuple[Scope, ast.Expression]]:
    for scope in scopes:
        for definition in definitions(scope):
            yield from ((scope, each) for each in ast.roots(definition.function))
        yield from ((scope, each.condition) for each in allows(scope) if each.condition)


def _calls(every: list[Definition]) -> Iterator[Diagnostic]:
    graph = {definition: callees(definition) for definition in every}
    for definition in every:
        if definition in graph[definition]:
            yield error("recursion", definition.function.name.span, "Recursive call is not allowed.")
    cycles = list(_cycles(every, graph))
    yield from cycles
    if not cycles:
        called = {callee for definition in every for callee in graph[definition] if callee is not definition}
        for definition in every:
            if definition not in called:
                yield from _depth(definition, graph)


def _cycles(every: list[Definition], graph: dict[Definition, list[Definition]]) -> Iterator[Diagnostic]:
    """Follow the calls depth first; one that comes back to the path it came by closes a cycle."""
    done: set[Definition] = set()
    for root in every:
        path: list[Definition] = []
        waiting: list[tuple[Definition, int]] = [(root, 0)]
        while waiting:
            definition, depth = waiting.pop()
            del path[depth:]
            if definition in path:
                cycle = path[path.index(definition) :]
                if len(cycle) > 1:
                    yield _cycle(cycle)
                continue
            if definition in done:
                continue
            done.add(definition)
            path.append(definition)
            waiting += [(callee, depth + 1) for callee in reversed(graph[definition])]


def _cycle(cycle: list[Definition]) -> Diagnostic:
    names = ",".join(each.name for each in cycle)
    text = f"Detected a call cycle between [{names}] functions."
    return error("call-cycle", cycle[0].function.name.span, text, hint="Functions cannot call each other in a circle.")


def _depth(root: Definition, graph: dict[Definition, list[Definition]]) -> Iterator[Diagnostic]:
    """Report the first function on each path that is one too deep; no path is followed further."""
    shallowest: dict[Definition, int] = {}
    waiting: list[tuple[Definition, tuple[Definition, ...]]] = [(root, ())]
    while waiting:
        definition, path = waiting.pop()
        if len(path) > CALL_DEPTH_MAX:
            yield _too_deep(definition, path)
            continue
        if shallowest.get(definition, -1) >= len(path) or definition in path:
            continue
        shallowest[definition] = len(path)
        waiting += [(callee, (*path, definition)) for callee in reversed(graph[definition])]


def _too_deep(definition: Definition, path: tuple[Definition, ...]) -> Diagnostic:
    names = "->".join(each.name for each in path)
    text = f"Maximum allowed call depth of {CALL_DEPTH_MAX} is reached for [{names}] call stack."
    message = f"`{definition.name}` is called more than {CALL_DEPTH_MAX} calls deep"
    return error("call-depth", definition.function.name.span, text, message)
