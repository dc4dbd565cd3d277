"""What every node of the tree has: a place in the source. And names, which stand everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """Where a node stands: code point offsets `[start, end)`, and the 1-based line and column of `start`."""

    start: int
    end: int
    line: int
    column: int


class Node:
    """What every part of the tree is."""

    __slots__ = ()
    span: Span


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A declared or referring identifier that is not an expression of its own."""

    text: str
    span: Span = field(compare=False, repr=False)
