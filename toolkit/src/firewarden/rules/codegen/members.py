"""What is read from a value: fields and elements, and the parts of a request that nearly every condition reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firewarden.language import ast
from firewarden.rules.codegen.lookups import emit_data, is_lookup
from firewarden.rules.codegen.piece import Piece, check_order, ungrouped
from firewarden.rules.codegen.writer import bound
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.rules.codegen.expressions import Emitter


def emit_member(emitter: Emitter, node: ast.Member) -> Piece:
    """`receiver.name`, without the receiver where its fields are at hand."""
    hoisted = _hoisted(emitter, node)
    if hoisted:
        return hoisted
    emitter.writer.spend()
    inner = ungrouped(node.receiver)
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


def emit_index(emitter: Emitter, node: ast.Index) -> Piece:
    """`receiver[index]`; of lists, with a number that is known, in place."""
    emitter.writer.spend()
    receiver, index = emitter.emit(node.receiver), emitter.emit(node.index)
    check_order(receiver, index)
    if index.constant and index.kind is int and index.constant.value >= 0:
        name, first = bound(receiver, emitter.writer)
        quick = f"{name}[{index.text}] if type({first}) is list and len({name}) > {index.text}"
        return Piece(f"({quick} else here(item({name}, {index.text})))")
    return Piece(f"here(item({receiver.text}, {index.text}))")


def emit_slice(emitter: Emitter, node: ast.Slice) -> Piece:
    """`receiver[start:stop]`."""
    emitter.writer.spend()
    receiver = emitter.emit(node.receiver)
    bounds = [emitter.emit(each or ast.Null(node.span)) for each in (node.start, node.stop)]
    check_order(receiver, *bounds)
    text = f"part({receiver.text}, {bounds[0].text}, {bounds[1].text})"
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
    inner = ungrouped(node.receiver)
    if name == "data" and isinstance(inner, ast.Member) and inner.name.text == "resource":
        outer = emitter.binding(inner.receiver)
        if outer and outer.kind == "request":
            writer.spend(3)
            return Piece("there(after)", receiver=writer.local("after", "evaluation.after"), is_name=True)
    return None
