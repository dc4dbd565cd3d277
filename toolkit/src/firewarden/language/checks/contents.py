"""What is written in an expression: looked through once, for all the checks that ask for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, TypeVar

from firewarden.language import ast
from firewarden.language.checks.signatures import PACKAGES
from firewarden.language.limits import EXPRESSION_DEPTH_MAX

T = TypeVar("T", bound=ast.Expression)


@dataclass(frozen=True, slots=True)
class Contents:
    """An expression and all that is inside it, by kind, but for packages: these are no values."""

    kinds: Mapping[type, Sequence[Any]]
    too_deep: Sequence[ast.Expression]
    """What stands one level too deep. Like the official compiler nothing looks into it."""

    def all(self, kind: type[T]) -> Sequence[T]:
        """Return the expressions of a kind, the less deep ones first."""
        return self.kinds.get(kind, ())


class Survey:
    """The contents of every expression that was asked about."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, tuple[ast.Expression, Contents]] = {}

    def of(self, root: ast.Expression) -> Contents:
        """Return what is inside the expression of a condition, a variable or a result."""
        known = self._known.get(id(root))  # to compare trees would take longer than to look through them
        if known is None:
            known = self._known[id(root)] = (root, _contents(root))
        return known[1]


def is_package(receiver: ast.Expression) -> bool:
    """Tell whether a receiver is `math` and the like: no value, only the first half of a function's name."""
    return type(receiver) is ast.Variable and receiver.name in PACKAGES


def _contents(root: ast.Expression) -> Contents:
    """Go level by level: operands are one level deeper than what has them, what stands before a dot is not."""
    kinds: defaultdict[type, list[Any]] = defaultdict(list)
    level, depth = [root], 1
    while level and depth < EXPRESSION_DEPTH_MAX:
        deeper: list[ast.Expression] = []
        for node in level:
            kind = type(node)
            kinds[kind].append(node)
            if kind in _WITH_RECEIVER and not (kind is ast.MethodCall and is_package(node.receiver)):  # type: ignore[union-attr]
                level.append(node.receiver)  # type: ignore[union-attr]  # the loop comes to it
            if operands := _OPERANDS.get(kind):
                deeper += operands(node)
        level, depth = deeper, depth + 1
    return Contents(kinds, level)


_WITH_RECEIVER: Final = frozenset({ast.Member, ast.Index, ast.Slice, ast.MethodCall})
_OPERANDS: Final[Mapping[type, Callable[[Any], Sequence[ast.Expression]]]] = {
    ast.Group: lambda node: (node.inner,),
    ast.ListLiteral: attrgetter("items"),
    ast.MapLiteral: lambda node: [each for entry in node.entries for each in (entry.key, entry.value)],
    ast.PathLiteral: lambda node: [each.expression for each in node.segments if isinstance(each, ast.Interpolation)],
    ast.Unary: lambda node: (node.operand,),
    ast.Binary: attrgetter("left", "right"),
    ast.Is: lambda node: (node.operand,),
    ast.Ternary: attrgetter("condition", "yes", "no"),
    ast.Index: lambda node: (node.index,),
    ast.Slice: lambda node: [each for each in (node.start, node.stop) if each is not None],
    ast.Call: attrgetter("arguments"),
    ast.MethodCall: attrgetter("arguments"),
}
"""What is inside each kind of expression, but for what stands before a dot or bracket."""
