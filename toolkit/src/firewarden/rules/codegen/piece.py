"""A piece of generated Python: the text of an expression and what is known about its value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from firewarden.language import ast

COUNT = "n := n + "
FIND = "find("
CALL = "evaluation.lookups.call("
_ACTS = (COUNT, FIND, CALL)


class Unsupported(Exception):  # noqa: N818 - names what the condition is
    """The condition holds something that only the closures evaluate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A value known when the rules are compiled."""

    value: Any


@dataclass(frozen=True, slots=True)
class Piece:
    """An expression in Python. It has the value of its rules expression, or raises a surprise."""

    text: str
    kind: type | None = None
    """The type that the value has for certain."""

    is_name: bool = False
    """It may be repeated: a name, nothing to compute."""

    constant: Constant | None = None
    receiver: str = ""
    """What stands for it before `['field']` or `.method()`, where something absent raises by itself."""

    @property
    def acts(self) -> bool:
        """It looks documents up or counts, and must happen exactly where it is written."""
        return any(mark in self.text for mark in _ACTS)

    @property
    def reads(self) -> bool:
        """It looks documents up."""
        return FIND in self.text or CALL in self.text

    @property
    def as_receiver(self) -> str:
        """The text to read a member of."""
        return self.receiver or self.text

    def received(self) -> Piece:
        """The piece where absence raises by itself."""
        return replace(self, text=self.receiver, receiver="") if self.receiver else self


def check_order(*operands: Piece) -> None:
    """Leave to the closures what reads documents in several operands: unlike Python they take the last one first."""
    if sum(each.reads for each in operands) > 1:
        raise Unsupported


def ungrouped(node: ast.Expression) -> ast.Expression:
    """What stands inside the parentheses, of which the value knows nothing."""
    while isinstance(node, ast.Group):
        node = node.inner
    return node
