"""Literals and variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from firewarden.language import ast
from firewarden.rules.access import NULL_VALUE
from firewarden.rules.builtins.convert import to_string
from firewarden.rules.compiler.code import Code, Evaluation, Run, Slots, constant
from firewarden.rules.kinds import Value, wrong_type
from firewarden.rules.memory import within_memory
from firewarden.rules.outcomes import EvalError, Refusal
from firewarden.rules.templates import template
from firewarden.values import Capture, Path

if TYPE_CHECKING:
    from firewarden.rules.compiler.expressions import Compiler


def null(_: ast.Null, _compiler: Compiler, _start: ast.Span) -> Code:
    """`null`."""
    return constant(None)


def scalar(node: ast.Bool | ast.Int | ast.Float | ast.String | ast.Bytes, _: Compiler, _start: ast.Span) -> Code:
    """A literal that Python has a value for."""
    return constant(node.value)


def variable(node: ast.Variable, compiler: Compiler, _start: ast.Span) -> Code:
    """A name; one that means nothing is null, which is an error."""
    binding = compiler.scope.variable(node.name)
    if binding is None:
        return constant(EvalError(NULL_VALUE, node.span))
    index = binding.index
    runs: dict[str, Run] = {
        "slot": lambda _, slots: slots[index],
        "capture": lambda evaluation, _: evaluation.captures[index],
        "request": lambda evaluation, _: evaluation.request,
        "resource": lambda evaluation, _: evaluation.resource,
    }
    return Code(runs[binding.kind], 1)


def list_literal(node: ast.ListLiteral, compiler: Compiler, _start: ast.Span) -> Code:
    """`[…]`: an error in an element is the list's error, but all elements are evaluated."""
    items = [compiler.compile(each) for each in node.items]
    cost = 1 + sum(each.cost for each in items)
    backwards = tuple(each.run for each in reversed(items))

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        values = [each(evaluation, slots) for each in backwards]
        values.reverse()
        for value in values:
            if type(value) is EvalError:
                return _list_error(values)
        return within_memory(values)

    return compiler.folded(run, cost, items)


def _list_error(values: list[Value]) -> EvalError:
    """The first error; one before the last element insists on being told, through the last error of the list."""
    errors: list[EvalError] = [each for each in values if isinstance(each, EvalError)]
    if len(errors) > 1:
        return replace(errors[0], insists=True, displaced=errors[-1])
    return errors[0] if isinstance(values[-1], EvalError) else replace(errors[0], insists=True)


def map_literal(node: ast.MapLiteral, compiler: Compiler, _start: ast.Span) -> Code:
    """`{key: value}`: keys are expressions, and must be strings; of equal ones the last counts."""
    keys = [compiler.compile(each.key) for each in node.entries]
    values = [compiler.compile(each.value) for each in node.entries]
    cost = 1 + sum(each.cost for each in (*keys, *values))
    backwards = tuple(
        (key.run, value.run, entry.key.span) for key, value, entry in zip(keys, values, node.entries, strict=True)
    )[::-1]

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        made: dict[str, Value] = {}
        found = [(value(evaluation, slots), key(evaluation, slots), span) for key, value, span in backwards]
        found.reverse()
        for value, key, _ in found:
            if type(key) is not str or type(value) is EvalError:
                return _map_error(found)
            made[key] = value
        return within_memory(made)

    return compiler.folded(run, cost, [*keys, *values])


def path_literal(node: ast.PathLiteral, compiler: Compiler, _start: ast.Span) -> Code:
    """`/a/$(expression)/{capture}`."""
    parts = [_part(each, compiler) for each in node.segments]
    cost = 1 + sum(each.cost for each in parts)
    spans = tuple(each.expression.span if isinstance(each, ast.Interpolation) else each.span for each in node.segments)
    fixed: list[Value] = [each.run(*compiler.nowhere) if each.is_constant else None for each in parts]
    holes = tuple((index, each.run) for index, each in enumerate(parts) if not each.is_constant)[::-1]
    if not all(type(value) is str for value, each in zip(fixed, parts, strict=True) if each.is_constant):
        backwards = tuple(each.run for each in reversed(parts))
        return compiler.folded(
            lambda evaluation, slots: _path([each(evaluation, slots) for each in backwards][::-1], spans, node.span),
            cost,
            parts,
        )

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        values = fixed.copy()
        is_plain = True
        for index, hole in holes:
            value = values[index] = hole(evaluation, slots)
            if type(value) is not str:
                is_plain = False
        return Path(tuple(values)) if is_plain else _path(values, spans, node.span)

    return compiler.folded(run, cost, parts)


def _part(segment: ast.Literal | ast.Interpolation | ast.Capture, compiler: Compiler) -> Code:
    if isinstance(segment, ast.Interpolation):
        return compiler.compile(segment.expression)
    if isinstance(segment, ast.Literal):
        return constant(segment.value)
    return constant(Capture(segment.name.text, segment.glob))


def _path(values: list[Value], spans: Sequence[ast.Span], at: ast.Span) -> Value:
    """The path of segments that are not all strings: paths are spliced, other values written out."""
    segments: list[str | Capture] = []
    for position, (value, span) in enumerate(zip(values, spans, strict=True), start=1):
        spliced = _spliced(value, span)
        if isinstance(spliced, EvalError):
            return replace(spliced, insists=True) if position < len(values) else spliced
        segments += spliced
    try:
        return template(segments)
    except Refusal as refusal:
        return EvalError(refusal.text, at)


def _map_error(entries: Sequence[tuple[Value, Value, ast.Span]]) -> EvalError:
    """The first error of a key, or without one the first of a value."""
    for _, key, span in entries:
        if type(key) is EvalError:
            return key
        if type(key) is not str:
            return EvalError(wrong_type(key, "string"), span)
    return next(value for value, _, _ in entries if type(value) is EvalError)


def _spliced(value: Value, span: ast.Span) -> tuple[str | Capture, ...] | EvalError:
    """The segments that `$(value)` stands for: a path's own, else one that is the value's text."""
    if isinstance(value, str | Capture):
        return (value,)
    if isinstance(value, EvalError):
        return value
    if isinstance(value, Path):
        return value.segments
    try:
        return (to_string(value),)
    except Refusal as refusal:
        return EvalError(refusal.text, span)
