"""Expressions to closures: which builder makes the code of which node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from firewarden.language import ast
from firewarden.rules.compiler import access, calls, literals, logic, methods, operators
from firewarden.rules.compiler.code import Code, Evaluation, Run, Slots, constant
from firewarden.rules.compiler.scope import Binding, Scope
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import NothingRead
from firewarden.rules.outcomes import LimitReached, RequestCrashed


class Compiler:
    """Compiles the expressions of one scope. The functions they call are compiled once per ruleset."""

    def __init__(self, scope: Scope, functions: FunctionTable, *, traced: bool) -> None:
        self.scope = scope
        self._functions = functions
        self.is_traced = traced

    @property
    def nowhere(self) -> tuple[Evaluation, Slots]:
        """What a constant is evaluated in."""
        return _NOWHERE, []

    def compile(self, node: ast.Expression) -> Code:
        """The code of an expression.

        A builder is given where its node begins with the parentheses around it: many errors are reported there.
        """
        start = node.span
        while isinstance(node, ast.Group):
            node = node.inner
        code = self._build(node, start)
        return _traced(node, code) if self.is_traced else code

    def receiver(self, node: ast.Expression) -> Code:
        """The code of what stands before `.name`, `.method()`, `[i]`: its outermost parentheses are not its own."""
        return self.compile(node.inner if isinstance(node, ast.Group) else node)

    def binding(self, node: ast.Expression) -> Binding | None:
        """What a node refers to if it is nothing but a variable, and nobody watches it being read."""
        while isinstance(node, ast.Group):
            node = node.inner
        if self.is_traced or not isinstance(node, ast.Variable):
            return None
        return self.scope.variable(node.name)

    def function(self, function: ast.Function, scope: Scope) -> tuple[Sequence[Code], Code]:
        """The code of a function's lets and of its result."""
        if id(function) not in self._functions:
            self._functions[id(function)] = self._function(function, scope)
        return self._functions[id(function)]

    def folded(self, run: Run, cost: int, parts: Sequence[Code]) -> Code:
        """The code, evaluated now if all its parts are constant."""
        if self.is_traced or not all(each.is_constant for each in parts):
            return Code(run, cost)
        try:
            value = run(*self.nowhere)
        except (LimitReached, RequestCrashed):
            return Code(run, cost)  # this happens to whoever evaluates it
        return constant(value, cost)

    def _build(self, node: ast.Expression, start: ast.Span) -> Code:
        if isinstance(node, ast.Binary | ast.Unary):
            return _OPERATORS[type(node), node.operator](node, self, start)
        return _BUILDERS[type(node)](node, self, start)

    def _function(self, function: ast.Function, scope: Scope) -> tuple[Sequence[Code], Code]:
        names = [each.text for each in function.parameters]
        lets: list[Code] = []
        for let in function.lets:
            lets.append(self._inside(names, scope).compile(let.value))
            names.append(let.name.text)
        return lets, self._inside(names, scope).compile(function.result)

    def _inside(self, names: Sequence[str], scope: Scope) -> Compiler:
        slots = {name: Binding("slot", index) for index, name in enumerate(names)}
        return Compiler(Scope(slots, parent=scope), self._functions, traced=self.is_traced)


FunctionTable = dict[int, tuple[Sequence[Code], Code]]
_Builder = Callable[[Any, Compiler, ast.Span], Code]
_BUILDERS: Mapping[type, _Builder] = {
    ast.Null: literals.null,
    ast.Bool: literals.scalar,
    ast.Int: literals.scalar,
    ast.Float: literals.scalar,
    ast.String: literals.scalar,
    ast.Bytes: literals.scalar,
    ast.Variable: literals.variable,
    ast.ListLiteral: literals.list_literal,
    ast.MapLiteral: literals.map_literal,
    ast.PathLiteral: literals.path_literal,
    ast.Is: operators.type_test,
    ast.Ternary: logic.ternary,
    ast.Member: access.member_access,
    ast.Index: access.index_access,
    ast.Slice: access.slice_access,
    ast.Call: calls.function_call,
    ast.MethodCall: methods.method_call,
}
_OPERATORS: Mapping[tuple[type, str], _Builder] = {
    (ast.Binary, "&&"): logic.connective,
    (ast.Binary, "||"): logic.connective,
    (ast.Unary, "!"): logic.negation,
    (ast.Unary, "-"): operators.minus,
    (ast.Binary, "in"): operators.membership,
    **{(ast.Binary, each): operators.equality for each in ("==", "!=")},
    **{(ast.Binary, each): operators.ordering for each in ("<", "<=", ">", ">=")},
    **{(ast.Binary, each): operators.arithmetic for each in ("+", "-", "*", "/", "%")},
}


def _traced(node: ast.Expression, code: Code) -> Code:
    inner = code.run

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        outcome = inner(evaluation, slots)
        if evaluation.trace is not None:
            evaluation.trace(node, outcome)
        return outcome

    return Code(run, code.cost)


_NOWHERE = Evaluation(lambda: (None, None), NothingRead(database=""))
