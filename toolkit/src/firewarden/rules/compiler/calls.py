"""Calls by name: the ruleset's own functions, which hide global ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from firewarden.language import ast
from firewarden.rules.compiler.code import Code, Evaluation, Run, Slots, constant
from firewarden.rules.compiler.methods import LOOKUPS, builtin_call, debug_call, lookup_call
from firewarden.rules.compiler.scope import Scope
from firewarden.rules.kinds import Value
from firewarden.rules.outcomes import EvalError

if TYPE_CHECKING:
    from firewarden.rules.compiler.expressions import Compiler


def function_call(node: ast.Call, compiler: Compiler, start: ast.Span) -> Code:
    """`function(arguments)`."""
    name = node.function.text
    found = compiler.scope.function(name)
    if found:
        return _user_call(node, *found, compiler, start)
    if name in LOOKUPS:
        return lookup_call(node, compiler, start)
    if name == "debug":
        return debug_call(node, compiler, start)
    return builtin_call(name, node.arguments, compiler, start=start, position=start)


def _user_call(node: ast.Call, function: ast.Function, scope: Scope, compiler: Compiler, start: ast.Span) -> Code:
    """Arguments and lets are evaluated once each, used or not; an error among them is a value until it is used."""
    codes = [compiler.compile(each) for each in node.arguments]
    runs, argument_cost = tuple(each.run for each in codes), 1 + sum(each.cost for each in codes)
    if len(codes) != len(function.parameters):
        return Code(_wrong_arity(runs, function, start), argument_cost)
    lets, body = compiler.function(function, scope)
    cost = argument_cost + sum(1 + each.cost for each in lets) + body.cost
    if body.is_constant and all(each.is_constant for each in (*codes, *lets)):
        return constant(body.run(*compiler.nowhere), cost)
    if lets:
        return Code(_with_lets(runs, tuple(each.run for each in lets), body.run), cost)
    return Code(_plain(runs, body.run), cost)


def _plain(runs: Sequence[Run], body: Run) -> Run:
    if not runs:
        return lambda evaluation, _slots: body(evaluation, [])
    if len(runs) == 1:
        (only,) = runs
        return lambda evaluation, slots: body(evaluation, [only(evaluation, slots)])
    backwards = tuple(reversed(runs))
    return lambda evaluation, slots: body(evaluation, [each(evaluation, slots) for each in backwards][::-1])


def _with_lets(runs: Sequence[Run], lets: Sequence[Run], body: Run) -> Run:
    backwards = tuple(reversed(runs))

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        frame = [each(evaluation, slots) for each in backwards]
        frame.reverse()
        for each in lets:
            frame.append(each(evaluation, frame))
        return body(evaluation, frame)

    return run


def _wrong_arity(runs: Sequence[Run], function: ast.Function, span: ast.Span) -> Run:
    parameters = ", ".join(each.text for each in function.parameters)
    expected = f"{function.name.text}({parameters})"
    text = f"Incorrect number of arguments. Received: {len(runs)}. Expected: {expected}."

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        for each in reversed(runs):
            each(evaluation, slots)
        return EvalError(text, span)

    return run
