"""`x.name`, `x[i]` and `x[i:j]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firewarden.language import ast
from firewarden.rules.access import has_items, has_slices, item, member, part
from firewarden.rules.compiler.code import Code, Evaluation, Slots, constant
from firewarden.rules.kinds import Value
from firewarden.rules.outcomes import EvalError, Refusal

if TYPE_CHECKING:
    from firewarden.rules.compiler.expressions import Compiler


def member_access(node: ast.Member, compiler: Compiler, start: ast.Span) -> Code:
    """`receiver.name`."""
    receiver = compiler.receiver(node.receiver)
    receiver_run, name, null_position = receiver.run, node.name.text, _of_receiver(node.receiver)

    def failed(value: Value) -> EvalError:
        if type(value) is EvalError:
            return value
        try:
            return member(value, name)  # type: ignore[no-any-return]  # of a path, whose members are few
        except Refusal as refusal:
            return EvalError(refusal.text, null_position if value is None else start)

    def run_slot(_: Evaluation, slots: Slots) -> Value:
        value = slots[index]
        return value[name] if type(value) is dict and name in value else failed(value)

    def run_request(evaluation: Evaluation, _: Slots) -> Value:
        value = evaluation.request
        return value[name] if name in value else failed(value)

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        value = receiver_run(evaluation, slots)
        return value[name] if type(value) is dict and name in value else failed(value)

    binding = compiler.binding(node.receiver)
    if binding and binding.kind == "slot":
        index = binding.index
        return Code(run_slot, 1 + receiver.cost)
    if binding and binding.kind == "request":
        return Code(run_request, 1 + receiver.cost)
    return compiler.folded(run, 1 + receiver.cost, [receiver])


def index_access(node: ast.Index, compiler: Compiler, start: ast.Span) -> Code:
    """`receiver[index]`."""
    receiver, index = compiler.receiver(node.receiver), compiler.compile(node.index)
    receiver_run, index_run = receiver.run, index.run

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        key, value = index_run(evaluation, slots), receiver_run(evaluation, slots)
        if type(value) is EvalError:
            return value
        if type(key) is EvalError and has_items(value):
            return key
        try:
            return item(value, key)
        except Refusal as refusal:
            return EvalError(refusal.text, start)

    return compiler.folded(run, 1 + receiver.cost + index.cost, [receiver, index])


def slice_access(node: ast.Slice, compiler: Compiler, start: ast.Span) -> Code:
    """`receiver[start:stop]`; a bound that is left out is null and costs like one."""
    codes = [compiler.receiver(node.receiver)]
    codes += [compiler.compile(each) if each else constant(None) for each in (node.start, node.stop)]
    receiver_run, start_run, stop_run = (each.run for each in codes)

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        end, first = stop_run(evaluation, slots), start_run(evaluation, slots)
        value = receiver_run(evaluation, slots)
        if type(value) is EvalError:
            return value
        if has_slices(value):
            for each in (first, end):
                if type(each) is EvalError:
                    return each
        try:
            return part(value, first, end)
        except Refusal as refusal:
            return EvalError(refusal.text, start)

    return compiler.folded(run, 1 + sum(each.cost for each in codes), codes)


def _of_receiver(node: ast.Expression) -> ast.Span:
    """Before a dot the outermost parentheses do not count."""
    return node.inner.span if isinstance(node, ast.Group) else node.span
