"""Expressions to pieces of Python: names, literals, operators, calls, and what is evaluated lazily."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from firewarden.language import ast
from firewarden.rules.builtins import PACKAGES
from firewarden.rules.codegen import methods, operators
from firewarden.rules.codegen.inlining import emit_inlined
from firewarden.rules.codegen.lookups import emit_lookup, emit_path, is_lookup
from firewarden.rules.codegen.members import emit_index, emit_member, emit_slice
from firewarden.rules.codegen.piece import Piece, Unsupported, check_order, ungrouped
from firewarden.rules.codegen.writer import Writer, bound
from firewarden.rules.compiler.logic import chain
from firewarden.rules.compiler.scope import Binding, Scope
from firewarden.rules.javanumbers import INT_MIN


@dataclass(frozen=True, slots=True)
class Emitter:
    """Writes the expressions of one scope; `frame` has what its parameters and lets stand for."""

    writer: Writer
    scope: Scope
    captures: Sequence[type | None]
    frame: Sequence[Piece] = field(default=())

    def emit(self, node: ast.Expression) -> Piece:
        """The Python expression that has the value of this one, or raises a surprise."""
        node = ungrouped(node)
        return _BUILDERS[type(node)](self, node)

    def truth(self, node: ast.Expression) -> str:
        """The text of an expression that must be a bool."""
        return _truth(self.emit(node), self.writer)

    def binding(self, node: ast.Expression) -> Binding | None:
        """What a node refers to if it is nothing but a variable."""
        node = ungrouped(node)
        return self.scope.variable(node.name) if isinstance(node, ast.Variable) else None

    def inside(self, scope: Scope, frame: Sequence[Piece]) -> Emitter:
        """The emitter for a function's own expressions."""
        return Emitter(self.writer, scope, self.captures, frame)


def _truth(piece: Piece, writer: Writer) -> str:
    if piece.kind is bool:
        return piece.text
    if piece.constant:
        raise Unsupported  # an error wherever it is evaluated
    name, first = bound(piece, writer)
    return f"(({first}) is True or {name} is not False and surprise())"


# ---- Literals and names


def _null(emitter: Emitter, _: ast.Null) -> Piece:
    emitter.writer.spend()
    return emitter.writer.constant(None)


def _scalar(emitter: Emitter, node: ast.Bool | ast.Int | ast.Float | ast.String | ast.Bytes) -> Piece:
    emitter.writer.spend()
    return emitter.writer.constant(node.value)


def _variable(emitter: Emitter, node: ast.Variable) -> Piece:
    writer = emitter.writer
    writer.spend()
    binding = emitter.scope.variable(node.name)
    if binding is None:
        raise Unsupported
    if binding.kind == "slot":
        return emitter.frame[binding.index]
    if binding.kind == "capture":
        name = writer.local(f"c{binding.index}", f"captures[{binding.index}]")
        if writer.proving:
            return Piece(f"here({name})")
        return Piece(name, kind=emitter.captures[binding.index], is_name=True)
    if binding.kind == "request":
        return Piece(writer.local("request", "evaluation.request"), kind=dict, is_name=True)
    writer.local("resource", "evaluation.resource")
    return Piece("here(resource)", receiver="resource")


def _list(emitter: Emitter, node: ast.ListLiteral) -> Piece:
    emitter.writer.spend()
    items = [emitter.emit(each) for each in node.items]
    values = [each.constant.value for each in items if each.constant]
    if len(values) == len(items):
        return emitter.writer.constant(values)
    check_order(*items)
    text = f"within_memory([{', '.join(each.text for each in items)}])"
    return Piece(text, kind=list)


def _map(emitter: Emitter, node: ast.MapLiteral) -> Piece:
    emitter.writer.spend()
    entries = [(emitter.emit(each.key), emitter.emit(each.value)) for each in node.entries]
    if not all(key.constant and key.kind is str for key, _ in entries):
        raise Unsupported
    check_order(*(value for _, value in entries))
    text = f"within_memory({{{', '.join(f'{key.text}: {value.text}' for key, value in entries)}}})"
    return Piece(text, kind=dict)


def _path(emitter: Emitter, node: ast.PathLiteral) -> Piece:
    return emit_path(node, emitter)


# ---- Operators


def _binary(emitter: Emitter, node: ast.Binary) -> Piece:
    if node.operator in ("&&", "||"):
        return _connective(emitter, node)
    emitter.writer.spend()
    left, right = emitter.emit(node.left), emitter.emit(node.right)
    check_order(left, right)
    if node.operator in ("==", "!="):
        return operators.emit_equality(node.operator, left, right, emitter.writer)
    if node.operator == "in":
        return operators.emit_membership(left, right, emitter.writer)
    if node.operator in ("<", "<=", ">", ">="):
        return operators.emit_ordering(node.operator, left, right, emitter.writer)
    return operators.emit_arithmetic(node.operator, left, right, emitter.writer)


def _connective(emitter: Emitter, node: ast.Binary) -> Piece:
    """A chain of `&&` or `||`; each further link counts when it is reached."""
    links, writer = chain(node), emitter.writer
    writer.spend(len(links))
    texts = [emitter.truth(links[0].left)]
    for link in links:
        cost, right = writer.lazily(lambda link=link: Piece(emitter.truth(link.right)))  # type: ignore[misc]
        counted = writer.counted(1 + cost, right.text)
        texts.append(counted if node.operator == "&&" else f"({counted})")
    joined = (" and " if node.operator == "&&" else " or ").join(texts)
    return Piece(f"({joined})", kind=bool)


def _ternary(emitter: Emitter, node: ast.Ternary) -> Piece:
    writer = emitter.writer
    writer.spend(2)
    condition = emitter.truth(node.condition)
    yes_cost, yes = writer.lazily(lambda: emitter.emit(node.yes))
    no_cost, no = writer.lazily(lambda: emitter.emit(node.no))
    yes_text, no_text = writer.counted(yes_cost, yes.text), writer.counted(no_cost, no.text)
    text = f"({yes_text} if {condition} else {no_text})"
    return Piece(text, kind=yes.kind if yes.kind is no.kind else None)


def _unary(emitter: Emitter, node: ast.Unary) -> Piece:
    if node.operator == "-" and isinstance(node.operand, ast.Int) and node.operand.value == -INT_MIN:
        emitter.writer.spend(2)
        return emitter.writer.constant(INT_MIN)
    emitter.writer.spend()
    emit = operators.emit_not if node.operator == "!" else operators.emit_minus
    return emit(emitter.emit(node.operand), emitter.writer)


def _is(emitter: Emitter, node: ast.Is) -> Piece:
    emitter.writer.spend(2)
    return operators.emit_type_test(emitter.emit(node.operand), node.type.text, emitter.writer)


# ---- Calls


def _method_call(emitter: Emitter, node: ast.MethodCall) -> Piece:
    name, writer = node.method.text, emitter.writer
    writer.spend()
    if isinstance(node.receiver, ast.Variable) and node.receiver.name in PACKAGES:
        arguments = [emitter.emit(each) for each in node.arguments]
        return methods.emit_function(f"{node.receiver.name}.{name}", arguments, writer)
    keyed = ungrouped(node.receiver)
    if methods.has_keys_test(name) and isinstance(keyed, ast.MethodCall) and keyed.method.text == "keys":
        test = _keys_test(emitter, name, keyed, node.arguments)
        if test:
            return test
    receiver = emitter.emit(node.receiver)
    return methods.emit_method(name, receiver, [emitter.emit(each) for each in node.arguments], writer)


def _keys_test(emitter: Emitter, name: str, keyed: ast.MethodCall, arguments: Sequence[ast.Expression]) -> Piece | None:
    """`map.keys().hasOnly(['a', 'b'])`, without making the list of keys."""
    if keyed.arguments or len(arguments) != 1 or emitter.writer.proving:
        return None
    names = ungrouped(arguments[0])
    if not isinstance(names, ast.ListLiteral) or not all(isinstance(each, ast.String) for each in names.items):
        return None
    emitter.writer.spend(2 + len(names.items))
    receiver = emitter.emit(keyed.receiver)
    texts = [each.value for each in names.items if isinstance(each, ast.String)]
    return methods.emit_keys_test(name, receiver, texts, emitter.writer)


def _call(emitter: Emitter, node: ast.Call) -> Piece:
    emitter.writer.spend()
    found = emitter.scope.function(node.function.text)
    if found:
        return emit_inlined(node, *found, emitter)
    if is_lookup(node, emitter):
        return emit_lookup(node, emitter)
    arguments = [emitter.emit(each) for each in node.arguments]
    return methods.emit_function(node.function.text, arguments, emitter.writer)


_BUILDERS: Mapping[type, Callable[[Emitter, Any], Piece]] = {
    ast.Null: _null,
    ast.Bool: _scalar,
    ast.Int: _scalar,
    ast.Float: _scalar,
    ast.String: _scalar,
    ast.Bytes: _scalar,
    ast.Variable: _variable,
    ast.ListLiteral: _list,
    ast.MapLiteral: _map,
    ast.PathLiteral: _path,
    ast.Binary: _binary,
    ast.Unary: _unary,
    ast.Is: _is,
    ast.Ternary: _ternary,
    ast.Member: emit_member,
    ast.Index: emit_index,
    ast.Slice: emit_slice,
    ast.Call: _call,
    ast.MethodCall: _method_call,
}
