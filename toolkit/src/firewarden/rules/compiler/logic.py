"""`&&`, `||`, `!` and `?:`: where errors are absorbed, and the only places where evaluation is lazy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from firewarden.language import ast
from firewarden.rules.arithmetic import invert
from firewarden.rules.compiler.code import EXPRESSIONS_MAX, TOO_MANY_EXPRESSIONS, Code, Evaluation, Slots
from firewarden.rules.kinds import Value, wrong_type
from firewarden.rules.outcomes import EvalError, LimitReached, Refusal

if TYPE_CHECKING:
    from firewarden.rules.compiler.expressions import Compiler


def connective(node: ast.Binary, compiler: Compiler, start: ast.Span) -> Code:
    """`left && right` (decided by a false) or `left || right` (decided by a true), and chains of them.

    A deciding side absorbs an error, or a value that is no bool, of the other. `start` is where the whole
    expression begins, its parentheses included: that is the position of a right side that is no bool.
    """
    deciding = node.operator == "||"
    links = [node] if compiler.is_traced else chain(node)
    first = compiler.compile(links[0].left)
    # What a right side costs, and where it is told to be no bool: at the start of its own link of the chain.
    rights = [compiler.compile(link.right) for link in links]
    spans = [link.span for link in links[:-1]] + [start]
    steps = tuple((code.run, 1 + code.cost, span) for code, span in zip(rights, spans, strict=True))
    first_run, operator_span = first.run, links[0].operator_span

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        one = first_run(evaluation, slots)
        if one is deciding:
            return deciding
        if type(one) is not bool and type(one) is not EvalError:
            one = EvalError(wrong_type(one, "bool"), operator_span)
        for right_run, cost, span in steps:
            evaluation.spent += cost
            if evaluation.spent > EXPRESSIONS_MAX:
                raise LimitReached(TOO_MANY_EXPRESSIONS)
            other = right_run(evaluation, slots)
            if other is deciding:
                return deciding
            if type(other) is not bool:
                one = _error(one, other, span)
        return one

    return Code(run, len(links) + first.cost)


def chain(node: ast.Binary) -> list[ast.Binary]:
    """The links of `a && b && c`, the innermost first; parentheses end a chain."""
    links = [node]
    while isinstance(node.left, ast.Binary) and node.left.operator == node.operator:
        node = node.left
        links.append(node)
    return links[::-1]


def _error(one: Value, other: Value, span: ast.Span) -> EvalError:
    """Which error is told when the right side has none of the two values, and what is left of the left side."""
    left = one if type(one) is EvalError else None
    if type(other) is EvalError and other.insists:
        return replace(other.displaced or other, insists=True, displaced=left)
    if left is not None:
        return left
    return other if type(other) is EvalError else EvalError(wrong_type(other, "bool"), span)


def ternary(node: ast.Ternary, compiler: Compiler, _start: ast.Span) -> Code:
    """`condition ? yes : no`: only the chosen branch is evaluated."""
    condition, yes, no = (compiler.compile(each) for each in (node.condition, node.yes, node.no))
    condition_run, yes_run, no_run = condition.run, yes.run, no.run

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        chosen = condition_run(evaluation, slots)
        if chosen is True:
            evaluation.charge(yes.cost)
            return yes_run(evaluation, slots)
        if chosen is False:
            evaluation.charge(no.cost)
            return no_run(evaluation, slots)
        return chosen if type(chosen) is EvalError else EvalError(wrong_type(chosen, "bool"), node.question_span)

    return Code(run, 2 + condition.cost)


def negation(node: ast.Unary, compiler: Compiler, _start: ast.Span) -> Code:
    """`!operand`."""
    operand = compiler.compile(node.operand)
    operand_run, span = operand.run, node.span

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        value = operand_run(evaluation, slots)
        if value is True:
            return False
        if value is False:
            return True
        if type(value) is EvalError:
            return value
        try:
            return invert(value)
        except Refusal as refusal:
            return EvalError(refusal.text, span)

    return Code(run, 1 + operand.cost)
