"""Expressions to pieces of Python: names, literals, members, calls, and what is evaluated lazily."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from firewarden.language import ast
from firewarden.rules.builtins import PACKAGES
from firewarden.rules.codegen import methods, operators
from firewarden.rules.codegen.lookups import emit_data, emit_lookup, emit_path, is_lookup
from firewarden.rules.codegen.piece import Piece, Unsupported, check_order
from firewarden.rules.codegen.writer import Writer, bound
from firewarden.rules.compiler.logic import chain
from firewarden.rules.compiler.scope import Binding, Scope
from firewarden.rules.javanumbers import INT_MIN
from firewarden.values import Timestamp


@dataclass(frozen=True, slots=True)
class Emitter:
    """Writes the expressions of one scope; `frame` has what its parameters and lets stand for."""

    writer: Writer
    scope: Scope
    captures: Sequence[type | None]
    frame: Sequence[Piece] = field(default=())

    def emit(self, node: ast.Expression) -> Piece:
        """The Python expression that has the value of this one, or raises a surprise."""
        node = _ungrouped(node)
        builder = _BUILDERS.get(type(node))
        if builder is None:
            raise Unsupported
        return builder(self, node)

    def truth(self, node: ast.Expression) -> str:
        """The text of an expression that must be a bool."""
        return _truth(self.emit(node), self.writer)

    def binding(self, node: ast.Expression) -> Binding | None:
        """What a node refers to if it is nothing but a variable."""
        node = _ungrouped(node)
        return self.scope.variable(node.name) if isinstance(node, ast.Variable) else None

    def inside(self, scope: Scope, frame: Sequence[Piece]) -> Emitter:
        """The emitter for a function's own expressions."""
        return Emitter(self.writer, scope, self.captures, frame)


def _ungrouped(node: ast.Expression) -> ast.Expression:
    while isinstance(node, ast.Group):
        node = node.inner
    return node


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


# ---- Members


def _member(emitter: Emitter, node: ast.Member) -> Piece:
    hoisted = _hoisted(emitter, node)
    if hoisted:
        return hoisted
    emitter.writer.spend()
    inner = _ungrouped(node.receiver)
    if node.name.text == "data" and isinstance(inner, ast.Call) and is_lookup(inner, emitter):
        data = emit_data(inner, emitter)
        if data:
            emitter.writer.spend()
            return data
    receiver = emitter.emit(inner)
    text = f"{receiver.as_receiver}[{node.name.text!r}]"
    if emitter.writer.proving and receiver.text == "request":
        text = f"here({text})"
    return Piece(text)


def _hoisted(emitter: Emitter, node: ast.Member) -> Piece | None:
    """What nearly every condition reads, set up once: `request.auth`, `request.time` and the two documents' data."""
    writer, name = emitter.writer, node.name.text
    binding = emitter.binding(node.receiver)
    kind = binding.kind if binding else None
    if kind == "request" and name == "auth":
        writer.spend(2)
        return Piece(writer.local("auth", "evaluation.auth"), is_name=True)
    if kind == "request" and name == "time":
        writer.spend(2)
        return Piece(writer.local("time", "evaluation.time"), kind=Timestamp, is_name=True)
    if kind == "resource" and name == "data":
        writer.spend(2)
        return Piece("there(before)", receiver=writer.local("before", "evaluation.before"), is_name=True)
    inner = _ungrouped(node.receiver)
    if name == "data" and isinstance(inner, ast.Member) and inner.name.text == "resource":
        outer = emitter.binding(inner.receiver)
        if outer and outer.kind == "request":
            writer.spend(3)
            return Piece("there(after)", receiver=writer.local("after", "evaluation.after"), is_name=True)
    return None


def _index(emitter: Emitter, node: ast.Index) -> Piece:
    emitter.writer.spend()
    receiver, index = emitter.emit(node.receiver), emitter.emit(node.index)
    check_order(receiver, index)
    if index.constant and index.kind is int and index.constant.value >= 0:
        name, first = bound(receiver, emitter.writer)
        quick = f"{name}[{index.text}] if type({first}) is list and len({name}) > {index.text}"
        return Piece(f"({quick} else here(item({name}, {index.text})))")
    return Piece(f"here(item({receiver.text}, {index.text}))")


def _slice(emitter: Emitter, node: ast.Slice) -> Piece:
    emitter.writer.spend()
    receiver = emitter.emit(node.receiver)
    bounds = [emitter.emit(each) if each else _null(emitter, ast.Null(node.span)) for each in (node.start, node.stop)]
    check_order(receiver, *bounds)
    text = f"part({receiver.text}, {bounds[0].text}, {bounds[1].text})"
    return Piece(text)


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
    keyed = _ungrouped(node.receiver)
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
    names = _ungrouped(arguments[0])
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
        return _user_call(emitter, node, *found)
    if is_lookup(node, emitter):
        return emit_lookup(node, emitter)
    arguments = [emitter.emit(each) for each in node.arguments]
    return methods.emit_function(node.function.text, arguments, emitter.writer)


def _user_call(emitter: Emitter, node: ast.Call, function: ast.Function, scope: Scope) -> Piece:
    """The function's body in place of the call. Arguments and lets become names where they are used twice or act."""
    if len(node.arguments) != len(function.parameters):
        raise Unsupported
    uses = _uses(function)
    names: list[str] = []
    frame: list[Piece] = []
    firsts: list[str] = []

    def add(name: str, piece: Piece) -> None:
        names.append(name)
        frame.append(_as_argument(piece, uses.get(name, 0), firsts, emitter.writer))

    arguments = [emitter.emit(each) for each in node.arguments]
    check_order(*arguments)
    for parameter, argument in zip(function.parameters, arguments, strict=True):
        add(parameter.text, argument)
    for let in function.lets:
        emitter.writer.spend()
        add(let.name.text, emitter.inside(_local_scope(names, scope), tuple(frame)).emit(let.value))
    result = emitter.inside(_local_scope(names, scope), tuple(frame)).emit(function.result)
    if not firsts:
        return result
    text = f"({' and '.join(firsts)} and {result.text})"
    return Piece(text, kind=result.kind)


def _as_argument(piece: Piece, uses: int, firsts: list[str], writer: Writer) -> Piece:
    if piece.is_name or (uses <= 1 and not piece.acts):
        return piece
    name = writer.name()
    firsts.append(f"({name} := {piece.text}) is {name}")  # always true, and evaluated once
    return Piece(name, kind=piece.kind, is_name=True)


def _local_scope(names: Sequence[str], scope: Scope) -> Scope:
    return Scope({name: Binding("slot", index) for index, name in enumerate(names)}, parent=scope)


def _uses(function: ast.Function) -> Mapping[str, int]:
    """How often each name is read in a function."""
    counts: dict[str, int] = {}
    for node in _variables(function):
        counts[node.name] = counts.get(node.name, 0) + 1
    return counts


def _variables(function: ast.Function) -> Sequence[ast.Variable]:
    roots = (*(each.value for each in function.lets), function.result)
    return [node for root in roots for node in ast.walk(root) if isinstance(node, ast.Variable)]


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
    ast.Member: _member,
    ast.Index: _index,
    ast.Slice: _slice,
    ast.Call: _call,
    ast.MethodCall: _method_call,
}
