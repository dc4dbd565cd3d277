"""What all emitters write into: constants, temporary names, what is set up before, and the budget's count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firewarden.rules.codegen.piece import COUNT, Constant, Piece, Unsupported

PIECES_MAX = 6_000
"""Larger conditions are left to the closures: their code would take longer to make than it ever saves."""


class Writer:
    """The state of one function being generated."""

    def __init__(self, *, proving: bool, counting: bool) -> None:
        self._counting = counting
        self.proving = proving
        """Values may be what a query promises, rather than what a document holds."""
        self.cost = 0
        """Nodes of the budget spent by what is evaluated next without condition."""
        self.setup: dict[str, str] = {}
        """Local names by the text that gives their value, set before the condition is evaluated."""
        self.constants: dict[str, Any] = {}
        self._by_value: dict[tuple[type, Any], str] = {}
        self._memos: dict[str, str] = {}
        self._names = 0
        self._pieces = 0

    def spend(self, nodes: int = 1) -> None:
        """Count nodes, and what is generated for them."""
        self.cost += nodes
        self._pieces += 1
        if self._pieces > PIECES_MAX:
            raise Unsupported

    def lazily(self, emit: Callable[[], Piece]) -> tuple[int, Piece]:
        """A piece that is not always evaluated, and what it costs when it is."""
        outside, self.cost = self.cost, 0
        try:
            piece = emit()
            return self.cost, piece
        finally:
            self.cost = outside

    def counted(self, nodes: int, text: str) -> str:
        """What is evaluated only sometimes, counted if anything has to be; the count is never 0."""
        return f"({COUNT}{nodes}) and {text}" if self._counting else text

    def name(self) -> str:
        """A new name."""
        self._names += 1
        return f"t{self._names}"

    def constant(self, value: Any) -> Piece:
        """A value that the generated code refers to."""
        name = self.refer(value)
        text = f"({value!r})" if type(value) in _LITERAL else name
        # Python warns of `None['x']`, hence the name wherever something is read of the value.
        return Piece(text, kind=type(value), is_name=True, constant=Constant(value=value), receiver=name)

    def refer(self, value: Any) -> str:
        """The name of any object; plain values that are equal share one."""
        if type(value) is type and value in _BUILTIN:
            return value.__name__
        key = (type(value), value) if type(value) in _SHARED else (type(value), id(value))
        if key not in self._by_value:
            name = self._by_value[key] = f"k{len(self.constants)}"
            self.constants[name] = value  # which also keeps its id its own
        return self._by_value[key]

    def local(self, name: str, text: str) -> str:
        """A local name with the value of the text."""
        self.setup[name] = text
        return name

    def remembered(self, text: str) -> str:
        """An expression that is worth computing only once, and whose value is not None."""
        if text not in self._memos:
            name = self._memos[text] = self.local(f"m{len(self._memos)}", "None")
        name = self._memos[text]
        return f"({name} if {name} is not None else ({name} := {text}))"


def bound(piece: Piece, writer: Writer) -> tuple[str, str]:
    """A name for the value, and the text that first gives it."""
    if piece.constant:
        return piece.as_receiver, piece.as_receiver
    if piece.is_name:
        return piece.text, piece.text
    name = writer.name()
    return name, f"{name} := {piece.text}"


_BUILTIN = frozenset({str, int, float, bool, bytes, list, dict})
_LITERAL = frozenset({str, int, type(None), bool})
_SHARED = frozenset({str, int, bytes, type(None), bool})
