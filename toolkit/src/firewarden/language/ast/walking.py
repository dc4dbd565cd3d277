"""From a node to what is under it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from firewarden.language.ast import base, declarations, expressions
from firewarden.language.ast.base import Node
from firewarden.language.ast.declarations import Allow, Function, Match, Ruleset, Service
from firewarden.language.ast.expressions import Expression


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly under `node`, in source order."""
    for name in _CHILD_FIELDS[type(node)]:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif value is not None:
            yield from value


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything under it, parents first, in source order, without recursion."""
    waiting: list[Node] = [node]
    while waiting:
        each = waiting.pop()
        yield each
        for name in _CHILD_FIELDS_REVERSED[type(each)]:
            value = getattr(each, name)
            if type(value) is tuple:
                waiting.extend(reversed(value))
            elif value is not None:
                waiting.append(value)


def members(ruleset: Ruleset) -> Iterator[Service | Match | Allow | Function]:
    """Yield the blocks, allows and functions of a file, those inside before those that follow."""
    waiting: list[Service | Match | Allow | Function] = [*reversed(ruleset.declarations)]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, Service | Match):
            waiting += reversed(each.members)


def roots(member: Node) -> tuple[Expression, ...]:
    """Return the whole expressions of an allow or a function, in source order; nothing else has any of its own."""
    if isinstance(member, Function):
        return (*[let.value for let in member.lets], member.result)
    if isinstance(member, Allow) and member.condition is not None:
        return (member.condition,)
    return ()


def _child_fields(cls: type[Node]) -> tuple[str, ...]:
    """Return the fields that hold nodes: all but the spans, the spellings and the plain values."""
    plain = {"str", "str | None", "int", "float", "bool", "bytes", "Span"}
    return tuple(each.name for each in fields(cls) if each.type not in plain)  # type: ignore[arg-type]  # all are dataclasses


_NODES: Final = {
    each
    for module in (base, declarations, expressions)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Node) and each is not Node
}
_CHILD_FIELDS: Final = {cls: _child_fields(cls) for cls in _NODES}
_CHILD_FIELDS_REVERSED: Final = {cls: names[::-1] for cls, names in _CHILD_FIELDS.items()}
