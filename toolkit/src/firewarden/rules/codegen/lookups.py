"""`get()`, `exists()` and their kin, and the paths they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firewarden.language import ast
from firewarden.rules.codegen.piece import Piece, Unsupported, ungrouped
from firewarden.rules.codegen.writer import bound
from firewarden.rules.compiler.methods import LOOKUPS

if TYPE_CHECKING:
    from firewarden.rules.codegen.expressions import Emitter

_TESTS = frozenset({"exists", "existsAfter"})


def is_lookup(node: ast.Expression, emitter: Emitter) -> bool:
    """Whether the expression is a call that reads a document."""
    node = ungrouped(node)
    if not isinstance(node, ast.Call) or node.function.text not in LOOKUPS:
        return False
    return emitter.scope.function(node.function.text) is None


def emit_lookup(node: ast.Call, emitter: Emitter) -> Piece:
    """The call."""
    if len(node.arguments) != 1:
        raise Unsupported
    document = _document(node.arguments[0], emitter) if node.function.text in _TESTS else None
    if document:
        return Piece(_find(node, document, emitter), kind=bool)
    path = emitter.emit(node.arguments[0])
    return Piece(f"here(evaluation.lookups.call({node.function.text!r}, {path.text}))")


def emit_data(node: ast.Call, emitter: Emitter) -> Piece | None:
    """`get(path).data`: no resource is made for it, and no path if it is one of a document in the database."""
    if node.function.text in _TESTS or len(node.arguments) != 1:
        return None
    document = _document(node.arguments[0], emitter)
    return Piece(_find(node, document, emitter), kind=dict) if document else None


def _find(node: ast.Call, document: str, emitter: Emitter) -> str:
    find = emitter.writer.local("find", "evaluation.lookups.find")
    return emitter.writer.remembered(f"{find}({node.function.text!r}, {document})")


def emit_path(node: ast.PathLiteral, emitter: Emitter) -> Piece:
    """`/a/$(expression)`, for segments that are strings."""
    emitter.writer.spend()
    texts = [_segment(each, emitter) for each in node.segments]  # of which none reads
    return Piece(f"Path(({', '.join(texts)},))" if texts else "Path(())")


def _document(argument: ast.Expression, emitter: Emitter) -> str | None:
    argument = ungrouped(argument)
    if not isinstance(argument, ast.PathLiteral) or len(argument.segments) < 5 or len(argument.segments) % 2 == 0:
        return None
    first, database, third = argument.segments[:3]
    if not _is_literal(first, "databases") or not _is_literal(third, "documents"):
        return None
    emitter.writer.spend(3)  # the path and its two fixed segments
    named = _segment(database, emitter)
    rest = ", ".join(_segment(each, emitter) for each in argument.segments[3:])
    return f"{named}, ({rest})"


def _is_literal(segment: ast.Literal | ast.Interpolation | ast.Capture, text: str) -> bool:
    return isinstance(segment, ast.Literal) and segment.value == text


def _segment(segment: ast.Literal | ast.Interpolation | ast.Capture, emitter: Emitter) -> str:
    if isinstance(segment, ast.Literal):
        emitter.writer.spend()
        return repr(segment.value)
    if isinstance(segment, ast.Capture):
        raise Unsupported
    piece = emitter.emit(segment.expression)
    if piece.acts:
        raise Unsupported  # nothing that must happen once may stand where the text is remembered
    if piece.kind is str:
        return piece.text
    name, first = bound(piece, emitter.writer)
    return f"({name} if type({first}) is str else surprise())"
