"""Calls of the rules' own functions: the function's body stands in place of the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from firewarden.language import ast
from firewarden.rules.codegen.piece import Piece, Unsupported, check_order
from firewarden.rules.codegen.writer import Writer
from firewarden.rules.compiler.scope import Binding, Scope

if TYPE_CHECKING:
    from firewarden.rules.codegen.expressions import Emitter


def emit_inlined(node: ast.Call, function: ast.Function, scope: Scope, emitter: Emitter) -> Piece:
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
