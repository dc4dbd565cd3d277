"""Which expressions of a rules file coverage is told about, and where they stand: as the official report has it.

Literals are left out. Functions of a block come first, then the blocks inside it, then its allows; of an `in` the
collection comes before the element. A place ends where the last name or literal in it does, not at its closing bracket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from firewarden.language import ast
from firewarden.language.depth import with_room
from firewarden.rules.builtins import PACKAGES
from firewarden.rules.javanumbers import INT_MIN

_LITERALS = (ast.Null, ast.Bool, ast.Int, ast.Float, ast.String, ast.Bytes)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """An expression. `start` and `end` are offsets of code points, both inclusive; `start` is at `line` and `column`.

    `node` is the expression whose outcomes are counted here. That of a function with `let`s is its result: such a
    function is a place for each `let`, from there to its end.
    """

    line: int
    column: int
    start: int
    end: int
    node: ast.Expression
    children: tuple[Place, ...]
    owner: ast.Allow | ast.Function | None = None
    """What it is the whole condition or body of."""

    def walk(self) -> Iterator[Place]:
        """This place and all inside it, the outer ones first."""
        waiting = [self]
        while waiting:
            each = waiting.pop()
            yield each
            waiting.extend(reversed(each.children))


def places(ruleset: ast.Ruleset) -> tuple[Place, ...]:
    """The bodies of all functions and the conditions of all allows, in the order of the official report."""
    return with_room(lambda: tuple(_of_members(ruleset.declarations)))


def _of_members(members: Sequence[ast.Node]) -> Iterator[Place]:
    for each in members:
        if isinstance(each, ast.Function):
            yield from _function(each)
    for each in members:
        if isinstance(each, ast.Service | ast.Match):
            yield from _of_members(each.members)
    for each in members:
        if isinstance(each, ast.Allow) and each.condition is not None:
            yield from _of(each.condition, each)


def _function(function: ast.Function) -> list[Place]:
    first = not function.lets
    rest = _of(function.result, function if first else None)
    end, result = _end(function.result), _ungrouped(function.result)
    for let in reversed(function.lets):
        owner = function if let is function.lets[0] else None
        rest = [Place(let.span.line, let.span.column, let.span.start, end, result, (*_of(let.value), *rest), owner)]
    return rest


def _of(written: ast.Expression, owner: ast.Allow | ast.Function | None = None) -> list[Place]:
    """The place of an expression with the parentheses around it; none for a literal."""
    node = _ungrouped(written)
    if _is_literal(node):
        return []
    inside = tuple(each for part in _parts(node) for each in _of(part))
    return [Place(written.span.line, written.span.column, written.span.start, _end(written), node, inside, owner)]


def _end(written: ast.Expression) -> int:
    """The last code point that is known of an expression. Of a literal in parentheses only where these begin is."""
    node = _ungrouped(written)
    if _is_literal(node):
        return written.span.start if node is not written else node.span.end - 1
    return _ENDS[type(node)](node)


def _end_of_segment(segment: ast.Literal | ast.Interpolation | ast.Capture) -> int:
    if isinstance(segment, ast.Interpolation):
        return _end(segment.expression)
    return _last(segment.name if isinstance(segment, ast.Capture) else segment)


def _end_of_parts(node: ast.Expression) -> int:
    """Where the last part ends, or without any where it begins."""
    parts = _parts(node)
    return _end(parts[-1]) if parts else node.span.start


def _last(node: ast.Node) -> int:
    return node.span.end - 1


def _parts(node: ast.Expression) -> Sequence[ast.Expression]:
    found = _PARTS.get(type(node))
    return () if found is None else found(node)


def _of_binary(node: ast.Binary) -> Sequence[ast.Expression]:
    return (node.right, node.left) if node.operator == "in" else (node.left, node.right)


def _of_method_call(node: ast.MethodCall) -> Sequence[ast.Expression]:
    if isinstance(node.receiver, ast.Variable) and node.receiver.name in PACKAGES:
        return node.arguments
    return _receiver(node.receiver), *node.arguments


def _is_literal(node: ast.Expression) -> bool:
    """The smallest integer is one, too: the only one that has a sign."""
    if isinstance(node, ast.Unary):
        return node.operator == "-" and isinstance(node.operand, ast.Int) and node.operand.value == -INT_MIN
    return isinstance(node, _LITERALS)


def _operand(node: ast.Unary) -> ast.Expression:
    """A minus does not see the parentheses around its operand."""
    return _receiver(node.operand) if node.operator == "-" else node.operand


def _receiver(node: ast.Expression) -> ast.Expression:
    """Before a dot or a bracket the outermost parentheses do not count."""
    return node.inner if isinstance(node, ast.Group) else node


def _ungrouped(node: ast.Expression) -> ast.Expression:
    while isinstance(node, ast.Group):
        node = node.inner
    return node


_PARTS: Mapping[type, Callable[[Any], Sequence[ast.Expression]]] = {
    ast.Binary: _of_binary,
    ast.Unary: lambda node: (_operand(node),),
    ast.Is: lambda node: (node.operand,),
    ast.Ternary: lambda node: (node.condition, node.yes, node.no),
    ast.Member: lambda node: (_receiver(node.receiver),),
    ast.Index: lambda node: (_receiver(node.receiver), node.index),
    ast.Slice: lambda node: (_receiver(node.receiver), *(each for each in (node.start, node.stop) if each)),
    ast.Call: lambda node: node.arguments,
    ast.MethodCall: _of_method_call,
    ast.ListLiteral: lambda node: node.items,
    ast.MapLiteral: lambda node: [part for each in node.entries for part in (each.key, each.value)],
    ast.PathLiteral: lambda node: [each.expression for each in node.segments if isinstance(each, ast.Interpolation)],
}
_ENDS: Mapping[type, Callable[[Any], int]] = {
    ast.Variable: _last,
    ast.Binary: lambda node: _end(node.right),
    ast.Unary: _end_of_parts,
    ast.Is: lambda node: _last(node.type),
    ast.Ternary: _end_of_parts,
    ast.Member: lambda node: _last(node.name),
    ast.Index: _end_of_parts,
    ast.Slice: _end_of_parts,
    ast.Call: lambda node: _end_of_parts(node) if node.arguments else _last(node.function),
    ast.MethodCall: lambda node: _end_of_parts(node) if node.arguments else _last(node.method),
    ast.ListLiteral: _end_of_parts,
    ast.MapLiteral: _end_of_parts,
    ast.PathLiteral: lambda node: _end_of_segment(node.segments[-1]),
}
