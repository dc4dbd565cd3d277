"""Operators that evaluate both sides: comparisons, arithmetic, `in` and `is`.

As the official engine does, operands are evaluated from the last to the first, everywhere: which lookup is one too many
depends on it. The collection of `in` counts as its first operand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firewarden.language import ast
from firewarden.rules.access import HAS_IN, NO_IN, NULL_VALUE, is_in
from firewarden.rules.arithmetic import calculate, negate
from firewarden.rules.compiler.code import Code, Evaluation, Run, Slots, constant
from firewarden.rules.constraint import Constraint
from firewarden.rules.equality import equal
from firewarden.rules.javanumbers import INT_MIN
from firewarden.rules.kinds import IS_TYPES, Duration, Value
from firewarden.rules.memory import within_memory
from firewarden.rules.ordering import OPERATORS, order
from firewarden.rules.outcomes import EvalError, Refusal
from firewarden.rules.proofs import compare
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.rules.compiler.expressions import Compiler

# Types whose values Python compares exactly as the language does; Python's own bool is not among its ints here.
_DIRECT = frozenset({str, int, bool, float, bytes, type(None), Timestamp, Duration})
_ORDERED = frozenset({int, float, Timestamp, Duration})


def equality(node: ast.Binary, compiler: Compiler, _start: ast.Span) -> Code:
    """`==` and `!=`: never an error of their own, except between constraints."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    left_run, right_run, span = left.run, right.run, node.operator_span
    wanted = node.operator == "=="
    if right.is_constant and not left.is_constant:
        value = right.run(*compiler.nowhere)
        if type(value) in _DIRECT:
            return Code(_equals_constant(left_run, value, node), 1 + left.cost + right.cost)

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        other, one = right_run(evaluation, slots), left_run(evaluation, slots)
        kind = type(one)
        if kind is type(other) and kind in _DIRECT:
            return (one == other) is wanted
        return _equality(one, other, node.operator, span)

    return compiler.folded(run, 1 + left.cost + right.cost, [left, right])


def ordering(node: ast.Binary, compiler: Compiler, _start: ast.Span) -> Code:
    """`<`, `<=`, `>` and `>=`."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    left_run, right_run, span, symbol = left.run, right.run, node.operator_span, node.operator
    direct = OPERATORS[symbol]

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        other, one = right_run(evaluation, slots), left_run(evaluation, slots)
        kind = type(one)
        if kind is type(other) and kind in _ORDERED:
            return direct(one, other)
        return _ordering(one, other, symbol, span)

    return compiler.folded(run, 1 + left.cost + right.cost, [left, right])


def arithmetic(node: ast.Binary, compiler: Compiler, _start: ast.Span) -> Code:
    """`+ - * / %`."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    left_run, right_run, span, symbol = left.run, right.run, node.operator_span, node.operator

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        other, one = right_run(evaluation, slots), left_run(evaluation, slots)
        if type(one) is EvalError:
            return one
        if type(other) is EvalError:
            return other
        try:
            return within_memory(calculate(symbol, one, other))
        except Refusal as refusal:
            return EvalError(refusal.text, span)

    return compiler.folded(run, 1 + left.cost + right.cost, [left, right])


def minus(node: ast.Unary, compiler: Compiler, _start: ast.Span) -> Code:
    """`-operand`."""
    if isinstance(node.operand, ast.Int) and node.operand.value == -INT_MIN:
        return constant(INT_MIN, cost=2)  # the one literal that exists only with its sign
    operand = compiler.receiver(node.operand)  # a minus does not see the parentheses either
    operand_run, span = operand.run, node.span

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        value = operand_run(evaluation, slots)
        if type(value) is EvalError:
            return value
        try:
            return negate(value)
        except Refusal as refusal:
            return EvalError(refusal.text, span)

    return compiler.folded(run, 1 + operand.cost, [operand])


def membership(node: ast.Binary, compiler: Compiler, start: ast.Span) -> Code:
    """`element in collection`; an error of the collection comes first."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    left_run, right_run = left.run, right.run
    span = node.operator_span
    if right.is_constant and not left.is_constant:
        collection = right.run(*compiler.nowhere)
        if type(collection) is list and all(type(each) is str for each in collection):
            return Code(_among_strings(left_run, collection, node, start), 1 + left.cost + right.cost)
    if left.is_constant and not right.is_constant:
        name = left.run(*compiler.nowhere)
        if type(name) is str:
            return Code(_has_name(name, right_run, node, start), 1 + left.cost + right.cost)

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        element, collection = left_run(evaluation, slots), right_run(evaluation, slots)
        if type(collection) is dict and type(element) is str:
            return element in collection
        return _membership(element, collection, span, start)

    return compiler.folded(run, 1 + left.cost + right.cost, [left, right])


def type_test(node: ast.Is, compiler: Compiler, _start: ast.Span) -> Code:
    """`operand is type`."""
    operand = compiler.compile(node.operand)
    operand_run, kinds = operand.run, IS_TYPES.get(node.type.text, ())

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        value = operand_run(evaluation, slots)
        return value if type(value) is EvalError else type(value) in kinds

    return compiler.folded(run, 2 + operand.cost, [operand])


def _equals_constant(left: Run, value: Value, node: ast.Binary) -> Run:
    kind, wanted = type(value), node.operator == "=="

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        one = left(evaluation, slots)
        if type(one) is kind:
            return (one == value) is wanted
        return _equality(one, value, node.operator, node.operator_span)

    return run


def _among_strings(left: Run, collection: list[str], node: ast.Binary, start: ast.Span) -> Run:
    strings = frozenset(collection)

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        element = left(evaluation, slots)
        if type(element) is str:
            return element in strings
        return _membership(element, collection, node.operator_span, start)

    return run


def _has_name(name: str, right: Run, node: ast.Binary, start: ast.Span) -> Run:
    def run(evaluation: Evaluation, slots: Slots) -> Value:
        collection = right(evaluation, slots)
        if type(collection) is dict:
            return name in collection
        return _membership(name, collection, node.operator_span, start)

    return run


def _equality(one: Value, other: Value, symbol: str, span: ast.Span) -> Value:
    if type(one) is EvalError:
        return one
    if type(other) is EvalError:
        return other
    try:
        if type(one) is Constraint or type(other) is Constraint:
            return compare(symbol, one, other)
        return equal(one, other) == (symbol == "==")
    except Refusal as refusal:
        return EvalError(refusal.text, span)


def _ordering(one: Value, other: Value, symbol: str, span: ast.Span) -> Value:
    if type(one) is EvalError:
        return one
    if type(other) is EvalError:
        return other
    try:
        if type(one) is Constraint or type(other) is Constraint:
            return compare(symbol, one, other)
        return order(symbol, one, other)
    except Refusal as refusal:
        return EvalError(refusal.text, span)


def _membership(element: Value, collection: Value, span: ast.Span, start: ast.Span) -> Value:
    if type(collection) is EvalError:
        return collection
    if collection is None:
        return EvalError(NULL_VALUE, span)
    if type(collection) not in HAS_IN:
        return EvalError(NO_IN, start)
    if type(element) is EvalError:
        return element
    try:
        return is_in(element, collection)
    except Refusal as refusal:
        return EvalError(refusal.text, span)
