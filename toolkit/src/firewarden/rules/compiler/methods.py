"""Calls of builtins: methods of values, functions of packages, global functions, document lookups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from firewarden.language import ast
from firewarden.rules import builtins
from firewarden.rules.access import NULL_VALUE
from firewarden.rules.builtins import FUNCTIONS, PACKAGES, Builtin, Dispatch
from firewarden.rules.compiler.code import Code, Evaluation, Run, Slots
from firewarden.rules.kinds import Value, type_name
from firewarden.rules.memory import within_memory
from firewarden.rules.outcomes import EvalError, Refusal
from firewarden.values import Path

if TYPE_CHECKING:
    from firewarden.rules.compiler.expressions import Compiler

LOOKUPS = frozenset({"get", "value", "exists", "getAfter", "existsAfter"})
# Methods whose result can be larger than what they are given.
_GROWING = frozenset({"concat", "join", "replace", "split", "bind", "toUtf8", "toHexString", "toBase64"})

_Slow = Callable[[Sequence[Value]], Value]


def method_call(node: ast.MethodCall, compiler: Compiler, start: ast.Span) -> Code:
    """`receiver.method(arguments)`, or `package.function(arguments)`."""
    name = node.method.text
    if isinstance(node.receiver, ast.Variable) and node.receiver.name in PACKAGES:
        full_name = f"{node.receiver.name}.{name}"
        return builtin_call(full_name, node.arguments, compiler, start=start, position=node.method.span)
    codes = [compiler.receiver(node.receiver), *map(compiler.compile, node.arguments)]
    runs, slow = tuple(each.run for each in codes), _slow_method(node, start)
    if name == "get" and len(runs) == 3:
        run = _map_get(codes, slow, compiler)
    else:
        run = _by_types(runs, builtins.dispatch(name, len(node.arguments)), slow)
    if name in _GROWING:
        run = _limited(run)
    return compiler.folded(run, 1 + sum(each.cost for each in codes), codes)


def builtin_call(
    name: str, arguments: Sequence[ast.Expression], compiler: Compiler, *, start: ast.Span, position: ast.Span
) -> Code:
    """A global function, or one of a package, under its full name."""
    codes = [compiler.compile(each) for each in arguments]
    builtin = FUNCTIONS.get(name)

    def slow(values: Sequence[Value]) -> Value:
        if builtin is None:
            return EvalError(f"Function not found error: Name: [{name}].", start)
        return _checked(builtin, (), values, position)

    table = builtins.dispatch_function(name, len(codes)) if builtin else {}
    run = _by_types(tuple(each.run for each in codes), table, slow)
    return compiler.folded(run, 1 + sum(each.cost for each in codes), codes)


def debug_call(node: ast.Call, compiler: Compiler, start: ast.Span) -> Code:
    """`debug(a, b, …)` is a."""
    codes = [compiler.compile(each) for each in node.arguments]
    backwards = tuple(each.run for each in reversed(codes))

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        values = [each(evaluation, slots) for each in backwards]
        values.reverse()
        for value in values:
            if type(value) is EvalError:
                return value
        return values[0] if values else EvalError("Service call error. Function: [debug], Argument: [].", start)

    return Code(run, 1 + sum(each.cost for each in codes))


def lookup_call(node: ast.Call, compiler: Compiler, start: ast.Span) -> Code:
    """`get(path)`, `exists(path)`, `getAfter(path)`, `existsAfter(path)`."""
    codes = [compiler.compile(each) for each in node.arguments]
    backwards, name = tuple(each.run for each in reversed(codes)), node.function.text

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        values = [each(evaluation, slots) for each in backwards]
        values.reverse()
        if len(values) == 1 and type(values[0]) is Path:
            try:
                return evaluation.lookups.call(name, values[0])
            except Refusal as refusal:
                return EvalError(refusal.text, start)
        return _lookup_error(name, values, start)

    return Code(run, 1 + sum(each.cost for each in codes))


def _by_types(runs: Sequence[Run], table: Dispatch, slow: _Slow) -> Run:
    """Find the implementation by the operands' types; whatever is not in the table is an error of some kind."""
    if len(runs) == 1:
        return _by_one_type(runs[0], table, slow)
    if len(runs) == 2:
        return _by_two_types(runs[0], runs[1], table, slow)

    backwards = tuple(reversed(runs))

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        values = [each(evaluation, slots) for each in backwards]
        values.reverse()
        implementation = table.get(tuple(map(type, values)))
        if implementation is None:
            return slow(values)
        try:
            return implementation(*values)
        except Refusal:
            return slow(values)

    return run


def _by_one_type(only: Run, table: Dispatch, slow: _Slow) -> Run:
    by_type = {kind: implementation for (kind,), implementation in table.items()}

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        value = only(evaluation, slots)
        implementation = by_type.get(type(value))
        if implementation is None:
            return slow((value,))
        try:
            return implementation(value)
        except Refusal:
            return slow((value,))

    return run


def _by_two_types(first: Run, second: Run, table: Dispatch, slow: _Slow) -> Run:
    def run(evaluation: Evaluation, slots: Slots) -> Value:
        other, one = second(evaluation, slots), first(evaluation, slots)
        implementation = table.get((type(one), type(other)))
        if implementation is None:
            return slow((one, other))
        try:
            return implementation(one, other)
        except Refusal:
            return slow((one, other))

    return run


def _map_get(codes: Sequence[Code], slow: _Slow, compiler: Compiler) -> Run:
    """`map.get(key, default)` with a single key: what nearly every rule is made of takes no detour."""
    receiver, keyed, defaulted = (each.run for each in codes)
    if codes[1].is_constant and codes[2].is_constant:
        name, constant = keyed(*compiler.nowhere), defaulted(*compiler.nowhere)
        if type(name) is str and type(constant) is not EvalError:
            return _map_get_constant(receiver, name, constant, slow)

    def run(evaluation: Evaluation, slots: Slots) -> Value:
        default, key = defaulted(evaluation, slots), keyed(evaluation, slots)
        value = receiver(evaluation, slots)
        if type(value) is dict and type(key) is str and type(default) is not EvalError:
            return value.get(key, default)
        return slow((value, key, default))

    return run


def _map_get_constant(receiver: Run, name: str, default: Value, slow: _Slow) -> Run:
    def run(evaluation: Evaluation, slots: Slots) -> Value:
        value = receiver(evaluation, slots)
        return value.get(name, default) if type(value) is dict else slow((value, name, default))

    return run


def _limited(run: Run) -> Run:
    return lambda evaluation, slots: within_memory(run(evaluation, slots))


def _slow_method(node: ast.MethodCall, start: ast.Span) -> _Slow:
    """The call again, for its error: receiver, null, name, arguments, arity, types, in this order."""
    name, position = node.method.text, node.method.span

    def run(values: Sequence[Value]) -> Value:
        receiver, *arguments = values
        if type(receiver) is EvalError:
            return receiver
        if receiver is None:
            return EvalError(NULL_VALUE, position)
        method = builtins.find_method(type(receiver), name)
        if method is None:
            return EvalError(f"Function not found error: Name: [{name}].", start)
        return _checked(method, (receiver,), arguments, position)

    return run


def _checked(builtin: Builtin, receiver: tuple[Value, ...], arguments: Sequence[Value], at: ast.Span) -> Value:
    for each in arguments:
        if type(each) is EvalError:
            return each
    text = builtin.arity_error(len(arguments))
    if text:
        return EvalError(text, at)
    try:
        return builtin.call(receiver, arguments)
    except Refusal as refusal:
        return EvalError(refusal.text, at)


def _lookup_error(name: str, values: Sequence[Value], span: ast.Span) -> EvalError:
    for each in values:
        if type(each) is EvalError:
            return each
    expected = f"Expected: {name}(path)."
    if len(values) != 1:
        return EvalError(f"Incorrect number of arguments. Received: {len(values)}. {expected}", span)
    received = f"Received: {name}({type_name(values[0])})."
    return EvalError(f"Unsupported operation error. {received} {expected}", span)
