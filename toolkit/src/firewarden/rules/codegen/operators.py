"""Comparisons, arithmetic, `in` and `is` as Python expressions."""

from __future__ import annotations

from firewarden.rules.arithmetic import calculate, invert, negate
from firewarden.rules.codegen.dispatching import dispatched
from firewarden.rules.codegen.piece import Piece
from firewarden.rules.codegen.runtime import ARITHMETIC, DIRECT, ORDERED, equality, membership, ordering
from firewarden.rules.codegen.writer import Writer, bound
from firewarden.rules.kinds import IS_TYPES
from firewarden.rules.memory import within_memory

_IDENTITIES = frozenset({bool, type(None)})
_NUMBERS = frozenset({int, float})
_PYTHON = {"==": "is", "!=": "is not"}


def emit_equality(symbol: str, left: Piece, right: Piece, writer: Writer) -> Piece:
    """`==` and `!=`."""
    if left.constant and right.constant:
        return writer.constant(equality(symbol, left.constant.value, right.constant.value))
    if left.constant:
        left, right = right, left
    if left.kind and left.kind is right.kind and left.kind in DIRECT:
        return Piece(f"({left.text} {symbol} {right.text})", kind=bool)
    if right.constant and right.kind in DIRECT:
        return Piece(_equals_constant(symbol, left, right, writer), kind=bool)
    if right.is_name and right.kind in DIRECT:
        return Piece(_or_else("equality", symbol, left, right, writer), kind=bool)
    if left.is_name and left.kind in DIRECT:
        return Piece(_or_else("equality", symbol, right, left, writer), kind=bool)
    return Piece(_by_types("equality", "DIRECT", symbol, left, right, writer), kind=bool)


def emit_ordering(symbol: str, left: Piece, right: Piece, writer: Writer) -> Piece:
    """`<`, `<=`, `>` and `>=`."""
    if left.constant and right.constant:
        return writer.constant(ordering(symbol, left.constant.value, right.constant.value))
    if left.kind and left.kind is right.kind and left.kind in ORDERED:
        return Piece(f"({left.text} {symbol} {right.text})", kind=bool)
    if right.is_name and right.kind in ORDERED:
        return Piece(_or_else("ordering", symbol, left, right, writer), kind=bool)
    return Piece(_by_types("ordering", "ORDERED", symbol, left, right, writer), kind=bool)


def emit_arithmetic(symbol: str, left: Piece, right: Piece, writer: Writer) -> Piece:
    """`+ - * / %`, by the types of both sides."""
    if left.constant and right.constant:
        return writer.constant(within_memory(calculate(symbol, left.constant.value, right.constant.value)))
    return Piece(dispatched((left, right), ARITHMETIC[symbol], writer))


def emit_minus(operand: Piece, writer: Writer) -> Piece:
    """`-operand`."""
    if operand.constant:
        return writer.constant(negate(operand.constant.value))
    return Piece(f"negate({operand.text})")


def emit_not(operand: Piece, writer: Writer) -> Piece:
    """`!operand`."""
    if operand.constant:
        return writer.constant(invert(operand.constant.value))
    if operand.kind is bool:
        return Piece(f"(not {operand.text})", kind=bool)
    return Piece(f"invert({operand.text})", kind=bool)


def emit_membership(element: Piece, collection: Piece, writer: Writer) -> Piece:
    """`element in collection`."""
    if collection.constant and type(collection.constant.value) is list:
        elements = collection.constant.value
        if element.constant:
            return writer.constant(membership(element.constant.value, elements))
        if all(type(each) is str for each in elements):
            return Piece(f"({element.text} in {writer.refer(frozenset(elements))})", kind=bool)
    if element.constant and element.kind is str:
        if collection.kind is dict and not collection.receiver:
            return Piece(f"({element.text} in {collection.text})", kind=bool)
        receiver, first = bound(collection.received(), writer)
        quick = f"{element.text} in {receiver} if type({first}) is dict"
        return Piece(f"({quick} else membership({element.text}, {receiver}))", kind=bool)
    return Piece(f"membership({element.text}, {collection.text})", kind=bool)


def emit_type_test(operand: Piece, name: str, writer: Writer) -> Piece:
    """`operand is type`."""
    kinds = IS_TYPES.get(name, ())
    if operand.constant:
        return writer.constant(type(operand.constant.value) in kinds)
    if len(kinds) == 1:
        text = f"(type({operand.text}) is {writer.refer(kinds[0])})"
    else:
        text = f"(type({operand.text}) in {writer.refer(kinds)})"
    return Piece(text, kind=bool)


def _equals_constant(symbol: str, left: Piece, right: Piece, writer: Writer) -> str:
    """Against a value that Python alone tells from all others, unless the left side may be a promise."""
    if writer.proving or right.kind in _NUMBERS:
        return _or_else("equality", symbol, left, right, writer)
    if right.kind in _IDENTITIES:
        return f"({left.text} {_PYTHON[symbol]} {right.text})"
    return f"({left.text} {symbol} {right.text})"


def _or_else(otherwise: str, symbol: str, left: Piece, right: Piece, writer: Writer) -> str:
    """With one side of a known type: directly if the other has the same."""
    name, first = bound(left, writer)
    quick = f"{name} {symbol} {right.text} if type({first}) is {writer.refer(right.kind)}"
    return f"({quick} else {otherwise}({symbol!r}, {name}, {right.text}))"


def _by_types(otherwise: str, kinds: str, symbol: str, left: Piece, right: Piece, writer: Writer) -> str:
    one, first = bound(left, writer)
    other, second = bound(right, writer)
    quick = f"{one} {symbol} {other} if type({first}) is type({second}) and type({one}) in {kinds}"
    return f"({quick} else {otherwise}({symbol!r}, {one}, {other}))"
